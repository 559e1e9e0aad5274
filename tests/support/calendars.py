"""Calendars for tests."""

from collections.abc import Iterable
from datetime import date, timedelta

from workflows.domain.calendars import Calendar, CalendarDay, DayStatus


def changed(calendar: Calendar, *days: CalendarDay) -> Calendar:
    """The same table with some rows put in the place of others."""
    replaced = {(day.on, day.region) for day in days}
    kept = (day for day in calendar.days if (day.on, day.region) not in replaced)
    return Calendar.of([*kept, *days])


def day(
    text: str,
    *,
    is_workday: bool,
    region: str = "",
    name: str = "",
    status: DayStatus = DayStatus.OFFICIAL,
) -> CalendarDay:
    """A row of the calendar table."""
    return CalendarDay(date.fromisoformat(text), is_workday, region, name, status, "试验")


def plain_week(first_on: date, count: int, off: Iterable[date] = ()) -> Calendar:
    """A table of official days with free weekends and some more days off."""
    free = set(off)
    days = (first_on + timedelta(days=offset) for offset in range(count))
    return Calendar.of(CalendarDay(on, on.weekday() < 5 and on not in free) for on in days)
