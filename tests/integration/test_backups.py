"""Backups: one state written out, put back whole or not at all, tried beside the installation."""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, select, text
from sqlalchemy.exc import DBAPIError

from tests.support.casework import World
from tests.support.databases import OWNER, copy_sqlite
from tests.support.logs import KEY, log_marks, log_world
from tests.support.postgresql import Cluster
from workflows.jobs import backups
from workflows.jobs.backups import (
    MANIFEST,
    Backup,
    BackupBroken,
    Trial,
    make_backup,
    read_backup,
    restore_backup,
    try_restored,
)
from workflows.jobs.sequencing import run_sequencer
from workflows.services.log.notary import Notary
from workflows.services.vault import Vault
from workflows.store.connection import open_engine
from workflows.store.dumps import DumpFailed, TargetInUse, ToolMissing
from workflows.store.opening import make_database
from workflows.store.tables import Case, JournalRecord, SubjectKey


@contextmanager
def opened(folder: Path, template: Path) -> Iterator[World]:
    """An installation with one sealed case."""
    engine = open_engine(copy_sqlite(template, folder / "duban.sqlite3"))
    made = log_world(engine, folder)
    made.open_rectification()
    run_sequencer(made.sessions, made.now)
    yield made
    engine.dispose()


@pytest.fixture
def world(tmp_path: Path, sqlite_template: Path) -> Iterator[World]:
    with opened(tmp_path, sqlite_template) as made:
        yield made


def url_in(folder: Path) -> str:
    return f"sqlite:///{folder / 'duban.sqlite3'}"


def back_up(world: World, folder: Path, name: str = "backup", *, keys_only: bool = False) -> Backup:
    return make_backup(
        world.sessions, url_in(folder), folder / name, world.now, keys_only=keys_only
    )


def tried(folder: Path, backup: Backup, into: str = "restored.sqlite3") -> Trial:
    vault = Vault(KEY).session_marks()
    return try_restored(f"sqlite:///{folder / into}", backup, Notary(folder), vault)


def rows_of(url: str) -> dict[str, list[Row[Any]]]:
    engine = open_engine(url, read_only=True)
    with engine.connect() as connection:
        found = {
            entity.__tablename__: list(connection.execute(select(entity.__table__)).all())
            for entity in (Case, JournalRecord, SubjectKey)
        }
    engine.dispose()
    return found


def test_what_is_put_back_is_what_was_there_and_holds_together(
    world: World, tmp_path: Path
) -> None:
    backup = back_up(world, tmp_path)
    before = rows_of(url_in(tmp_path))
    restored = f"sqlite:///{tmp_path / 'restored.sqlite3'}"
    restore_backup(backup, restored)
    assert rows_of(restored) == before
    trial = tried(tmp_path, backup)
    assert trial == Trial(leaves=backup.size, cases=1, problem=None)
    assert backup.size > 0
    house = [row.body for row in before["journal_record"] if row.kind == "house"]
    assert "backup_made" in house[-1]


def test_keys_lie_apart_and_what_was_erased_since_stays_erased(
    world: World, tmp_path: Path
) -> None:
    backup = back_up(world, tmp_path)
    with world.transaction() as session:
        erased, kept = session.scalars(select(SubjectKey).order_by(SubjectKey.id)).all()[:2]
        wrapped, erased_id, kept_id = erased.wrapped, erased.id, kept.id
        session.delete(erased)
    assert backup.database is not None
    assert wrapped not in backup.database.read_bytes()
    assert wrapped in backup.keys.read_bytes()
    later = back_up(world, tmp_path, "keys", keys_only=True)
    assert later.database is None
    restored = f"sqlite:///{tmp_path / 'restored.sqlite3'}"
    restore_backup(backup, restored, later)
    ids = {row.id for row in rows_of(restored)["subject_key"]}
    assert kept_id in ids
    assert erased_id not in ids


def test_a_backup_is_refused_where_something_is(world: World, tmp_path: Path) -> None:
    backup = back_up(world, tmp_path)
    with pytest.raises(TargetInUse):
        back_up(world, tmp_path)
    before = (tmp_path / "duban.sqlite3").read_bytes()
    with pytest.raises(TargetInUse):
        restore_backup(backup, url_in(tmp_path))
    assert (tmp_path / "duban.sqlite3").read_bytes() == before
    left_over = tmp_path / "restored.sqlite3-wal"
    left_over.touch()
    with pytest.raises(TargetInUse):
        restore_backup(backup, f"sqlite:///{tmp_path / 'restored.sqlite3'}")


@pytest.mark.parametrize("name", ["database.sqlite3", "subject-keys.sqlite3", MANIFEST])
def test_a_file_that_was_changed_or_lost_is_named(world: World, tmp_path: Path, name: str) -> None:
    folder = back_up(world, tmp_path).keys.parent
    path = folder / name
    content = path.read_bytes()
    path.write_bytes(content[:-9])
    with pytest.raises(BackupBroken, match=name):
        read_backup(folder)
    path.unlink()
    with pytest.raises(BackupBroken, match=name):
        read_backup(folder)


def test_a_row_changed_with_a_fitting_manifest_is_found_by_the_log(
    world: World, tmp_path: Path
) -> None:
    backup = back_up(world, tmp_path)
    assert backup.database is not None
    with closing(sqlite3.connect(backup.database)) as forger, forger:
        forger.execute("DROP TRIGGER journal_record_no_update")
        forger.execute("UPDATE journal_record SET body = replace(body, 'a', 'b') WHERE seq = 1")
    manifest = json.loads((backup.database.parent / MANIFEST).read_bytes())
    hashed = sha256(backup.database.read_bytes()).hexdigest()
    manifest["files"][backup.database.name] = hashed
    (backup.database.parent / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    forged = read_backup(backup.database.parent)
    restore_backup(forged, f"sqlite:///{tmp_path / 'restored.sqlite3'}")
    trial = tried(tmp_path, forged)
    assert trial.problem is not None
    assert "the record was changed" in trial.problem


def test_a_backup_of_another_house_is_told_from_ones_own(
    world: World, tmp_path: Path, sqlite_template: Path
) -> None:
    backup = back_up(world, tmp_path)
    world.now += timedelta(days=1)
    world.open_rectification()
    run_sequencer(world.sessions, world.now)
    assert backups.belongs_to(world.sessions, backup)
    (tmp_path / "elsewhere").mkdir()
    with opened(tmp_path / "elsewhere", sqlite_template) as other:
        assert not backups.belongs_to(other.sessions, backup)


def test_what_fails_half_way_leaves_nothing_behind(world: World, tmp_path: Path) -> None:
    backup = back_up(world, tmp_path)
    backup.keys.write_bytes(b"no database at all, but longer than a header of one" * 40)
    with pytest.raises(DumpFailed):
        restore_backup(backup, f"sqlite:///{tmp_path / 'restored.sqlite3'}")
    assert not list(tmp_path.glob("restored*"))
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "duban.sqlite3").write_bytes(b"x" * 4096)
    with pytest.raises(DumpFailed):
        make_backup(world.sessions, url_in(tmp_path / "broken"), tmp_path / "second", world.now)
    assert not list(tmp_path.glob("second*"))


def test_only_keys_are_no_backup_of_an_installation(world: World, tmp_path: Path) -> None:
    keys = back_up(world, tmp_path, keys_only=True)
    with pytest.raises(BackupBroken, match="keys of subjects only"):
        restore_backup(keys, f"sqlite:///{tmp_path / 'restored.sqlite3'}")


@pytest.mark.postgresql
def test_postgresql_is_put_back_with_its_roles_and_guards(
    postgresql: Cluster,
    postgresql_binaries: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    owner_url = postgresql.create_database("backed_up", owner=OWNER)
    engine = make_database(postgresql.url("backed_up"), owner_url)
    try:
        world = log_world(engine, tmp_path)
        world.open_rectification()
        run_sequencer(world.sessions, world.now)
        monkeypatch.setenv("PATH", "")
        with pytest.raises(ToolMissing, match="pg_dump"):
            make_backup(world.sessions, owner_url, tmp_path / "backup", world.now)
        monkeypatch.setenv("PATH", os.fspath(postgresql_binaries))
        backup = make_backup(world.sessions, owner_url, tmp_path / "backup", world.now)
        target = postgresql.create_database("put_back", owner=OWNER)
        restore_backup(backup, target)
        assert rows_of(postgresql.url("put_back")) == rows_of(postgresql.url("backed_up"))
        marks = log_marks(tmp_path)
        trial = try_restored(postgresql.url("put_back"), backup, Notary(tmp_path), marks)
        assert trial == Trial(leaves=backup.size, cases=1, problem=None)
        again = open_engine(postgresql.url("put_back"))
        with again.connect() as role, pytest.raises(DBAPIError, match="permission denied"):
            role.execute(text("DELETE FROM journal_record"))
        again.dispose()
        with pytest.raises(TargetInUse, match="put_back"):
            restore_backup(backup, target)
    finally:
        engine.dispose()
        for name in ("backed_up", "put_back"):
            postgresql.drop_database(name)
