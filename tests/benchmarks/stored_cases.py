"""Cases that only stand there, by the million: rows for a sweep to be slow among.

A few real cases are multiplied inside the database, a statement a table. Rows, indexes and
sizes are those of real cases; the bytes of a record still name the case that they were
copied from, so nobody can step, open or verify the copies.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Connection, Insert, MetaData, String, Table, cast, select, text

from tests.benchmarks.bulk_cases import copy_cases
from tests.support.casework import World
from workflows.domain.ids import new_id
from workflows.store.base import Base, table_of
from workflows.store.guards import lifted_guard
from workflows.store.tables import (
    Case,
    CaseFact,
    Clock,
    JournalPayload,
    JournalRecord,
    Matter,
    Task,
)

MODELS = 200
_TABLES: tuple[type[Base], ...] = (
    Matter,
    Case,
    Task,
    Clock,
    CaseFact,
    JournalRecord,
    JournalPayload,
)
_FRESH = Table(
    "fresh_case",
    MetaData(),
    Column("model", String(28)),
    Column("matter", String(28)),
    Column("case", String(28)),
    Column("new_matter", String(28)),
    prefixes=["TEMPORARY"],
)


def store_cases(world: World, count: int) -> None:
    """Store at least so many cases, two or more, all just registered.

    Their due dates are spread over 60 days from now, so that none is due.
    """
    models = copy_cases(world, world.open_matter(), min(MODELS, count) - 1, spread=True)
    with world.transaction() as session, lifted_guard(session.connection()):
        connection = session.connection()
        if connection.dialect.name == "sqlite":
            # In KiB: what goes into the indexes at random is written to the disk once.
            connection.exec_driver_sql("PRAGMA cache_size=-1000000")
        _FRESH.create(connection)
        _name_copies(connection, models, count)
        for entity in _TABLES:
            connection.execute(_multiplied(table_of(entity)))
        _FRESH.drop(connection)
        if connection.dialect.name == "postgresql":
            connection.execute(text("ANALYZE"))


def _name_copies(connection: Connection, models: list[str], count: int) -> None:
    """Write down for each copy of which model it is and what ids it gets."""
    case = table_of(Case)
    statement = select(case.c.id, case.c.matter_id).where(case.c.id.in_(models))
    found = connection.execute(statement).all()
    for _ in range(0, count - len(models), len(models)):
        rows = [
            {"model": model, "matter": matter, "case": new_id("c"), "new_matter": new_id("m")}
            for model, matter in found
        ]
        connection.execute(_FRESH.insert(), rows)


def _multiplied(table: Table) -> Insert:
    """Copy the rows of the models under new ids, in no order but that of their making."""
    key = next(name for name in ("case_id", "stream_id", "id") if name in table.c)
    column = _FRESH.c.matter if table.name == "matter" else _FRESH.c.model
    taken = dict(_copied(table, key))
    rows = select(*taken.values()).join_from(_FRESH, table, table.c[key] == column)
    return table.insert().from_select(list(taken), rows)


def _copied(table: Table, key: str) -> Iterator[tuple[str, Any]]:
    new = _FRESH.c.new_matter if table.name == "matter" else _FRESH.c.case
    for each in table.columns:
        if each.name == key:
            yield each.name, new
        elif each.name == "matter_id":
            yield each.name, _FRESH.c.new_matter
        elif each.name == "number":
            yield each.name, cast(new, String)
        elif each.name != "id":
            yield each.name, each
