"""Databases with Duban's schema: a template each, copied for every test."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine

from workflows.store.connection import open_engine
from workflows.store.database_roles import grant_rights
from workflows.store.schema import create_all

# Tests work as the application does: as a role that owns nothing where the schema is made.
ROLE = "duban"
OWNER = "duban_owner"


def make_schema(url: str, role: str | None = None) -> None:
    """Make Duban's schema in an empty database, for a role of PostgreSQL, and let go of it."""
    engine = open_engine(url)
    try:
        create_all(engine)
        if role is not None:
            with engine.begin() as connection:
                grant_rights(connection, role)
    finally:
        engine.dispose()


def make_sqlite_template(path: Path) -> Path:
    """Make an SQLite file with the schema that is whole without its write-ahead log."""
    make_schema(f"sqlite:///{path}")
    return flush_sqlite(path)


def flush_sqlite(path: Path) -> Path:
    """Make an SQLite file whole without its write-ahead log."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def copy_sqlite(template: Path, target: Path) -> str:
    """Copy a template and give the copy's address."""
    shutil.copyfile(template, target)
    return f"sqlite:///{target}"


@contextmanager
def as_owner(engine: Engine) -> Iterator[Connection]:
    """Reach an engine's database as somebody with the file, or as the owner of its tables."""
    is_file = engine.dialect.name == "sqlite"
    reached = create_engine(engine.url if is_file else engine.url.set(username=OWNER))
    try:
        with reached.begin() as connection:
            yield connection
    finally:
        reached.dispose()
