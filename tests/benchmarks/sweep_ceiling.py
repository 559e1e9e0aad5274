"""The set-based ceiling of a sweep: what a database can do at best with what a sweep writes.

A copy of the database is swept first. What the sweep wrote is laid beside another copy,
rows and record bytes as they are, in tables of its own; only then the clock starts, and
each table is written by one INSERT … SELECT or UPDATE of the same columns, all in one
transaction. No program computes, seals or chains anything in between.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Engine,
    MetaData,
    Select,
    Table,
    and_,
    select,
    text,
    true,
    update,
)

from workflows.store.base import table_of, upsert_for
from workflows.store.connection import open_engine
from workflows.store.guards import lifted_guard
from workflows.store.tables import (
    Case,
    CaseFact,
    Clock,
    JournalPayload,
    JournalRecord,
    Marking,
    Task,
)

BATCH = 5_000
_CASE = table_of(Case)
# Those that an expired term changes; the sweep writes no others, and each costs its indexes.
_CASE_COLUMNS = (
    "marking_hash",
    "due_on",
    "overdue_scope",
    "overdue_on",
    "version",
    "head",
    "head_at",
    "last_acted_at",
)


@dataclass(frozen=True, slots=True)
class _Laid:
    """What a sweep wrote to one table, where it lies ready, and what writes it."""

    rows: Select[Any]
    ready: Table
    write: Any


def measure_ceiling(swept: str, other: str, now: datetime, clocks: int) -> float:
    """Write what a sweep of so many clocks wrote into another copy, and give the seconds."""
    source, target = open_engine(swept), open_engine(other)
    try:
        ready = MetaData()
        laid = list(_everything(now, ready, target.dialect.name))
        with target.begin() as connection, lifted_guard(connection):
            ready.create_all(connection)
        for each in laid:
            _lay(source, target, each)
        with target.begin() as connection, lifted_guard(connection):
            connection.execute(text("ANALYZE"))
        began = time.perf_counter()
        with target.begin() as connection:
            written = {each.ready.name: connection.execute(each.write).rowcount for each in laid}
        seconds = time.perf_counter() - began
    finally:
        source.dispose()
        target.dispose()
    if not written["laid_cases"] == written["laid_ended"] == clocks:
        raise RuntimeError(f"of {clocks} clocks the ceiling wrote {written}")
    return seconds


def _lay(source: Engine, target: Engine, laid: _Laid) -> None:
    with source.connect() as reading, target.begin() as writing:
        for rows in reading.execute(laid.rows).mappings().partitions(BATCH):
            writing.execute(laid.ready.insert(), [dict(row) for row in rows])


def _everything(now: datetime, ready: MetaData, dialect: str) -> Iterator[_Laid]:
    marking, fact = table_of(Marking), table_of(CaseFact)
    record, payload = table_of(JournalRecord), table_of(JournalPayload)
    task, clock = table_of(Task), table_of(Clock)

    def swept(table: Table, key: str, *conditions: ColumnElement[bool]) -> Select[Any]:
        on = and_(_CASE.c.id == table.c[key], _CASE.c.head_at == now)
        columns = [column for column in table.columns if column.name != "id"]
        return select(*columns).join_from(table, _CASE, on).where(*conditions)

    yield _upserted("marking", select(marking), marking, ("hash",), ready, dialect)
    for name, table in (("record", record), ("payload", payload)):
        rows = swept(table, "stream_id", table.c.seq == _CASE.c.version)
        yield _inserted(name, rows, table, ready)
    opened = swept(task, "case_id", task.c.opened_seq == _CASE.c.version)
    yield _inserted("opened", opened, task, ready)
    armed = swept(clock, "case_id", clock.c.armed_seq == _CASE.c.version)
    yield _inserted("armed", armed, clock, ready)
    # The one fact that the firing of an expired term writes: how often that was.
    facts = swept(fact, "case_id", fact.c.name == "expired_count")
    yield _upserted("facts", facts, fact, ("case_id", "name"), ready, dialect)
    ended = swept(clock, "case_id", clock.c.ended_seq == _CASE.c.version)
    yield _changed("ended", ended, clock, ("state", "ended_seq"), ready)
    closed = swept(task, "case_id", task.c.closed_at == now)
    yield _changed("closed", closed, task, ("state", "closed_at", "closed_by"), ready)
    cases = select(_CASE).where(_CASE.c.head_at == now)
    yield _changed("cases", cases, _CASE, _CASE_COLUMNS, ready)


def _ready(name: str, columns: Sequence[Any], ready: MetaData) -> Table:
    return Table(f"laid_{name}", ready, *(Column(each.name, each.type) for each in columns))


def _inserted(name: str, rows: Select[Any], table: Table, ready: MetaData) -> _Laid:
    columns = list(rows.selected_columns)
    lying = _ready(name, columns, ready)
    names = [each.name for each in columns]
    return _Laid(rows, lying, table.insert().from_select(names, select(lying)))


def _upserted(
    name: str,
    rows: Select[Any],
    table: Table,
    keys: tuple[str, ...],
    ready: MetaData,
    dialect: str,
) -> _Laid:
    lying = _ready(name, list(table.columns), ready)
    entity = Marking if name == "marking" else CaseFact
    names = [each.name for each in table.columns]
    # SQLite takes the conflict for a join without a condition.
    into: Any = upsert_for(dialect, entity).from_select(names, select(lying).where(true()))
    changed = {each: into.excluded[each] for each in names if each not in keys}
    if entity is Marking:
        return _Laid(rows, lying, into.on_conflict_do_nothing(index_elements=keys))
    return _Laid(rows, lying, into.on_conflict_do_update(index_elements=keys, set_=changed))


def _changed(
    name: str, rows: Select[Any], table: Table, columns: Sequence[str], ready: MetaData
) -> _Laid:
    names = ("id", *columns)
    rows = rows.with_only_columns(*(table.c[each] for each in names))
    lying = _ready(name, [table.c[each] for each in names], ready)
    found = [table.c.id == lying.c.id]
    if "version" in columns:
        # The version guards each case, as it does in a step.
        found.append(table.c.version == lying.c.version - 1)
    values: Any = {each: lying.c[each] for each in columns}
    return _Laid(rows, lying, update(table).values(values).where(*found))
