"""Surroundings of all tests: databases, browser, and nothing outside this machine."""

import gc
import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, Playwright, sync_playwright
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from tests.support.absence import absent
from tests.support.addresses import compile_addresses_once
from tests.support.chromium import find_chromium, find_old_chromium, run_chromium
from tests.support.databases import copy_sqlite, make_sqlite_template
from tests.support.postgresql import OLDEST_VERSION, Cluster, find_binaries, run_cluster
from tests.support.sockets import close_the_outside
from tests.support.statements import compile_statements_once
from tests.support.templates import compile_templates_once
from workflows.store.connection import open_engine

# A busy machine is no failure; what CI finds must be found again by running it again.
settings.register_profile("duban", deadline=None, print_blob=True)
settings.register_profile("ci", parent=settings.get_profile("duban"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "duban")

LONGEST_FIRST = ("e2e", "integration", "property", "engine", "unit")
DATABASE_KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
_numbers = itertools.count(1)


def pytest_configure() -> None:
    """Close the way out before the first test is even collected."""
    close_the_outside()
    compile_templates_once()
    compile_addresses_once()
    compile_statements_once()


def pytest_xdist_auto_num_workers() -> int:
    """Run one test more than there are cores.

    A fifth of the time tests wait: for the disk, a browser, a program that they started.
    """
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """Look seldom for rings of garbage, and never among what lives as long as the process.

    With Python's own thresholds it is a seventh of all work.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what lies in tests/e2e as a browser test; the longest first where several run at once.

    What is left at the end is short then, and no process waits long for another.
    """
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker("browser")
    if hasattr(config, "workerinput"):
        items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    places = (at for at, folder in enumerate(LONGEST_FIRST) if folder in item.path.parts)
    return next(places, len(LONGEST_FIRST))


# ------------------------------------------------------------------ PostgreSQL


@pytest.fixture(scope="session")
def postgresql_binaries() -> Path:
    binaries = find_binaries()
    if binaries is None:
        absent(f"PostgreSQL {OLDEST_VERSION} or newer", "apt-get install postgresql")
    return binaries


@pytest.fixture(scope="session")
def postgresql(postgresql_binaries: Path) -> Iterator[Cluster]:
    """A cluster of this test process alone, fast and unsafe."""
    with run_cluster(postgresql_binaries) as cluster:
        cluster.create_template()
        yield cluster


@pytest.fixture(scope="session")
def durable_postgresql(postgresql_binaries: Path) -> Iterator[Cluster]:
    """A cluster that keeps what it acknowledged, for tests about crashes."""
    with run_cluster(postgresql_binaries, durable=True) as cluster:
        cluster.create_template()
        yield cluster


# ------------------------------------------------------------------- databases


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_sqlite_template(tmp_path_factory.mktemp("template") / "duban.sqlite3")


@pytest.fixture(params=DATABASE_KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    """Run the test once on each kind of database."""
    return str(request.param)


@pytest.fixture
def database_url(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    """The address of a database of this test alone, with the schema and no row.

    On PostgreSQL it is that of the application's role, which owns nothing.
    """
    if database_kind == "sqlite":
        yield copy_sqlite(request.getfixturevalue("sqlite_template"), tmp_path / "duban.sqlite3")
        return
    cluster: Cluster = request.getfixturevalue("postgresql")
    name = f"test_{next(_numbers)}"
    yield cluster.copy_template(name)
    cluster.drop_database(name)


@pytest.fixture
def empty_database_url(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    """The address of a database of this test alone, with nothing in it."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    cluster: Cluster = request.getfixturevalue("postgresql")
    name = f"empty_{next(_numbers)}"
    yield cluster.create_database(name)
    cluster.drop_database(name)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a database of this test alone: commits are real."""
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def sessions(engine: Engine) -> Callable[[], Session]:
    """Open sessions as the program does; each sees what others committed."""
    return sessionmaker(engine)


@pytest.fixture(scope="session")
def shared_engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Engine]]:
    opened: dict[str, Engine] = {}
    yield opened
    for engine in opened.values():
        engine.dispose()


@pytest.fixture
def session(
    database_kind: str, request: pytest.FixtureRequest, shared_engines: dict[str, Engine]
) -> Iterator[Session]:
    """A session on an empty database whose work is undone after the test.

    The fast way: a commit inside only ends a savepoint. Where real commits or two
    connections matter, take `sessions`.
    """
    if database_kind not in shared_engines:
        shared_engines[database_kind] = open_engine(_shared_url(database_kind, request))
    with shared_engines[database_kind].connect() as connection:
        undone = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as opened:
            yield opened
        undone.rollback()


def _shared_url(kind: str, request: pytest.FixtureRequest) -> str:
    if kind == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        return copy_sqlite(template, template.with_name("shared.sqlite3"))
    cluster: Cluster = request.getfixturevalue("postgresql")
    return cluster.copy_template("shared")


# --------------------------------------------------------------------- browser


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What drives browsers; a process has room for one."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The browser, one for all page tests of this process."""
    program = find_chromium()
    if program is None:
        absent("Chromium", "apt-get install chromium fonts-noto-cjk")
    with run_chromium(playwright, program) as browser:
        yield browser


@pytest.fixture(scope="session")
def old_chromium(playwright: Playwright) -> Iterator[Browser]:
    """Chromium 109, the last one for Windows 7."""
    program = find_old_chromium()
    if program is None:
        absent("Chromium 109", "make machine")
    with run_chromium(playwright, program) as browser:
        yield browser
