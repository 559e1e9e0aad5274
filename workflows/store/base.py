"""The declarative base, its naming of constraints and the column types of Duban."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar, cast

from sqlalchemy import JSON, Connection, DateTime, Dialect, MetaData, String, Table, TypeDecorator
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, registry

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

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware UTC moment; SQLite returns it without a zone."""
        if value is None or value.tzinfo is not None:
            return value if value is None else value.astimezone(UTC)
        return value.replace(tzinfo=UTC)


# Byte order on both databases, so that a subtree is a range of an index.
PathText = String(400).with_variant(String(400, collation="C"), "postgresql")
JsonValue = JSON().with_variant(JSONB(), "postgresql")


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
