"""The sweep: fires what is due and not done (DESIGN 7)."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, TypeAlias

import structlog

from workflows.domain.clocks import local_date
from workflows.domain.errors import Conflict, DubanError
from workflows.jobs.recomputing import count_waiting
from workflows.services.desk.holds import end_hold, holds_to_end
from workflows.services.heartbeats import begin_heartbeat, end_heartbeat
from workflows.services.incidents import raise_incident
from workflows.services.installation import note_time
from workflows.services.steps.advance import Advanced
from workflows.services.steps.delivering import deliver, waiting_messages
from workflows.services.steps.firing import Fired, fire, fire_together
from workflows.store.duework import (
    ATTEMPTS,
    claim_clocks,
    count_due,
    due_clocks,
    note_failure,
    oldest_due,
)
from workflows.store.scope import SystemScope
from workflows.store.transaction import Session, Sessions, StorageFailed, savepoint, transaction

JOB = "sweep"
BATCH = 2_000
STRETCH = 50_000
# No case may get more records than this from one sweep: a flood is a fault of a diagram.
MOST_RECORDS_PER_CASE = 20
_FireRound: TypeAlias = Callable[[Session, Sequence[Any], datetime], Fired]
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What a sweep found and did; ``escalated`` counts firings that opened a task.

    ``late`` counts firings more than a day after their due time.
    """

    due: int = 0
    fired: int = 0
    escalated: int = 0
    skipped: int = 0
    failed: int = 0
    late: int = 0

    def counts(self) -> dict[str, int]:
        """Give the numbers by name."""
        return asdict(self)


def run_sweep(
    sessions: Sessions, now: datetime, *, batch: int = BATCH, stretch: int = STRETCH
) -> SweepReport:
    """Fire every clock that is due, in batches of one transaction each.

    The oldest ``stretch`` of them come first, and are fired in the order of their cases:
    tables and indexes lie in that order, so that a batch comes back to the same pages.
    A clock that fails is left out of its batch and tried again later, alone; after
    five attempts it becomes an incident. Two sweeps at once share the work.

    Raises:
        ClockBackwards: The server's clock was put back.
        StorageFailed: The database takes no changes; what was reported before is stored.
    """
    with transaction(sessions, SystemScope(JOB)) as session:
        note_time(session, now)
        begin_heartbeat(session, JOB, now)
    # Nothing fires by a date that a new calendar has moved.
    count_waiting(sessions, now)
    with transaction(sessions, SystemScope(JOB)) as session:
        counts: Counter[str] = Counter(due=count_due(session, now))
        late = now - (oldest_due(session, now) or now)
    _end_holds(sessions, now)
    per_case: Counter[str] = Counter()
    for ids in _batches(sessions, now, batch, stretch):
        with _collecting_later():
            done = _sweep_batch(sessions, ids, now, per_case)
        counts.update(done.counts)
        per_case.update(done.records)
        for clock in done.broken:
            _retry_later(sessions, clock, now)
    _deliver_messages(sessions, now)
    report = SweepReport(**counts)
    with transaction(sessions, SystemScope(JOB)) as session:
        end_heartbeat(session, JOB, now, report.counts(), late)
    return report


def _end_holds(sessions: Sessions, now: datetime) -> None:
    """Let clocks go on whose hold is over, a case to a transaction; one that fails waits."""
    with transaction(sessions, SystemScope(JOB)) as session:
        expired = holds_to_end(session, local_date(now))
    for each in expired:
        try:
            with transaction(sessions, SystemScope(JOB)) as session:
                end_hold(session, now, each)
        except DubanError as error:
            _log.warning("hold not ended", code=error.code, case_id=each.case_id)


def _batches(sessions: Sessions, now: datetime, batch: int, stretch: int) -> Iterator[list[int]]:
    """Give what is due as ids of clocks, those of a case side by side."""
    after: tuple[datetime, int] | None = None
    while True:
        with transaction(sessions, SystemScope(JOB)) as session:
            due = due_clocks(session, now, stretch, after)
        by_case = [clock.id for clock in sorted(due, key=attrgetter("case_id"))]
        yield from (by_case[begin : begin + batch] for begin in range(0, len(by_case), batch))
        if len(due) < stretch:
            return
        after = (due[-1].due_at, due[-1].id)


def _deliver_messages(sessions: Sessions, now: datetime) -> None:
    """Bring what cases have thrown to each other, a message to a transaction."""
    while True:
        with transaction(sessions, SystemScope(JOB)) as session:
            waiting = waiting_messages(session, 1)
            for message in waiting:
                deliver(session, message, now)
        if not waiting:
            return


@contextmanager
def _collecting_later() -> Iterator[None]:
    """Put the collection of cycles off: a batch makes very many objects, and no cycles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@dataclass(frozen=True, slots=True)
class _Batch:
    """What is done in one transaction; ``records`` are those that each case has got.

    Nothing of it counts until the transaction is stored.
    """

    session: Session
    now: datetime
    before: Mapping[str, int]
    counts: Counter[str] = field(default_factory=Counter)
    records: Counter[str] = field(default_factory=Counter)
    broken: list[Any] = field(default_factory=list)

    def fire(self, clocks: Sequence[Any], fire_round: _FireRound) -> None:
        """Fire claimed clocks, in rounds of one clock a case.

        A case's second clock is looked at again when its first has been written: the
        first may have cancelled it.
        """
        while clocks:
            first = {clock.case_id: clock for clock in reversed(clocks)}
            clocks = [clock for clock in clocks if first[clock.case_id] is not clock]
            fired = fire_round(
                self.session, [c for c in first.values() if self._allows(c)], self.now
            )
            for clock, advanced in fired.advanced:
                self._count(clock, advanced)
            for clock in fired.alone:
                self._fire_alone(clock)

    def _allows(self, clock: Any) -> bool:
        records = self.before[clock.case_id] + self.records[clock.case_id]
        is_flood = records >= MOST_RECORDS_PER_CASE
        self.counts["skipped"] += is_flood
        return not is_flood

    def _fire_alone(self, clock: Any) -> None:
        """Fire a clock inside its own savepoint, so that one broken case blocks nobody."""
        try:
            with savepoint(self.session):
                advanced = fire(self.session, clock.case_id, clock.path, clock.n, self.now)
        except Conflict:
            self.counts["skipped"] += 1
        except StorageFailed:
            raise
        except Exception as error:  # one broken case blocks nobody
            place = f"{clock.path}#{clock.n}"
            _log.error("clock failed", case=clock.case_id, clock=place, error=type(error).__name__)
            self.counts["failed"] += 1
            self.broken.append(clock)
        else:
            self._count(clock, advanced)

    def _count(self, clock: Any, advanced: Advanced | None) -> None:
        if advanced is None:
            self.counts["skipped"] += 1
            return
        self.records[clock.case_id] += 1
        self.counts["fired"] += 1
        self.counts["escalated"] += bool(advanced.opened)
        self.counts["late"] += self.now - clock.due_at > timedelta(days=1)


def _sweep_batch(
    sessions: Sessions, ids: Sequence[int], now: datetime, per_case: Mapping[str, int]
) -> _Batch:
    """Fire clocks in one transaction, together; if that fails, in another one each alone.

    The first has no savepoint: SQLite would copy every page that is changed inside, for
    an undoing that hardly ever comes.
    """
    try:
        return _fire_claimed(sessions, ids, now, per_case, fire_together)
    except StorageFailed:
        raise
    except Exception as error:  # whose fault it is comes out when each is fired alone
        _log.warning("batch failed", clocks=len(ids), error=type(error).__name__)
    return _fire_claimed(sessions, ids, now, per_case, _each_alone)


def _fire_claimed(
    sessions: Sessions,
    ids: Sequence[int],
    now: datetime,
    per_case: Mapping[str, int],
    fire_round: _FireRound,
) -> _Batch:
    with transaction(sessions, SystemScope(JOB)) as session:
        batch = _Batch(session, now, per_case)
        batch.fire(claim_clocks(session, now, ids), fire_round)
    return batch


def _each_alone(_session: Session, clocks: Sequence[Any], _now: datetime) -> Fired:
    return Fired(alone=list(clocks))


def _retry_later(sessions: Sessions, clock: Any, now: datetime) -> None:
    with transaction(sessions, SystemScope(JOB)) as session:
        attempts = note_failure(session, clock.id, now)
        if attempts >= ATTEMPTS:
            place = f"{clock.path}#{clock.n}"
            raise_incident(session, clock.case_id, "clock_failed", place, now)
