"""Databases with Duban's schema: a template each, copied for every test."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from workflows.store.connection import open_engine
from workflows.store.schema import create_all


def make_schema(url: str) -> None:
    """Make Duban's schema in an empty database and let go of it."""
    engine = open_engine(url)
    try:
        create_all(engine)
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
