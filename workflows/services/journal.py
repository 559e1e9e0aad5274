"""Appending to the journal: one step, one record (AUDIT.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.audit.canonical import canonical, canonical_record, sha256_hex
from workflows.domain.errors import Conflict
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
from workflows.services.vault import seal
from workflows.store.casework import insert_record
from workflows.store.journal import lock_head, move_head
from workflows.store.tables import Installation

HOUSE_SUBJECT = "house"
# Clocks of several servers differ a little; more than this is a clock set wrong.
_BRIDGED = timedelta(minutes=1)


class ClockBackwards(Conflict):
    """The clock shows {now}, but was at {last_seen_at} before: set the server's clock right."""

    code: ClassVar[str] = "clock_backwards"


@dataclass(frozen=True, slots=True)
class Act:
    """Who did something, when, and in which role; ``now`` is when it is recorded."""

    actor: Actor
    now: datetime
    occurred_at: datetime
    role: str | None = None
    office: str | None = None
    performed_by: str | None = None
    source: Source | None = None

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
        if self.at is None or now >= self.at:
            return now
        if self.at - now > _BRIDGED:
            raise ClockBackwards(now=now, last_seen_at=self.at)
        return self.at


EMPTY = Head(0, ZERO_HASH, None)


def append(session: Session, record: Record, payload: Payload, subject_id: str) -> str:
    """Seal a payload, write the record that commits to it, and give the record's hash."""
    content = canonical(payload.to_json())
    sealed = seal(session, subject_id, record.id, record.seq, content, record.recorded_at)
    body = canonical_record({**record.to_json(), "payload": sealed.commitment})
    record_hash = sha256_hex(body)
    insert_record(
        session,
        {
            "stream_id": record.id,
            "seq": record.seq,
            "kind": record.kind.value,
            "actor": record.actor,
            "role": record.role,
            "performed_by": record.performed_by,
            "recorded_at": record.recorded_at,
            "hash": record_hash,
            "body": body.decode("utf-8"),
        },
        {
            "stream_id": record.id,
            "seq": record.seq,
            "key_id": subject_id,
            "sealed": sealed.sealed,
        },
    )
    return record_hash


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
    record_hash = append(session, record, payload, HOUSE_SUBJECT)
    move_head(session, house_id, record.seq, record_hash, record.recorded_at)
    return record.seq
