"""A database written into a file, and put back from it: the keys of subjects go apart.

Whoever erases a subject destroys its key. A copy of the database without keys can stay, so
they lie in a file of their own (AUDIT.md, Sealed payloads).
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, ClassVar

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from workflows.domain.errors import DubanError
from workflows.store.connection import open_engine
from workflows.store.opening import database_file
from workflows.store.schema import is_empty

_KEYS_TABLE = "subject_key"
_PUT_APART = "CREATE TABLE apart.subject_key AS SELECT * FROM main.subject_key"
_PUT_BACK = "INSERT INTO main.subject_key SELECT * FROM apart.subject_key"
_BESIDE = ("", "-wal", "-shm")


class DumpFailed(DubanError):
    """The database could not be written out or put back: {reason}."""

    code: ClassVar[str] = "dump_failed"


class ToolMissing(DubanError):
    """PostgreSQL's own {program} is needed for this, and is not in the path."""

    code: ClassVar[str] = "tool_missing"


class TargetInUse(DubanError):
    """{target} is there already: a backup is put back where nothing is."""

    code: ClassVar[str] = "target_in_use"


def kind_of(url: str) -> str:
    """Give the kind of a database: ``sqlite`` or ``postgresql``."""
    return make_url(url).get_backend_name()


def write_dump(url: str, database: Path, keys: Path, *, keys_only: bool = False) -> None:
    """Write one state of a database into a new file, and the keys of subjects into another.

    Others may work meanwhile. On PostgreSQL the address must be that of the role that owns
    the tables.

    Raises:
        DumpFailed: The disk is full, the database cannot be read.
        ToolMissing: ``pg_dump`` is not installed.
    """
    write = _write_postgresql if kind_of(url) == "postgresql" else _write_sqlite
    with _failures():
        write(url, database, keys, keys_only)


def read_dump(url: str, database: Path, keys: Path, *, as_own: bool = False) -> None:
    """Put back what `write_dump` wrote, where nothing is yet.

    Args:
        url: Where to; on PostgreSQL as the role that is to own the tables.
        database: The file of the database.
        keys: The file of the keys, of this backup or of a later one.
        as_own: On PostgreSQL, leave out who owned the tables and who had rights on them.

    Raises:
        TargetInUse: There is something already.
        DumpFailed, ToolMissing: As for writing; a file of SQLite appears whole or not at all.
    """
    refuse_used(url)
    with _failures():
        if kind_of(url) == "postgresql":
            _read_postgresql(url, database, keys, as_own)
        else:
            _read_sqlite(url, database, keys)


def refuse_used(url: str) -> None:
    """Make sure that nothing is where a backup is to be put back.

    Raises:
        TargetInUse: There is.
    """
    file = database_file(url)
    if file is not None:
        if any(file.with_name(file.name + end).exists() for end in _BESIDE):
            raise TargetInUse(target=file)
        return
    engine = open_engine(url)
    try:
        with _failures():
            if not is_empty(engine):
                raise TargetInUse(target=make_url(url).database)
    finally:
        engine.dispose()


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, psycopg.Error) as error:
        raise DumpFailed(reason=str(error).strip()) from error
    except DBAPIError as error:
        raise DumpFailed(reason=str(error.orig).strip()) from error
    except subprocess.CalledProcessError as error:
        raise DumpFailed(reason=error.stderr.strip()) from error


def _write_sqlite(url: str, database: Path, keys: Path, keys_only: bool) -> None:
    with closing(sqlite3.connect(_file_of(url))) as connection:
        if keys_only:
            _put_apart(connection, keys)
            return
        connection.execute("VACUUM INTO ?", (str(database),))
    with closing(sqlite3.connect(database)) as copy:
        _put_apart(copy, keys)
        copy.execute("PRAGMA secure_delete=ON")
        with copy:
            copy.execute("DELETE FROM subject_key")
        _refuse_damaged(copy)
    _sync(database)


def _put_apart(connection: sqlite3.Connection, keys: Path) -> None:
    connection.execute("ATTACH ? AS apart", (str(keys),))
    with connection:
        connection.execute(_PUT_APART)
    connection.execute("DETACH apart")
    _sync(keys)


def _read_sqlite(url: str, database: Path, keys: Path) -> None:
    target = _file_of(url)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    try:
        shutil.copyfile(database, part)
        with closing(sqlite3.connect(part)) as copy:
            copy.execute("ATTACH ? AS apart", (str(keys),))
            with copy:
                copy.execute(_PUT_BACK)
            copy.execute("DETACH apart")
            _refuse_damaged(copy)
        _sync(part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _refuse_damaged(connection: sqlite3.Connection) -> None:
    found = connection.execute("PRAGMA quick_check").fetchone()[0]
    if found != "ok":
        raise DumpFailed(reason=found)


def _file_of(url: str) -> Path:
    file = database_file(url)
    if file is None:
        raise DumpFailed(reason=f"{make_url(url).render_as_string()} names no file")
    return file


def _write_postgresql(url: str, database: Path, keys: Path, keys_only: bool) -> None:
    apart = f"--table={_KEYS_TABLE}", "--data-only"
    with psycopg.connect(_conninfo(url)) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        # Both files tell of one moment, whatever is written between them.
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        moment = f"--snapshot={row[0] if row else ''}"
        run = _program("pg_dump", url)
        if not keys_only:
            without = f"--exclude-table-data={_KEYS_TABLE}"
            run("--format=custom", "--enable-row-security", moment, without, f"--file={database}")
            _sync(database)
        run("--format=custom", moment, *apart, f"--file={keys}")
        _sync(keys)


def _read_postgresql(url: str, database: Path, keys: Path, as_own: bool) -> None:
    run = _program("pg_restore", url)
    own = ("--no-owner", "--no-privileges") if as_own else ()
    run("--exit-on-error", "--single-transaction", *own, str(database))
    run("--exit-on-error", "--single-transaction", "--data-only", str(keys))


def _program(name: str, url: str) -> Callable[..., None]:
    found = shutil.which(name)
    if found is None:
        raise ToolMissing(program=name)
    secret = make_url(url).password
    environment = {**os.environ, **({"PGPASSWORD": str(secret)} if secret else {})}

    def run(*arguments: str) -> None:
        command = [found, f"--dbname={_conninfo(url, with_password=False)}", *arguments]
        subprocess.run(  # noqa: S603 - PostgreSQL's own program, no shell
            command, check=True, capture_output=True, text=True, env=environment
        )

    return run


def _conninfo(url: str, *, with_password: bool = True) -> str:
    """Give libpq's form of an address; a command line that others see carries no password."""
    address = make_url(url)
    _, given = address.get_dialect()().create_connect_args(address)
    named: dict[str, Any] = {key: value for key, value in given.items() if key != "context"}
    if not with_password:
        named.pop("password", None)
    return make_conninfo("", **named)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
