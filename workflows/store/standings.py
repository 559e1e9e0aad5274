"""How many open tasks and cases of organisations stand where, counted inside the database.

These statements walk through one index each, in its order, and read no row: what the scope
lets somebody see is said in the shortest words that are true for the place, since a condition
on a column outside the index would send SQLite to every row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session

from workflows.store.base import table_of
from workflows.store.scope import Scope, require_scope, scope_of, within
from workflows.store.tables import Case, Clock, Task

_TASK, _CASE, _CLOCK = table_of(Task), table_of(Case), table_of(Clock)
# As they stand in the partial indexes: with a parameter those would not serve.
_IS_OPEN = _TASK.c.state == literal_column("'open'")
_IS_LIVE = _CASE.c.state.not_in((literal_column("'ended'"), literal_column("'merged'")))
# Persons' cases stand on the rungs above; a rung that is none is the ground.
_RUNGS = (None, 0, 1, 2, 3, 4)
_AT_ONCE = 500


class StandingRow(NamedTuple):
    """So many open tasks at a place, at a step of the diagrams (its path), on a rung."""

    org_path: str
    path: str
    rung: int
    number: int
    overdue: int


def open_tasks_by_step(session: Session, path: str, today: date) -> Iterator[StandingRow]:
    """Count open tasks of organisations' cases below a place; paused ones are never overdue.

    Raises:
        ScopeMissing: The session carries no scope.
    """
    connection = require_scope(session)
    paused = _paused_overdue(session, path, today)
    late = and_(not_(_TASK.c.is_milestone), _TASK.c.due_on < today)
    for rung in _RUNGS:
        statement = (
            select(
                _TASK.c.org_path,
                _TASK.c.path,
                func.count(),
                func.sum(case((late, 1), else_=0)),
            )
            .where(_IS_OPEN, _on_rung(rung), _seen(session, _TASK, _TASK.c.case_id, path))
            .group_by(_TASK.c.org_path, _TASK.c.path)
        )
        for org_path, where, number, overdue in connection.execute(statement):
            still = paused[org_path, where, rung]
            yield StandingRow(org_path, where, rung or 0, number, int(overdue) - still)


def _on_rung(rung: int | None) -> ColumnElement[bool]:
    return _TASK.c.rung.is_(None) if rung is None else _TASK.c.rung == rung


def _paused_overdue(
    session: Session, path: str, today: date
) -> Counter[tuple[str, str, int | None]]:
    """Count what would be overdue if its clock did not stand still; there are few."""
    connection = require_scope(session)
    clocks = select(_CLOCK.c.case_id, _CLOCK.c.due_of).where(
        _CLOCK.c.state == literal_column("'paused'"), _CLOCK.c.due_of.is_not(None)
    )
    paused = {(case_id, place) for case_id, place in connection.execute(clocks)}
    ids = sorted({case_id for case_id, _ in paused})
    found: Counter[tuple[str, str, int | None]] = Counter()
    for begin in range(0, len(ids), _AT_ONCE):
        statement = select(
            _TASK.c.case_id, _TASK.c.org_path, _TASK.c.path, _TASK.c.n, _TASK.c.rung
        ).where(
            _TASK.c.case_id.in_(ids[begin : begin + _AT_ONCE]),
            _IS_OPEN,
            not_(_TASK.c.is_milestone),
            _TASK.c.due_on < today,
            _seen(session, _TASK, _TASK.c.case_id, path),
        )
        for case_id, org_path, where, n, rung in connection.execute(statement):
            if (case_id, f"{where}#{n}") in paused:
                found[org_path, where, rung] += 1
    return found


def tasks_by_step_before(session: Session, path: str, before_at: datetime) -> Iterator[StandingRow]:
    """Count the tasks that were open before a moment; whether they were overdue is not known.

    What was merged since is counted with the matter that it is handled in, not here.
    """
    was_open = and_(
        _TASK.c.state.in_(("open", "closed")),
        _TASK.c.opened_at < before_at,
        or_(_TASK.c.closed_at.is_(None), _TASK.c.closed_at >= before_at),
    )
    statement = (
        select(_TASK.c.org_path, _TASK.c.path, _TASK.c.rung, func.count())
        .where(was_open, _seen(session, _TASK, _TASK.c.case_id, path))
        .group_by(_TASK.c.org_path, _TASK.c.path, _TASK.c.rung)
    )
    for org_path, where, rung, number in require_scope(session).execute(statement):
        yield StandingRow(org_path, where, rung or 0, number, 0)


class CaseRow(NamedTuple):
    """Cases that go on at a place: how many of each age, and how many past their term."""

    org_path: str
    of_age: tuple[int, ...]
    overdue: int


def cases_by_age(
    session: Session, path: str, opened_from: Sequence[datetime], before_at: datetime | None = None
) -> Iterator[CaseRow]:
    """Count organisations' cases that go on below a place, by their place and age.

    Past its term is a case of which a scope's term has run out while it goes on; of an
    earlier moment that is not known.

    Args:
        session: Carries the scope.
        path: The place.
        opened_from: From when cases of each age were opened, the youngest first; what was
            opened earlier is of one more age.
        before_at: Count those that went on before this moment; None for now.
    """
    opened, ended = _CASE.c.opened_at, _CASE.c.ended_at
    went_on: ColumnElement[bool] = _IS_LIVE
    if before_at is not None:
        is_later = or_(ended.is_(None), ended >= before_at)
        went_on = and_(_CASE.c.state != "merged", opened < before_at, is_later)
    younger = [func.sum(case((opened >= each, 1), else_=0)) for each in opened_from]
    statement = (
        select(_CASE.c.org_path, func.count(), func.count(_CASE.c.overdue_on), *younger)
        .where(went_on, _seen(session, _CASE, _CASE.c.id, path))
        .group_by(_CASE.c.org_path)
    )
    for org_path, number, overdue, *sums in require_scope(session).execute(statement):
        bounds = [0, *(int(each) for each in sums), number]
        of_age = tuple(b - a for a, b in pairwise(bounds))
        yield CaseRow(org_path, of_age, overdue)


def _seen(session: Session, table: Any, case_id: Any, path: str) -> ColumnElement[bool]:
    """Say which organisations' cases below a place the scope shows.

    Single cases that somebody works on elsewhere are no part of a place's numbers; those from
    which he is recused are not shown to him in numbers either.
    """
    scope = scope_of(session)
    here = and_(table.c.level == literal_column("'L1'"), within(table.c.org_path, (path,)))
    if not isinstance(scope, Scope):
        return here
    seen = true() if path.startswith(scope.paths) else within(table.c.org_path, scope.paths)
    closed = case_id.not_in(scope.closed_cases) if scope.closed_cases else true()
    return and_(here, seen, closed)
