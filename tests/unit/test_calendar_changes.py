"""A change of a region's days: which rows it writes, and what is no change."""

from dataclasses import replace
from datetime import date

import pytest

from workflows.domain.calendar_changes import (
    CalendarChange,
    CalendarChangeInvalid,
    DayKind,
    changed_days,
    with_days,
)
from workflows.domain.calendars import Calendar, CalendarDay, DayStatus

HERE, ELSEWHERE = "15.1590.", "15.1591."
COUNTRY = Calendar.of([CalendarDay(date(2026, 12, 31), is_workday=True)])
FAIR = CalendarChange(
    HERE,
    date(2026, 8, 10),
    date(2026, 8, 11),
    DayKind.LEAVE,
    "那达慕大会",
    DayStatus.OFFICIAL,
    "旗政办发〔2026〕9号",
)


def after(calendar: Calendar, change: CalendarChange) -> Calendar:
    return with_days(calendar, changed_days(calendar, change), change.region)


def test_local_leave_holds_in_its_region_and_below_and_nowhere_else() -> None:
    changed = after(COUNTRY, FAIR)
    assert not changed.for_region(f"{HERE}159001.").is_workday(date(2026, 8, 10))
    assert changed.for_region(ELSEWHERE).is_workday(date(2026, 8, 10))
    assert changed.is_workday(date(2026, 8, 10))
    assert changed.horizon_on == COUNTRY.horizon_on


def test_days_taken_back_leave_the_table_as_it_was() -> None:
    changed = after(COUNTRY, FAIR)
    back = after(changed, replace(FAIR, kind=DayKind.BACK, name=""))
    assert back.version == COUNTRY.version
    assert changed.version != COUNTRY.version


def test_the_same_change_twice_changes_nothing() -> None:
    changed = after(COUNTRY, FAIR)
    assert changed_days(changed, FAIR) == ()
    assert [each.on for each in changed_days(COUNTRY, FAIR)] == [FAIR.first_on, FAIR.last_on]


def test_a_make_up_saturday_is_worked_and_says_so() -> None:
    saturday = date(2026, 8, 15)
    change = replace(FAIR, first_on=saturday, last_on=saturday, kind=DayKind.MAKE_UP)
    here = after(COUNTRY, change).for_region(HERE)
    assert here.is_workday(saturday)
    assert here.name_of(saturday) == "那达慕大会调休上班"


def test_a_completed_year_is_fixed_and_keeps_what_its_notice_said() -> None:
    swapped = date(2027, 1, 4)
    notice = replace(FAIR, first_on=swapped, last_on=swapped, kind=DayKind.HOLIDAY, name="元旦")
    told = after(COUNTRY, notice)
    assert told.for_region(HERE).has_provisional(date(2027, 1, 1), date(2027, 12, 31))
    whole = after(told, replace(notice, kind=DayKind.YEAR, name=""))
    here = whole.for_region(HERE)
    assert not here.has_provisional(date(2027, 1, 1), date(2027, 12, 31))
    assert not here.is_workday(swapped)
    assert here.is_workday(date(2027, 3, 1))
    assert whole.for_region(ELSEWHERE).has_provisional(date(2027, 1, 1), date(2027, 1, 1))


@pytest.mark.parametrize(
    "reason, changed",
    [
        ("region", {"region": ""}),
        ("order", {"last_on": date(2026, 8, 9)}),
        ("long", {"last_on": date(2026, 9, 30)}),
        ("source", {"source": "  "}),
        ("source", {"source": "号" * 121}),
        ("name", {"name": ""}),
        ("name", {"name": "会" * 21}),
    ],
)
def test_what_is_no_change_is_refused(reason: str, changed: dict[str, object]) -> None:
    with pytest.raises(CalendarChangeInvalid) as refused:
        changed_days(COUNTRY, replace(FAIR, **changed))
    assert refused.value.reason == reason
