"""How large the database is."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

_POSTGRESQL = text("SELECT pg_database_size(current_database())")
_PARTS = ("", "-wal")


def database_size(session: Session) -> tuple[str, int]:
    """Give the kind of the database and its size in bytes; one in memory has none."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        return "postgresql", int(connection.execute(_POSTGRESQL).scalar_one())
    name = connection.engine.url.database or ""
    files = (Path(f"{name}{part}") for part in _PARTS)
    return "sqlite", sum(file.stat().st_size for file in files if name and file.is_file())
