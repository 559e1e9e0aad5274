"""Whether anything was written, seen from the rows themselves."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from workflows.store.base import Base


def written_so_far(
    connection: Connection, but: Collection[str] = ()
) -> dict[str, tuple[object, ...]]:
    """Give for every table what no write leaves as it was: two are alike if nothing was written."""
    return {
        table.name: tuple(sorted(map(repr, connection.execute(table.select()))))
        for table in Base.metadata.sorted_tables
        if table.name not in but
    }
