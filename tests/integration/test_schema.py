"""What migrations make is what the tables say, and a newer schema is refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, select, text

from tests.support.databases import as_owner
from workflows.store.base import Base, table_of
from workflows.store.connection import open_engine, session_factory
from workflows.store.guards import APPEND_ONLY
from workflows.store.opening import make_database, open_installation
from workflows.store.schema import (
    SchemaDiffers,
    SchemaMissing,
    SchemaNewer,
    SchemaUnknown,
    check_schema,
    known_schema,
    migrate,
    refuse_missing_columns,
)
from workflows.store.tables import FollowUp
from workflows.store.transaction import transaction, trial


@pytest.fixture
def migrated(empty_database_url: str) -> Iterator[Engine]:
    engine = open_engine(empty_database_url)
    migrate(engine)
    yield engine
    engine.dispose()


def _schema(engine: Engine) -> dict[str, Any]:
    """Describe every table in full, in an order of its own."""
    found = inspect(engine)
    tables = {}
    for name in found.get_table_names():
        columns = [(c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(name)]
        parts = [
            found.get_foreign_keys(name),
            found.get_indexes(name),
            found.get_unique_constraints(name),
            found.get_check_constraints(name),
        ]
        tables[name] = (
            sorted(columns),
            found.get_pk_constraint(name),
            [sorted(map(_plain, part)) for part in parts],
        )
    return {"tables": tables, "triggers": _triggers(engine)}


def _plain(part: Any) -> str:
    """Write a key or index; what a partial index is about is a clause, not a text."""
    options = part.get("dialect_options", {})
    return repr({**part, "dialect_options": {name: str(options[name]) for name in options}})


def _triggers(engine: Engine) -> list[Any]:
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
    if engine.dialect.name == "postgresql":
        query = (
            "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger "
            "WHERE NOT tgisinternal ORDER BY tgname"
        )
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_migrations_make_exactly_the_tables_schema(migrated: Engine, engine: Engine) -> None:
    assert _schema(migrated) == _schema(engine)
    each = 1 if engine.dialect.name == "postgresql" else 3
    assert len(_schema(engine)["triggers"]) == each * len(APPEND_ONLY)


def test_nothing_is_left_to_migrate(migrated: Engine) -> None:
    with migrated.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    assert check_schema(migrated)
    migrate(migrated)


def test_database_of_a_newer_schema_is_refused(database_url: str, engine: Engine) -> None:
    with as_owner(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for open_it in (check_schema, migrate):
        with pytest.raises(SchemaNewer) as caught:
            open_it(engine)
        assert str(caught.value) == (
            f"The database has schema 9999, newer than {known_schema()}: "
            "update the program and serve again."
        )


def test_what_reads_tables_of_another_schema_says_which_and_speaks_of_no_disk(
    database_url: str, engine: Engine
) -> None:
    with as_owner(engine) as connection:
        connection.execute(text("ALTER TABLE follow_up DROP COLUMN note"))
    sessions = session_factory(engine)
    for said in (SchemaDiffers, SchemaNewer):
        for looking in (transaction, trial):
            with pytest.raises(said), looking(sessions) as session:
                session.execute(select(table_of(FollowUp)))
        with as_owner(engine) as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with as_owner(engine) as connection:
        connection.execute(
            text("UPDATE alembic_version SET version_num = :known"), {"known": known_schema()}
        )
    with engine.connect() as connection, pytest.raises(SchemaDiffers) as caught:
        refuse_missing_columns(connection)
    assert "follow_up.note" in str(caught.value)


def test_database_that_says_no_schema_is_refused(engine: Engine) -> None:
    with as_owner(engine) as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    with pytest.raises(SchemaUnknown):
        check_schema(engine)


def test_opening_what_was_never_installed_makes_no_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'nothing.sqlite3'}"
    with pytest.raises(SchemaMissing):
        open_installation(url)
    assert not (tmp_path / "nothing.sqlite3").exists()


def test_a_new_database_has_the_newest_schema(empty_database_url: str) -> None:
    engine = make_database(empty_database_url)
    try:
        assert check_schema(engine)
    finally:
        engine.dispose()
