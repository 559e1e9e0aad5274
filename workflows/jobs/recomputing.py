"""The calendar brought up to date, and every provisional date counted anew, a case at a time."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.domain.calendars import Calendar
from workflows.services.access import SYSTEM
from workflows.services.calendars import current_calendar, install_calendar
from workflows.services.installation import clock_now
from workflows.services.recomputing import cases_to_recompute, recompute
from workflows.store.calendar_source import official_days
from workflows.store.scope import SystemScope
from workflows.store.transaction import Sessions, transaction

JOB = "calendar"


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
        before = current_calendar(session)
        own = tuple(day for day in before.days if day.region)
        known = Calendar.of((*official_days(), *own))
        is_new = known.version != before.version and known.horizon_on >= before.horizon_on
        if is_new:
            install_calendar(session, SYSTEM[JOB], clock_now(session), known.days)
        now_in_force = known if is_new else before
        cases = cases_to_recompute(session)
    dates = sum(_recompute(sessions, case_id) for case_id in cases)
    return CalendarUpdate(
        now_in_force.version, now_in_force.horizon_on.isoformat(), is_new, len(cases), dates
    )


def _recompute(sessions: Sessions, case_id: str) -> int:
    with transaction(sessions, SystemScope(JOB)) as session:
        return recompute(session, clock_now(session), case_id)
