"""Databases to measure on: files of a temporary folder, a cluster of our own, a given server.

Every database is made here, under a name that nothing had before, and is gone afterwards;
what was on a given server is not even read.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from tests.support.postgresql import find_binaries, run_cluster


@dataclass(frozen=True, slots=True)
class Server:
    """Where databases are made and copied; no connection may be open while one is."""

    kind: str
    make: Callable[[], str]
    copy: Callable[[str], str]


@contextmanager
def sqlite_server(beside: Path | None = None) -> Iterator[Server]:
    """Give files with the settings of an installation: WAL, every commit synced.

    Args:
        beside: A folder on the disk to be measured; without it the system's temporary one.
    """
    with TemporaryDirectory(prefix="duban-bench-", dir=beside) as folder:
        numbers = count(1)

        def make() -> str:
            return f"sqlite:///{Path(folder) / f'{next(numbers)}.sqlite3'}"

        def copy(url: str) -> str:
            source, target = url.removeprefix("sqlite:///"), make()
            with closing(sqlite3.connect(source)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            shutil.copyfile(source, target.removeprefix("sqlite:///"))
            return target

        yield Server("SQLite", make, copy)


class ServerRefusedError(Exception):
    """A given server makes no databases for us."""


def _connected(dsn: str) -> psycopg.Connection:
    try:
        connection = psycopg.connect(dsn, autocommit=True)
    except psycopg.OperationalError as error:
        raise ServerRefusedError(str(error)) from error
    may = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
    if connection.execute(may).fetchone() != (True,):
        connection.close()
        reason = "this user may make no databases on that server: it needs CREATEDB"
        raise ServerRefusedError(reason)
    return connection


@contextmanager
def server_at(address: str) -> Iterator[Server]:
    """Give throw-away databases on the server of an address, or files beside an SQLite file.

    Raises:
        ServerRefusedError: It cannot be reached, or its user may make no databases.
    """
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        folder = Path(url.database or ".").resolve().parent
        folder.mkdir(parents=True, exist_ok=True)
        with sqlite_server(folder) as server:
            yield server
        return
    dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
    made: list[str] = []

    def create(template: str) -> str:
        # CREATE DATABASE refuses a name that is there: nothing can be written over.
        name = f"duban_bench_{token_hex(8)}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        made.append(name)
        return str(url.set(database=name, drivername="postgresql+psycopg").render_as_string(False))

    def copy(source: str) -> str:
        return create(make_url(source).database or "")

    with _connected(dsn) as connection:
        try:
            yield Server("PostgreSQL", lambda: create("template0"), copy)
        finally:
            for name in made:
                drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
                connection.execute(drop.format(sql.Identifier(name)))


@contextmanager
def postgresql_server() -> Iterator[Server | None]:
    """Give a cluster that keeps what it acknowledged; None where PostgreSQL is not there."""
    binaries = find_binaries()
    if binaries is None:
        yield None
        return
    with ExitStack() as stack:
        cluster = stack.enter_context(run_cluster(binaries, durable=True))
        numbers = count(1)

        def make() -> str:
            return cluster.create_database(f"bench_{next(numbers)}")

        def copy(url: str) -> str:
            template = url.partition("@/")[2].partition("?")[0]
            return cluster.create_database(f"bench_{next(numbers)}", template=template)

        yield Server("PostgreSQL", make, copy)
