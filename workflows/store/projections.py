"""Reading and mending the rows that are projections of the journal (DESIGN 6)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, delete, insert, select, union, update
from sqlalchemy.orm import Session

from workflows.store.base import Base, table_of
from workflows.store.scope import require_scope
from workflows.store.tables import Case, JournalRecord, Organisation

_CASE = table_of(Case)
_RECORD = table_of(JournalRecord)


def case_ids(session: Session, after: str, limit: int) -> list[str]:
    """Give the next ids of cases that have a row or a record, in order."""
    recorded = select(_RECORD.c.stream_id).where(
        _RECORD.c.seq == 1,
        _RECORD.c.stream_id > after,
        _RECORD.c.stream_id.startswith("c_", autoescape=True),
    )
    rows = select(_CASE.c.id).where(_CASE.c.id > after)
    # Each side by its own index, so that a batch costs what it holds, not all that is left.
    sides = (
        side.order_by(side.selected_columns[0]).limit(limit).subquery() for side in (recorded, rows)
    )
    statement = union(*(select(side.c[0].label("id")) for side in sides))
    return list(require_scope(session).execute(statement.order_by("id").limit(limit)).scalars())


def hold_case(session: Session, case_id: str) -> Row[Any] | None:
    """Lock a case's row, if it has one, so that its records and rows belong together."""
    connection = require_scope(session)
    statement = select(_CASE).where(_CASE.c.id == case_id)
    if connection.dialect.name == "postgresql":
        statement = statement.with_for_update()
    return connection.execute(statement).one_or_none()


def find_case(session: Session, case_id: str) -> Row[Any] | None:
    """Read a case's row, if it has one; in a snapshot its records and rows belong together."""
    statement = select(_CASE).where(_CASE.c.id == case_id)
    return require_scope(session).execute(statement).one_or_none()


def find_cases(session: Session, case_ids: Collection[str]) -> dict[str, Row[Any]]:
    """Read the rows of cases by id, of those that have one."""
    statement = select(_CASE).where(_CASE.c.id.in_(case_ids))
    return {row.id: row for row in require_scope(session).execute(statement)}


def paths_of(session: Session, organisation_ids: Collection[str]) -> dict[str, str]:
    """Read the paths of organisations."""
    table = table_of(Organisation)
    statement = select(table.c.id, table.c.path).where(table.c.id.in_(organisation_ids))
    return {row.id: row.path for row in require_scope(session).execute(statement)}


def insert_row(session: Session, entity: type[Base], values: Mapping[str, Any]) -> None:
    """Write a row."""
    require_scope(session).execute(insert(table_of(entity)), dict(values))


def update_case_row(session: Session, case_id: str, values: Mapping[str, Any]) -> None:
    """Write columns of a case's row."""
    statement = update(_CASE).where(_CASE.c.id == case_id).values(dict(values))
    require_scope(session).execute(statement)


def rows_of(session: Session, entity: type[Base], case_id: str) -> Sequence[Row[Any]]:
    """Read the rows of a case in a table, oldest first."""
    table = table_of(entity)
    order = table.c.get("id", table.c.case_id)
    statement = select(table).where(table.c.case_id == case_id).order_by(order)
    return require_scope(session).execute(statement).all()


def rows_of_all(
    session: Session, entity: type[Base], case_ids: Collection[str]
) -> dict[str, list[Row[Any]]]:
    """Read the rows of cases in a table by case, oldest first."""
    table = table_of(entity)
    order = table.c.get("id", table.c.case_id)
    statement = select(table).where(table.c.case_id.in_(case_ids)).order_by(order)
    found: dict[str, list[Row[Any]]] = {}
    for row in require_scope(session).execute(statement):
        found.setdefault(row.case_id, []).append(row)
    return found


def update_row(
    session: Session, entity: type[Base], row_id: int, values: Mapping[str, Any]
) -> None:
    """Write columns of a row."""
    table = table_of(entity)
    statement = update(table).where(table.c.id == row_id).values(dict(values))
    require_scope(session).execute(statement)


def delete_rows(session: Session, entity: type[Base], row_ids: Sequence[int]) -> None:
    """Delete rows by their ids."""
    if row_ids:
        table = table_of(entity)
        require_scope(session).execute(delete(table).where(table.c.id.in_(row_ids)))


def delete_rows_of(session: Session, entity: type[Base], case_id: str) -> None:
    """Delete all rows of a case in a table."""
    table = table_of(entity)
    require_scope(session).execute(delete(table).where(table.c.case_id == case_id))
