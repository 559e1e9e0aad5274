"""The check: each night it looks for what nothing moves on any more (DESIGN 7).

It shows, it never repairs: what it finds becomes an incident, and nothing else is written.
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256

from workflows.domain.clocks import SHANGHAI, local_date
from workflows.domain.errors import DubanError
from workflows.domain.orphans import Orphan, OrphanKind
from workflows.jobs.sweep import JOB as SWEEP
from workflows.queries.orphans import held_tasks, missed_clocks, stranded_cases, unknown_markings
from workflows.queries.staff.claimable import unclaimable_tasks
from workflows.services.heartbeats import begin_heartbeat, claim_run, end_heartbeat, heartbeat_of
from workflows.services.history.rebuild import case_differences
from workflows.services.history.stored import StoredCase, read_stored
from workflows.services.incidents import cases_told_of, settle_orphans
from workflows.store.connection import read_one_state
from workflows.store.projections import case_ids
from workflows.store.scope import SystemScope
from workflows.store.transaction import Session, Sessions, transaction

JOB = "check"
# How many cases a night are compared with their records: a case in a hundred thousand is met
# by chance, and a fault of the program in many cases is met the first night.
SAMPLE = 1_000
BATCH = 100
_MOST_NAMED = 3
_UNREADABLE = (DubanError, LookupError, TypeError, ValueError)
_RECORDS = "records"
_AT_NIGHT = time(2)
OnCases = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check found, and how many cases were compared with their records.

    ``raised`` are new, ``closed`` were found before and are gone.
    """

    found: tuple[Orphan, ...]
    compared: int
    raised: int
    closed: int

    def counts(self) -> dict[str, int]:
        """Give the numbers by name."""
        return {
            "found": len(self.found),
            "raised": self.raised,
            "closed": self.closed,
            "compared": self.compared,
        }


def run_check(
    sessions: Sessions,
    now: datetime,
    *,
    whole: bool = False,
    sample: int = SAMPLE,
    on_cases: OnCases = lambda _: None,
) -> CheckReport:
    """Look for orphans, and let the incidents say what was found.

    Args:
        sessions: Give sessions; everything is read in snapshots that lock nothing.
        now: The moment for which it is asked who could claim and what is due.
        whole: Compare all cases with their records, not only a sample.
        sample: How many cases to compare; which ones changes with the day.
        on_cases: Called after each batch with the number of cases compared in it.
    """
    with transaction(sessions, SystemScope(JOB)) as session:
        begin_heartbeat(session, JOB, now)
    with _reading(sessions) as session:
        found = set(_by_rows(session, now))
        chosen = cases_told_of(session, OrphanKind.ROWS_DIFFER)
        if not whole:
            chosen |= set(_sample(session, local_date(now), sample))
    compared = 0
    for batch in _all_cases(sessions) if whole else _parts(sorted(chosen)):
        with _reading(sessions) as session:
            found.update(_differing(session, batch))
        compared += len(batch)
        on_cases(len(batch))
    with transaction(sessions, SystemScope(JOB)) as session:
        raised, closed = settle_orphans(session, found, now, None if whole else chosen)
        report = CheckReport(tuple(sorted(found)), compared, raised, closed)
        end_heartbeat(session, JOB, now, report.counts())
    return report


def claim_night(session: Session, now: datetime) -> bool:
    """Say whether the check of the last night has still to run, and take it if so."""
    today = datetime.combine(local_date(now), _AT_NIGHT, SHANGHAI)
    return claim_run(session, JOB, now, today if today <= now else today - timedelta(days=1))


@contextmanager
def _reading(sessions: Sessions) -> Iterator[Session]:
    with transaction(sessions, SystemScope(JOB)) as session:
        read_one_state(session)
        yield session


def _by_rows(session: Session, now: datetime) -> Iterator[Orphan]:
    yield from stranded_cases(session)
    yield from unclaimable_tasks(session, local_date(now))
    yield from held_tasks(session)
    yield from unknown_markings(session)
    swept = heartbeat_of(session, SWEEP)
    if swept is not None and swept.finished_at is not None:
        yield from missed_clocks(session, swept.finished_at)


def _differing(session: Session, case_ids: Sequence[str]) -> Iterator[Orphan]:
    """Compare cases with their records; one whose rows or records cannot be read differs too."""
    try:
        stored = read_stored(session, case_ids)
    except _UNREADABLE:
        if len(case_ids) == 1:
            yield Orphan(OrphanKind.ROWS_DIFFER, case_ids[0], _RECORDS)
            return
        for case_id in case_ids:
            yield from _differing(session, [case_id])
        return
    for case_id in case_ids:
        names = _differences(session, stored[case_id])
        if names:
            yield Orphan(OrphanKind.ROWS_DIFFER, case_id, ", ".join(names[:_MOST_NAMED]))


def _differences(session: Session, stored: StoredCase) -> list[str]:
    try:
        return list(dict.fromkeys(each.what for each in case_differences(session, stored)))
    except _UNREADABLE:
        return [_RECORDS]


def _sample(session: Session, today: date, count: int) -> list[str]:
    """Choose cases for a day: ids are random, so those behind a random one are a fair choice."""
    drawn = b32encode(sha256(today.isoformat().encode()).digest()).decode().lower()
    found = case_ids(session, f"c_{drawn[:26]}", count) if count else []
    if len(found) < count:
        found += case_ids(session, "", count - len(found))
    return found


def _all_cases(sessions: Sessions) -> Iterator[list[str]]:
    after = ""
    while True:
        with _reading(sessions) as session:
            batch = case_ids(session, after, BATCH)
        if not batch:
            return
        yield batch
        after = batch[-1]


def _parts(ids: list[str]) -> Iterator[list[str]]:
    return (ids[begin : begin + BATCH] for begin in range(0, len(ids), BATCH))
