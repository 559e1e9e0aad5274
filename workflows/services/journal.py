"""Appending to the journal: one step, one record (AUDIT.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.audit.canonical import canonical_record, sha256_hex
from workflows.audit.commitment import close_fields
from workflows.domain.errors import Conflict
from workflows.domain.pairs import Deed
from workflows.domain.records import (
    ZERO_HASH,
    JsonValue,
    Payload,
    Record,
    RecordKind,
    Source,
    StreamKind,
    TriggerKind,
    TriggerRef,
)
from workflows.domain.roles import Actor
from workflows.services.vault import key_of_house, seal
from workflows.store.caserows import insert_records
from workflows.store.journal import lock_head, move_head
from workflows.store.tables import Installation

_OPEN = "0" * 64
# Clocks of several servers differ a little; more than this is a clock set wrong.
_BRIDGED = timedelta(minutes=1)


class ClockBackwards(Conflict):
    """The clock shows {now}, but was at {last_seen_at} before: set the server's clock right."""

    code: ClassVar[str] = "clock_backwards"


@dataclass(frozen=True, slots=True)
class Act:
    """Who did something, when, and in which role; ``now`` is when it is recorded.

    ``acting_for`` is the account that he acted for, by the delegation of that id.
    ``pair`` is an earlier act of his that this one goes with only by the principal's
    signature.
    """

    actor: Actor
    now: datetime
    occurred_at: datetime
    role: str | None = None
    office: str | None = None
    performed_by: str | None = None
    source: Source | None = None
    acting_for: str | None = None
    delegation: str | None = None
    pair: Deed | None = None

    def after(self, head: Head) -> Act:
        """Give the act at the time that its record will have, so that rows say the same."""
        recorded_at = head.recorded_at(self.now)
        return self if recorded_at == self.now else replace(self, now=recorded_at)


@dataclass(frozen=True, slots=True)
class Head:
    """The last record of a stream."""

    seq: int
    hash: str
    at: datetime | None

    def recorded_at(self, now: datetime) -> datetime:
        """Give the time of the next record: never earlier than the stream's last.

        Raises:
            ClockBackwards: The server's clock was put back by more than a minute.
        """
        return now if self.at is None else not_before(self.at, now)


def not_before(last_at: datetime, now: datetime) -> datetime:
    """Give the time of what follows something of ``last_at``.

    Raises:
        ClockBackwards: The server's clock was put back by more than a minute.
    """
    if last_at - now > _BRIDGED:
        raise ClockBackwards(now=now, last_seen_at=last_at)
    return max(now, last_at)


EMPTY = Head(0, ZERO_HASH, None)


@dataclass(frozen=True, slots=True)
class Entry:
    """A record and its sealed payload, ready to be stored as two rows."""

    hash: str
    record: Mapping[str, Any]
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RecordForm:
    """A record with its stream's id, its predecessor and its commitment left open.

    Firings that are alike share one: only the first of them is written out and checked.
    """

    columns: Mapping[str, Any]
    parts: tuple[str, str, str, str]

    @classmethod
    def of(cls, record: Record) -> RecordForm:
        """Write a record out, and take out what is its own."""
        body = canonical_record({**record.to_json(), "payload": _OPEN}).decode("utf-8")
        # Keys stand in the order of the alphabet; no other object has these three.
        before, after_id = body.split(f'"id":"{record.id}","kind"')
        after_id, after_payload = after_id.split(f'"payload":"{_OPEN}"')
        after_payload, after_prev = after_payload.split(f'"prev":"{record.prev}"')
        columns = {
            "seq": record.seq,
            "kind": record.kind.value,
            "actor": record.actor,
            "role": record.role,
            "acting_for": record.acting_for,
            "performed_by": record.performed_by,
            "recorded_at": record.recorded_at,
        }
        return cls(columns, (f'{before}"id":"', f'","kind"{after_id}', after_payload, after_prev))

    def body(self, stream_id: str, prev: str, commitment: str) -> str:
        """Give the canonical text of the record of one stream."""
        before, after_id, after_payload, after_prev = self.parts
        return (
            f'{before}{stream_id}{after_id}"payload":"{commitment}"'
            f'{after_payload}"prev":"{prev}"{after_prev}'
        )


def sealed_entry(
    session: Session,
    form: RecordForm,
    stream_id: str,
    prev: str,
    payload: Payload,
    key_id: str | None,
    closed: Set[str] = frozenset(),
) -> Entry:
    """Seal a payload and let the record of a stream commit to it.

    To the values of the ``closed`` names it commits one by one.
    """
    seq = form.columns["seq"]
    content, openings = close_fields(payload.to_json(), closed)
    sealed = seal(session, key_id, stream_id, seq, content, openings)
    body = form.body(stream_id, prev, sealed.commitment)
    record_hash = sha256_hex(body.encode("utf-8"))
    record = {"stream_id": stream_id, **form.columns, "hash": record_hash, "body": body}
    place = {"stream_id": stream_id, "seq": seq}
    return Entry(record_hash, record, {**place, "key_id": key_id, "sealed": sealed.sealed})


def append(session: Session, entries: Sequence[Entry]) -> None:
    """Write records, each of another stream."""
    insert_records(
        session, [entry.record for entry in entries], [entry.payload for entry in entries]
    )


def append_house(
    session: Session,
    actor: Actor,
    now: datetime,
    name: str,
    ref: str,
    *,
    form: Mapping[str, JsonValue] | None = None,
    reason: str | None = None,
) -> int:
    """Write what is no step of a case into the house stream: roles, packs, exports.

    Returns:
        The seq of the record.
    """
    house_id = session.execute(select(Installation.house_id)).scalar_one()
    row = lock_head(session, house_id)
    head = EMPTY if row is None else Head(row.seq, row.hash, row.head_at)
    record = Record(
        stream=StreamKind.HOUSE,
        id=house_id,
        seq=head.seq + 1,
        prev=head.hash,
        kind=RecordKind.HOUSE,
        recorded_at=head.recorded_at(now),
        occurred_at=now,
        actor=actor.account_id,
        trigger=TriggerRef(TriggerKind.HOUSE, name, ref),
    )
    payload = Payload(form=form or {}, reason=reason)
    record_form = RecordForm.of(record)
    key = key_of_house(session, record.recorded_at)
    entry = sealed_entry(session, record_form, house_id, record.prev, payload, key)
    append(session, [entry])
    move_head(session, house_id, record.seq, entry.hash, record.recorded_at)
    return record.seq
