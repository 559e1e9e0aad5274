"""The declarative base, its naming of constraints and the column types of Duban."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar, cast

from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC; naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn any aware moment into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Give back an aware UTC moment; SQLite keeps it as text without a zone."""
        if dialect.name == "sqlite":
            # One call a value: rows of cases are full of moments.
            return lambda text: text and datetime.fromisoformat(f"{text}+00:00")
        return lambda value: value and value.astimezone(UTC)


# Byte order on both databases, so that a subtree is a range of an index.
PathText = String(400).with_variant(String(400, collation="C"), "postgresql")
JsonValue = JSON().with_variant(JSONB(), "postgresql")


def _said(function: type[FunctionElement[Any]], dialect: str, template: str) -> None:
    """Say how a database writes a function of two values, which are {0} and {1}."""

    @compiles(function, dialect)
    def write(element: Any, compiler: SQLCompiler, **options: Any) -> str:
        return template.format(*(compiler.process(each, **options) for each in element.clauses))


class json_object_of(FunctionElement[str]):  # noqa: N801
    """Gather names and their JSON texts from many rows into the text of one object."""

    type = Text()
    inherit_cache = True


_said(json_object_of, "sqlite", "json_group_object({0}, json({1}))")
_said(json_object_of, "postgresql", "CAST(json_object_agg({0}, CAST({1} AS json)) AS text)")


class days_between(FunctionElement[int]):  # noqa: N801
    """Count the natural days from one date to another."""

    type = Integer()
    inherit_cache = True


_said(days_between, "sqlite", "CAST(julianday({1}) - julianday({0}) AS INTEGER)")
_said(days_between, "postgresql", "(CAST({1} AS date) - CAST({0} AS date))")


class Base(DeclarativeBase):
    """The root of all tables."""

    # One registry, because Flask-SQLAlchemy derives a class of its own from this one.
    registry: ClassVar[registry] = registry(
        metadata=MetaData(naming_convention=NAMING), type_annotation_map={datetime: UtcDateTime}
    )


def table_of(entity: type[Base]) -> Table:
    """Give the table of an entity, for Core statements."""
    return cast("Table", entity.__table__)


def upsert(connection: Connection, entity: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """Begin an insert that can say what to do on a conflict, on either database."""
    return upsert_for(connection.dialect.name, entity)


def upsert_for(dialect: str, entity: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """Begin an insert that can say what to do on a conflict, for a dialect by name."""
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return make(table_of(entity))


class Scoped:
    """A mixin of tables whose rows belong to a place in the organisation tree.

    A select on such a table through the session is filtered by the session's scope
    (workflows.store.scope); without one it is refused.
    """
