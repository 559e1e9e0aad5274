"""The hash chain of a stream: the next record, and whether a chain holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from workflows.audit.canonical import canonical_record
from workflows.domain.journal_errors import JournalError
from workflows.domain.record_kinds import ZERO_HASH
from workflows.domain.record_shape import JsonObject
from workflows.domain.records import Record, parse_time


class ChainError(JournalError):
    """Stream {id}, record {seq}: the chain is broken."""

    code = "chain_error"


class SeqBroken(ChainError):
    """Stream {id}, record {seq}: expected is record {expected}."""

    code = "chain_seq_broken"


class PrevBroken(ChainError):
    """Stream {id}, record {seq}: `prev` is {found}, but the record before hashes to {expected}."""

    code = "chain_prev_broken"


class ClockWentBack(ChainError):
    """Stream {id}, record {seq}: it is recorded at {found}, before the last one at {expected}."""

    code = "chain_clock_went_back"


@dataclass(frozen=True, slots=True)
class Head:
    """The last record of a stream; of an empty stream, seq 0 and zeros.

    ``recorded_at`` is the journal's text, empty for an empty stream.
    """

    id: str
    seq: int = 0
    hash: str = ZERO_HASH
    recorded_at: str = ""

    def recorded_not_before(self, now: datetime) -> datetime:
        """Give ``now``, or the last record's time where a small set-back put the clock behind it.

        A set-back of more than a minute is left for ``link`` to refuse.
        """
        if not self.recorded_at:
            return now
        last = parse_time(self.recorded_at)
        return last if 0 < (last - now).total_seconds() <= 60 else now


@dataclass(frozen=True, slots=True)
class Link:
    """A record with the bytes that were hashed, their hash and the stream's new head."""

    content: bytes
    hash: str
    head: Head


def link(head: Head, record: Record) -> Link:
    """Check a record against the head of its stream and hash it.

    The record names ``head.seq + 1`` and ``head.hash`` itself.

    Raises:
        RecordInvalid: where a key is of the wrong type.
        ChainError: where it does not follow the head.
    """
    return link_json(head, record.to_json())


def link_json(head: Head, record: JsonObject) -> Link:
    """Check a record as a JSON object against the head of its stream and hash it."""
    content = canonical_record(record)
    _check_follows(head, record)
    digest = hashlib.sha256(content).hexdigest()
    return Link(content, digest, Head(head.id, record["seq"], digest, record["recorded_at"]))


def verify_chain(stream_id: str, records: Iterable[JsonObject]) -> Head:
    """Make sure that these records are the chain of a stream from its start.

    Raises:
        RecordInvalid: where a record's key is of the wrong type.
        ChainError: naming the first record that does not follow.
    """
    head = Head(stream_id)
    for record in records:
        head = link_json(head, record).head
    return head


def _check_follows(head: Head, record: JsonObject) -> None:
    if record["id"] != head.id or record["seq"] != head.seq + 1:
        raise SeqBroken(id=record["id"], seq=record["seq"], expected=f"{head.id} {head.seq + 1}")
    if record["prev"] != head.hash:
        raise PrevBroken(
            id=record["id"], seq=record["seq"], found=record["prev"], expected=head.hash
        )
    if record["recorded_at"] < head.recorded_at:
        raise ClockWentBack(
            id=record["id"],
            seq=record["seq"],
            found=record["recorded_at"],
            expected=head.recorded_at,
        )
