"""The record against the application itself: its own connection can only add to it."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    String,
    event,
    inspect,
    text,
)
from sqlalchemy.exc import DBAPIError

from tests.support.casework import make_world
from tests.support.databases import OWNER, ROLE, as_owner, copy_sqlite
from workflows.audit.commitment import new_subject_key
from workflows.services.vault import Vault
from workflows.store.base import Base
from workflows.store.connection import open_engine, session_factory
from workflows.store.guards import APPEND_ONLY

only_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"])
only_postgresql = pytest.mark.parametrize(
    "database_kind", [pytest.param("postgresql", marks=pytest.mark.postgresql)]
)

ON_BOTH = [
    "UPDATE {table} SET {column} = NULL",
    "UPDATE {table} SET {column} = {column}",
    "DELETE FROM {table}",
    "DELETE FROM {table} WHERE {column} = (SELECT max({column}) FROM {table})",
    "INSERT INTO {table} SELECT * FROM {table}",
    "INSERT INTO {table} SELECT * FROM {table} WHERE true "
    "ON CONFLICT ({key}) DO UPDATE SET {column} = excluded.{column}",
    "DROP TABLE {table}",
    "ALTER TABLE {table} RENAME TO elsewhere",
    "ALTER TABLE {table} ADD COLUMN more text",
    "UPDATE {table} SET {column} = {column} WHERE false",
]
ON_SQLITE = [
    "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
    "REPLACE INTO {table} SELECT * FROM {table} LIMIT 1",
    "UPDATE OR REPLACE {table} SET {column} = 1",
    "DROP TRIGGER {table}_no_update",
    "DROP TRIGGER {table}_no_replace",
    "CREATE TRIGGER mine AFTER INSERT ON {table} BEGIN DELETE FROM {table}; END",
    "CREATE TEMP TRIGGER mine AFTER INSERT ON {table} BEGIN DELETE FROM {table}; END",
    "CREATE TEMP TABLE {table} ({column} TEXT)",
    "CREATE TEMP VIEW {table} AS SELECT 1 AS {column}",
    "CREATE INDEX mine ON {table} ({column})",
    "ALTER TABLE {table} DROP COLUMN {column}",
    "DELETE FROM sqlite_master WHERE name = '{table}_no_update'",
    "PRAGMA writable_schema = ON",
    "PRAGMA foreign_keys = OFF",
    "PRAGMA recursive_triggers = OFF",
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA query_only = OFF",
    "ATTACH DATABASE ':memory:' AS other",
    "VACUUM INTO 'elsewhere.sqlite3'",
    "SELECT load_extension('elsewhere')",
]
ON_POSTGRESQL = [
    "TRUNCATE {table}",
    "TRUNCATE {table} CASCADE",
    "DROP TABLE {table} CASCADE",
    "DROP TRIGGER {table}_append_only ON {table}",
    "DROP POLICY {table}_read ON {table}",
    "CREATE POLICY mine ON {table} FOR UPDATE USING (true)",
    "CREATE RULE mine AS ON INSERT TO {table} DO INSTEAD NOTHING",
    "CREATE TRIGGER mine BEFORE INSERT ON {table} "
    "FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
    f"ALTER TABLE {{table}} OWNER TO {ROLE}",
    "SET session_replication_role = replica",
    f"SET ROLE {OWNER}",
    f"SET SESSION AUTHORIZATION {OWNER}",
    f"GRANT {OWNER} TO {ROLE}",
    "CREATE OR REPLACE FUNCTION duban_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RETURN NEW; END $$",
    "DROP FUNCTION duban_append_only() CASCADE",
    "CREATE TABLE mine (n integer)",
    "CREATE TEMPORARY TABLE {table} (n integer)",
    "CREATE SCHEMA mine",
    "DO $$ BEGIN DELETE FROM {table}; END $$",
    "WITH gone AS (DELETE FROM {table} RETURNING 1) SELECT count(*) FROM gone",
    "MERGE INTO {table} t USING {table} s ON t.{column} = s.{column} WHEN MATCHED THEN DELETE",
    "SELECT * FROM {table} FOR UPDATE",
    "LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE NOWAIT; DELETE FROM {table}",
    "COPY {table} FROM PROGRAM 'true'",
]


def _aimed(attack: str, table: str) -> str:
    """Aim an attack at a table, its first key column and its whole key."""
    key = [f'"{column.name}"' for column in Base.metadata.tables[table].primary_key.columns]
    aimed = attack.replace("{table}", table).replace("{column}", key[0])
    return aimed.replace("{key}", ", ".join(key))


def _on_each_table(attack: str) -> list[str]:
    """Aim an attack at each table; what names none is one attack."""
    return list(dict.fromkeys(_aimed(attack, table) for table in APPEND_ONLY))


@pytest.fixture(scope="module")
def engines() -> Iterator[dict[str, Engine]]:
    opened: dict[str, Engine] = {}
    yield opened
    for engine in opened.values():
        engine.dispose()


@pytest.fixture
def engine(
    database_kind: str,
    engines: dict[str, Engine],
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Engine:
    """A database with a case, the same for all attacks: none of them changes anything."""
    if database_kind not in engines:
        if database_kind == "sqlite":
            template = request.getfixturevalue("sqlite_template")
            url = copy_sqlite(template, tmp_path_factory.mktemp("attacked") / "duban.sqlite3")
        else:
            url = request.getfixturevalue("postgresql").copy_template("append_only")
        engines[database_kind] = open_engine(url)
        _live_a_little(engines[database_kind])
    return engines[database_kind]


def _live_a_little(engine: Engine) -> None:
    world = make_world(session_factory(engine, Vault(new_subject_key()).session_marks()))
    world.complete(world.open_matter(), "accept", "承办", acceptance="accept")
    with engine.begin() as connection:
        for table in APPEND_ONLY:
            if not _rows(connection, table):
                columns = Base.metadata.tables[table].columns
                values = {each.name: _something(each.type) for each in columns}
                connection.execute(Base.metadata.tables[table].insert(), values)


def _something(kind: Any) -> Any:
    made = {Integer: 1, String: "x", LargeBinary: b"x", JSON: {}}
    found = (value for each, value in made.items() if isinstance(kind, each))
    return next(found, datetime(2026, 3, 10, tzinfo=UTC))


def _record(engine: Engine) -> dict[str, list[Any]]:
    with as_owner(engine) as connection:
        return {table: _rows(connection, table) for table in APPEND_ONLY}


def _rows(connection: Connection, table: str) -> list[Any]:
    chosen = Base.metadata.tables[table]
    statement = chosen.select().order_by(*chosen.primary_key.columns)
    return [tuple(row) for row in connection.execute(statement)]


def _attack(engine: Engine, attack: str) -> None:
    before = _record(engine)
    assert all(before.values())
    for statement in _on_each_table(attack):
        with engine.connect() as connection:
            # SQLite refuses some of it inside of a transaction, for another reason.
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("ROLLBACK")
            with pytest.raises(DBAPIError):
                connection.exec_driver_sql(statement)
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")
            connection.rollback()
    assert _record(engine) == before
    with engine.connect() as connection, pytest.raises(DBAPIError):
        connection.execute(text("UPDATE journal_record SET seq = seq + 1"))


@pytest.mark.parametrize("attack", ON_BOTH)
def test_the_application_cannot_change_the_record(engine: Engine, attack: str) -> None:
    _attack(engine, attack)


@only_sqlite
@pytest.mark.parametrize("attack", ON_SQLITE)
def test_the_application_cannot_take_the_guards_of_sqlite_off(engine: Engine, attack: str) -> None:
    _attack(engine, attack)


@only_postgresql
@pytest.mark.parametrize("attack", ON_POSTGRESQL)
def test_the_application_cannot_take_the_guards_of_postgresql_off(
    engine: Engine, attack: str
) -> None:
    _attack(engine, attack)


@only_postgresql
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_rights_cannot_be_handed_on(engine: Engine, table: str) -> None:
    rights = text("SELECT has_table_privilege(:table, 'UPDATE, DELETE, TRUNCATE, TRIGGER')")
    with engine.connect() as connection:
        # PostgreSQL only warns that nothing was granted.
        connection.execute(text(f"GRANT ALL ON {table} TO {ROLE}, PUBLIC"))
        assert connection.execute(rights, {"table": table}).scalar() is False
        connection.rollback()


@only_postgresql
@pytest.mark.parametrize(
    "attack", ["UPDATE {table} SET {column} = {column}", "DELETE FROM {table}", "TRUNCATE {table}"]
)
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_not_even_the_owner_changes_the_record_by_a_mere_statement(
    engine: Engine, table: str, attack: str
) -> None:
    before = _record(engine)
    with as_owner(engine) as connection:
        with pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text(_aimed(attack, table)))
        connection.rollback()
    assert _record(engine) == before


@only_postgresql
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_row_level_security_holds_the_owner_where_the_triggers_are_off(
    engine: Engine, table: str
) -> None:
    with as_owner(engine) as connection:
        connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        deleted = connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608
        assert deleted.rowcount == 0
        connection.rollback()


@only_sqlite
@pytest.mark.parametrize(
    "attack", ["PRAGMA query_only = OFF", "DROP TRIGGER journal_record_no_update", *ON_SQLITE[11:]]
)
def test_a_session_that_only_reads_is_guarded_too(engine: Engine, attack: str) -> None:
    reading = open_engine(str(engine.url), read_only=True)
    try:
        with reading.connect() as connection, pytest.raises(DBAPIError):
            connection.exec_driver_sql(_aimed(attack, "journal_record"))
    finally:
        reading.dispose()


@only_sqlite
@pytest.mark.parametrize("attack", [*ON_BOTH[:5], *ON_SQLITE[:3]])
def test_the_triggers_hold_a_connection_without_guard(engine: Engine, attack: str) -> None:
    """Somebody with the file and a shell of SQLite is refused as well, until he drops them."""
    before = _record(engine)
    shell = sqlite3.connect(engine.url.database or "")
    for statement in _on_each_table(attack):
        with pytest.raises(sqlite3.DatabaseError), shell:
            shell.execute(statement)
    shell.close()
    assert _record(engine) == before


def test_no_deletion_reaches_the_record(engine: Engine) -> None:
    """A case that is deleted takes no record along: the record hangs on no other row."""
    found = inspect(engine)
    names = found.get_table_names()
    assert set(APPEND_ONLY) < set(names)
    for name in names:
        for key in found.get_foreign_keys(name):
            assert not key["options"].get("ondelete")
            assert name not in APPEND_ONLY


def test_the_key_of_a_subject_can_be_deleted(engine: Engine) -> None:
    with engine.connect() as connection:
        assert connection.execute(text("DELETE FROM subject_key")).rowcount >= 2
        connection.rollback()


@only_sqlite
def test_a_prepared_statement_is_authorized_once(engine: Engine) -> None:
    asked: list[int] = []

    def ask(action: int, *_: object) -> int:
        asked.append(action)
        return sqlite3.SQLITE_OK

    def count(connection: Any, _record: object) -> None:
        connection.set_authorizer(ask)

    counted = open_engine(str(engine.url))
    event.listen(counted, "connect", count)
    with counted.connect() as connection:
        for _ in range(50):
            connection.execute(text("SELECT hash FROM journal_record WHERE seq = 1")).all()
    counted.dispose()
    assert 0 < len(asked) < 20
