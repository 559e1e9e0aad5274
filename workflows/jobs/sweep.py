"""The sweep: fires what is due and not done (DESIGN 7)."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

import structlog

from workflows.domain.errors import Conflict
from workflows.services.advance import Advanced
from workflows.services.delivering import deliver, waiting_messages
from workflows.services.firing import fire, fire_together
from workflows.services.heartbeats import begin_heartbeat, end_heartbeat
from workflows.services.incidents import raise_incident
from workflows.services.installation import note_time
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
        counts: Counter[str] = Counter(due=count_due(session, now))
        late = now - (oldest_due(session, now) or now)
    per_case: Counter[str] = Counter()
    for ids in _batches(sessions, now, batch, stretch):
        with transaction(sessions, SystemScope(JOB)) as session:
            clocks = claim_clocks(session, now, ids)
            done = Counter[str]()
            with _collecting_later():
                broken = _fire_batch(session, clocks, now, per_case, done)
        counts.update(done)
        for clock in broken:
            _retry_later(sessions, clock, now)
    _deliver_messages(sessions, now)
    report = SweepReport(**counts)
    with transaction(sessions, SystemScope(JOB)) as session:
        end_heartbeat(session, JOB, now, report.counts(), late)
    return report


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


def _fire_batch(
    session: Session,
    clocks: Sequence[Any],
    now: datetime,
    per_case: Counter[str],
    counts: Counter[str],
) -> list[Any]:
    """Fire claimed clocks, in rounds of one clock a case, and give those that failed.

    A case's second clock is looked at again when its first has been written: the first
    may have cancelled it.
    """
    broken: list[Any] = []
    while clocks:
        first = {clock.case_id: clock for clock in reversed(clocks)}
        clocks = [clock for clock in clocks if first[clock.case_id] is not clock]
        allowed = [clock for clock in first.values() if _is_allowed(clock, per_case, counts)]
        alone = _fire_round(session, allowed, now, per_case, counts)
        broken += [c for c in alone if not _fire_one(session, c, now, per_case, counts)]
    return broken


def _is_allowed(clock: Any, per_case: Counter[str], counts: Counter[str]) -> bool:
    is_flood = per_case[clock.case_id] >= MOST_RECORDS_PER_CASE
    counts["skipped"] += is_flood
    return not is_flood


def _fire_round(
    session: Session,
    clocks: Sequence[Any],
    now: datetime,
    per_case: Counter[str],
    counts: Counter[str],
) -> Sequence[Any]:
    """Fire clocks of different cases together, and give those to be fired alone."""
    try:
        with savepoint(session):
            fired = fire_together(session, clocks, now)
    except StorageFailed:
        raise
    except Exception as error:  # whose fault it is comes out when each is fired alone
        _log.warning("batch failed", clocks=len(clocks), error=type(error).__name__)
        return clocks
    for clock, advanced in fired.advanced:
        _count(clock, advanced, now, per_case, counts)
    return fired.alone


def _fire_one(
    session: Session, clock: Any, now: datetime, per_case: Counter[str], counts: Counter[str]
) -> bool:
    """Fire a clock inside its own savepoint, so that one broken case blocks nobody."""
    try:
        with savepoint(session):
            advanced = fire(session, clock.case_id, clock.path, clock.n, now)
    except Conflict:
        counts["skipped"] += 1
        return True
    except StorageFailed:
        raise
    except Exception as error:  # one broken case blocks nobody
        place = f"{clock.path}#{clock.n}"
        _log.error("clock failed", case=clock.case_id, clock=place, error=type(error).__name__)
        counts["failed"] += 1
        return False
    _count(clock, advanced, now, per_case, counts)
    return True


def _count(
    clock: Any,
    advanced: Advanced | None,
    now: datetime,
    per_case: Counter[str],
    counts: Counter[str],
) -> None:
    if advanced is None:
        counts["skipped"] += 1
        return
    per_case[clock.case_id] += 1
    counts["fired"] += 1
    counts["escalated"] += bool(advanced.opened)
    counts["late"] += now - clock.due_at > timedelta(days=1)


def _retry_later(sessions: Sessions, clock: Any, now: datetime) -> None:
    with transaction(sessions, SystemScope(JOB)) as session:
        attempts = note_failure(session, clock.id, now)
        if attempts >= ATTEMPTS:
            place = f"{clock.path}#{clock.n}"
            raise_incident(session, clock.case_id, "clock_failed", place, now)
