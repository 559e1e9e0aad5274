"""Writing the rows of one case, or of very many, to one table.

A few rows go through Core. Many are prepared column by column and handed to the database
at once: COPY and JSON record sets on PostgreSQL, the driver's executemany on SQLite. What
is written is the same. Each function checks first that the session carries a scope, but
for a few records of the house.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeAlias

import orjson
from sqlalchemy import (
    Connection,
    Dialect,
    Insert,
    Table,
    TableValuedAlias,
    Text,
    Update,
    and_,
    bindparam,
    cast,
    column,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from workflows.store.bulk import hand_over_rows
from workflows.store.scope import require_scope

Rows: TypeAlias = Sequence[Mapping[str, Any]]
# House records are written before anybody has a scope: at the login.
_OF_THE_HOUSE = frozenset({"journal_record", "journal_payload"})
# From so many rows on it pays to prepare them together.
_MANY = 8


@dataclass(frozen=True)
class RowUpdate:
    """An update of rows found by a key; both mappings are of columns to parameters."""

    table: Table
    keys: Mapping[str, str]
    values: Mapping[str, str]

    __hash__ = object.__hash__

    def statement(self) -> Update:
        """Give it for one row."""
        columns = self.table.columns
        found = (columns[name] == bindparam(parameter) for name, parameter in self.keys.items())
        values: Any = {name: bindparam(parameter) for name, parameter in self.values.items()}
        return update(self.table).where(and_(*found)).values(values)

    def statement_of_many(self) -> Update:
        """Give it for a JSON array of rows, on PostgreSQL."""
        columns = self.table.columns
        rows = _record_set(self.table, [*self.keys.items(), *self.values.items()])
        found = (columns[name] == rows.c[parameter] for name, parameter in self.keys.items())
        values = {name: rows.c[parameter] for name, parameter in self.values.items()}
        return update(self.table).where(and_(*found)).values(values)


def insert_many(session: Session, table: Table, rows: Rows) -> None:
    """Insert rows; all name the same columns, those with defaults of the model too.

    Raises:
        Conflict, IntegrityError: A row breaks a constraint.
    """
    if len(rows) < _MANY:
        _through_core(session, _insert(table), rows)
    elif require_scope(session).dialect.name == "postgresql":
        columns = list(rows[0])
        hand_over_rows(session, table, columns, map(itemgetter(*columns), rows))
    else:
        _through_driver(session, _insert(table), rows)


def update_many(session: Session, change: RowUpdate, rows: Rows) -> int:
    """Update rows and give how many were found."""
    if len(rows) < _MANY:
        return _through_core(session, _update(change), rows)
    connection = require_scope(session)
    if connection.dialect.name == "postgresql":
        return _as_record_set(session, _update_of_many(change), rows)
    return _through_driver(session, _update(change), rows)


def upsert_many(session: Session, table: Table, keys: tuple[str, ...], rows: Rows) -> None:
    """Insert rows, or write the other columns of those that are there."""
    connection = require_scope(session)
    if len(rows) < _MANY:
        _through_core(session, _upsert(table, keys, connection.dialect.name), rows)
    elif connection.dialect.name == "postgresql":
        _as_record_set(session, _upsert_of_many(table, keys), rows)
    else:
        _through_driver(session, _upsert(table, keys, "sqlite"), rows)


@lru_cache(maxsize=64)
def _insert(table: Table) -> Insert:
    return insert(table)


@lru_cache(maxsize=256)
def _update(change: RowUpdate) -> Update:
    return change.statement()


@lru_cache(maxsize=256)
def _update_of_many(change: RowUpdate) -> Update:
    return change.statement_of_many()


@lru_cache(maxsize=64)
def _upsert(table: Table, keys: tuple[str, ...], dialect: str) -> Insert:
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return _replacing(make(table), keys)


@lru_cache(maxsize=64)
def _upsert_of_many(table: Table, keys: tuple[str, ...]) -> Insert:
    names = list(table.columns.keys())
    rows = _record_set(table, [(name, name) for name in names])
    return _replacing(postgresql.insert(table).from_select(names, select(rows)), keys)


def _replacing(statement: Any, keys: tuple[str, ...]) -> Insert:
    names = [each.name for each in statement.table.columns if each.name not in keys]
    written = {name: statement.excluded[name] for name in names}
    upserting: Insert = statement.on_conflict_do_update(index_elements=keys, set_=written)
    return upserting


def _record_set(table: Table, parameters: Iterable[tuple[str, str]]) -> TableValuedAlias:
    """Give a JSON array of rows as a table; each parameter has the type of its column."""
    typed = (column(each, table.columns[name].type) for name, each in parameters)
    array = cast(bindparam("rows", type_=Text), postgresql.JSON)
    rows = func.json_to_recordset(array).table_valued(*typed)
    return rows.render_derived(name="r", with_types=True)


def _through_core(session: Session, statement: Insert | Update, rows: Rows) -> int:
    if not rows:
        return 0
    parameters: Any = rows[0] if len(rows) == 1 else rows
    return _connection(session, statement).execute(statement, parameters).rowcount


def _connection(session: Session, statement: Insert | Update) -> Connection:
    """Give the connection; whoever comes in at the login has no scope and leaves a record."""
    if getattr(statement.table, "name", "") in _OF_THE_HOUSE:
        return session.connection()
    return require_scope(session)


def _as_record_set(session: Session, statement: Insert | Update, rows: Rows) -> int:
    body = orjson.dumps(rows).decode("utf-8")
    return require_scope(session).execute(statement, {"rows": body}).rowcount


def _through_driver(session: Session, statement: Insert | Update, rows: Rows) -> int:
    connection = require_scope(session)
    compiled = _compiled(statement, connection.dialect, tuple(rows[0]))
    return connection.exec_driver_sql(compiled.text, compiled.parameters(rows)).rowcount


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement as SQLite's driver takes it, and how values of its parameters are written."""

    text: str
    names: tuple[str, ...]
    writers: Mapping[str, Callable[[Any], Any]]

    def parameters(self, rows: Rows) -> list[tuple[Any, ...]]:
        """Write the values column by column."""
        columns = (self._column(name, [row[name] for row in rows]) for name in self.names)
        return list(zip(*columns, strict=True))

    def _column(self, name: str, values: list[Any]) -> Iterable[Any]:
        write = self.writers.get(name)
        if write is None:
            return values
        try:
            written = {value: write(value) for value in set(values)}
        except TypeError:  # a list, which a JSON column takes
            return map(write, values)
        return map(written.__getitem__, values)


@lru_cache(maxsize=256)
def _compiled(statement: Insert | Update, dialect: Dialect, names: tuple[str, ...]) -> _Compiled:
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(names))
    writers = {
        name: bind.type.dialect_impl(dialect).bind_processor(dialect)
        for name, bind in compiled.binds.items()
    }
    needed = {name: write for name, write in writers.items() if write is not None}
    return _Compiled(str(compiled), tuple(compiled.positiontup), needed)
