"""The statements that a step begins with: lock cases, read where they stand.

They are Core statements built once, because a sweep runs them by the thousand. What is
read and written row by row takes the rows of one case, or of many that a job has locked.
Each checks first that the session carries a scope; `lock_case` also applies it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, TypeAlias, cast

import orjson
from sqlalchemy import Row, Select, Table, bindparam, func, select
from sqlalchemy.orm import Session

from workflows.domain.errors import NotFound
from workflows.domain.steps import FactValue
from workflows.store.base import json_object_of, table_of
from workflows.store.scope import SystemScope, require_scope, scope_of
from workflows.store.tables import (
    Case,
    CaseFact,
    Clock,
    ClockPause,
    Marking,
    Matter,
    SubjectKey,
    Task,
)

Counts: TypeAlias = dict[tuple[str, str], int]
Terms: TypeAlias = dict[tuple[str, str, date], int]
_CASE = table_of(Case)
_FACT = table_of(CaseFact)
_TASK = table_of(Task)
_CLOCK = table_of(Clock)
_PAUSE = table_of(ClockPause)
_OFFICE = (
    select(table_of(Matter).c.registering_office_id)
    .where(table_of(Matter).c.id == _CASE.c.matter_id)
    .scalar_subquery()
    .label("matter_office")
)
_KEY = (
    select(table_of(SubjectKey).c.id)
    .where(
        table_of(SubjectKey).c.subject_id
        == func.coalesce(_CASE.c.subject_person_id, _CASE.c.subject_organisation_id)
    )
    .scalar_subquery()
    .label("key_id")
)
# What a locked case is read with, in this order.
CASE_FIELDS = (*(column.name for column in _CASE.columns), "matter_office", "key_id")
# Through the session, so that a person's scope applies; a named job needs no filter.
_LOCK = select(*(getattr(Case, column.name) for column in _CASE.columns), _OFFICE, _KEY).where(
    Case.id == bindparam("case_id")
)
_LOCK_BY_JOB = select(*_CASE.columns, _OFFICE, _KEY).where(_CASE.c.id == bindparam("case_id"))
_CASES = select(*_CASE.columns, _OFFICE, _KEY).where(
    _CASE.c.id.in_(bindparam("case_ids", expanding=True))
)
_FACTS = (
    select(_FACT.c.case_id, json_object_of(_FACT.c.name, _FACT.c.value))
    .where(_FACT.c.case_id.in_(bindparam("case_ids", expanding=True)))
    .group_by(_FACT.c.case_id)
)
_OPEN_TASKS = select(_TASK).where(
    _TASK.c.case_id.in_(bindparam("case_ids", expanding=True)), _TASK.c.state.in_(("open", "held"))
)
_LIVE_CLOCKS = select(_CLOCK).where(
    _CLOCK.c.case_id.in_(bindparam("case_ids", expanding=True)),
    _CLOCK.c.state.in_(("running", "paused")),
)


def _entered(table: Table) -> Select[Any]:
    return (
        select(table.c.case_id, table.c.path, func.max(table.c.n))
        .where(
            table.c.case_id.in_(bindparam("case_ids", expanding=True)),
            table.c.path.in_(bindparam("paths", expanding=True)),
        )
        .group_by(table.c.case_id, table.c.path)
    )


_ENTERED_TASKS = _entered(_TASK)
_ENTERED_CLOCKS = _entered(_CLOCK)
_TERMS = (
    select(
        _CLOCK.c.case_id, _CLOCK.c.path, _CLOCK.c.anchor_on, func.count(_CLOCK.c.budget.distinct())
    )
    .where(
        _CLOCK.c.case_id.in_(bindparam("case_ids", expanding=True)),
        _CLOCK.c.path.in_(bindparam("paths", expanding=True)),
    )
    .group_by(_CLOCK.c.case_id, _CLOCK.c.path, _CLOCK.c.anchor_on)
)
_PAUSES = select(_PAUSE).where(_PAUSE.c.case_id == bindparam("case_id")).order_by(_PAUSE.c.id)
_MARKING_BODY = select(table_of(Marking).c.body).where(
    table_of(Marking).c.hash == bindparam("hash")
)


def lock_case(session: Session, case_id: str) -> Row[Any]:
    """Lock a case that the session's scope can see and read it afresh.

    With its columns come ``matter_office`` and the ``key_id`` of its subject.

    Raises:
        NotFound: There is no such case in the scope.
    """
    is_job = isinstance(scope_of(session), SystemScope)
    statement = _LOCK_BY_JOB if is_job else _LOCK
    if session.get_bind().dialect.name == "postgresql":
        statement = statement.with_for_update(of=_CASE)
    execute = session.connection().execute if is_job else session.execute
    row: Any = execute(statement, {"case_id": case_id}).one_or_none()
    if row is None:
        raise NotFound(what="case", key=case_id)
    return cast("Row[Any]", row)


def read_cases(session: Session, case_ids: Sequence[str]) -> Sequence[Row[Any]]:
    """Read cases that the session has locked, as `lock_case` gives them."""
    rows: Sequence[Any] = require_scope(session).execute(_CASES, {"case_ids": case_ids}).all()
    return rows


def read_facts(session: Session, case_id: str) -> dict[str, FactValue]:
    """Read what is known of a case; a fact that was never set is absent."""
    return read_all_facts(session, [case_id])[case_id]


def read_all_facts(session: Session, case_ids: Sequence[str]) -> dict[str, dict[str, FactValue]]:
    """Read what is known of each of many cases."""
    facts: dict[str, dict[str, FactValue]] = {case_id: {} for case_id in case_ids}
    found = require_scope(session).execute(_FACTS, {"case_ids": case_ids}).all()
    for case_id, known in found:
        facts[case_id] = orjson.loads(known)
    return facts


def open_tasks(session: Session, case_ids: Sequence[str]) -> Sequence[Row[Any]]:
    """Read the open tasks of cases, those of merged ones too."""
    return require_scope(session).execute(_OPEN_TASKS, {"case_ids": case_ids}).all()


def last_task(session: Session, case_id: str, activity: str) -> str | None:
    """Give the latest task of an activity as path#n, whether open or not."""
    statement = (
        select(_TASK.c.path, _TASK.c.n)
        .where(_TASK.c.case_id == case_id, _TASK.c.activity == activity)
        .order_by(_TASK.c.id.desc())
        .limit(1)
    )
    found = require_scope(session).execute(statement).one_or_none()
    return None if found is None else f"{found.path}#{found.n}"


def live_clocks(session: Session, case_ids: Sequence[str]) -> Sequence[Row[Any]]:
    """Read the running and paused clocks of cases."""
    return require_scope(session).execute(_LIVE_CLOCKS, {"case_ids": case_ids}).all()


def pauses(session: Session, case_id: str) -> Sequence[Row[Any]]:
    """Read the pauses of all clocks of a case, oldest first."""
    return require_scope(session).execute(_PAUSES, {"case_id": case_id}).all()


def times_entered(
    session: Session,
    case_ids: Sequence[str],
    task_paths: Collection[str],
    clock_paths: Collection[str],
) -> tuple[Counts, Counts]:
    """Count how often each case has entered each task and each clock so far."""
    connection = require_scope(session)

    def counted(statement: Select[Any], paths: Collection[str]) -> Counts:
        if not paths:
            return {}
        rows = connection.execute(statement, {"case_ids": list(case_ids), "paths": list(paths)})
        return {(case_id, path): n for case_id, path, n in rows}

    return counted(_ENTERED_TASKS, task_paths), counted(_ENTERED_CLOCKS, clock_paths)


def terms_counted(session: Session, case_ids: Sequence[str], paths: Collection[str]) -> Terms:
    """Count each case's terms of a path by their anchor.

    A clock that runs again is one with the first.
    """
    if not paths:
        return {}
    parameters = {"case_ids": list(case_ids), "paths": list(paths)}
    rows = require_scope(session).execute(_TERMS, parameters)
    return {(case_id, path, anchor_on): count for case_id, path, anchor_on, count in rows}


def read_marking(session: Session, marking_hash: str) -> str:
    """Read the canonical text of a marking."""
    body: str = session.connection().execute(_MARKING_BODY, {"hash": marking_hash}).scalar_one()
    return body
