"""What happens to machines: killed, out of room, without their database. Nothing is half done."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select, text
from sqlalchemy.orm import Session, sessionmaker

from tests.support.absence import absent
from tests.support.casework import make_world
from tests.support.made_up import install
from tests.support.postgresql import Cluster
from workflows.audit.commitment import new_subject_key
from workflows.domain.worlds import made_up_tree
from workflows.jobs.checking import run_check
from workflows.services.imports.orgs import UnitRow, import_units
from workflows.services.vault import Vault
from workflows.store.connection import session_factory
from workflows.store.scope import SystemScope
from workflows.store.tables import JournalRecord, Organisation
from workflows.store.transaction import StorageFailed, transaction

_IMPORT_AND_DIE = """
import os, signal, sys
from workflows.domain.worlds import made_up_tree
from workflows.services.imports.orgs import UnitRow, import_units
from workflows.store.connection import open_engine
from workflows.store.scope import SystemScope
from workflows.store.transaction import transaction
from sqlalchemy.orm import sessionmaker

def die(done, _units):
    if done >= 1500:
        os.kill(os.getpid(), signal.SIGKILL)

with transaction(sessionmaker(open_engine(sys.argv[1])), SystemScope("test")) as session:
    import_units(session, [UnitRow(*unit, 0) for unit in made_up_tree(7)], "made up", die)
"""


def _units(sessions: Callable[[], Session]) -> int:
    with transaction(sessions, SystemScope("test")) as session:
        return session.scalar(select(func.count()).select_from(Organisation)) or 0


def test_an_import_that_is_killed_leaves_nothing(
    sessions: sessionmaker[Session], database_url: str
) -> None:
    with transaction(sessions, SystemScope("test")) as session:
        install(session)
    before = _units(sessions)
    died = subprocess.run(
        [sys.executable, "-c", _IMPORT_AND_DIE, database_url],
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert died.returncode == -signal.SIGKILL
    assert _units(sessions) == before


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_disk_that_fills_up_during_an_import_leaves_nothing(
    sessions: sessionmaker[Session], engine: Engine
) -> None:
    with transaction(sessions, SystemScope("test")) as session:
        install(session)
    before, found = _units(sessions), [UnitRow(*unit, 0) for unit in made_up_tree(7)]
    with engine.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()

    def limit(connection: Any, _record: object, _proxy: object) -> None:
        connection.set_authorizer(None)
        connection.execute(f"PRAGMA max_page_count={pages + 100}")

    event.listen(engine, "checkout", limit)
    with (
        pytest.raises(StorageFailed, match="full"),
        transaction(sessions, SystemScope("test")) as session,
    ):
        import_units(session, found, "made up")
    event.remove(engine, "checkout", limit)
    assert _units(sessions) == before


@pytest.mark.postgresql
@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_database_that_goes_away_during_a_sweep_loses_nothing(
    engine: Engine, postgresql: Cluster
) -> None:
    world = make_world(session_factory(engine, Vault(new_subject_key()).session_marks()))
    for _ in range(12):
        world.open_matter()
    world.now += timedelta(days=30)
    since_claimed: list[str] = []

    def cut(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        if since_claimed or "SKIP LOCKED" in statement:
            since_claimed.append(statement)
        if len(since_claimed) == 3:  # in the middle of the first batch
            with postgresql.administer() as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                    (engine.url.database,),
                )

    event.listen(engine, "before_cursor_execute", cut)
    with pytest.raises(StorageFailed):
        world.sweep()
    event.remove(engine, "before_cursor_execute", cut)
    world.sweep()
    with world.transaction() as session:
        fired = session.execute(
            select(JournalRecord.stream_id, func.count())
            .where(JournalRecord.kind == "clock_fired")
            .group_by(JournalRecord.stream_id)
        )
        assert sorted(count for _, count in fired) == [1] * 12
    assert run_check(world.sessions, world.now, whole=True).found == ()


def test_what_is_missing_fails_only_where_nothing_may_be_skipped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="Chromium is missing"):
        absent("Chromium", "install it")
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="Chromium is missing"):
        absent("Chromium", "install it")
