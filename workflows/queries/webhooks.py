"""Webhooks and what they were sent, for the system administrator's pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.services.outside.outbox import waits
from workflows.services.outside.webhooks import WEBHOOK
from workflows.store.base import table_of
from workflows.store.tables import Outbox, Webhook

MOST_DELIVERIES = 100


@dataclass(frozen=True, slots=True)
class HookRow:
    """A webhook with how many deliveries wait, and when one last arrived."""

    hook: Webhook
    waiting: int
    last_at: datetime | None


def hook_rows(session: Session) -> tuple[HookRow, ...]:
    """Read all webhooks, by name."""
    outbox = table_of(Outbox)
    counted = (
        select(
            outbox.c.target,
            func.count().filter(waits()).label("waiting"),
            func.max(outbox.c.sent_at).label("last_at"),
        )
        .where(outbox.c.kind == WEBHOOK)
        .group_by(outbox.c.target)
        .subquery()
    )
    statement = (
        select(Webhook, counted.c.waiting, counted.c.last_at)
        .outerjoin(counted, counted.c.target == Webhook.id)
        .order_by(Webhook.name, Webhook.id)
    )
    return tuple(
        HookRow(hook, waiting or 0, at) for hook, waiting, at in session.execute(statement)
    )


def deliveries(session: Session, webhook_id: str) -> tuple[Outbox, ...]:
    """Read the last deliveries of a webhook, newest first."""
    statement = (
        select(Outbox)
        .where(Outbox.kind == WEBHOOK, Outbox.target == webhook_id)
        .order_by(Outbox.id.desc())
        .limit(MOST_DELIVERIES)
    )
    return tuple(session.scalars(statement))
