"""Days of the State Council's holiday notices, read from the chinese_calendar package.

The package raises past its last year and knows neither names of make-up days nor
regions; this module turns it into rows of our own table once, at import time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

import chinese_calendar

from workflows.domain.calendars import MAKE_UP, Calendar, CalendarDay, DayStatus

_NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
    "Anti-Fascist 70th Day": "抗战胜利70周年纪念日",
}


def official_years() -> tuple[int, int]:
    """Give the first and the last year for which the package knows the notice."""
    years = {on.year for on in chinese_calendar.holidays}
    return min(years), max(years)


@cache
def official_days() -> tuple[CalendarDay, ...]:
    """Give every day of the covered years in order, for the whole country."""
    return tuple(_days())


@cache
def official_calendar() -> Calendar:
    """Give the calendar of the whole country that these days make."""
    return Calendar.of(official_days())


def _days() -> Iterator[CalendarDay]:
    first_year, last_year = official_years()
    on = date(first_year, 1, 1)
    while on.year <= last_year:
        yield CalendarDay(
            on=on,
            is_workday=chinese_calendar.is_workday(on),
            name=_name(on),
            status=DayStatus.OFFICIAL,
            source=f"国务院办公厅{on.year}年节假日安排通知",
        )
        on += timedelta(days=1)


def _name(on: date) -> str:
    """Name holidays and make-up days; ordinary working days and weekends have no name."""
    if on in chinese_calendar.workdays:
        return _NAMES[chinese_calendar.workdays[on]] + MAKE_UP
    if on in chinese_calendar.holidays:
        return _NAMES[chinese_calendar.holidays[on]]
    return ""
