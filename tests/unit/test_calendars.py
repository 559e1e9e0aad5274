"""The table of working days."""

import hashlib
import json
from datetime import date

import pytest

from tests.support.calendars import changed, day
from workflows.domain.calendars import (
    Calendar,
    CalendarDay,
    DateOutOfRange,
    DayStatus,
    InvalidCalendar,
)
from workflows.store.calendar_source import official_calendar

BANNER = "15.1525.152502."
NAADAM = day("2026-07-24", is_workday=False, region=BANNER, name="那达慕")


def test_version_is_the_hash_of_the_file() -> None:
    calendar = official_calendar()
    assert calendar.version == hashlib.sha256(calendar.jsonl()).hexdigest()


def test_each_line_is_canonical_json_with_the_documented_fields() -> None:
    lines = changed(official_calendar(), NAADAM).jsonl().decode().splitlines()
    for line in lines[-400:]:
        values = json.loads(line)
        assert set(values) == {"date", "region", "is_workday", "name", "status", "source"}
        plain = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert line == plain
    assert any("那达慕" in line for line in lines)


def test_a_calendar_read_back_is_the_same_calendar() -> None:
    calendar = changed(official_calendar(), NAADAM)
    again = Calendar.from_jsonl(calendar.jsonl())
    assert again.days == calendar.days
    assert again.version == calendar.version


def test_order_of_rows_does_not_change_the_version() -> None:
    days = official_calendar().days
    assert Calendar.of(reversed(days)).version == official_calendar().version


@pytest.mark.parametrize(
    "changed_row",
    [
        day("2026-03-02", is_workday=False, name="停工"),
        day("2026-03-02", is_workday=True, name="改名"),
        day("2026-03-02", is_workday=True, status=DayStatus.PROVISIONAL),
        day("2026-03-02", is_workday=True, region=BANNER),
    ],
)
def test_any_changed_row_changes_the_version(changed_row: CalendarDay) -> None:
    assert changed(official_calendar(), changed_row).version != official_calendar().version


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"[1]",
        b'{"date":"2026-02-30","is_workday":true,"name":"","region":"","source":"","status":"official"}',
        b'{"date":"2026-02-03","is_workday":true,"name":"","region":"","source":"","status":"sure"}',
    ],
)
def test_broken_lines_are_refused(line: bytes) -> None:
    with pytest.raises(InvalidCalendar, match="is not a day"):
        Calendar.from_jsonl(line)


def test_a_day_that_stands_twice_is_refused() -> None:
    row = day("2026-03-02", is_workday=True)
    with pytest.raises(InvalidCalendar, match="2026-03-02 stands twice"):
        Calendar.of([row, row])


def test_a_table_without_official_days_is_refused() -> None:
    with pytest.raises(InvalidCalendar, match="no official day"):
        Calendar.of([day("2026-03-02", is_workday=True, status=DayStatus.PROVISIONAL)])


def test_a_region_that_is_no_path_is_refused() -> None:
    with pytest.raises(InvalidCalendar, match="must end with a dot"):
        changed(official_calendar(), day("2026-07-24", is_workday=False, region="15.1525"))


def test_a_banner_day_off_holds_in_the_banner_alone() -> None:
    calendar = changed(official_calendar(), NAADAM)
    township = calendar.for_region("15.1525.152502.152502001.")
    assert not township.is_workday(NAADAM.on)
    assert township.name_of(NAADAM.on) == "那达慕"
    assert calendar.for_region("15.1525.152503.").is_workday(NAADAM.on)
    assert calendar.is_workday(NAADAM.on)
    assert township.version == calendar.version
    assert township.region == BANNER


def test_the_nearest_region_decides() -> None:
    league = day("2026-07-24", is_workday=False, region="15.1525.", name="盟休假")
    banner = day("2026-07-24", is_workday=True, region=BANNER, name="本旗上班")
    calendar = changed(official_calendar(), league, banner)
    assert not calendar.for_region("15.1525.152503.").is_workday(league.on)
    assert calendar.for_region(BANNER).is_workday(league.on)
    assert calendar.for_region(BANNER).name_of(league.on) == "本旗上班"


def test_narrowing_again_starts_from_the_whole_table() -> None:
    calendar = changed(official_calendar(), NAADAM)
    there = calendar.for_region(BANNER)
    assert there.for_region("15.1526.").is_workday(NAADAM.on)
    assert calendar.for_region(BANNER) is there


def test_a_local_official_day_does_not_move_the_horizon() -> None:
    late = day("2027-07-24", is_workday=False, region=BANNER, name="那达慕")
    assert changed(official_calendar(), late).horizon_on == date(2026, 12, 31)


def test_make_up_saturday_is_a_workday_and_the_swapped_day_is_not() -> None:
    calendar = official_calendar()
    assert calendar.is_workday(date(2026, 2, 28))
    assert not calendar.is_workday(date(2026, 2, 23))
    assert calendar.add_workdays(date(2026, 2, 27), 1) == date(2026, 2, 28)


@pytest.mark.parametrize(
    "start, count, result",
    [
        ("2026-03-02", 0, "2026-03-02"),
        ("2026-02-28", 0, "2026-02-28"),
        ("2026-03-01", 0, "2026-03-02"),
        ("2026-03-01", 1, "2026-03-02"),
        ("2026-03-01", -1, "2026-02-28"),
        ("2026-05-06", -1, "2026-04-30"),
    ],
)
def test_the_nth_workday(start: str, count: int, result: str) -> None:
    found = official_calendar().add_workdays(date.fromisoformat(start), count)
    assert found == date.fromisoformat(result)


@pytest.mark.parametrize(
    "start, count",
    [("1989-12-31", 1), ("2100-01-01", 0), ("2099-12-30", 40), ("1990-01-05", -9)],
)
def test_dates_no_calendar_covers_are_refused_by_name(start: str, count: int) -> None:
    with pytest.raises(DateOutOfRange, match=f"{start}.* lies outside the years 1990 to 2099"):
        official_calendar().add_workdays(date.fromisoformat(start), count)
