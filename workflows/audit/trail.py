"""Follow the records of a bundle: chains, commitments, references and the fold.

Records, payloads, positions and state lines are read once, side by side, one stream in
memory at a time. The named problem is that of the earliest check in the journal page's
order, not the one met first in the file. Part of verify.py.
"""

from __future__ import annotations

import hashlib
import re
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from workflows.audit.beside import Known
from workflows.audit.lines import LineReader
from workflows.audit.payload_lines import (
    PayloadDiffers,
    PayloadLines,
    PayloadMissing,
    PayloadUnexpected,
    Place,
    WithheldWrong,
)
from workflows.audit.statements import STATEMENTS, HouseStatement, statement_of
from workflows.domain.errors import DubanError
from workflows.domain.fold import CaseState
from workflows.domain.journal_errors import BundleError
from workflows.domain.record_kinds import ZERO_HASH
from workflows.domain.record_shape import JsonObject, brief, check_record

# A canonical line of positions.jsonl; this is quicker than reading it as JSON.
_POSITION = re.compile(
    rb'\{"id":"([ch]_[a-z2-7]{26})","index":(0|[1-9][0-9]{0,15}),"seq":([1-9][0-9]{0,15})\}'
)


class ChainBroken(BundleError):
    """Stream {id}, record {seq}: {key} is {found}, but must be {expected}."""

    code = "chain_broken"


class StreamDiffers(BundleError):
    """Stream {id}: the manifest says {expected}, but the records say {found}."""

    code = "chain_head_differs"


class PositionBroken(BundleError):
    """positions.jsonl line {line} is not the position of {id} seq {seq}."""

    code = "position_broken"


class ReferenceMissing(BundleError):
    """Stream {id}, record {seq}: its {key} {found} is not in the bundle."""

    code = "reference_missing"


class StateMissing(BundleError):
    """The case {id} has no line in state.jsonl."""

    code = "state_missing"


class StateUnexpected(BundleError):
    """state.jsonl line {line} is about {id}, which is out of order or has no records."""

    code = "state_unexpected"


class Stage(IntEnum):
    """The checks in their order; a lower one is named first."""

    FORM = 0
    CHAIN = 1
    COMMITMENT = 2
    REFERENCE = 3
    POSITION = 4
    FOLD = 5
    NONE = 6


@dataclass(slots=True)
class TrailCounts:
    """How much was followed; ``fields`` are those withheld from payloads that are here."""

    records: int = 0
    streams: int = 0
    cases: int = 0
    payloads: int = 0
    withheld: int = 0
    erased: int = 0
    fields: int = 0

    def add(self, others: TrailCounts) -> None:
        """Count what others counted too."""
        for name in ("records", "streams", "cases", "payloads", "withheld", "erased", "fields"):
            setattr(self, name, getattr(self, name) + getattr(others, name))


@dataclass(slots=True)
class TrailPart:
    """What the manifest says of the streams that one trail follows.

    Attributes:
        streams: ``{last, head}`` by id; taken out as they are met.
        withheld: places of payloads that are withheld; taken out as they are met.
        may_skip_house: whether a house stream may leave out records.
        known: what records may refer to.
    """

    streams: dict[str, JsonObject]
    withheld: set[Place]
    may_skip_house: bool
    known: Known


@dataclass(slots=True)
class TrailFindings:
    """What following a part found, first the problem if there is one.

    ``indices`` and ``leaves`` are where each record stands in the log and the hash of its
    leaf, 32 bytes each, in the order of the records; empty for an unsigned bundle.
    """

    stage: Stage = Stage.NONE
    problem: DubanError | None = None
    counts: TrailCounts = field(default_factory=TrailCounts)
    indices: array[int] = field(default_factory=lambda: array("Q"))
    leaves: bytearray = field(default_factory=bytearray)
    statements: list[HouseStatement] = field(default_factory=list)
    first_id: str = ""
    last_id: str = ""

    def note(self, stage: Stage, problem: DubanError) -> None:
        """Keep a problem unless one of this check or an earlier one was met before."""
        if stage < self.stage:
            self.stage, self.problem = stage, problem


@dataclass(frozen=True, slots=True)
class TrailReaders:
    """The lines of one part; ``positions`` are None for an unsigned bundle."""

    records: LineReader
    payloads: LineReader
    states: LineReader
    positions: LineReader | None


class Trail:
    """One reading of some whole streams."""

    def __init__(self, part: TrailPart, readers: TrailReaders) -> None:
        self._part, self._readers = part, readers
        self.findings = TrailFindings()
        self._counts = self.findings.counts
        self._previous_id = self._id = ""
        self._begin("")

    def follow(self) -> TrailFindings:
        """Read everything to its end, noting the earliest check that failed."""
        try:
            self._follow()
        except DubanError as error:
            self._fail(Stage.FORM, error)
        self.findings.last_id = self._id
        return self.findings

    def _follow(self) -> None:
        self._payloads = PayloadLines(self._readers.payloads)
        self._states = iter(self._readers.states)
        self._state = self._next_state()
        positions = self._readers.positions
        self._positions = iter(()) if positions is None else positions.raw()
        for content, record in self._readers.records:
            check_record(record)
            if record["id"] != self._id:
                self._end_stream()
                self._begin(record["id"])
                self.findings.first_id = self.findings.first_id or record["id"]
            self._follow_record(content, record)
        self._end_stream()
        self._end_part()

    def _begin(self, stream_id: str) -> None:
        self._previous_id, self._id = self._id, stream_id
        self._seq, self._head, self._recorded_at = 0, ZERO_HASH, ""
        self._missing: list[int] = []
        self._erased: set[int] = set()
        self._case = CaseState() if stream_id.startswith("c_") else None
        self._may_skip = self._part.may_skip_house and stream_id.startswith("h_")

    def _attempt(self, stage: Stage, act: Callable[..., None], *arguments: Any) -> None:
        """Run a check unless this one or an earlier one has failed before."""
        if stage >= self.findings.stage:
            return
        try:
            act(*arguments)
        except DubanError as error:
            self._fail(stage, error)

    def _fail(self, stage: Stage, problem: DubanError) -> None:
        self.findings.note(stage, problem)

    # ---------------------------------------------------------- records

    def _follow_record(self, content: bytes, record: JsonObject) -> None:
        self._counts.records += 1
        self._attempt(Stage.CHAIN, self._check_chain, record)
        self._seq, self._recorded_at = record["seq"], record["recorded_at"]
        self._head = hashlib.sha256(content).hexdigest()
        payload = self._payload_of(record)
        if self._readers.positions is not None:
            self._attempt(Stage.POSITION, self._note_position, content, record, payload)
        self._attempt(Stage.REFERENCE, self._check_references, record)
        if self._case is not None:
            self._attempt(Stage.FOLD, self._case.apply, record, payload)

    def _check_chain(self, record: JsonObject) -> None:
        if record["id"] <= self._previous_id:
            raise self._broken(record, "id", f"after {self._previous_id}")
        if record["recorded_at"] < self._recorded_at:
            raise self._broken(record, "recorded_at", f"not before {self._recorded_at}")
        if self._may_skip and record["seq"] > self._seq + 1:
            return
        if record["seq"] != self._seq + 1:
            raise self._broken(record, "seq", str(self._seq + 1))
        if record["prev"] != self._head:
            raise self._broken(record, "prev", self._head)

    def _broken(self, record: JsonObject, key: str, expected: str) -> ChainBroken:
        return ChainBroken(
            id=record["id"], seq=record["seq"], key=key, found=record[key], expected=expected
        )

    def _note_position(
        self, content: bytes, record: JsonObject, payload: JsonObject | None
    ) -> None:
        """Take the record's position and, of some house records, what they state."""
        found = _POSITION.fullmatch(next(self._positions, b""))
        if found is None or (found[1].decode(), int(found[3])) != (record["id"], record["seq"]):
            raise self._position_broken(record["id"], record["seq"])
        index = int(found[2])
        self.findings.indices.append(index)
        self.findings.leaves += hashlib.sha256(b"\x00" + content).digest()
        if record["stream"] == "house" and record["trigger"]["name"] in STATEMENTS:
            stated = statement_of(record, index, payload)
            self.findings.statements.append(stated)

    def _check_no_position(self) -> None:
        if next(self._positions, None) is not None:
            raise self._position_broken("no record", "any")

    def _position_broken(self, stream_id: str, seq: object) -> PositionBroken:
        reader = self._readers.positions
        return PositionBroken(line=reader and reader.number(), id=stream_id, seq=seq)

    def _check_references(self, record: JsonObject) -> None:
        definition, known = record["definition"], self._part.known
        if definition is not None and definition.partition("/")[0] not in known.packs:
            raise self._unknown(record, "definition")
        for key in ("from", "to"):
            if record[key] is not None and record[key] not in known.markings:
                raise self._unknown(record, key)
        if record["calendar"] is not None and record["calendar"] not in known.calendars:
            raise self._unknown(record, "calendar")

    def _unknown(self, record: JsonObject, key: str) -> ReferenceMissing:
        return ReferenceMissing(id=record["id"], seq=record["seq"], key=key, found=record[key])

    # --------------------------------------------------------- payloads

    def _payload_of(self, record: JsonObject) -> JsonObject | None:
        """Take the record's payload from payloads.jsonl, or note that it is missing."""
        place = (record["id"], record["seq"])
        for stranger in self._payloads.before(place):
            self._refuse_payload(stranger)
        if record["kind"] == "payload_erased":
            self._erased.add(record["about"]["seq"])
        found = self._payloads.take(place)
        if found is None:
            if record["payload"] is not None:
                self._missing.append(record["seq"])
            return None
        if record["payload"] is None:
            self._refuse_payload(place)
            return None
        if found.commitment != record["payload"]:
            self._fail(Stage.COMMITMENT, PayloadDiffers(id=record["id"], seq=record["seq"]))
        if found.problem is not None:
            self._fail(Stage.COMMITMENT, found.problem)
        self._counts.payloads += 1
        self._counts.fields += found.withheld
        return found.payload

    def _refuse_payload(self, place: Place) -> None:
        self._fail(Stage.COMMITMENT, PayloadUnexpected(id=place[0], seq=place[1]))

    def _check_missing(self) -> None:
        for seq in self._missing:
            is_named = (self._id, seq) in self._part.withheld
            self._part.withheld.discard((self._id, seq))
            if seq in self._erased:
                self._counts.erased += 1
            elif is_named:
                self._counts.withheld += 1
            else:
                raise PayloadMissing(id=self._id, seq=seq)

    # ---------------------------------------------------- ends of things

    def _end_stream(self) -> None:
        if not self._id:
            return
        self._counts.streams += 1
        self._attempt(Stage.CHAIN, self._check_head)
        self._attempt(Stage.COMMITMENT, self._check_missing)
        if self._case is None:
            return
        self._counts.cases += 1
        while self._state is not None and self._state["id"] < self._id:
            self._refuse_state()
        if self._state is None or self._state["id"] != self._id:
            self._fail(Stage.FOLD, StateMissing(id=self._id))
            return
        self._attempt(Stage.FOLD, self._case.compare, self._state)
        self._state = self._next_state()

    def _check_head(self) -> None:
        expected = self._part.streams.pop(self._id, None)
        if expected is None:
            raise StreamDiffers(id=self._id, expected="nothing", found=f"{self._seq} records")
        if expected != {"last": self._seq, "head": self._head}:
            raise StreamDiffers(
                id=self._id,
                expected=f"{expected['last']} records up to {expected['head']}",
                found=f"{self._seq} up to {self._head}",
            )

    def _end_part(self) -> None:
        if self._part.streams:
            missing = min(self._part.streams)
            expected = f"{self._part.streams[missing]['last']} records"
            self._fail(Stage.CHAIN, StreamDiffers(id=missing, expected=expected, found="none"))
        for stranger in self._payloads.rest():
            self._refuse_payload(stranger)
        if self._part.withheld:
            stream_id, seq = min(self._part.withheld)
            self._fail(Stage.COMMITMENT, WithheldWrong(id=stream_id, seq=seq))
        while self._state is not None:
            self._refuse_state()
        self._attempt(Stage.POSITION, self._check_no_position)

    def _refuse_state(self) -> None:
        if self._state is not None:
            number = self._readers.states.number()
            found = brief(self._state["id"])
            self._fail(Stage.FOLD, StateUnexpected(id=found, line=number))
        self._state = self._next_state()

    def _next_state(self) -> JsonObject | None:
        for _, line in self._states:
            if type(line) is not dict or type(line.get("id")) is not str:
                raise StateUnexpected(id="nothing", line=self._readers.states.number())
            return dict(line)
        return None
