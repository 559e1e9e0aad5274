"""Engines for SQLite (one node) and PostgreSQL (many nodes), with Duban's settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, StaticPool, create_engine, event, make_url
from sqlalchemy.orm import Session, sessionmaker

from workflows.store.guards import guard_connection

BUSY_SECONDS = 30
# A page has some hundred statements; each that is forgotten is prepared and authorized anew.
_PREPARED_STATEMENTS = 512
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=30000",
    # In KiB. The 2 MB that SQLite takes by itself are written out in the middle of a sweep.
    "cache_size=-32000",
    # A statement that may fail half-way keeps the pages that it changes, as a savepoint does:
    # in memory. SQLite would otherwise write a file for them in nearly every transaction.
    "temp_store=MEMORY",
    # What is deleted is overwritten: an erased key leaves no bytes in the file.
    "secure_delete=ON",
)


def prepare_engine(engine: Engine) -> Engine:
    """Give an engine the settings that the case work relies on; idempotent on PostgreSQL.

    SQLite: WAL, full sync (what is acknowledged is stored), foreign keys, what is deleted
    is overwritten, and every
    transaction begins IMMEDIATE, so that a writer never learns late that it lost. What
    the application never does is refused (`workflows.store.guards`).
    """
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_immediate)
    return engine


def open_scratch(url: str) -> Engine:
    """Open an SQLite file that nobody sees until it is whole: no commit waits for the disk."""
    engine = create_engine(url, **engine_options(url))
    event.listen(engine, "connect", _set_up_scratch)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def engine_options(url: str) -> dict[str, Any]:
    """Give the options of `create_engine` for a database address."""
    if make_url(url).get_backend_name() == "sqlite":
        return {
            "connect_args": {
                "timeout": BUSY_SECONDS,
                "check_same_thread": False,
                "cached_statements": _PREPARED_STATEMENTS,
            },
            # Who comes next gets the connection whose pages are warm, instead of one that
            # would fill a cache of its own.
            "pool_use_lifo": True,
        }
    return {"pool_pre_ping": True, "pool_size": 10, "max_overflow": 20}


def open_engine(url: str, *, read_only: bool = False) -> Engine:
    """Open an engine on a database address, making the folder of an SQLite file.

    With ``read_only`` the database itself refuses every statement that would write.
    """
    path = make_url(url).database
    if url.startswith("sqlite") and path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = prepare_engine(create_engine(url, **engine_options(url)))
    if not read_only:
        return engine
    event.listen(engine, "connect", _refuse_writing)
    return engine.execution_options(duban_read_only=True)


def open_memory() -> Engine:
    """Open an SQLite database that lives as long as the engine and is seen by nobody else."""
    connect_args = {"check_same_thread": False}
    return prepare_engine(
        create_engine("sqlite://", poolclass=StaticPool, connect_args=connect_args)
    )


def session_factory(
    engine: Engine, marks: Mapping[str, object] | None = None
) -> sessionmaker[Session]:
    """Make sessions whose rows can still be read after their transaction ended.

    ``marks`` are what each session carries in its ``info``, the vault for example.
    """
    return sessionmaker(engine, expire_on_commit=False, info=dict(marks or {}))


def read_one_state(session: Session) -> None:
    """Let a session that has not begun see one state of the database, lock nothing, write nothing.

    SQLite in WAL gives a reader one state by itself.
    """
    options: dict[str, Any] = {"duban_read_only": True}
    if session.get_bind().dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    session.connection(execution_options=options)


def _set_up_sqlite(connection: Any, _record: object) -> None:
    _set_up(connection, _PRAGMAS)


def _set_up_scratch(connection: Any, _record: object) -> None:
    _set_up(connection, (*_PRAGMAS, "synchronous=OFF"))


def _set_up(connection: Any, pragmas: Iterable[str]) -> None:
    # The driver's own transaction control is switched off: see _begin_immediate.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    guard_connection(connection)


def _refuse_writing(connection: Any, _record: object) -> None:
    if not type(connection).__module__.startswith("sqlite3"):
        connection.read_only = True
        return
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only=ON")
    cursor.close()


def _begin_immediate(connection: Any) -> None:
    mode = "DEFERRED" if connection.get_execution_options().get("duban_read_only") else "IMMEDIATE"
    connection.exec_driver_sql(f"BEGIN {mode}")
