"""Days for which no notice is out: the law's own rule, checked against sky and history."""

from datetime import date

import pytest

from tests.support.sky import festivals
from workflows.domain.calendars import Calendar, DayStatus, provisional_days
from workflows.domain.statutory import statutory_days, statutory_name
from workflows.store.calendar_source import official_calendar

FESTIVALS = ("春节", "清明节", "端午节", "中秋节")
LAST_KNOWN_YEAR = 2050
# Dragon Boat on a Saturday that was swapped away, Mid-Autumn on National Day.
OTHERWISE_NAMED = {date(2012, 6, 23): "", date(2020, 10, 1): "国庆节"}


@pytest.mark.parametrize("year", range(2008, 2027))
def test_the_sky_gives_the_festivals_of_past_notices(year: int) -> None:
    for on, name in zip(festivals(year), FESTIVALS, strict=True):
        official = official_calendar().name_of(on)
        assert official == OTHERWISE_NAMED.get(on, name), f"{name} {on}"
        assert not official_calendar().is_workday(on)


@pytest.mark.parametrize("year", range(2027, LAST_KNOWN_YEAR + 1))
def test_expected_festivals_are_those_of_the_sky(year: int) -> None:
    for on, name in zip(festivals(year), FESTIVALS, strict=True):
        assert name in statutory_name(on), f"{name} {on}"


def test_thirteen_days_off_a_year_unless_two_festivals_meet() -> None:
    assert len(statutory_days(2027)) == 13
    assert len(statutory_days(2031)) == 12
    assert statutory_name(date(2031, 10, 1)) == "国庆节、中秋节"


def test_the_eve_begins_the_spring_festival() -> None:
    spring = [on for on, name in statutory_days(2027).items() if name == "春节"]
    assert spring == [date(2027, 2, day) for day in (5, 6, 7, 8)]


def test_years_beyond_the_festival_table_know_their_fixed_days() -> None:
    days = statutory_days(LAST_KNOWN_YEAR + 1)
    assert set(days.values()) == {"元旦", "劳动节", "国庆节"}
    assert len(days) == 6


def test_days_past_the_horizon_follow_the_rule_and_say_so() -> None:
    calendar = official_calendar()
    assert calendar.horizon_on == date(2026, 12, 31)
    assert calendar.is_workday(date(2027, 1, 4))
    assert not calendar.is_workday(date(2027, 1, 3))
    assert not calendar.is_workday(date(2027, 2, 8))
    assert calendar.name_of(date(2027, 2, 8)) == "春节"
    assert calendar.has_provisional(date(2026, 12, 31), date(2027, 1, 1))
    assert not calendar.has_provisional(date(2026, 12, 1), date(2026, 12, 31))


def test_stored_provisional_rows_answer_like_the_rule_itself() -> None:
    official = official_calendar()
    rows = provisional_days(date(2027, 1, 1), date(2028, 12, 31), "规则推算")
    stored = Calendar.of([*official.days, *rows])
    assert all(row.status is DayStatus.PROVISIONAL for row in rows)
    assert stored.horizon_on == official.horizon_on
    assert stored.version != official.version
    assert [official.is_workday(row.on) for row in rows] == [row.is_workday for row in rows]
    assert [official.name_of(row.on) for row in rows] == [stored.name_of(row.on) for row in rows]
    assert stored.has_provisional(date(2027, 6, 1), date(2027, 6, 1))
