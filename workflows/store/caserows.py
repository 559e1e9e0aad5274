"""The rows that a step writes, as Core statements that are built once.

Rows that end or get a date are parameters of their statement, so that those of one case,
and of many that a job has locked, are written alike. Each checks that the session carries
a scope; what it writes was read under that scope before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, insert, update
from sqlalchemy.orm import Session

from workflows.domain.errors import Conflict
from workflows.domain.steps import FactValue
from workflows.store.base import table_of, upsert_for
from workflows.store.many import RowUpdate, insert_many, update_many, upsert_many
from workflows.store.scope import require_scope
from workflows.store.tables import (
    Case,
    CaseFact,
    Clock,
    ClockPause,
    JournalPayload,
    JournalRecord,
    Marking,
    PersonEffect,
    Task,
)

_AS_TEXT = json.JSONEncoder(ensure_ascii=False).encode
_CASE = table_of(Case)
_FACT = table_of(CaseFact)
_TASK = table_of(Task)
_CLOCK = table_of(Clock)
_PAUSE = table_of(ClockPause)
# What a record changes in the row of its case, if it does; the rest it always writes.
CHANGING_COLUMNS = (
    "marking_hash",
    "state",
    "outcome",
    "rung",
    "due_on",
    "overdue_scope",
    "overdue_on",
    "awaited",
    "ended_at",
)
_CLOSE_TASK = RowUpdate(
    _TASK, {"id": "row_id"}, {"state": "new_state", "closed_at": "at", "closed_by": "by"}
)
_DATE_TASK = RowUpdate(_TASK, {"id": "row_id"}, {"due_on": "on", "due_at": "at"})
_END_CLOCK = RowUpdate(_CLOCK, {"id": "row_id"}, {"state": "new_state", "ended_seq": "seq"})
_ASSIGN_TASK = (
    update(_TASK)
    .where(_TASK.c.id == bindparam("row_id"))
    .values(claimant=bindparam("to"), office_id=bindparam("office"))
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
_INSERT_TASK_FOR_ID = insert(_TASK).returning(_TASK.c.path, _TASK.c.id)
_INSERT_CLOCK_FOR_ID = insert(_CLOCK).returning(_CLOCK.c.path, _CLOCK.c.id)
_KEEP_MARKING = {
    dialect: upsert_for(dialect, Marking).on_conflict_do_nothing(index_elements=["hash"])
    for dialect in ("postgresql", "sqlite")
}


def keep_marking(session: Session, marking_hash: str, body: str) -> None:
    """Store a marking unless it is there."""
    keep_markings(session, {marking_hash: body})


def keep_markings(session: Session, bodies: Mapping[str, str]) -> None:
    """Store markings that are not there yet, in an order in which two jobs never deadlock."""
    rows = [{"hash": name, "body": body} for name, body in sorted(bodies.items())]
    connection = session.connection()
    connection.execute(_KEEP_MARKING[connection.dialect.name], rows)


def insert_case(session: Session, values: Mapping[str, Any]) -> None:
    """Write a new case's row."""
    require_scope(session).execute(insert(_CASE), dict(values))


def update_cases(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the columns that each row names, if nobody wrote the case since ``seen_version``.

    SQLite takes a case out of each index on a column that is written and puts it in again,
    be the value the same: so rows name what changed, and those alike are written together.

    Raises:
        Conflict: Somebody did.
    """
    alike: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        alike.setdefault(tuple(row), []).append(row)
    for parameters, those in alike.items():
        if update_many(session, _update_of_cases(parameters), those) != len(those):
            raise Conflict(reason=f"{those[0]['case_id']} or another case was changed meanwhile")


@lru_cache(maxsize=128)
def _update_of_cases(parameters: tuple[str, ...]) -> RowUpdate:
    keys = {"id": "case_id", "version": "seen_version"}
    return RowUpdate(_CASE, keys, {name: name for name in parameters if name in _CASE.c})


def write_facts(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write facts that changed, each as ``fact_row`` gives it."""
    upsert_many(session, _FACT, ("case_id", "name"), rows)


def fact_row(case_id: str, name: str, value: FactValue) -> dict[str, str]:
    """Give a fact as its row."""
    return {"case_id": case_id, "name": name, "value": _AS_TEXT(value)}


def insert_tasks(session: Session, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Write tasks that one case opened and give their row ids by path."""
    return _insert_for_id(session, _INSERT_TASK_FOR_ID, rows)


def insert_tasks_of_many(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write tasks that many cases opened."""
    insert_many(session, _TASK, rows)


def close_tasks(
    session: Session, row_ids: Iterable[int], *, state: str, at: datetime, by: str
) -> None:
    """Mark tasks as ``closed``, ``withdrawn`` or ``cancelled``."""
    write_closed(session, [closed_row(row_id, state, at, by) for row_id in row_ids])


def closed_row(row_id: int, state: str, at: datetime, by: str) -> dict[str, Any]:
    """Give how a task ends, for ``write_closed``."""
    return {"row_id": row_id, "new_state": state, "at": at, "by": by}


def write_closed(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write how tasks end."""
    update_many(session, _CLOSE_TASK, rows)


def assign_task(
    session: Session, row_id: int, *, claimant: str | None, office_id: str | None
) -> None:
    """Write who has a task."""
    parameters = {"row_id": row_id, "to": claimant, "office": office_id}
    require_scope(session).execute(_ASSIGN_TASK, parameters)


def date_task(session: Session, row_id: int, due_on: date | None, due_at: datetime | None) -> None:
    """Write when a task is due."""
    write_dates(session, [{"row_id": row_id, "on": due_on, "at": due_at}])


def write_dates(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write when tasks are due: ``row_id``, ``on`` and ``at``."""
    update_many(session, _DATE_TASK, rows)


def insert_clocks(session: Session, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Write clocks that one case armed and give their row ids by path."""
    return _insert_for_id(session, _INSERT_CLOCK_FOR_ID, rows)


def insert_clocks_of_many(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write clocks that many cases armed."""
    insert_many(session, _CLOCK, rows)


def _insert_for_id(
    session: Session, statement: Any, rows: Sequence[Mapping[str, Any]]
) -> dict[str, int]:
    if not rows:
        return {}
    written = require_scope(session).execute(statement, [dict(row) for row in rows])
    return dict(written.all())


def end_clocks(session: Session, row_ids: Iterable[int], *, state: str, seq: int) -> None:
    """Mark clocks as ``fired`` or ``cancelled``."""
    write_ended(session, [ended_row(row_id, state, seq) for row_id in row_ids])


def ended_row(row_id: int, state: str, seq: int) -> dict[str, Any]:
    """Give how a clock ends, for ``write_ended``."""
    return {"row_id": row_id, "new_state": state, "seq": seq}


def write_ended(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write how clocks end."""
    update_many(session, _END_CLOCK, rows)


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


def insert_records(
    session: Session, records: Sequence[Mapping[str, Any]], payloads: Sequence[Mapping[str, Any]]
) -> None:
    """Append records with their sealed payloads."""
    insert_many(session, table_of(JournalRecord), records)
    insert_many(session, table_of(JournalPayload), payloads)
