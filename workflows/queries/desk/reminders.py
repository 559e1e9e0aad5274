"""Of which open tasks their offices were reminded, when and by whom."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.queries.short_ways import off_index
from workflows.store.base import table_of
from workflows.store.tables import Account, JournalRecord

REMIND = "remind"
Place: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Reminder:
    """The last reminder of a task; its text stands in the record of that seq."""

    seq: int
    by: str
    at: datetime


def last_reminders(session: Session, case_ids: Collection[str]) -> Mapping[Place, Reminder]:
    """Read the last reminder of each task of cases in scope, by case and path#n."""
    if not case_ids:
        return {}
    record, account = table_of(JournalRecord), table_of(Account)
    statement = (
        select(
            record.c.stream_id,
            record.c.seq,
            record.c.recorded_at,
            record.c.body,
            account.c.display_name,
        )
        .join(account, account.c.id == record.c.actor)
        .where(
            record.c.stream_id.in_(tuple(case_ids)),
            # Of all interventions there are many, of these cases few.
            off_index(session, record.c.kind) == "intervened",
            record.c.body.contains(f'"name":"{REMIND}"', autoescape=True),
        )
        .order_by(record.c.stream_id, record.c.seq)
    )
    return {
        (row.stream_id, json.loads(row.body)["trigger"]["ref"]): Reminder(
            row.seq, row.display_name, row.recorded_at
        )
        for row in session.connection().execute(statement)
    }
