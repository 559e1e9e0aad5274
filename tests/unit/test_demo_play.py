"""The demo tells of an overdue rectification on every day of a year, after a holiday too."""

from datetime import date, timedelta

from tests.support.calendars import plain_week
from workflows.jobs.demo_play import served_on_to_be_overdue

YEAR_BEGINS_ON = date(2026, 1, 1)
NATIONAL_DAY = [date(2026, 10, 1) + timedelta(days=n) for n in range(8)]
CALENDAR = plain_week(YEAR_BEGINS_ON, 365, off=NATIONAL_DAY)


def test_a_term_of_60_days_is_over_since_yesterday_or_for_some_days_after_a_holiday() -> None:
    for n in range(80, 360):
        today_on = YEAR_BEGINS_ON + timedelta(days=n)
        served_on = served_on_to_be_overdue(CALENDAR, today_on)
        due_on = CALENDAR.next_workday(served_on + timedelta(days=60))
        assert CALENDAR.is_workday(served_on)
        assert due_on < today_on
        assert CALENDAR.workdays_between(due_on, today_on) <= 6
