"""The pages with the made-up world behind them."""

import itertools
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.pages.test_pages_cases_effort import to_first_letter
from tests.support.case_site import CaseSite, open_case_site
from tests.support.databases import copy_sqlite
from tests.support.postgresql import Cluster

WORLD = "world"
numbers = itertools.count(1)


@pytest.fixture(scope="session")
def built_world(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database that holds the world, and the key that opens it."""
    folder = tmp_path_factory.mktemp("world")
    with open_case_site(folder, copy_sqlite(sqlite_template, folder / "duban.sqlite3")):
        return folder


@contextmanager
def _copied(world: Path, folder: Path) -> Iterator[CaseSite]:
    """Open the pages on a copy of the world, on SQLite."""
    shutil.copy(world / "master.key", folder / "master.key")
    url = copy_sqlite(world / "duban.sqlite3", folder / "duban.sqlite3")
    with open_case_site(folder, url, is_built=True) as opened:
        yield opened


@pytest.fixture(scope="session")
def built_postgresql(postgresql: Cluster, built_world: Path) -> Cluster:
    """The cluster with a database that holds the world under the same key, to be copied."""
    with open_case_site(built_world, postgresql.copy_template(WORLD)):
        return postgresql


@pytest.fixture
def site(built_world: Path, tmp_path: Path) -> Iterator[CaseSite]:
    """The pages on SQLite."""
    with _copied(built_world, tmp_path) as opened:
        yield opened


@pytest.fixture
def any_site(
    database_kind: str, request: pytest.FixtureRequest, built_world: Path, tmp_path: Path
) -> Iterator[CaseSite]:
    """The pages once on each kind of database."""
    if database_kind == "sqlite":
        yield request.getfixturevalue("site")
        return
    cluster: Cluster = request.getfixturevalue("built_postgresql")
    shutil.copy(built_world / "master.key", tmp_path / "master.key")
    name = f"site_{next(numbers)}"
    with open_case_site(tmp_path, cluster.copy_template(name, WORLD), is_built=True) as opened:
        yield opened
    cluster.drop_database(name)


@pytest.fixture(scope="module")
def letter(
    built_world: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[CaseSite, str]]:
    """A case at its first letter on 12 May, for tests that only look."""
    folder = tmp_path_factory.mktemp("letter")
    with _copied(built_world, folder) as opened:
        case_id = to_first_letter(opened)
        opened.at("2026-05-12")
        yield opened, case_id


@pytest.fixture(scope="module")
def built_site(built_world: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CaseSite]:
    """The pages on SQLite, for a module whose tests go on from each other's world."""
    folder = tmp_path_factory.mktemp("site")
    with _copied(built_world, folder) as opened:
        yield opened
