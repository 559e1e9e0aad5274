"""Replaying a bundle: every step through the engine, with what is in the bundle only (AUDIT.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, TypeAlias

import orjson

from workflows.audit.container import Container, open_container
from workflows.audit.lines import LineReader
from workflows.audit.payload_lines import PayloadLines
from workflows.audit.verifier import Verdict, verify_bundle
from workflows.domain.errors import DubanError
from workflows.engine.replay import CaseReplay, Replayed, Surroundings

_DEFINITIONS = "definitions/"


class ReplayImpossible(DubanError):
    """{what} cannot be taken through the engine: it is not what the engine works with ({kind})."""

    code: ClassVar[str] = "replay_impossible"


@contextmanager
def _named(what: str) -> Iterator[None]:
    """Name what a bundle breaks the engine with: its signer can write anything in it."""
    try:
        yield
    except DubanError:
        raise
    except Exception as error:
        raise ReplayImpossible(what=what, kind=type(error).__name__) from error


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What replaying a bundle found.

    Attributes:
        verdict: of the verification that comes first; a bundle that does not verify is not
            replayed.
        cases: how many cases were replayed.
        records: how many of their records were evaluated, followed and folded.
        problem: the first record that the engine does not reach, or None.
    """

    verdict: Verdict
    cases: int = 0
    records: Mapping[Replayed, int] = field(default_factory=dict)
    problem: DubanError | None = None

    @property
    def is_right(self) -> bool:
        """Whether the bundle verifies and every record was reached."""
        return self.verdict.is_right and self.problem is None


Advance: TypeAlias = Callable[[int, int], None]


def path_in(organisations: Mapping[str, Any], organisation: str) -> str | None:
    """Give an organisation's place in the tree that a bundle shows.

    Returns:
        None where one above it is not shown, or the lines go round in a circle.
    """
    path, unit = "", organisations.get(organisation)
    for _ in organisations:
        if unit is None or "parent" not in unit:
            return None
        path = f"{unit['code']}.{path}"
        if unit["parent"] is None:
            return path
        unit = organisations.get(unit["parent"])
    return None


def replay_bundle(path: Path, advance: Advance = lambda _done, _total: None) -> ReplayReport:
    """Verify a bundle, then take every step of its cases through the engine.

    The engine gets the definitions, markings and calendars of the bundle and nothing else.

    Args:
        path: The bundle.
        advance: Told how many records of how many were replayed, for a progress bar.
    """
    verdict = verify_bundle(path)
    if not verdict.is_right:
        return ReplayReport(verdict)
    with path.open("rb") as file, path.open("rb") as beside, path.open("rb") as third:
        replay = _Replay(open_container(path, file), third)
        try:
            replay.run(file, beside, advance, verdict.counts.records)
        except DubanError as error:
            return ReplayReport(verdict, replay.cases, dict(replay.counts), error)
    return ReplayReport(verdict, replay.cases, dict(replay.counts))


class _Replay:
    """One replay on its way."""

    def __init__(self, container: Container, file: BinaryIO) -> None:
        self._container, self._file = container, file
        self.cases = 0
        self.counts: Counter[Replayed] = Counter()

    def _surroundings(self) -> Surroundings:
        organisations = {line["id"]: line for line in self._lines("organisations.jsonl")}
        return Surroundings(
            packs=self._packs(),
            markings={
                line["hash"]: orjson.dumps(line["marking"], option=orjson.OPT_SORT_KEYS).decode()
                for line in self._lines("markings.jsonl")
            },
            calendar_of=lambda version: self._content(f"calendars/{version}.jsonl"),
            path_of=partial(path_in, organisations),
        )

    def run(self, file: BinaryIO, beside: BinaryIO, advance: Advance, total: int) -> None:
        """Replay the cases one after the other, as they stand in the bundle.

        Raises:
            StepNotReached: A record is not reached.
            ReplayImpossible: What the bundle says is nothing that the engine works with.
        """
        with _named("The bundle"):
            surroundings = self._surroundings()
        members = self._container.members
        payloads = PayloadLines(LineReader(beside, members["payloads.jsonl"]))
        case, case_id = CaseReplay(surroundings), ""
        for done, (_, record) in enumerate(LineReader(file, members["records.jsonl"]), 1):
            advance(done, total)
            if record["stream"] != "case":
                continue
            if record["id"] != case_id:
                case, case_id = CaseReplay(surroundings), record["id"]
                self.cases += 1
            place = (record["id"], record["seq"])
            # Those before it belong to the streams of the house.
            for _ in payloads.before(place):
                pass
            taken = payloads.take(place)
            with _named(f"Case {place[0]}, record {place[1]}"):
                self.counts[case.take(record, None if taken is None else taken.payload)] += 1

    def _packs(self) -> dict[str, dict[str, bytes]]:
        packs: dict[str, dict[str, bytes]] = {}
        for name in self._container.members:
            if name.startswith(_DEFINITIONS):
                pack_hash, _, path = name.removeprefix(_DEFINITIONS).partition("/")
                packs.setdefault(pack_hash, {})[path] = self._content(name)
        return packs

    def _content(self, name: str) -> bytes:
        member = self._container.members[name]
        self._file.seek(member.content_offset)
        return self._file.read(member.size_bytes)

    def _lines(self, name: str) -> list[Any]:
        return [line for _, line in LineReader(self._file, self._container.members[name])]
