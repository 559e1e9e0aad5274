"""Telling webhooks what the log says: from its leaves into the outbox, in one transaction.

A record is written in the transaction that changes its case, and gets one leaf. So a
webhook that goes from leaf to leaf is told of every step and of none that was undone,
and no step waits for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.levels import INTERNAL
from workflows.domain.record_kinds import RecordKind
from workflows.services.outside.outbox import put
from workflows.services.outside.webhooks import WEBHOOK, EventKind
from workflows.store.base import table_of
from workflows.store.tables import Case, Clock, JournalRecord, LogLeaf, Webhook

_LEAF, _RECORD, _CASE = table_of(LogLeaf), table_of(JournalRecord), table_of(Case)
# Who took a task, and what was erased, is told to nobody outside.
_KINDS = {
    RecordKind.CASE_OPENED: EventKind.OPENED,
    RecordKind.CLOCK_FIRED: EventKind.DUE,
    RecordKind.CASE_CLOSED: EventKind.CLOSED,
    RecordKind.TASK_COMPLETED: EventKind.STEP,
    RecordKind.MESSAGE_RECEIVED: EventKind.STEP,
    RecordKind.INTERVENED: EventKind.STEP,
    RecordKind.WITHDRAWN: EventKind.STEP,
    RecordKind.CORRECTED: EventKind.STEP,
    RecordKind.UNDONE: EventKind.STEP,
    RecordKind.CASE_MIGRATED: EventKind.STEP,
}


def follow(session: Session, webhook_id: str, now: datetime, batch: int) -> bool:
    """Tell a webhook of the next leaves; say whether there may be more.

    Only organisations' cases are told of (L1): ids and dates, nothing of persons.
    """
    locked = select(Webhook).where(Webhook.id == webhook_id).with_for_update(skip_locked=True)
    hook = session.scalars(locked).one_or_none()
    if hook is None:
        return False
    statement = (
        select(_LEAF.c.index, _RECORD.c.body, _CASE.c.level, _CASE.c.due_on)
        .join(
            _RECORD,
            (_RECORD.c.stream_id == _LEAF.c.stream_id) & (_RECORD.c.seq == _LEAF.c.seq),
        )
        .outerjoin(_CASE, _CASE.c.id == _LEAF.c.stream_id)
        .where(_LEAF.c.index >= hook.next_index)
        .order_by(_LEAF.c.index)
        .limit(batch)
    )
    rows = session.connection().execute(statement).all()
    for row in rows:
        if row.level == INTERNAL:
            for body in _events(session, orjson.loads(row.body), row.due_on, hook.kinds.split()):
                put(session, now, WEBHOOK, hook.id, body, body["case"])
    if rows:
        hook.next_index = rows[-1][0] + 1
        session.flush()
    return len(rows) == batch


def _events(
    session: Session, record: dict[str, Any], due_on: Any, wanted: list[str]
) -> Iterator[dict[str, str]]:
    kind = _KINDS.get(RecordKind(record["kind"]))
    kinds = {kind} if kind is not None else set()
    if record["effects"]["ended"]:
        kinds.add(EventKind.CLOSED)
    for each in sorted(kinds & set(wanted)):
        body = {
            "event": str(each),
            "case": record["id"],
            "seq": str(record["seq"]),
            "recorded_at": record["recorded_at"],
            "occurred_at": record["occurred_at"],
            "due_on": due_on.isoformat() if due_on else "",
        }
        if each == EventKind.DUE:
            body["passed_on"] = _passed_on(session, record)
        yield body


def _passed_on(session: Session, record: dict[str, Any]) -> str:
    """Give the last day of the deadline that passed."""
    clock, places = table_of(Clock), record["effects"]["fired"]
    path, _, n = places[0].partition("#") if places else ("", "", "0")
    statement = select(clock.c.due_on).where(
        clock.c.case_id == record["id"], clock.c.path == path, clock.c.n == int(n)
    )
    due_on = session.connection().execute(statement).scalar_one_or_none()
    return due_on.isoformat() if due_on else ""
