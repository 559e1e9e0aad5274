"""A bundle on its way: who works on it, how far he is, and how it ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.audit.bundle import BundleSummary
from workflows.domain.errors import Conflict, DubanError
from workflows.services.exports.asking import held_job
from workflows.store.exports import claim_job, expired_jobs
from workflows.store.tables import BundleJob

HELD_FOR = timedelta(minutes=2)
KEPT_FOR = timedelta(days=7)
# One that ends its worker so often would do so for ever.
MOST_ATTEMPTS = 4


class ExportInterrupted(DubanError):
    """The export was begun {attempts} times and never came to its end."""

    code: ClassVar[str] = "export_interrupted"


class ExportLost(Conflict):
    """Another worker has taken the export over."""

    code: ClassVar[str] = "export_lost"


class ExportChanged(DubanError):
    """What was exported before cannot be made again: payloads were erased since."""

    code: ClassVar[str] = "export_changed"


def take_job(
    session: Session, worker: str, now: datetime, job_id: int | None = None
) -> BundleJob | None:
    """Take the oldest export that waits, or whose worker died, and hold it for a while.

    One that was begun too often fails instead, and the next is taken.
    """
    while (job := claim_job(session, now, job_id)) is not None:
        if job.attempts < MOST_ATTEMPTS:
            job.state, job.worker, job.held_until = "running", worker, now + HELD_FOR
            job.attempts, job.done = job.attempts + 1, 0
            session.flush()
            return job
        _fail(job, ExportInterrupted(attempts=job.attempts))
        session.flush()
    return None


def hold_on(session: Session, job_id: int, worker: str, now: datetime) -> BundleJob:
    """Hold an export for a while longer.

    Raises:
        ExportLost: Somebody else has taken it over.
    """
    job = held_job(session, job_id)
    if job.state != "running" or job.worker != worker:
        raise ExportLost
    job.held_until = now + HELD_FOR
    return job


def note_progress(
    session: Session, job_id: int, worker: str, now: datetime, done: int, total: int
) -> None:
    """Say how far an export is, in records, and hold it for a while longer.

    Raises:
        ExportLost: Somebody else has taken it over.
    """
    job = hold_on(session, job_id, worker, now)
    job.done, job.total = done, total
    session.flush()


def give_back(session: Session, job_id: int, worker: str, now: datetime) -> None:
    """Put an export back to those that wait, as if it had not been begun.

    Raises:
        ExportLost: Somebody else has taken it over.
    """
    job = hold_on(session, job_id, worker, now)
    job.state, job.worker, job.held_until = "queued", None, None
    job.attempts, job.done = job.attempts - 1, 0
    session.flush()


def finish_job(
    session: Session, job_id: int, worker: str, now: datetime, made: BundleSummary, sha256: str
) -> None:
    """Note that a bundle's file is there.

    Raises:
        ExportLost: Somebody else has taken it over.
        ExportChanged: It was made before from the same record, and was another.
    """
    job = hold_on(session, job_id, worker, now)
    if job.sha256 not in (None, sha256):
        raise ExportChanged
    job.state, job.worker, job.held_until = "ready", None, None
    job.sha256, job.manifest_hash = sha256, made.manifest_hash
    job.size_bytes, job.record_count = made.size_bytes, made.record_count
    job.done = job.total = made.record_count
    job.ready_at, job.expires_at = now, now + KEPT_FOR
    session.flush()


def fail_job(session: Session, job_id: int, worker: str, now: datetime, error: DubanError) -> None:
    """Note why an export came to nothing.

    Raises:
        ExportLost: Somebody else has taken it over.
    """
    _fail(hold_on(session, job_id, worker, now), error)
    session.flush()


def _fail(job: BundleJob, error: DubanError) -> None:
    said = {name: str(value) for name, value in error.attributes.items()}
    job.state, job.worker, job.held_until = "failed", None, None
    job.failure = {"code": error.code, "attributes": said, "text": str(error)}


def expire_jobs(session: Session, now: datetime) -> list[int]:
    """Note of old bundles that their files go; give their ids, to delete the files after."""
    jobs = expired_jobs(session, now)
    for job in jobs:
        job.state = "expired"
    session.flush()
    return [job.id for job in jobs]


def unfinished_jobs(session: Session) -> dict[int, str]:
    """Give the state of each export whose file is there or on its way."""
    statement = select(BundleJob.id, BundleJob.state).where(
        BundleJob.state.in_(("running", "ready"))
    )
    return {row.id: row.state for row in session.execute(statement)}
