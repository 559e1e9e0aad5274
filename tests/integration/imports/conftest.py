"""A made-up league with people and accounts, on each kind of database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from tests.support.databases import copy_sqlite
from tests.support.postgresql import Cluster
from tests.support.worlds import numbers, session_in, world_on


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
)
def made_up_world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Connection]:
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        url = copy_sqlite(template, tmp_path_factory.mktemp("world") / "world.sqlite3")
        with world_on(url) as connection:
            yield connection
        return
    cluster: Cluster = request.getfixturevalue("postgresql")
    name = f"world_{next(numbers)}"
    with world_on(cluster.create_database(name, template="template_duban")) as connection:
        yield connection
    cluster.drop_database(name)


@pytest.fixture
def world(made_up_world: Connection) -> Iterator[Session]:
    """A session in the made-up league; what a test does there is undone."""
    with session_in(made_up_world) as session:
        yield session
