"""What waits to leave the house: claimed by one process, tried again with growing delay.

A row is written in the transaction that decided it; what a case sends to other cases goes
another way (`services/steps/delivering.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, true, update
from sqlalchemy.orm import Session

from workflows.store.base import table_of
from workflows.store.tables import Outbox

_OUTBOX = table_of(Outbox)
# Longer than any attempt takes: who claimed a row and died lets others have it.
_CLAIMED_FOR = timedelta(minutes=10)
_FIRST_DELAY, _LONGEST_DELAY = timedelta(minutes=1), timedelta(hours=6)
_LONGEST_PROBLEM = 200
_KEPT_FOR = timedelta(days=30)


def put(
    session: Session,
    now: datetime,
    kind: str,
    target: str,
    body: Mapping[str, str],
    case_id: str | None = None,
) -> None:
    """Let something leave after this transaction; ``target`` is for whom."""
    session.add(Outbox(kind=kind, target=target, case_id=case_id, body=dict(body), created_at=now))
    session.flush()


def claim(
    session: Session, kind: str, now: datetime, limit: int, target: str | None = None
) -> Sequence[Any]:
    """Claim what is to be tried now, oldest first; nobody else gets it for a while."""
    for_whom = true() if target is None else _OUTBOX.c.target == target
    statement = (
        select(_OUTBOX)
        .where(_OUTBOX.c.kind == kind, for_whom, waits(), _is_due(now))
        .order_by(_OUTBOX.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = session.connection().execute(statement).all()
    _write(session, [row.id for row in rows], retry_at=now + _CLAIMED_FOR)
    return rows


def mark_sent(session: Session, row_id: int, now: datetime) -> None:
    """Note that something has left."""
    _write(session, [row_id], sent_at=now, problem="")


def release(session: Session, ids: Sequence[int]) -> None:
    """Let go of what was claimed and not tried."""
    _write(session, ids, retry_at=None)


def delay_after(failures: int) -> timedelta:
    """Say how long to wait after so many failures in a row: 1, 4, 16 minutes, up to 6 hours."""
    growth: int = 4 ** min(failures - 1, 10)
    return min(_FIRST_DELAY * growth, _LONGEST_DELAY)


def mark_failed(session: Session, row: Any, now: datetime, problem: str) -> None:
    """Note why something did not leave, and put the next attempt off for longer each time."""
    attempts: int = row.attempts + 1
    _write(
        session,
        [row.id],
        attempts=attempts,
        retry_at=now + delay_after(attempts),
        problem=problem[:_LONGEST_PROBLEM],
    )


def drop(session: Session, row_id: int, now: datetime, problem: str) -> None:
    """Give up what nobody needs any more."""
    _write(session, [row_id], given_up_at=now, problem=problem)


def try_now(session: Session, kind: str, target: str) -> None:
    """Let everything that waits for somebody be tried with the next run."""
    is_his = (_OUTBOX.c.kind == kind) & (_OUTBOX.c.target == target)
    session.connection().execute(update(_OUTBOX).where(is_his, waits()).values(retry_at=None))


def forget_sent(session: Session, kind: str, now: datetime) -> None:
    """Delete what left a month ago or was given up then; it is no record."""
    before = now - _KEPT_FOR
    is_old = or_(_OUTBOX.c.sent_at < before, _OUTBOX.c.given_up_at < before)
    session.connection().execute(delete(_OUTBOX).where(_OUTBOX.c.kind == kind, is_old))


def has_failing(session: Session, kind: str) -> bool:
    """Say whether something of a kind waits that failed before."""
    statement = select(func.count()).where(_OUTBOX.c.kind == kind, waits(), _OUTBOX.c.attempts > 0)
    return bool(session.connection().execute(statement).scalar_one())


def waits() -> ColumnElement[bool]:
    """Say of a row whether it is still to leave: neither sent nor given up."""
    return _OUTBOX.c.sent_at.is_(None) & _OUTBOX.c.given_up_at.is_(None)


def _is_due(now: datetime) -> ColumnElement[bool]:
    return or_(_OUTBOX.c.retry_at.is_(None), _OUTBOX.c.retry_at <= now)


def _write(session: Session, ids: Sequence[int], **values: Any) -> None:
    if ids:
        statement = update(_OUTBOX).where(_OUTBOX.c.id.in_(ids)).values(**values)
        session.connection().execute(statement)
