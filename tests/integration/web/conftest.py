"""Sites with made-up people for tests of the pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.attacked import Attack, Original, attacked
from tests.support.databases import copy_sqlite, flush_sqlite
from tests.support.played import play_world
from tests.support.web import Site, open_site


@pytest.fixture
def site(tmp_path: Path, sqlite_template: Path) -> Iterator[Site]:
    """A test installation on SQLite, with a small tree and nobody in it."""
    with open_site(tmp_path, copy_sqlite(sqlite_template, tmp_path / "site.sqlite3")) as opened:
        yield opened


@pytest.fixture
def demo_site(tmp_path: Path, sqlite_template: Path) -> Iterator[Site]:
    """The same as a demo."""
    url = copy_sqlite(sqlite_template, tmp_path / "demo.sqlite3")
    with open_site(tmp_path, url, mode="demo") as opened:
        yield opened


@pytest.fixture
def any_site(tmp_path: Path, database_url: str) -> Iterator[Site]:
    """The same as `site`, once on each kind of database."""
    with open_site(tmp_path, database_url) as opened:
        yield opened


@pytest.fixture(scope="session")
def played(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Original:
    """The played world, once for all that copy it."""
    folder = tmp_path_factory.mktemp("played")
    file = folder / "duban.sqlite3"
    world = play_world(folder, copy_sqlite(sqlite_template, file))
    flush_sqlite(file)
    return Original(folder, world, lambda to: copy_sqlite(file, to / "duban.sqlite3"))


@pytest.fixture(scope="module")
def refused(played: Original, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attack]:
    """One site for all that is refused: nothing is written, so nobody disturbs the next."""
    with attacked(played, tmp_path_factory.mktemp("refused")) as opened:
        yield opened


@pytest.fixture
def attack(played: Original, tmp_path: Path) -> Iterator[Attack]:
    """A site of a test's own."""
    with attacked(played, tmp_path) as opened:
        yield opened
