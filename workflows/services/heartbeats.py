"""When a job last ran: shown on every page."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.store.base import upsert
from workflows.store.tables import Heartbeat

STUCK = timedelta(hours=1)
SEEN_FOR = timedelta(days=1)


def begin_heartbeat(session: Session, job: str, now: datetime) -> None:
    """Note that a job began."""
    row = session.get(Heartbeat, job)
    if row is None:
        connection = session.connection()
        first = {"job": job, "started_at": now, "late_seconds": 0, "outcome": {}}
        statement = upsert(connection, Heartbeat).values(first)
        # Two processes may both be the first.
        connection.execute(statement.on_conflict_do_nothing(index_elements=["job"]))
        row = session.get_one(Heartbeat, job)
    row.started_at, row.finished_at = now, None
    session.flush()


def claim_run(session: Session, job: str, now: datetime, since: datetime) -> bool:
    """Begin a job unless it has begun since a moment; of two processes one does.

    One that began and did not end within `STUCK` died, and is begun again.
    """
    row = session.get(Heartbeat, job, with_for_update=True)
    if row is not None and row.started_at >= since:
        is_over = row.finished_at is not None or now - row.started_at < STUCK
        if is_over:
            return False
    begin_heartbeat(session, job, now)
    return True


def end_heartbeat(
    session: Session,
    job: str,
    now: datetime,
    outcome: dict[str, int],
    late: timedelta = timedelta(0),
) -> None:
    """Note that a job ended, and what it did.

    How late it found something stays to be seen for a day, unless it was later again.
    """
    row = session.get_one(Heartbeat, job)
    row.finished_at, row.outcome = now, outcome
    late_seconds = max(0, int(late.total_seconds()))
    if late_seconds >= row.late_seconds or row.late_at is None or now - row.late_at > SEEN_FOR:
        row.late_seconds, row.late_at = late_seconds, now
    session.flush()


def heartbeat_of(session: Session, job: str) -> Heartbeat | None:
    """Give a job's heartbeat, if it ever ran."""
    return session.execute(select(Heartbeat).where(Heartbeat.job == job)).scalar_one_or_none()
