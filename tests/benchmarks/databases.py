"""Databases to measure on: files of a temporary folder, or a cluster of our own."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.postgresql import find_binaries, run_cluster


@dataclass(frozen=True, slots=True)
class Server:
    """Where databases are made and copied; no connection may be open while one is."""

    kind: str
    make: Callable[[], str]
    copy: Callable[[str], str]


@contextmanager
def sqlite_server() -> Iterator[Server]:
    """Give files with the settings of an installation: WAL, every commit synced."""
    with TemporaryDirectory(prefix="duban-bench-") as folder:
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
