"""Whether anything was written, seen from the rows themselves."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from sqlalchemy import Connection, Table, select, text

from workflows.store.base import Base


def written_so_far(
    connection: Connection, but: Collection[str] = ()
) -> dict[str, tuple[object, ...]]:
    """Give for every table what no write leaves as it was: two are alike if nothing was written.

    The rows are taken as the driver gives them: nobody reads what is in them.
    """
    cursor = connection.connection.cursor()
    try:
        return {
            table.name: tuple(sorted(map(repr, cursor.execute(_all_of(table)))))
            for table in Base.metadata.sorted_tables
            if table.name not in but
        }
    finally:
        cursor.close()


@cache
def _all_of(table: Table) -> str:
    return str(select(text("*")).select_from(table))
