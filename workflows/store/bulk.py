"""Inserting very many rows at once: COPY or arrays on PostgreSQL, executemany on SQLite.

Raw statements pass by the scope's filter on selects, so tables whose rows belong
to a place in the tree take them only from a named job.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import islice
from typing import Any, cast

import psycopg
from psycopg import sql
from sqlalchemy import Dialect, String, Table, bindparam
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from workflows.domain.errors import Conflict
from workflows.store.base import Base, Scoped
from workflows.store.guards import APPEND_ONLY
from workflows.store.scope import ScopeMissing, SystemScope, scope_of

BATCH_ROWS = 5_000


def insert_rows(
    session: Session,
    entity: type[Base],
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    on_rows: Callable[[int], None] | None = None,
) -> int:
    """Insert rows of plain values in the order of `columns`, inside the session's transaction.

    Defaults of the model do not apply: name every column that may not be null.

    Args:
        session: An open session; its pending objects are flushed first.
        entity: The table's class.
        columns: The columns that each row fills.
        rows: Any iterable; it is read in batches and never kept whole.
        on_rows: Called after each batch with the number of rows in it.

    Returns:
        How many rows were inserted.

    Raises:
        Conflict: A row breaks a constraint; the transaction is lost.
    """
    table = _checked_table(session, entity)
    session.flush()
    write = hand_over_rows if session.get_bind().dialect.name == "postgresql" else _execute_many
    inserted = 0
    for batch in _batches(rows):
        write(session, table, columns, batch)
        inserted += len(batch)
        if on_rows is not None:
            on_rows(len(batch))
    return inserted


def update_rows(
    session: Session,
    entity: type[Base],
    key: str,
    rows: Iterable[Mapping[str, object]],
) -> int:
    """Update rows found by one unique column; all mappings have the same names, `key` too."""
    table = _checked_table(session, entity)
    session.flush()
    updated = 0
    for batch in _batches(rows):
        names = [name for name in batch[0] if name != key]
        statement = (
            table.update()
            .where(table.c[key] == bindparam("key_"))
            .values({name: bindparam(f"new_{name}") for name in names})
        )
        parameters = [
            {"key_": row[key], **{f"new_{name}": row[name] for name in names}} for row in batch
        ]
        session.connection().execute(statement, parameters)
        updated += len(batch)
    return updated


def _checked_table(session: Session, entity: type[Base]) -> Table:
    table = Base.metadata.tables[entity.__tablename__]
    if issubclass(entity, Scoped) and not isinstance(scope_of(session), SystemScope):
        raise ScopeMissing(table=table.name)
    return table


def _batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH_ROWS)):
        yield batch


def _execute_many(
    session: Session, table: Table, columns: Sequence[str], batch: list[Sequence[object]]
) -> None:
    connection = session.connection()
    insert = table.insert().values({name: bindparam(name) for name in columns})
    statement = insert.compile(dialect=connection.dialect, column_keys=list(columns))
    # The compiler sorts the columns as the table has them.
    order = [columns.index(name) for name in statement.positiontup or ()]
    connection.exec_driver_sql(
        str(statement), [tuple(_plain(row[at]) for at in order) for row in batch]
    )


def _plain(value: object) -> object:
    """Write moments and dates as SQLAlchemy's own types do on SQLite."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat() if isinstance(value, date) else value


def hand_over_rows(
    session: Session, table: Table, columns: Sequence[str], batch: Iterable[Sequence[object]]
) -> None:
    """Insert many rows at once, by what PostgreSQL alone has.

    Raises:
        Conflict: A row breaks a constraint.
    """
    # COPY is refused where row-level security guards a table.
    write = _insert_arrays if table.name in APPEND_ONLY else _copy_rows
    write(session, table, columns, batch)


def _insert_arrays(
    session: Session, table: Table, columns: Sequence[str], batch: Iterable[Sequence[object]]
) -> None:
    """Insert rows from an array for each column."""
    arrays = tuple(map(list, zip(*batch, strict=True)))
    connection = session.connection()
    statement = _insert_of_arrays(table, connection.dialect, tuple(columns))
    try:
        connection.exec_driver_sql(statement, arrays)
    except IntegrityError as error:
        raise Conflict(reason=str(error.orig)) from error


@lru_cache(maxsize=64)
def _insert_of_arrays(table: Table, dialect: Dialect, names: tuple[str, ...]) -> str:
    quoted = ", ".join(map(dialect.identifier_preparer.quote, names))
    # A cast to varchar(n) would cut what is too long; as text the column refuses it.
    types = (table.columns[name].type for name in names)
    texts = ("text" if isinstance(each, String) else each.compile(dialect) for each in types)
    arrays = ", ".join(f"%b::{each}[]" for each in texts)
    return f"INSERT INTO {table.name} ({quoted}) SELECT * FROM unnest({arrays})"  # noqa: S608


def _copy_rows(
    session: Session, table: Table, columns: Sequence[str], batch: Iterable[Sequence[object]]
) -> None:
    """Insert rows by COPY.

    Raises:
        Conflict: A row breaks a constraint.
        OperationalError: The database takes no rows, as for other statements.
    """
    driver = cast("psycopg.Connection", session.connection().connection.driver_connection)
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    try:
        with (
            driver.cursor() as cursor,
            cursor.copy(into) as copy,
        ):
            for row in batch:
                copy.write_row(row)
    except psycopg.IntegrityError as error:
        raise Conflict(reason=str(error)) from error
    except psycopg.OperationalError as error:
        # SQLAlchemy sees nothing of COPY, so its error for a full disk is made here.
        raise OperationalError(f"COPY {table.name}", None, error) from error
