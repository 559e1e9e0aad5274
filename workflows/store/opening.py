"""Opening the database of an installation, or saying why that is not possible."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, make_url, select
from sqlalchemy.exc import DBAPIError

from workflows.store.connection import open_engine
from workflows.store.schema import (
    SchemaMissing,
    SchemaOlder,
    check_schema,
    is_empty,
    migrate,
)
from workflows.store.tables import Installation
from workflows.store.transaction import StorageFailed


def open_installation(url: str) -> Engine:
    """Open the database of an installation that is there already; makes no file.

    Raises:
        SchemaMissing: Nothing was installed there.
        SchemaNewer: A newer program made or changed it.
        StorageFailed: The database cannot be reached or is none.
    """
    if is_new(url):
        raise SchemaMissing
    engine = open_engine(url)
    if not check_schema(engine):
        migrate(engine)
    return engine


def open_for_reading(url: str) -> Engine:
    """Open the database of an installation so that it refuses to be written to.

    Raises:
        SchemaMissing: Nothing was installed there.
        SchemaOlder: An older program made it, and it was not brought up to date.
        SchemaNewer: A newer program made or changed it.
        StorageFailed: The database cannot be reached or is none.
    """
    if is_new(url):
        raise SchemaMissing
    engine = open_engine(url, read_only=True)
    if not check_schema(engine):
        engine.dispose()
        raise SchemaOlder
    return engine


def make_database(url: str) -> Engine:
    """Open a database and make its tables where it has none.

    Raises:
        StorageFailed: It cannot be reached, or another process makes them just now.
    """
    engine = open_engine(url)
    try:
        if is_empty(engine):
            migrate(engine)
    except DBAPIError as error:
        engine.dispose()
        raise StorageFailed(reason=str(error.orig).strip()) from error
    return engine


def is_new(url: str) -> bool:
    """Say whether no installation lives at an address yet.

    Raises:
        StorageFailed: The database cannot be reached or is none.
    """
    file = database_file(url)
    if file is not None and not file.exists():
        return True
    engine = open_engine(url)
    try:
        if is_empty(engine):
            return True
        with engine.connect() as connection:
            return connection.execute(select(Installation.id)).first() is None
    except DBAPIError as error:
        raise StorageFailed(reason=str(error.orig).strip()) from error
    finally:
        engine.dispose()


def database_file(url: str) -> Path | None:
    """Give the file of an SQLite database; None for one on a server."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite" or not address.database:
        return None
    return Path(address.database)
