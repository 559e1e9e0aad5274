"""An export in the hands of one worker: he holds it, says how far it is, and may lose it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TypeAlias

from workflows.services.exports.work import hold_on, note_progress
from workflows.services.installation import clock_now
from workflows.store.connection import read_one_state
from workflows.store.scope import Scope, SystemScope
from workflows.store.tables import BundleJob
from workflows.store.transaction import Session, Sessions, transaction

JOB = "exports"
_TOLD_SECONDS = 1.0
Progress: TypeAlias = Callable[[int, int], None]


class Stopping(Exception):
    """The program is about to end: the export waits for its next start."""


@dataclass(slots=True)
class Held:
    """One export that one worker holds.

    ``total`` counts each record twice: it is read, then written.
    """

    sessions: Sessions
    folder: Path
    job_id: int
    worker: str
    progress: Progress
    is_stopping: Callable[[], bool] = lambda: False
    done: int = 0
    total: int = 0
    _told_at: float = 0.0

    @contextmanager
    def holding(self) -> Iterator[tuple[Session, BundleJob]]:
        """Write while the export is surely held.

        Raises:
            ExportLost: Somebody else has taken it over.
        """
        with transaction(self.sessions, SystemScope(JOB)) as session:
            yield session, hold_on(session, self.job_id, self.worker, clock_now(session))

    @contextmanager
    def reading(self, scope: Scope | None = None) -> Iterator[Session]:
        """Read one state of the database, locking nothing; without a scope, all of it."""
        with transaction(self.sessions, scope or SystemScope(JOB)) as session:
            read_one_state(session)
            yield session

    def job(self, session: Session) -> BundleJob:
        """Read the export's row."""
        return session.get_one(BundleJob, self.job_id)

    def advance(self, records: int) -> None:
        """Go on by some records; now and then say so where others see it.

        Raises:
            ExportLost: Somebody else has taken it over.
            Stopping: The program is about to end.
        """
        if self.is_stopping():
            raise Stopping
        self.done += records
        self.progress(self.done, self.total)
        if monotonic() - self._told_at < _TOLD_SECONDS:
            return
        self._told_at = monotonic()
        with transaction(self.sessions, SystemScope(JOB)) as session:
            now = clock_now(session)
            note_progress(session, self.job_id, self.worker, now, self.done, self.total)
