"""Which index leads to the rows of a page, where the database cannot know it.

SQLite keeps no statistics. Asked for the first rows of a whole region it would gather and
sort them all, asked for those of one township it would walk through the region in order.
So it is told: where an index finds at most `FEW`, they are gathered by it and sorted;
else the rows are walked in the order of the page. PostgreSQL finds that out by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, select
from sqlalchemy.orm import Session

from workflows.store.base import Base, table_of
from workflows.store.scope import require_scope

FEW = 4_000


def short_way(
    session: Session,
    entity: type[Base],
    among: ColumnElement[bool],
    ways: Iterable[ColumnElement[bool]],
    few: int,
) -> ColumnElement[bool] | None:
    """Give the first of several conditions that few rows meet, else None.

    Args:
        session: Its scope is not asked: this is about the way, not about who may go it.
        entity: The table.
        among: What holds of all rows that are sought, as a partial index has it.
        ways: Conditions that an index serves and that all rows sought meet.
        few: Up to so many rows are better gathered and sorted.
    """
    if has_statistics(session):
        return None
    connection = require_scope(session)
    one: Select[Any] = select(literal_column("1")).select_from(table_of(entity)).where(among)
    for way in ways:
        if connection.execute(one.where(way).offset(few).limit(1)).first() is None:
            return way
    return None


def has_statistics(session: Session) -> bool:
    """Say whether the database knows by itself which way is short."""
    return session.get_bind().dialect.name != "sqlite"


def off_index(session: Session, column: Any) -> Any:
    """Write a text column so that SQLite takes no index for it."""
    return column if has_statistics(session) else func.coalesce(column, "")
