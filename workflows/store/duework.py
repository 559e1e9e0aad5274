"""What is due and not done: found by rows, claimed by locks, never by a window of time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select, tuple_, update
from sqlalchemy.orm import Session

from workflows.store.base import table_of
from workflows.store.scope import require_scope
from workflows.store.tables import Case, Clock

_CLOCK = table_of(Clock)
_CASE = table_of(Case)
ATTEMPTS = 5
_FIRST_DELAY = timedelta(minutes=1)


def _due(now: datetime) -> Any:
    """Say in SQL what `workflows.domain.clocks.is_overdue` says in Python."""
    return and_(_CLOCK.c.state == "running", _CLOCK.c.due_at <= now)


def due_clocks(
    session: Session, now: datetime, limit: int, after: tuple[datetime, int] | None = None
) -> Sequence[Any]:
    """Find due clocks, oldest first, whoever holds their cases: `id`, `case_id`, `due_at`.

    A clock that failed waits for its retry; one that failed too often waits for a person.
    """
    statement = (
        select(_CLOCK.c.id, _CLOCK.c.case_id, _CLOCK.c.due_at)
        .where(*_to_fire(now))
        .order_by(_CLOCK.c.due_at, _CLOCK.c.id)
        .limit(limit)
    )
    if after is not None:
        # One comparison of both, which the index serves.
        statement = statement.where(tuple_(_CLOCK.c.due_at, _CLOCK.c.id) > tuple_(*after))
    return require_scope(session).execute(statement).all()


def claim_clocks(session: Session, now: datetime, ids: Sequence[int]) -> Sequence[Any]:
    """Claim the cases of those clocks that are still due and that nobody else holds.

    Returns:
        The clocks in the order of their cases, those of one case oldest first.
    """
    statement = (
        select(_CLOCK.c.id, _CLOCK.c.case_id, _CLOCK.c.path, _CLOCK.c.n, _CLOCK.c.due_at)
        .join(_CASE, _CASE.c.id == _CLOCK.c.case_id)
        .where(_CLOCK.c.id.in_(ids), _CASE.c.state == "open", *_to_fire(now))
        .order_by(_CLOCK.c.case_id, _CLOCK.c.due_at, _CLOCK.c.id)
    )
    if session.get_bind().dialect.name == "postgresql":
        statement = statement.with_for_update(of=_CASE, skip_locked=True)
    return require_scope(session).execute(statement).all()


def count_due(session: Session, now: datetime) -> int:
    """Count the clocks that are due, those that wait for a retry or a person among them."""
    statement = select(func.count()).select_from(_CLOCK).where(_due(now))
    count: int = require_scope(session).execute(statement).scalar_one()
    return count


def oldest_due(session: Session, now: datetime) -> datetime | None:
    """Give since when the first clock waits that a sweep will fire; None where nothing is due."""
    statement = (
        select(_CLOCK.c.due_at)
        .join(_CASE, _CASE.c.id == _CLOCK.c.case_id)
        .where(_CASE.c.state == "open", *_to_fire(now))
        .order_by(_CLOCK.c.due_at, _CLOCK.c.id)
        .limit(1)
    )
    due_at: datetime | None = require_scope(session).execute(statement).scalar_one_or_none()
    return due_at


def _to_fire(now: datetime) -> tuple[Any, ...]:
    return (
        _due(now),
        _CLOCK.c.attempts < ATTEMPTS,
        or_(_CLOCK.c.retry_at.is_(None), _CLOCK.c.retry_at <= now),
    )


def note_failure(session: Session, row_id: int, now: datetime) -> int:
    """Count a failed firing, put the next attempt off for longer each time, give the count."""
    connection = require_scope(session)
    attempts: int = connection.execute(
        select(_CLOCK.c.attempts + 1).where(_CLOCK.c.id == row_id)
    ).scalar_one()
    retry_at = now + _FIRST_DELAY * 4 ** (attempts - 1)
    connection.execute(
        update(_CLOCK).where(_CLOCK.c.id == row_id).values(attempts=attempts, retry_at=retry_at)
    )
    return attempts


def forget_failures(session: Session, case_id: str, path: str, n: int) -> None:
    """Let a clock that failed be fired again at once."""
    this = (_CLOCK.c.case_id == case_id, _CLOCK.c.path == path, _CLOCK.c.n == n)
    statement = update(_CLOCK).where(*this).values(attempts=0, retry_at=None)
    require_scope(session).execute(statement)
