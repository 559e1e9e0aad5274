"""What makes the record append-only in the database itself (AUDIT.md, Append-only)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Table, UniqueConstraint, text

from workflows.store.base import Base

# What is only ever added to; a table that joins them is guarded from its first revision on.
APPEND_ONLY = (
    "journal_record",
    "journal_payload",
    "log_leaf",
    "checkpoint",
    "sm3_checkpoint",
    "log_event",
)

_REFUSAL = "{table} is append-only"
# Pragmas that only tell something, or bind the connection more tightly.
_HARMLESS_PRAGMAS = frozenset(
    (
        "data_version",
        "database_list",
        "foreign_key_list",
        "index_info",
        "index_list",
        "index_xinfo",
        "page_count",
        "table_info",
        "table_list",
        "table_xinfo",
    )
)
_ALWAYS_ALLOWED = frozenset(
    (
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_RECURSIVE,
        sqlite3.SQLITE_SAVEPOINT,
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_TRANSACTION,
    )
)
_CHANGES = frozenset((sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE))
_OF_THE_SCHEMA = ("sqlite_", "alembic_version")


def guard_tables(connection: Connection, names: tuple[str, ...] = APPEND_ONLY) -> None:
    """Refuse UPDATE, DELETE and TRUNCATE, and INSERT over an existing key, on some tables.

    On PostgreSQL row-level security is forced too, so that not even their owner changes
    or removes a row while the triggers are off.
    """
    statements = _on_postgresql if connection.dialect.name == "postgresql" else _on_sqlite
    for name in names:
        for statement in statements(Base.metadata.tables[name]):
            connection.execute(text(statement))


def _on_postgresql(table: Table) -> Iterator[str]:
    name = table.name
    yield (
        "CREATE OR REPLACE FUNCTION duban_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    # For each statement: one that row-level security lets find no row is refused as well.
    yield (
        f"CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {name} "
        "FOR EACH STATEMENT EXECUTE FUNCTION duban_append_only()"
    )
    # Also in a session that passes for a replica.
    yield f"ALTER TABLE {name} ENABLE ALWAYS TRIGGER {name}_append_only"
    yield f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY"
    yield f"CREATE POLICY {name}_read ON {name} FOR SELECT USING (true)"
    yield f"CREATE POLICY {name}_append ON {name} FOR INSERT WITH CHECK (true)"


def _on_sqlite(table: Table) -> Iterator[str]:
    name = table.name
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL.format(table=name)}'); END"
    yield f"CREATE TRIGGER {name}_no_update BEFORE UPDATE ON {name} {refuse}"
    yield f"CREATE TRIGGER {name}_no_delete BEFORE DELETE ON {name} {refuse}"
    # INSERT OR REPLACE slips past the other two, by any of the table's keys.
    taken = " OR ".join(
        f"EXISTS (SELECT 1 FROM {name} WHERE "  # noqa: S608
        + " AND ".join(f'"{column}" = NEW."{column}"' for column in key)
        + ")"
        for key in _keys(table)
    )
    yield f"CREATE TRIGGER {name}_no_replace BEFORE INSERT ON {name} WHEN {taken} {refuse}"


def _keys(table: Table) -> list[list[str]]:
    unique = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    keys = [table.primary_key, *sorted(unique, key=lambda each: str(each.name))]
    return [[column.name for column in key.columns] for key in keys]


def guard_connection(connection: sqlite3.Connection) -> None:
    """Let a connection to SQLite do what the application does, and nothing else.

    SQLite asks when it prepares a statement: what is refused never begins.
    """
    connection.set_authorizer(_authorize)


@contextmanager
def lifted_guard(connection: Connection) -> Iterator[None]:
    """Let one connection change the schema for a while; PostgreSQL has a role for that."""
    driver: Any = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        yield
        return
    driver.set_authorizer(None)
    try:
        yield
    finally:
        guard_connection(driver)


def _authorize(
    action: int, first: str | None, second: str | None, _database: str | None, _by: str | None
) -> int:
    if action in _ALWAYS_ALLOWED:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION:
        return _verdict(second != "load_extension")
    if action == sqlite3.SQLITE_PRAGMA:
        is_tightening = first == "query_only" and second in ("ON", "1")
        return _verdict(first in _HARMLESS_PRAGMAS or is_tightening)
    if action in _CHANGES or action == sqlite3.SQLITE_INSERT:
        table = first or ""
        is_kept = action in _CHANGES and table in APPEND_ONLY
        return _verdict(not is_kept and not table.startswith(_OF_THE_SCHEMA))
    # Whatever makes, alters or drops something, attaches a file or loads a module.
    return sqlite3.SQLITE_DENY


def _verdict(is_allowed: bool) -> int:
    return sqlite3.SQLITE_OK if is_allowed else sqlite3.SQLITE_DENY
