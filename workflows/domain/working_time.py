"""How long something took in working time: the days and seconds on which people work."""

from __future__ import annotations

from datetime import datetime, timedelta

from workflows.domain.calendars import Calendar
from workflows.domain.clocks import due_at_of, local_date

_DAY = timedelta(days=1)
_DAY_SECONDS = 86_400


def workdays_taken(calendar: Calendar, since: datetime, until: datetime) -> int:
    """Count the working days after the day of the first moment, up to that of the second.

    What was done on the day it came took none, as no deadline counts the day of its anchor.
    """
    if until <= since:
        return 0
    return calendar.workdays_between(local_date(since), local_date(until))


def working_seconds(calendar: Calendar, since: datetime, until: datetime) -> int:
    """Count the seconds between two moments that lie on working days, whole days of 24 hours.

    A calendar knows days and no office hours: a weekend counts nothing, a night does.
    """
    if until <= since:
        return 0
    first_on, last_on = local_date(since), local_date(until)
    if first_on == last_on:
        return _seconds(until - since) if calendar.is_workday(first_on) else 0
    total = calendar.workdays_between(first_on, last_on - _DAY) * _DAY_SECONDS
    if calendar.is_workday(first_on):
        total += _seconds(due_at_of(first_on) - since)
    if calendar.is_workday(last_on):
        total += _seconds(until - due_at_of(last_on - _DAY))
    return total


def _seconds(stretch: timedelta) -> int:
    return int(stretch.total_seconds())
