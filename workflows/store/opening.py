"""Opening the database of an installation, or saying why that is not possible."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, make_url, select
from sqlalchemy.exc import DBAPIError

from workflows.store.connection import open_engine, open_scratch
from workflows.store.database_roles import (
    OwnerMissing,
    grant_rights,
    refuse_powerful_role,
    role_of,
)
from workflows.store.schema import (
    SchemaForOwner,
    SchemaMissing,
    SchemaOlder,
    check_schema,
    is_empty,
    migrate,
    refuse_missing_columns,
)
from workflows.store.tables import Installation
from workflows.store.transaction import StorageFailed


def open_installation(url: str, owner_url: str | None = None) -> Engine:
    """Open the database of an installation that is there already; makes no file.

    Args:
        url: Its address, with the role that the program works as.
        owner_url: The same database for the role that owns its tables, on PostgreSQL: it
            brings an older schema up to date, and does nothing else.

    Raises:
        SchemaMissing: Nothing was installed there.
        SchemaNewer: A newer program made or changed it.
        SchemaForOwner: An older one did, and only the owner may change it.
        SchemaDiffers: It lacks tables or columns of the schema that it says.
        RoleTooPowerful: On PostgreSQL this role could rewrite a real installation's record.
        StorageFailed: The database cannot be reached or is none.
    """
    if is_new(url):
        raise SchemaMissing
    engine = open_engine(url)
    try:
        if not check_schema(engine):
            bring_up_to_date(engine, owner_url)
        with engine.connect() as connection:
            refuse_missing_columns(connection)
        if _is_production(engine):
            refuse_powerful_role(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def bring_up_to_date(engine: Engine, owner_url: str | None = None) -> None:
    """Migrate a database whose schema an older program made.

    Raises:
        SchemaForOwner: On PostgreSQL only the owner of the tables may, and is not named.
    """
    if engine.dialect.name != "postgresql":
        migrate(engine)
    elif owner_url is not None:
        _migrate_as_owner(engine, owner_url)
    elif _is_production(engine):
        raise SchemaForOwner
    else:
        migrate(engine)


def _migrate_as_owner(engine: Engine, owner_url: str) -> None:
    """Make or change the schema as its owner, and give the program's role its rights."""
    owner = open_engine(owner_url)
    try:
        migrate(owner)
        with owner.begin() as connection:
            grant_rights(connection, role_of(engine))
    finally:
        owner.dispose()


def _is_production(engine: Engine) -> bool:
    with engine.connect() as connection:
        return connection.execute(select(Installation.mode)).scalar_one() == "production"


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


def make_database(
    url: str, owner_url: str | None = None, *, is_real: bool = False, is_scratch: bool = False
) -> Engine:
    """Open a database and make its tables where it has none.

    Args:
        url: Its address, with the role that the program works as.
        owner_url: On PostgreSQL the same database for the role that is to own the tables.
        is_real: Whether two roles are asked for on PostgreSQL; for a test or demo one may do.
        is_scratch: Whether it is an SQLite file that gets its name once it is whole.

    Raises:
        OwnerMissing: Two roles are asked for, and there is one.
        RoleTooPowerful: The program's role could rewrite the record.
        StorageFailed: It cannot be reached, or another process makes them just now.
    """
    engine = open_scratch(url) if is_scratch else open_engine(url)
    try:
        if is_real:
            _ask_for_two_roles(engine, owner_url)
        if is_empty(engine):
            _make_tables(engine, owner_url)
    except DBAPIError as error:
        engine.dispose()
        raise StorageFailed(reason=str(error.orig).strip()) from error
    except BaseException:
        engine.dispose()
        raise
    return engine


def _ask_for_two_roles(engine: Engine, owner_url: str | None) -> None:
    if engine.dialect.name != "postgresql":
        return
    role = role_of(engine)
    if owner_url is None:
        raise OwnerMissing(role=role)
    owner = open_engine(owner_url)
    try:
        if role_of(owner) == role:
            raise OwnerMissing(role=role)
    finally:
        owner.dispose()
    refuse_powerful_role(engine)


def _make_tables(engine: Engine, owner_url: str | None) -> None:
    if engine.dialect.name == "postgresql" and owner_url is not None:
        _migrate_as_owner(engine, owner_url)
    else:
        migrate(engine)


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
