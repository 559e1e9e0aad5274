"""The statements of a step: lock a case, read where it stands, write what changed.

They are Core statements built once, because a sweep runs them by the thousand.
Each checks first that the session carries a scope; `lock_case` also applies it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Row, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from workflows.domain.errors import Conflict, NotFound
from workflows.domain.steps import FactValue
from workflows.store.base import table_of, upsert_for
from workflows.store.scope import SystemScope, require_scope, scope_of
from workflows.store.tables import (
    Case,
    CaseFact,
    Clock,
    ClockPause,
    JournalPayload,
    JournalRecord,
    Marking,
    Matter,
    PersonEffect,
    Task,
)

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
# Through the session, so that a person's scope applies; a named job needs no filter.
_LOCK = select(*(getattr(Case, column.name) for column in _CASE.columns), _OFFICE).where(
    Case.id == bindparam("case_id")
)
_LOCK_BY_JOB = select(*_CASE.columns, _OFFICE).where(_CASE.c.id == bindparam("case_id"))
_FACTS = select(_FACT.c.name, _FACT.c.value).where(_FACT.c.case_id == bindparam("case_id"))
_OPEN_TASKS = select(_TASK).where(_TASK.c.case_id == bindparam("case_id"), _TASK.c.state == "open")
_LIVE_CLOCKS = select(_CLOCK).where(
    _CLOCK.c.case_id == bindparam("case_id"), _CLOCK.c.state.in_(("running", "paused"))
)
_ENTERED_TASKS = (
    select(_TASK.c.path, func.max(_TASK.c.n))
    .where(
        _TASK.c.case_id == bindparam("case_id"),
        _TASK.c.path.in_(bindparam("paths", expanding=True)),
    )
    .group_by(_TASK.c.path)
)
_ENTERED_CLOCKS = (
    select(_CLOCK.c.path, func.max(_CLOCK.c.n))
    .where(
        _CLOCK.c.case_id == bindparam("case_id"),
        _CLOCK.c.path.in_(bindparam("paths", expanding=True)),
    )
    .group_by(_CLOCK.c.path)
)
_PAUSES = select(_PAUSE).where(_PAUSE.c.case_id == bindparam("case_id")).order_by(_PAUSE.c.id)
_MARKING_BODY = select(table_of(Marking).c.body).where(
    table_of(Marking).c.hash == bindparam("hash")
)
_UPDATE_CASE = (
    update(_CASE)
    .where(_CASE.c.id == bindparam("case_id"), _CASE.c.version == bindparam("seen_version"))
    .values(
        {
            column: bindparam(column)
            for column in (
                "marking_hash",
                "state",
                "outcome",
                "rung",
                "due_on",
                "overdue_scope",
                "overdue_on",
                "version",
                "head",
                "head_at",
                "awaited",
                "ended_at",
                "last_acted_at",
            )
        }
    )
)
_CLOSE_TASK = (
    update(_TASK)
    .where(_TASK.c.id == bindparam("row_id"))
    .values(state=bindparam("new_state"), closed_at=bindparam("at"), closed_by=bindparam("by"))
)
_ASSIGN_TASK = (
    update(_TASK)
    .where(_TASK.c.id == bindparam("row_id"))
    .values(claimant=bindparam("to"), office_id=bindparam("office"))
)
_DATE_TASK = (
    update(_TASK)
    .where(_TASK.c.id == bindparam("row_id"))
    .values(due_on=bindparam("on"), due_at=bindparam("at"))
)
_END_CLOCK = (
    update(_CLOCK)
    .where(_CLOCK.c.id == bindparam("row_id"))
    .values(state=bindparam("new_state"), ended_seq=bindparam("seq"))
)
_MOVE_CLOCK = (
    update(_CLOCK)
    .where(_CLOCK.c.id == bindparam("row_id"))
    .values(
        state=bindparam("new_state"),
        due_on=bindparam("on"),
        due_at=bindparam("at"),
        provisional=bindparam("is_provisional"),
        extension_days=bindparam("extended"),
        calendar=bindparam("by_calendar"),
    )
)
_INSERT_TASK = insert(_TASK).returning(_TASK.c.path, _TASK.c.id)
_INSERT_CLOCK = insert(_CLOCK).returning(_CLOCK.c.path, _CLOCK.c.id)
_INSERT_RECORD = insert(table_of(JournalRecord))
_INSERT_PAYLOAD = insert(table_of(JournalPayload))


def _upserts(dialect: str) -> tuple[Any, Any]:
    fact = upsert_for(dialect, CaseFact)
    fact = fact.on_conflict_do_update(
        index_elements=["case_id", "name"], set_={"value": fact.excluded.value}
    )
    marking = upsert_for(dialect, Marking).on_conflict_do_nothing(index_elements=["hash"])
    return fact, marking


_UPSERTS = {dialect: _upserts(dialect) for dialect in ("postgresql", "sqlite")}


def lock_case(session: Session, case_id: str) -> Row[Any]:
    """Lock a case that the session's scope can see and read it afresh, with ``matter_office``.

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


def read_facts(session: Session, case_id: str) -> dict[str, FactValue]:
    """Read what is known of a case; a fact that was never set is absent."""
    rows = require_scope(session).execute(_FACTS, {"case_id": case_id})
    return {name: json.loads(value) for name, value in rows}


def open_tasks(session: Session, case_id: str) -> Sequence[Row[Any]]:
    """Read the open tasks of a case."""
    return require_scope(session).execute(_OPEN_TASKS, {"case_id": case_id}).all()


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


def live_clocks(session: Session, case_id: str) -> Sequence[Row[Any]]:
    """Read the running and paused clocks of a case."""
    return require_scope(session).execute(_LIVE_CLOCKS, {"case_id": case_id}).all()


def pauses(session: Session, case_id: str) -> Sequence[Row[Any]]:
    """Read the pauses of all clocks of a case, oldest first."""
    return require_scope(session).execute(_PAUSES, {"case_id": case_id}).all()


def times_entered(
    session: Session, case_id: str, task_paths: Sequence[str], clock_paths: Sequence[str]
) -> tuple[dict[str, int], dict[str, int]]:
    """Count how often this case has entered each task and each clock so far."""
    connection = require_scope(session)
    tasks: dict[str, int] = {}
    clocks: dict[str, int] = {}
    if task_paths:
        rows = connection.execute(_ENTERED_TASKS, {"case_id": case_id, "paths": task_paths})
        tasks = dict(rows.all())
    if clock_paths:
        rows = connection.execute(_ENTERED_CLOCKS, {"case_id": case_id, "paths": clock_paths})
        clocks = dict(rows.all())
    return tasks, clocks


def terms_counted(session: Session, case_id: str, path: str, anchor_on: date) -> int:
    """Count the terms of a path from one anchor; a clock that runs again is one with the first."""
    statement = (
        select(func.count(_CLOCK.c.budget.distinct()))
        .select_from(_CLOCK)
        .where(_CLOCK.c.case_id == case_id, _CLOCK.c.path == path, _CLOCK.c.anchor_on == anchor_on)
    )
    count: int = require_scope(session).execute(statement).scalar_one()
    return count


def read_marking(session: Session, marking_hash: str) -> str:
    """Read the canonical text of a marking."""
    body: str = session.connection().execute(_MARKING_BODY, {"hash": marking_hash}).scalar_one()
    return body


def keep_marking(session: Session, marking_hash: str, body: str) -> None:
    """Store a marking unless it is there."""
    connection = session.connection()
    connection.execute(_UPSERTS[connection.dialect.name][1], {"hash": marking_hash, "body": body})


def insert_case(session: Session, values: Mapping[str, Any]) -> None:
    """Write a new case's row."""
    require_scope(session).execute(insert(_CASE), dict(values))


def update_case(
    session: Session, case_id: str, seen_version: int, values: Mapping[str, Any]
) -> None:
    """Write a case's columns, if nobody wrote it since it was read.

    Raises:
        Conflict: Somebody did.
    """
    parameters = {"case_id": case_id, "seen_version": seen_version, **values}
    if require_scope(session).execute(_UPDATE_CASE, parameters).rowcount != 1:
        raise Conflict(reason=f"case {case_id} was changed meanwhile")


def write_facts(session: Session, case_id: str, facts: Mapping[str, FactValue]) -> None:
    """Write facts that changed."""
    if facts:
        connection = require_scope(session)
        rows = [
            {"case_id": case_id, "name": name, "value": json.dumps(value, ensure_ascii=False)}
            for name, value in facts.items()
        ]
        connection.execute(_UPSERTS[connection.dialect.name][0], rows)


def insert_tasks(session: Session, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Write tasks that opened and give their row ids by path."""
    return _insert(session, _INSERT_TASK, rows)


def close_tasks(
    session: Session, row_ids: Iterable[int], *, state: str, at: datetime, by: str
) -> None:
    """Mark tasks as ``done`` or ``cancelled``."""
    rows = [{"row_id": row_id, "new_state": state, "at": at, "by": by} for row_id in row_ids]
    if rows:
        require_scope(session).execute(_CLOSE_TASK, rows)


def assign_task(
    session: Session, row_id: int, *, claimant: str | None, office_id: str | None
) -> None:
    """Write who has a task."""
    parameters = {"row_id": row_id, "to": claimant, "office": office_id}
    require_scope(session).execute(_ASSIGN_TASK, parameters)


def date_task(session: Session, row_id: int, due_on: date | None, due_at: datetime | None) -> None:
    """Write when a task is due."""
    require_scope(session).execute(_DATE_TASK, {"row_id": row_id, "on": due_on, "at": due_at})


def insert_clocks(session: Session, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Write clocks that were armed and give their row ids by path."""
    return _insert(session, _INSERT_CLOCK, rows)


def _insert(session: Session, statement: Any, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    if not rows:
        return {}
    written = require_scope(session).execute(statement, [dict(row) for row in rows])
    return dict(written.all())


def end_clocks(session: Session, row_ids: Iterable[int], *, state: str, seq: int) -> None:
    """Mark clocks as ``fired`` or ``cancelled``."""
    rows = [{"row_id": row_id, "new_state": state, "seq": seq} for row_id in row_ids]
    if rows:
        require_scope(session).execute(_END_CLOCK, rows)


def move_clock(
    session: Session,
    row_id: int,
    *,
    state: str,
    due_on: date,
    due_at: datetime,
    provisional: bool,
    extension_days: int,
    calendar: str,
) -> None:
    """Write a clock's new date, the calendar it was counted by, and whether it runs."""
    parameters = {
        "row_id": row_id,
        "new_state": state,
        "on": due_on,
        "at": due_at,
        "is_provisional": provisional,
        "extended": extension_days,
        "by_calendar": calendar,
    }
    require_scope(session).execute(_MOVE_CLOCK, parameters)


def insert_pause(session: Session, values: Mapping[str, Any]) -> None:
    """Write the start of a pause."""
    require_scope(session).execute(insert(_PAUSE), dict(values))


def insert_effect(session: Session, values: Mapping[str, Any]) -> None:
    """Write an effect of a measure on a person."""
    require_scope(session).execute(insert(table_of(PersonEffect)), dict(values))


def end_pauses(session: Session, case_id: str, path: str, n: int, to_on: date) -> None:
    """Write the last day of a clock's open pause."""
    statement = update(_PAUSE).where(
        _PAUSE.c.case_id == case_id,
        _PAUSE.c.path == path,
        _PAUSE.c.n == n,
        _PAUSE.c.to_on.is_(None),
    )
    require_scope(session).execute(statement.values(to_on=to_on))


def insert_record(session: Session, record: Mapping[str, Any], payload: Mapping[str, Any]) -> None:
    """Append a record with its sealed payload."""
    connection = session.connection()
    connection.execute(_INSERT_RECORD, dict(record))
    connection.execute(_INSERT_PAYLOAD, dict(payload))
