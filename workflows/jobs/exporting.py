"""Making the bundles that were asked for: a job that may die at any moment (DESIGN 7).

What it does is kept in rows: who holds an export and for how long, and the house record
that says what it is. Whoever takes over a dead worker's export makes the same bytes.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from secrets import token_hex
from typing import ClassVar

import structlog

from workflows.domain.errors import DubanError
from workflows.jobs.export_steps import record_once, write_file
from workflows.jobs.export_work import JOB, Held, Progress, Stopping
from workflows.services.exports.making import refuse_outdated
from workflows.services.exports.packages import PackageWriter
from workflows.services.exports.recording import read_export
from workflows.services.exports.work import (
    ExportLost,
    expire_jobs,
    fail_job,
    finish_job,
    give_back,
    take_job,
    unfinished_jobs,
)
from workflows.services.installation import clock_now
from workflows.store.scope import SystemScope
from workflows.store.transaction import Sessions, transaction

FOLDER = "exports"
_BUNDLE = re.compile(r"(\d+)\.zip")
_WORK = re.compile(r"\.work-(\d+)-.*")
_log = structlog.get_logger()


class ExportNotWritten(DubanError):
    """The file could not be written: {reason}."""

    code: ClassVar[str] = "export_not_written"


class ExportCrashed(DubanError):
    """Something unexpected stopped the export ({kind})."""

    code: ClassVar[str] = "export_crashed"


def bundle_path(folder: Path, job_id: int) -> Path:
    """Say where the file of an export lies."""
    return folder / f"{job_id}.zip"


def run_exports(
    sessions: Sessions,
    folder: Path,
    is_stopping: Callable[[], bool] = lambda: False,
    write_package: PackageWriter | None = None,
) -> Counter[str]:
    """Make every bundle that waits, and let old files go; count what came of each.

    One that is being made when the program is about to end goes back to those that wait.
    """
    counts: Counter[str] = Counter()
    run = partial(run_one, is_stopping=is_stopping, write_package=write_package)
    while (outcome := run(sessions, folder)) is not None:
        counts[outcome] += 1
        if outcome == "stopped":
            return counts
    counts["expired"] += expire_files(sessions, folder)
    return +counts


def run_one(
    sessions: Sessions,
    folder: Path,
    job_id: int | None = None,
    progress: Progress = lambda _done, _total: None,
    *,
    is_stopping: Callable[[], bool] = lambda: False,
    app_version: str | None = None,
    write_package: PackageWriter | None = None,
) -> str | None:
    """Make one bundle: the oldest that waits, or this one; say how it ended.

    None where there is nothing to do, or somebody else does it. ``app_version`` is what
    bundles name as their maker; without it, what is installed. ``write_package`` makes review
    packages, which are papers for people and so no business of jobs.
    """
    worker = token_hex(8)
    with transaction(sessions, SystemScope(JOB)) as session:
        taken = take_job(session, worker, clock_now(session), job_id)
        number = None if taken is None else taken.id
    if number is None:
        return None
    held = Held(sessions, folder, number, worker, progress, is_stopping)
    try:
        _make(held, app_version or version("duban"), write_package)
    except ExportLost:
        return "lost"
    except Stopping:
        return _give_back(held)
    except DubanError as error:
        return _fail(held, error)
    except OSError as error:
        return _fail(held, ExportNotWritten(reason=error.strerror or "unknown"))
    except Exception as error:  # one export that cannot be made stops no other
        _log.error("export failed", export=number, error=type(error).__name__)
        return _fail(held, ExportCrashed(kind=type(error).__name__))
    return "made"


def _make(held: Held, app_version: str, write_package: PackageWriter | None) -> None:
    """Record the export unless that was done before, then write its file."""
    held.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _clear_work(held.folder, held.job_id)
    seq = record_once(held, app_version)
    with held.reading() as session:
        exported = read_export(session, seq)
    refuse_outdated(exported, app_version)
    prefix = f".work-{held.job_id}-"
    with tempfile.TemporaryDirectory(dir=held.folder, prefix=prefix) as work:
        file, made, digest = write_file(held, exported, Path(work), write_package)
        file.replace(bundle_path(held.folder, held.job_id))
    with transaction(held.sessions, SystemScope(JOB)) as session:
        finish_job(session, held.job_id, held.worker, clock_now(session), made, digest)


def _give_back(held: Held) -> str:
    try:
        with transaction(held.sessions, SystemScope(JOB)) as session:
            give_back(session, held.job_id, held.worker, clock_now(session))
    except ExportLost:
        return "lost"
    return "stopped"


def _fail(held: Held, error: DubanError) -> str:
    try:
        with transaction(held.sessions, SystemScope(JOB)) as session:
            fail_job(session, held.job_id, held.worker, clock_now(session), error)
    except ExportLost:
        return "lost"
    return "failed"


def expire_files(sessions: Sessions, folder: Path) -> int:
    """Let go of files that were kept long enough, and of what dead workers left; count the former.

    A file goes only after the row says so: a download never meets half a file.
    """
    with transaction(sessions, SystemScope(JOB)) as session:
        expired = expire_jobs(session, clock_now(session))
    there = list(folder.iterdir()) if folder.is_dir() else []
    if there:
        with transaction(sessions, SystemScope(JOB)) as session:
            states = unfinished_jobs(session)
        for path in there:
            _remove_unless_needed(path, states)
    return len(expired)


def _remove_unless_needed(path: Path, states: dict[int, str]) -> None:
    if bundle := _BUNDLE.fullmatch(path.name):
        if int(bundle[1]) not in states:
            path.unlink(missing_ok=True)
    elif (work := _WORK.fullmatch(path.name)) and states.get(int(work[1])) != "running":
        shutil.rmtree(path, ignore_errors=True)


def _clear_work(folder: Path, job_id: int) -> None:
    """Remove what a worker left that died over this export."""
    for path in folder.glob(f".work-{job_id}-*"):
        shutil.rmtree(path, ignore_errors=True)
