"""The last checkpoint of each day at the place: what leaves the house (AUDIT.md, Log)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from workflows.domain.clocks import due_at_of, local_date
from workflows.store.daily import first_signed_between, insert_day, last_daily, size_before


def close_days(session: Session, now: datetime) -> int:
    """Fix the last checkpoint of every day before today on which one was signed.

    Days that passed while nothing ran are made up for.

    Returns:
        How many days were closed.
    """
    last = last_daily(session)
    start = None if last is None else due_at_of(last.day)
    end_of_yesterday, closed = due_at_of(local_date(now) - timedelta(days=1)), 0
    while signed_at := first_signed_between(session, start, end_of_yesterday):
        day = local_date(signed_at)
        start = due_at_of(day)
        insert_day(session, day, size_before(session, start))
        closed += 1
    return closed
