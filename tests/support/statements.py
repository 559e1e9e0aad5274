"""Statements compiled once in a test process, however many databases it opens."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

_kept: LRUCache[Any, Any] = LRUCache(5_000)


class _Alike:
    """Dialects of one kind that find what another of them compiled.

    Within a process they speak to one release of each database.
    """

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        """Let the engine keep what it compiles where all others do."""
        engine._compiled_cache = _kept


class SQLite(_Alike, SQLiteDialect_pysqlite):
    """SQLite by the driver of the standard library."""

    supports_statement_cache = True


class PostgreSQL(_Alike, PGDialect_psycopg):
    """PostgreSQL by psycopg."""

    supports_statement_cache = True


def compile_statements_once() -> None:
    """Give these dialects to all engines made from now on."""
    for name in ("sqlite", "sqlite.pysqlite"):
        registry.register(name, __name__, SQLite.__name__)
    registry.register("postgresql.psycopg", __name__, PostgreSQL.__name__)
