"""Backups of an installation: one state of its database, written out, put back, tried."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

from workflows.audit.canonical import canonical
from workflows.audit.key_history import HISTORY_FILE
from workflows.domain.errors import DubanError
from workflows.domain.records import JsonValue, format_time
from workflows.jobs.rebuilding import check_projections
from workflows.services.access import SYSTEM
from workflows.services.heartbeats import begin_heartbeat, end_heartbeat
from workflows.services.journal import append_house
from workflows.services.log.checking import verify_log
from workflows.services.log.notary import Notary
from workflows.store.connection import open_engine, read_one_state, session_factory
from workflows.store.dumps import TargetInUse, kind_of, read_dump, write_dump
from workflows.store.log import checkpoint_of_size, last_checkpoint
from workflows.store.schema import known_schema, migrate
from workflows.store.scope import SystemScope
from workflows.store.transaction import Sessions, transaction

JOB, DRILL = "backup", "drill"
FORMAT = "duban-backup/1"
MANIFEST = "backup.json"
# The file of the keys is the one to destroy after an erasure.
_NAMES = {
    "sqlite": ("database.sqlite3", "subject-keys.sqlite3"),
    "postgresql": ("database.dump", "subject-keys.dump"),
}
OnCases = Callable[[int], None]


class BackupBroken(DubanError):
    """{file} is no backup, or was changed since it was made: {reason}."""

    code: ClassVar[str] = "backup_broken"


class BackupOfOtherKind(DubanError):
    """The backup is of {found}, and the database to be made is of {wanted}."""

    code: ClassVar[str] = "backup_of_other_kind"


@dataclass(frozen=True, slots=True)
class Backup:
    """A folder with a backup; ``size`` and ``root`` are of the last checkpoint before it.

    ``database`` is None where only the keys of subjects were written.
    """

    made_at: str
    kind: str
    schema: str
    size: int
    root: str
    database: Path | None
    keys: Path


@dataclass(frozen=True, slots=True)
class Trial:
    """What a backup shows once it is put back; ``problem`` is the first thing that is wrong."""

    leaves: int
    cases: int
    problem: str | None

    @property
    def is_right(self) -> bool:
        """Whether log, rows and the checkpoint of the manifest agree."""
        return self.problem is None


def make_backup(
    sessions: Sessions, url: str, folder: Path, now: datetime, *, keys_only: bool = False
) -> Backup:
    """Write the installation into a new folder, which appears whole or not at all.

    That it was made is a record, and one that the backup itself contains.

    Args:
        sessions: Sessions of the installation.
        url: Its database, on PostgreSQL as the role that owns the tables.
        folder: A name that nothing has yet.
        now: The installation's time.
        keys_only: Write the keys of subjects alone, after an erasure.

    Raises:
        TargetInUse: The name is taken.
        DumpFailed, ToolMissing: See `workflows.store.dumps`.
    """
    if folder.exists():
        raise TargetInUse(target=folder)
    kind, part = kind_of(url), folder.with_name(f"{folder.name}.part")
    with transaction(sessions, SystemScope(JOB)) as session:
        head = last_checkpoint(session)
        told: dict[str, JsonValue]
        told = {"size": head.size, "root": head.root.hex()} if head else {"size": 0, "root": ""}
        form: dict[str, JsonValue] = {**told, "keys_only": keys_only}
        append_house(session, SYSTEM["init"], now, "backup_made", format_time(now), form=form)
        begin_heartbeat(session, JOB, now)
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True, mode=0o700)
    try:
        database, keys = (part / name for name in _NAMES[kind])
        write_dump(url, database, keys, keys_only=keys_only)
        files = [keys] if keys_only else [database, keys]
        _write_manifest(part, kind, now, told, files)
        part.replace(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    with transaction(sessions, SystemScope(JOB)) as session:
        end_heartbeat(session, JOB, now, {"size": int(str(told["size"]))})
    return read_backup(folder)


def _write_manifest(
    folder: Path, kind: str, now: datetime, log: Mapping[str, JsonValue], files: list[Path]
) -> None:
    value: dict[str, JsonValue] = {
        "format": FORMAT,
        "made_at": format_time(now),
        "kind": kind,
        "schema": known_schema(),
        "log": log,
        "files": {file.name: _hash(file) for file in files},
    }
    (folder / MANIFEST).write_bytes(canonical(value) + b"\n")


def read_backup(folder: Path) -> Backup:
    """Read the manifest of a backup and compare its files with it.

    Raises:
        BackupBroken: Something is missing, or has other bytes.
    """
    path = folder / MANIFEST
    try:
        value: dict[str, Any] = json.loads(path.read_bytes())
        kind, files, log = value["kind"], value["files"], value["log"]
        database, keys = (folder / name for name in _NAMES[kind])
        if value["format"] != FORMAT or keys.name not in files:
            raise BackupBroken(file=path, reason="its format is not known")
        for name, hashed in files.items():
            if _hash(folder / Path(name).name) != hashed:
                raise BackupBroken(file=folder / name, reason="it has other bytes")
        has_database = database.name in files
        return Backup(
            value["made_at"],
            kind,
            value["schema"],
            int(log["size"]),
            str(log["root"]),
            database if has_database else None,
            keys,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupBroken(file=path, reason="it is no manifest of a backup") from error
    except OSError as error:
        raise BackupBroken(file=error.filename, reason=str(error.strerror)) from error


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def restore_backup(
    backup: Backup, url: str, keys: Backup | None = None, *, as_own: bool = False
) -> None:
    """Put a backup back where nothing is, with its own keys or those of a later backup.

    With ``as_own`` the tables belong to the role of the address, in the schema of this
    program; otherwise they are as the backup has them, for `open_installation` to bring up.

    Raises:
        BackupBroken: It has no database in it.
        BackupOfOtherKind: Backup and target are of two kinds.
        TargetInUse, DumpFailed, ToolMissing: See `workflows.store.dumps`.
    """
    if backup.database is None:
        raise BackupBroken(file=backup.keys.parent, reason="it holds the keys of subjects only")
    for each in (backup, keys or backup):
        if each.kind != kind_of(url):
            raise BackupOfOtherKind(found=each.kind, wanted=kind_of(url))
    read_dump(url, backup.database, (keys or backup).keys, as_own=as_own)
    if as_own:
        engine = open_engine(url)
        try:
            migrate(engine)
        finally:
            engine.dispose()


def try_restored(
    url: str,
    backup: Backup,
    notary: Notary,
    marks: Mapping[str, object],
    on_cases: OnCases = lambda _: None,
) -> Trial:
    """Look whether what was put back holds together: the log, the rows, the manifest.

    The checkpoints outside are left alone, since they are newer than any backup; the log
    itself is computed anew from all records.
    """
    with TemporaryDirectory() as aside:
        _copy_key_history(notary, Path(aside))
        engine = open_engine(url, read_only=True)
        try:
            own = Notary(Path(aside), notary.with_sm3).session_marks()
            sessions = session_factory(engine, {**marks, **own})
            return _trial(sessions, backup, on_cases)
        finally:
            engine.dispose()


def _copy_key_history(notary: Notary, folder: Path) -> None:
    if notary.history_path.exists():
        shutil.copyfile(notary.history_path, folder / HISTORY_FILE)


def _trial(sessions: Sessions, backup: Backup, on_cases: OnCases) -> Trial:
    with transaction(sessions, SystemScope(JOB)) as session:
        read_one_state(session)
        verdict = verify_log(session)
        has_head = _has_checkpoint(session, backup)
    if verdict.problem is not None:
        return Trial(verdict.leaves, 0, str(verdict.problem))
    report = check_projections(sessions, on_cases)
    problem = None
    if not has_head:
        problem = f"the log has no checkpoint of {backup.size} records with the manifest's root"
    elif report.different:
        problem = f"{len(report.different)} rows differ from their records"
    return Trial(verdict.leaves, report.cases, problem)


def belongs_to(sessions: Sessions, backup: Backup) -> bool:
    """Say whether the log of an installation goes on from where a backup ends."""
    with transaction(sessions, SystemScope(JOB)) as session:
        return _has_checkpoint(session, backup)


def _has_checkpoint(session: Any, backup: Backup) -> bool:
    row = checkpoint_of_size(session, backup.size) if backup.size else None
    return not backup.size or (row is not None and row.root.hex() == backup.root)


def note_backup(sessions: Sessions, now: datetime, name: str, backup: Backup, trial: Trial) -> None:
    """Record that a backup was put back, or tried: ``backup_restored``, ``backup_tried``."""
    form: dict[str, JsonValue] = {
        "made_at": backup.made_at,
        "size": backup.size,
        "root": backup.root,
        "leaves": trial.leaves,
        "cases": trial.cases,
        "problem": trial.problem,
    }
    with transaction(sessions, SystemScope(JOB)) as session:
        append_house(session, SYSTEM["init"], now, name, backup.made_at, form=form)
        begin_heartbeat(session, DRILL, now)
        counts = {"leaves": trial.leaves, "cases": trial.cases, "wrong": int(not trial.is_right)}
        end_heartbeat(session, DRILL, now, counts)


@contextmanager
def throwaway_sqlite() -> Iterator[str]:
    """Give the address of a file that is gone afterwards."""
    with TemporaryDirectory(prefix="duban-drill-") as folder:
        yield f"sqlite:///{Path(folder) / 'duban.sqlite3'}"
