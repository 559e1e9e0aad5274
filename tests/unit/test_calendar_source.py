"""Days read from the package of official holidays."""

from collections import Counter
from datetime import date

import chinese_calendar
import pytest

from workflows.domain.calendars import CalendarDay, DayStatus
from workflows.store.calendar_source import official_days, official_years

DAYS = {day.on: day for day in official_days()}


def test_every_day_of_every_covered_year_has_a_row() -> None:
    first, last = official_years()
    assert (first, last) == (2004, 2026)
    assert len(DAYS) == (date(last + 1, 1, 1) - date(first, 1, 1)).days
    assert all(day.status is DayStatus.OFFICIAL and day.region == "" for day in DAYS.values())


@pytest.mark.parametrize("year, workdays", [(2024, 251), (2025, 248), (2026, 248)])
def test_number_of_workdays_of_a_year(year: int, workdays: int) -> None:
    assert Counter(on.year for on, day in DAYS.items() if day.is_workday)[year] == workdays


@pytest.mark.parametrize(
    "text",
    [
        *("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"),
        *("2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"),
    ],
)
def test_make_up_days_are_workdays_and_say_for_which_holiday(text: str) -> None:
    day = DAYS[date.fromisoformat(text)]
    assert day.is_workday
    assert day.name.endswith("节调休上班") or day.name == "元旦调休上班"


def test_names_are_chinese_and_ordinary_days_have_none() -> None:
    assert DAYS[date(2026, 10, 1)].name == "国庆节"
    assert DAYS[date(2026, 10, 10)].name == "国庆节调休上班"
    assert DAYS[date(2015, 9, 3)].name == "抗战胜利70周年纪念日"
    assert DAYS[date(2026, 3, 2)].name == ""
    assert DAYS[date(2026, 3, 1)] == CalendarDay(
        date(2026, 3, 1), is_workday=False, source="国务院办公厅2026年节假日安排通知"
    )


def test_every_day_agrees_with_the_package() -> None:
    for on, day in DAYS.items():
        assert day.is_workday == chinese_calendar.is_workday(on), on
