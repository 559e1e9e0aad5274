"""Making the schema, bringing it up to date, and saying which one a database has."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

from workflows.domain.errors import DubanError
from workflows.store.guards import guard_tables, lifted_guard
from workflows.store.tables import Base

_MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaNewer(DubanError):
    """The database has schema {found}, newer than {known}: update the program and serve again."""

    code: ClassVar[str] = "schema_newer"


class SchemaOlder(DubanError):
    """An older program made the database: start `duban serve` once, which brings it up to date."""

    code: ClassVar[str] = "schema_older"


class SchemaForOwner(DubanError):
    """The schema is older: set DUBAN_OWNER_DATABASE_URL for one start, so that it is updated."""

    code: ClassVar[str] = "schema_for_owner"


class SchemaMissing(DubanError):
    """The database holds no Duban installation: run `duban init` first."""

    code: ClassVar[str] = "schema_missing"


class SchemaUnknown(DubanError):
    """The database has tables but says no schema: it was made before the first release."""

    code: ClassVar[str] = "schema_unknown"


class SchemaDiffers(DubanError):
    """The database lacks {missing}, though it says the schema of this program; not yet released?"""

    code: ClassVar[str] = "schema_differs"


def create_all(engine: Engine) -> None:
    """Make all tables and the guards of the journal in an empty database, at once.

    The same as all revisions one after the other, which a test shows; faster for tests.
    """
    with engine.begin() as connection, lifted_guard(connection):
        Base.metadata.create_all(connection)
        guard_tables(connection)
        MigrationContext.configure(connection).stamp(_revisions(), "head")


def migrate(engine: Engine) -> None:
    """Bring an empty database, or one of an older program, to the schema of this one.

    All in one transaction: a revision that fails leaves the database as it was.

    Raises:
        SchemaNewer: A newer program made or changed it.
        SchemaUnknown: Its schema cannot be told.
    """
    with engine.begin() as connection, lifted_guard(connection):
        if "installation" in inspect(connection).get_table_names():
            _check(connection)
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def check_schema(engine: Engine) -> bool:
    """Make sure that this program knows the schema of a database.

    Returns:
        Whether it is the newest; an older one wants `migrate`.

    Raises:
        SchemaNewer: A newer program made or changed it.
        SchemaUnknown: Its schema cannot be told.
    """
    with engine.connect() as connection:
        return _check(connection) == known_schema()


def refuse_other_schema(engine: Engine) -> None:
    """Say what is the matter with the schema of a database, if anything is.

    Raises:
        SchemaOlder, SchemaNewer: Another program made or changed it.
        SchemaUnknown: Its schema cannot be told.
        SchemaDiffers: It says this program's schema and lacks some of it.
    """
    with engine.connect() as connection:
        if _check(connection) != known_schema():
            raise SchemaOlder
        refuse_missing_columns(connection)


def refuse_missing_columns(connection: Connection) -> None:
    """Refuse a database that lacks what this program reads, whatever schema it says.

    Raises:
        SchemaDiffers: Naming the first table or column.
    """
    found = inspect(connection).get_multi_columns()
    for table in Base.metadata.sorted_tables:
        columns = {each["name"] for each in found.get((table.schema, table.name), ())}
        for column in table.columns:
            if column.name not in columns:
                missing = f"{table.name}.{column.name}" if columns else table.name
                raise SchemaDiffers(missing=missing)


def known_schema() -> str:
    """Give the schema of this program."""
    return _revisions().get_current_head() or ""


def _check(connection: Connection) -> str:
    found = MigrationContext.configure(connection).get_current_revision()
    if found is None:
        raise SchemaUnknown
    if found not in {revision.revision for revision in _revisions().walk_revisions()}:
        raise SchemaNewer(found=found, known=known_schema())
    return found


def _revisions() -> ScriptDirectory:
    return ScriptDirectory(str(_MIGRATIONS))


def is_empty(engine: Engine) -> bool:
    """Say whether a database holds none of our tables."""
    return "installation" not in inspect(engine).get_table_names()
