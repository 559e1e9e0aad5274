"""The last checkpoint of each day, on its way out of the house."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, func, or_, select, update
from sqlalchemy.orm import Session

from workflows.store.base import table_of, upsert
from workflows.store.tables import Checkpoint, DailyCheckpoint

_DAY = table_of(DailyCheckpoint)
_CHECKPOINT = table_of(Checkpoint)
_WITH_NOTE = select(_DAY, _CHECKPOINT.c.note).join(_CHECKPOINT, _CHECKPOINT.c.size == _DAY.c.size)


def first_signed_between(
    session: Session, start: datetime | None, end: datetime
) -> datetime | None:
    """Give when the first checkpoint in [start, end) was signed."""
    statement = select(func.min(_CHECKPOINT.c.recorded_at)).where(_CHECKPOINT.c.recorded_at < end)
    if start is not None:
        statement = statement.where(_CHECKPOINT.c.recorded_at >= start)
    found: datetime | None = session.connection().execute(statement).scalar_one()
    return found


def size_before(session: Session, end: datetime) -> int:
    """Give the size of the last checkpoint before a moment."""
    statement = select(func.max(_CHECKPOINT.c.size)).where(_CHECKPOINT.c.recorded_at < end)
    found: int = session.connection().execute(statement).scalar_one()
    return found


def insert_day(session: Session, day: date, size: int) -> None:
    """Write a day's checkpoint, unless another process was faster."""
    connection = session.connection()
    statement = upsert(connection, DailyCheckpoint).values(day=day, size=size)
    connection.execute(statement.on_conflict_do_nothing(index_elements=["day"]))


def unfiled_days(session: Session) -> Sequence[Row[Any]]:
    """Read the days whose files are not written yet, oldest first."""
    statement = _WITH_NOTE.where(_DAY.c.filed_at.is_(None)).order_by(_DAY.c.day)
    rows: Sequence[Any] = session.connection().execute(statement).all()
    return rows


def last_daily(session: Session) -> Row[Any] | None:
    """Read the last day that has its checkpoint."""
    statement = _WITH_NOTE.order_by(_DAY.c.day.desc()).limit(1)
    return session.connection().execute(statement).one_or_none()


def mark_filed(session: Session, day: date, at: datetime) -> None:
    """Write when a day's files were written."""
    session.connection().execute(update(_DAY).where(_DAY.c.day == day).values(filed_at=at))


def mark_mailed(session: Session, day: date, at: datetime) -> None:
    """Write when a day's checkpoint was mailed."""
    session.connection().execute(update(_DAY).where(_DAY.c.day == day).values(mailed_at=at))


def claim_mail(session: Session, day: date, now: datetime, tried_before: datetime) -> bool:
    """Take a day's mail, unless it was sent, or tried since a moment; of two processes one does."""
    statement = (
        update(_DAY)
        .where(
            _DAY.c.day == day,
            _DAY.c.mailed_at.is_(None),
            or_(_DAY.c.mail_tried_at.is_(None), _DAY.c.mail_tried_at < tried_before),
        )
        .values(mail_tried_at=now)
    )
    return session.connection().execute(statement).rowcount == 1
