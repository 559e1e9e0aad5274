"""The file of a case as a paper to edit: the same values as in its PDF, block by block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from webapp.papers.official import (
    Block,
    Fine,
    Grid,
    Heading,
    OfficialPaper,
    Paragraph,
    QrMark,
    number_before,
)

_DASH = "—"


def case_file_paper(values: Mapping[str, Any]) -> OfficialPaper:
    """Put the values of a case's file into blocks; see `webapp.case.file.case_file`."""
    return OfficialPaper(
        title=values["words"]["title"],
        blocks=tuple(_blocks(values)),
        number=values["number"],
        secrecy=values["secrecy"],
        watermark=values["watermark"],
    )


def _blocks(values: Mapping[str, Any]) -> Iterator[Block]:
    said = values["words"]
    yield Grid((), _rows(values["cover"]), (1, 3))
    parts = (
        ("rungs", _table([said["rung"], said["from"], said["to"]], values["rungs"], (1, 1, 1))),
        ("index", _index(values)),
        ("facts", _table([], values["facts"], (1, 2))),
        ("course", [Paragraph(f"{count}. {each}") for count, each in _counted(values["course"])]),
        ("events", list(_events(values))),
        ("clocks", list(_clocks(values))),
        ("papers", _papers(values)),
        ("proof", list(_proof(values["proof"]))),
    )
    whole = [(name, blocks) for name, blocks in parts if blocks]
    for count, (name, blocks) in enumerate(whole, start=1):
        yield Heading(1, number_before(1, count) + said[name])
        yield from blocks


def _counted(texts: Sequence[str]) -> Iterator[tuple[int, str]]:
    return enumerate(texts, start=1)


def _rows(rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(cell or _DASH for cell in row) for row in rows)


def _table(
    headings: Sequence[str], rows: Sequence[Sequence[str]], shares: tuple[int, ...]
) -> list[Block]:
    return [Grid(tuple(headings), _rows(rows), shares)] if rows else []


def _index(values: Mapping[str, Any]) -> list[Block]:
    said = values["words"]
    rows = [(number, name, amount, digest) for number, name, amount, digest in values["index"]]
    headings = (said["piece"], said["name"], said["amount"], said["hash"])
    return _table(headings, rows, (14, 40, 28, 74))


def _papers(values: Mapping[str, Any]) -> list[Block]:
    said = values["words"]
    headings = (said["piece"], said["name"], said["amount"], said["hash"])
    return _table(headings, values["papers"], (14, 40, 28, 74)) or [Paragraph(said["none"])]


def _events(values: Mapping[str, Any]) -> Iterator[Block]:
    said = values["words"]
    for event in values["events"]:
        yield Heading(3, event["title"])
        small = (event["seq"], event["at"], event["by"], event["on"], event["withdrawn"])
        yield Fine(("　".join(each for each in small if each), *event["notes"]))
        if event["reason"]:
            yield Paragraph(f"{said['reason']}：{event['reason']}")
        yield from _table(
            [said["facts"], said["before"], said["after"]], event["changes"], (1, 1, 1)
        )
        for label, value in event["filled"]:
            yield Paragraph(f"{label}：{value}")


def _clocks(values: Mapping[str, Any]) -> Iterator[Block]:
    said = values["words"]
    for clock in values["clocks"]:
        yield Heading(3, clock["name"])
        small = (clock["of"], clock["budget"], clock["due_on"], clock["state"])
        basis = [f"{said['basis']}：{clock['basis']}"] if clock["basis"] else []
        yield Fine(("　".join(each for each in small if each), *basis, *clock["steps"]))


def _proof(proof: Mapping[str, Any]) -> Iterator[Block]:
    yield Fine(tuple(f"{label} {value}" for label, value in proof["lines"]))
    for note in proof["notes"]:
        yield Paragraph(note)
    if proof["qr"]:
        yield QrMark(proof["note"])
        yield Fine(tuple(proof["note"].rstrip("\n").split("\n")))
