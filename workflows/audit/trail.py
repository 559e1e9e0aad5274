"""Follow the records of a bundle: chains, commitments, references and the fold.

Records, payloads and state lines are read once, side by side, one stream in memory
at a time. The named problem is that of the earliest check in the journal page's
order, not the one met first in the file. Part of verify.py.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, TypeAlias

from workflows.audit.manifest import withheld_places
from workflows.domain.errors import DubanError
from workflows.domain.fold import CaseState
from workflows.domain.journal_errors import BundleError
from workflows.domain.record_kinds import ZERO_HASH
from workflows.domain.record_shape import (
    JsonObject,
    PayloadInvalid,
    brief,
    check_payload,
    check_record,
    is_count,
    is_stream_id,
)

Lines: TypeAlias = Iterator[tuple[int, bytes, Any]]
_SALT = re.compile(r"[0-9a-f]{32}")


class ChainBroken(BundleError):
    """Stream {id}, record {seq}: {key} is {found}, but must be {expected}."""

    code = "chain_broken"


class StreamDiffers(BundleError):
    """Stream {id}: the manifest says {expected}, but the records say {found}."""

    code = "chain_head_differs"


class PayloadMissing(BundleError):
    """The payload of {id} seq {seq} is missing, and nothing says why."""

    code = "payload_missing"


class PayloadDiffers(BundleError):
    """The payload of {id} seq {seq} is not the one that its record commits to."""

    code = "payload_differs"


class PayloadUnexpected(BundleError):
    """There is a payload of {id} seq {seq}, but no such record that commits to one."""

    code = "payload_unexpected"


class WithheldWrong(BundleError):
    """The manifest withholds the payload of {id} seq {seq}, which is here or never was."""

    code = "payload_withheld_wrong"


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
    """The checks of this module in their order; a lower one is named first."""

    CHAIN = 1
    COMMITMENT = 2
    REFERENCE = 3
    FOLD = 4
    NONE = 5


@dataclass(slots=True)
class TrailCounts:
    """How much was followed."""

    records: int = 0
    streams: int = 0
    cases: int = 0
    payloads: int = 0
    withheld: int = 0
    erased: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """The hashes of what records may refer to."""

    packs: frozenset[str]
    markings: frozenset[str]
    calendars: frozenset[str]


@dataclass(frozen=True, slots=True)
class _PayloadLine:
    """A line of payloads.jsonl with the commitment that its salt and payload give."""

    place: tuple[str, int]
    commitment: str
    payload: JsonObject


@dataclass(frozen=True, slots=True)
class _StateLine:
    """A line of state.jsonl."""

    id: str
    number: int
    state: JsonObject


class Trail:
    """One reading of a bundle's records, payloads and state lines."""

    def __init__(self, manifest: JsonObject, known: Known, counts: TrailCounts) -> None:
        self._streams = dict(manifest["streams"])
        self._withheld = set(withheld_places(manifest))
        self._known = known
        self._counts = counts
        self._stage = Stage.NONE
        self._problem: DubanError | None = None
        self._payload_lines: Lines = iter(())
        self._state_lines: Lines = iter(())
        self._payload: _PayloadLine | None = None
        self._state: _StateLine | None = None
        self._previous_id = self._id = ""
        self._begin("")

    def follow(
        self,
        records: Lines,
        payloads: Lines,
        states: Lines,
        on_record: Callable[[], None] | None = None,
    ) -> None:
        """Read everything to its end, then name the earliest check that failed.

        Raises:
            DubanError: the first thing that is wrong.
        """
        self._payload_lines, self._state_lines = payloads, states
        self._payload, self._state = self._next_payload(), self._next_state()
        for _, content, record in records:
            check_record(record)
            if record["id"] != self._id:
                self._end_stream()
                self._begin(record["id"])
            self._follow_record(content, record)
            if on_record is not None:
                on_record()
        self._end_stream()
        self._end_bundle()
        if self._problem is not None:
            raise self._problem

    def _begin(self, stream_id: str) -> None:
        self._previous_id, self._id = self._id, stream_id
        self._seq, self._head, self._recorded_at = 0, ZERO_HASH, ""
        self._missing: list[int] = []
        self._erased: set[int] = set()
        self._case = CaseState() if stream_id.startswith("c_") else None

    def _attempt(self, stage: Stage, act: Callable[..., None], *arguments: Any) -> None:
        """Run a check unless this one or an earlier one has failed before."""
        if stage >= self._stage:
            return
        try:
            act(*arguments)
        except DubanError as error:
            self._stage, self._problem = stage, error

    def _fail(self, stage: Stage, problem: DubanError) -> None:
        if stage < self._stage:
            self._stage, self._problem = stage, problem

    # ---------------------------------------------------------- records

    def _follow_record(self, content: bytes, record: JsonObject) -> None:
        self._counts.records += 1
        self._attempt(Stage.CHAIN, self._check_chain, record)
        self._seq, self._recorded_at = record["seq"], record["recorded_at"]
        self._head = hashlib.sha256(content).hexdigest()
        payload = self._payload_of(record)
        self._attempt(Stage.REFERENCE, self._check_references, record)
        if self._case is not None:
            self._attempt(Stage.FOLD, self._case.apply, record, payload)

    def _check_chain(self, record: JsonObject) -> None:
        if record["id"] <= self._previous_id:
            raise self._broken(record, "id", f"after {self._previous_id}")
        if record["seq"] != self._seq + 1:
            raise self._broken(record, "seq", str(self._seq + 1))
        if record["prev"] != self._head:
            raise self._broken(record, "prev", self._head)
        if record["recorded_at"] < self._recorded_at:
            raise self._broken(record, "recorded_at", f"not before {self._recorded_at}")

    def _broken(self, record: JsonObject, key: str, expected: str) -> ChainBroken:
        return ChainBroken(
            id=record["id"], seq=record["seq"], key=key, found=record[key], expected=expected
        )

    def _check_references(self, record: JsonObject) -> None:
        definition, known = record["definition"], self._known
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
        while self._payload is not None and self._payload.place < place:
            self._refuse_payload()
        if record["kind"] == "payload_erased":
            self._erased.add(record["about"]["seq"])
        if self._payload is None or self._payload.place != place:
            if record["payload"] is not None:
                self._missing.append(record["seq"])
            return None
        if record["payload"] is None:
            self._refuse_payload()
            return None
        found = self._payload
        if found.commitment != record["payload"]:
            self._fail(Stage.COMMITMENT, PayloadDiffers(id=record["id"], seq=record["seq"]))
        self._counts.payloads += 1
        self._payload = self._next_payload()
        return found.payload

    def _refuse_payload(self) -> None:
        if self._payload is not None:
            stream_id, seq = self._payload.place
            self._fail(Stage.COMMITMENT, PayloadUnexpected(id=stream_id, seq=seq))
        self._payload = self._next_payload()

    def _next_payload(self) -> _PayloadLine | None:
        for number, content, line in self._payload_lines:
            _check_payload_line(number, line)
            stream_id, seq, salt = line["id"], line["seq"], line["salt"]
            # The line is canonical, so the payload's own form is a slice of it.
            start = len(f'{{"id":"{stream_id}","payload":')
            end = len(f',"salt":"{salt}","seq":{seq}}}')
            digest = hashlib.sha256(b"\x10" + bytes.fromhex(salt) + content[start:-end])
            return _PayloadLine((stream_id, seq), digest.hexdigest(), line["payload"])
        return None

    def _check_missing(self) -> None:
        for seq in self._missing:
            if (self._id, seq) in self._withheld:
                self._withheld.discard((self._id, seq))
                self._counts.withheld += 1
            elif seq in self._erased:
                self._counts.erased += 1
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
        while self._state is not None and self._state.id < self._id:
            self._refuse_state()
        if self._state is None or self._state.id != self._id:
            self._fail(Stage.FOLD, StateMissing(id=self._id))
            return
        self._attempt(Stage.FOLD, self._case.compare, self._state.state)
        self._state = self._next_state()

    def _check_head(self) -> None:
        expected = self._streams.pop(self._id, None)
        if expected is None:
            raise StreamDiffers(id=self._id, expected="nothing", found=f"{self._seq} records")
        if expected != {"last": self._seq, "head": self._head}:
            raise StreamDiffers(
                id=self._id,
                expected=f"{expected['last']} records up to {expected['head']}",
                found=f"{self._seq} up to {self._head}",
            )

    def _end_bundle(self) -> None:
        if self._streams:
            missing = min(self._streams)
            expected = f"{self._streams[missing]['last']} records"
            self._fail(Stage.CHAIN, StreamDiffers(id=missing, expected=expected, found="none"))
        while self._payload is not None:
            self._refuse_payload()
        if self._withheld:
            stream_id, seq = min(self._withheld)
            self._fail(Stage.COMMITMENT, WithheldWrong(id=stream_id, seq=seq))
        while self._state is not None:
            self._refuse_state()

    def _refuse_state(self) -> None:
        if self._state is not None:
            self._fail(
                Stage.FOLD, StateUnexpected(id=brief(self._state.id), line=self._state.number)
            )
        self._state = self._next_state()

    def _next_state(self) -> _StateLine | None:
        for number, _, line in self._state_lines:
            if type(line) is not dict or type(line.get("id")) is not str:
                raise StateUnexpected(id="nothing", line=number)
            return _StateLine(line["id"], number, line)
        return None


def _check_payload_line(number: int, line: Any) -> None:
    """Make sure that a line of payloads.jsonl has its keys and a payload in them."""
    if (
        type(line) is not dict
        or line.keys() != {"id", "seq", "salt", "payload"}
        or not is_stream_id(line["id"])
        or not is_count(line["seq"])
        or type(line["salt"]) is not str
        or _SALT.fullmatch(line["salt"]) is None
    ):
        raise PayloadInvalid(
            id="?",
            seq=f"? (line {number})",
            key="line",
            value=brief(line),
            expected="{id, seq, salt, payload}",
        )
    check_payload(line["payload"], line["id"], line["seq"])
