"""Opening the database of an installation, or saying why that is not possible."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, make_url
from sqlalchemy.exc import DBAPIError

from workflows.store.connection import open_engine
from workflows.store.schema import SchemaMissing, is_empty
from workflows.store.transaction import StorageFailed


def open_installation(url: str) -> Engine:
    """Open the database of an installation that is there already; makes no file.

    Raises:
        SchemaMissing: Nothing was installed there.
        StorageFailed: The database cannot be reached or is none.
    """
    if is_new(url):
        raise SchemaMissing
    return open_engine(url)


def is_new(url: str) -> bool:
    """Say whether no installation lives at an address yet.

    Raises:
        StorageFailed: The database cannot be reached or is none.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").exists():
        return True
    engine = open_engine(url)
    try:
        return is_empty(engine)
    except DBAPIError as error:
        raise StorageFailed(reason=str(error.orig).strip()) from error
    finally:
        engine.dispose()
