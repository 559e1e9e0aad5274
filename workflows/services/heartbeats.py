"""When a job last ran: shown on every page."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.store.tables import Heartbeat


def begin_heartbeat(session: Session, job: str, now: datetime) -> None:
    """Note that a job began."""
    row = session.get(Heartbeat, job)
    if row is None:
        session.add(
            Heartbeat(job=job, started_at=now, finished_at=None, late_seconds=0, outcome={})
        )
    else:
        row.started_at, row.finished_at = now, None
    session.flush()


def end_heartbeat(session: Session, job: str, now: datetime, outcome: dict[str, int]) -> None:
    """Note that a job ended, and what it did."""
    row = session.get_one(Heartbeat, job)
    row.finished_at, row.outcome = now, outcome
    session.flush()


def heartbeat_of(session: Session, job: str) -> Heartbeat | None:
    """Give a job's heartbeat, if it ever ran."""
    return session.execute(select(Heartbeat).where(Heartbeat.job == job)).scalar_one_or_none()
