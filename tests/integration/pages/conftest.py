"""The pages with the made-up world behind them."""

import itertools
import shutil
from collections.abc import Iterator
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


@pytest.fixture(scope="session")
def built_postgresql(postgresql: Cluster, built_world: Path) -> Cluster:
    """The cluster with a database that holds the world under the same key, to be copied."""
    with open_case_site(built_world, postgresql.copy_template(WORLD)):
        return postgresql


@pytest.fixture
def site(built_world: Path, tmp_path: Path) -> Iterator[CaseSite]:
    """The pages on SQLite."""
    shutil.copy(built_world / "master.key", tmp_path / "master.key")
    url = copy_sqlite(built_world / "duban.sqlite3", tmp_path / "duban.sqlite3")
    with open_case_site(tmp_path, url, is_built=True) as opened:
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
    shutil.copy(built_world / "master.key", folder / "master.key")
    url = copy_sqlite(built_world / "duban.sqlite3", folder / "duban.sqlite3")
    with open_case_site(folder, url, is_built=True) as opened:
        case_id = to_first_letter(opened)
        opened.at("2026-05-12")
        yield opened, case_id


@pytest.fixture(scope="module")
def built_site(built_world: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CaseSite]:
    """The pages on SQLite, for a module whose tests go on from each other's world."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(built_world / "master.key", folder / "master.key")
    url = copy_sqlite(built_world / "duban.sqlite3", folder / "duban.sqlite3")
    with open_case_site(folder, url, is_built=True) as opened:
        yield opened
