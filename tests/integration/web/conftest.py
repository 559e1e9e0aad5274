"""Sites with made-up people for tests of the pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import copy_sqlite
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
