"""The calendar brought up to date, and every date that it moves counted anew, a case at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog

from workflows.domain.calendars import Calendar
from workflows.domain.errors import Conflict, DubanError
from workflows.services.access import SYSTEM
from workflows.services.calendars import (
    current_calendar,
    install_calendar,
    is_counted,
    lock_calendars,
    note_counted,
)
from workflows.services.installation import clock_now
from workflows.services.versions.recomputing import cases_to_recompute, recompute
from workflows.store.calendar_source import official_days
from workflows.store.scope import SystemScope
from workflows.store.transaction import Sessions, StorageFailed, transaction

JOB = "calendar"
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class CalendarUpdate:
    """Which calendar is in force, until when it is official, and how many dates were written."""

    version: str
    horizon_on: str
    is_new: bool
    cases: int
    dates: int


def update_calendar(sessions: Sessions) -> CalendarUpdate:
    """Put the official days that are known here in force, if they are new, and count anew.

    A calendar of this installation's own with days of a region keeps those.
    """
    with transaction(sessions, SystemScope(JOB)) as session:
        now = clock_now(session)
        lock_calendars(session)
        before = current_calendar(session)
        own = tuple(day for day in before.days if day.region)
        known = Calendar.of((*official_days(), *own))
        is_new = known.version != before.version and known.horizon_on >= before.horizon_on
        if is_new:
            install_calendar(session, SYSTEM[JOB], now, known)
        in_force = known if is_new else before
    cases, dates = _count_anew(sessions, now)
    return CalendarUpdate(in_force.version, in_force.horizon_on.isoformat(), is_new, cases, dates)


def count_waiting(sessions: Sessions, now: datetime) -> None:
    """Count anew what runs, if that is still to be done under the calendar in force.

    What a run did not come to, the next one does. A case that somebody else holds is left
    for the next run.
    """
    with transaction(sessions, SystemScope(JOB)) as session:
        is_done = is_counted(session)
    if not is_done:
        _count_anew(sessions, now)


def _count_anew(sessions: Sessions, now: datetime) -> tuple[int, int]:
    """Count anew, a transaction for each case; give how many cases were met and dates written."""
    with transaction(sessions, SystemScope(JOB)) as session:
        version = current_calendar(session).version
        cases = cases_to_recompute(session)
    dates, is_whole = 0, True
    for case_id in cases:
        try:
            with transaction(sessions, SystemScope(JOB)) as session:
                dates += recompute(session, now, case_id)
        except StorageFailed:
            raise
        except Conflict:
            is_whole = False
        except DubanError as error:
            # One case that cannot be counted leaves all others their new dates.
            _log.error("case not counted anew", case=case_id, code=error.code)
    if is_whole:
        with transaction(sessions, SystemScope(JOB)) as session:
            note_counted(session, version, now)
    return len(cases), dates
