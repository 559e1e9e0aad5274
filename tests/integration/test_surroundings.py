"""What every other test stands on."""

import socket
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.orm import Session

from tests.support.postgresql import Cluster, WrongClusterError
from tests.support.sockets import ReachedOutsideError


def test_database_of_a_test_has_the_schema_and_no_row(engine: Engine) -> None:
    # The one row that a fresh schema has says which schema it is.
    tables = set(inspect(engine).get_table_names()) - {"alembic_version"}
    assert "installation" in tables
    with engine.connect() as connection:
        for table in tables:
            assert connection.scalar(text(f'SELECT count(*) FROM "{table}"')) == 0  # noqa: S608


def test_committed_work_is_seen_by_another_session(sessions: Callable[[], Session]) -> None:
    with sessions() as first:
        first.execute(text("INSERT INTO marking (hash, body) VALUES ('7', 'seen')"))
        first.commit()
    with sessions() as second:
        assert second.scalar(text("SELECT body FROM marking")) == "seen"


@pytest.mark.parametrize("turn", [1, 2])
def test_work_in_a_shared_database_is_undone(session: Session, turn: int) -> None:
    written = text("INSERT INTO marking (hash, body) VALUES ('undone', :turn)")
    session.execute(written, {"turn": str(turn)})
    session.commit()
    assert session.scalar(text("SELECT body FROM marking")) == str(turn)


@pytest.mark.postgresql
def test_databases_belong_to_an_ordinary_role(postgresql: Cluster) -> None:
    with psycopg.connect(
        host=str(postgresql.folder), user="duban", dbname="template_duban"
    ) as connection:
        row = connection.execute(
            "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert row == (False,)


@pytest.mark.postgresql
def test_another_cluster_is_never_touched(postgresql: Cluster, tmp_path: Path) -> None:
    (tmp_path / ".s.PGSQL.5432").symlink_to(postgresql.folder / ".s.PGSQL.5432")
    mistaken = Cluster(tmp_path, postgresql.process)
    with pytest.raises(WrongClusterError):
        mistaken.create_database("never_made")


def test_tests_reach_nothing_outside() -> None:
    with socket.socket() as opened, pytest.raises(ReachedOutsideError):
        opened.connect(("192.0.2.1", 80))
    with pytest.raises(ReachedOutsideError):
        socket.getaddrinfo("example.org", 80)
