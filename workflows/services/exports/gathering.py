"""Reading the records of a bundle batch by batch, each in one state of the database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.records import JsonValue
from workflows.services.calendars import calendar_of
from workflows.services.exports.opening import OpenedRecord, open_records
from workflows.services.exports.people import ids_in
from workflows.services.exports.selection import CoveredCase, Plan
from workflows.services.exports.sorting import sorted_lines
from workflows.services.exports.spool import Paper, Spool
from workflows.services.exports.states import ShownFacts, state_lines
from workflows.services.numbers import matter_number
from workflows.store.logged import read_part, read_whole
from workflows.store.tables import Attachment, Marking, Matter

HOUSE_AT_ONCE = 2_000
_AT_ONCE = 400
_NUMBER = re.compile(r"督〔(\d{4})〕(\d+)号(?![^\t-])")
_NUMBERS_AT_ONCE = 1_000


def gather_cases(session: Session, plan: Plan, cases: Sequence[CoveredCase], spool: Spool) -> int:
    """Set the records and state lines of some cases aside; give how many records."""
    seen = {case.id: ShownFacts() for case in cases}
    count = 0
    for opened in _of_cases(session, plan, cases):
        _keep(plan, opened, spool)
        seen[opened.id].add(opened)
        count += 1
    lines = state_lines(session, cases, seen)
    for case, line in zip(cases, lines, strict=True):
        spool.add_state(case, line)
    return count


def gather_house(session: Session, plan: Plan, first: int, last: int, spool: Spool) -> int:
    """Set some records of the house aside; give how many."""
    count = 0
    rows = read_part(session, plan.house_id, first, last, plan.tree_size)
    for opened in open_records(session, plan, rows, {}):
        _keep(plan, opened, spool)
        count += 1
    return count


def named_by(session: Session, plan: Plan, cases: Sequence[CoveredCase]) -> set[str]:
    """Give the accounts, people and organisations that the bundle names in some cases."""
    found: set[str] = set()
    for opened in _of_cases(session, plan, cases):
        found |= ids_in(opened.body)
        if opened.shown is not None:
            found |= ids_in(opened.shown.content) | ids_in(opened.shown.openings)
    return found


def _of_cases(session: Session, plan: Plan, cases: Sequence[CoveredCase]) -> Iterator[OpenedRecord]:
    known = {case.id: case for case in cases}
    rows = read_whole(session, list(known), plan.end_index)
    return open_records(session, plan, rows, known)


def _keep(plan: Plan, opened: OpenedRecord, spool: Spool) -> None:
    spool.add_record(opened)
    if plan.with_attachments:
        spool.note_papers(opened)


def markings_named(session: Session, named: set[str]) -> dict[str, bytes]:
    """Read the markings by hash, as canonical bytes."""
    found: dict[str, bytes] = {}
    hashes = sorted(named)
    for start in range(0, len(hashes), _AT_ONCE):
        part = hashes[start : start + _AT_ONCE]
        for row in session.execute(select(Marking).where(Marking.hash.in_(part))).scalars():
            found[row.hash] = row.body.encode("utf-8")
    return found


def calendars_named(session: Session, named: set[str]) -> dict[str, bytes]:
    """Read the calendars by version."""
    return {version: calendar_of(session, version).jsonl() for version in named}


def write_papers(session: Session, papers: Mapping[str, Paper], folder: Path) -> dict[str, Path]:
    """Write papers into a folder, one after the other, and give their files by SHA-256."""
    written: dict[str, Path] = {}
    for sha256, paper in sorted(papers.items()):
        statement = select(Attachment.content).where(
            Attachment.sha256 == sha256,
            Attachment.case_id == paper.case_id,
            Attachment.level.in_(paper.levels),
        )
        content = session.execute(statement.limit(1)).scalar_one_or_none()
        if content is not None:
            written[sha256] = folder / sha256
            written[sha256].write_bytes(content)
    return written


def register_of(session: Session, plan: Plan, spool: Spool) -> Iterator[dict[str, JsonValue]]:
    """Give the register of case numbers; a whole bundle names the numbers that nobody has.

    There may be hundreds of thousands: they are sorted in files.
    """
    void = _void(session, spool) if plan.scope.has_house else ()
    nobodys = (f"{number}\tvoid\n".encode() for number in void)
    for line in sorted_lines(chain(spool.register(), nobodys), spool.folder):
        number, _, state = line.decode("utf-8").rstrip("\n").partition("\t")
        yield {"number": number, "state": state}


def _void(session: Session, spool: Spool) -> Iterator[str]:
    """Give the numbers of a year below its highest that were never given to a matter."""
    highest: dict[int, int] = {}
    for year, place in map(_year_and_place, spool.register()):
        highest[year] = max(place, highest.get(year, 0))
    given = {year: bytearray(last + 1) for year, last in highest.items()}
    options = {"yield_per": _NUMBERS_AT_ONCE}
    numbers = session.execute(select(Matter.number), execution_options=options).scalars()
    for year, place in (_year_and_place(number.encode()) for number in numbers):
        if place <= highest.get(year, 0):
            given[year][place] = 1
    for year, places in sorted(given.items()):
        for place in range(1, len(places)):
            if year and not places[place]:
                yield matter_number(year, place)


def _year_and_place(line: bytes) -> tuple[int, int]:
    """Read a number of a case or matter; zeros for one of another series."""
    found = _NUMBER.match(line.decode("utf-8"))
    return (int(found[1]), int(found[2])) if found else (0, 0)
