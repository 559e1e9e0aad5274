"""Due dates: arithmetic, series, warnings, recomputation, and what is overdue."""

import tomllib
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support.calendars import changed, day
from workflows.domain.calendars import DateOutOfRange, DayStatus
from workflows.domain.clocks import (
    SHANGHAI,
    Budget,
    ClockKind,
    ClockState,
    Due,
    Move,
    NaiveTime,
    compute_due,
    due_at_of,
    is_overdue,
    local_date,
    parse_term,
    recompute,
    series_due,
    warn_at,
    warn_on,
)
from workflows.store.calendar_source import official_calendar

ACT, EFFECT, OBSERVATION = ClockKind
DEADLINES = tomllib.loads(
    (Path(__file__).parents[1] / "data" / "deadlines.toml").read_text(encoding="utf-8")
)["deadline"]


def due(anchor: str, term: str) -> Due:
    budget, kind = parse_term(term)
    return compute_due(date.fromisoformat(anchor), budget, kind, official_calendar())


@pytest.mark.parametrize("row", DEADLINES, ids=lambda row: f"{row['why']} {row['anchor']}")
def test_deadline_checked_by_hand(row: dict[str, Any]) -> None:
    budget, kind = parse_term(row["term"])
    result = compute_due(row["anchor"], budget, kind, official_calendar())
    assert result.due_on == row["due"]
    assert result.provisional is row.get("provisional", False)


def test_the_day_of_the_event_does_not_count() -> None:
    assert due("2026-03-02", "1 day").due_on == date(2026, 3, 3)
    assert due("2026-03-02", "1 workday").due_on == date(2026, 3, 3)


@pytest.mark.parametrize("hour", range(24))
@pytest.mark.parametrize(
    "term, last_day",
    [("1 day", "2026-03-03"), ("1 workday", "2026-03-03"), ("2 days", "2026-03-04")],
)
def test_a_day_is_a_day_of_the_calendar_whatever_the_hour(
    hour: int, term: str, last_day: str
) -> None:
    happened_at = datetime(2026, 3, 2, hour, 30, tzinfo=SHANGHAI).astimezone(UTC)
    result = due(local_date(happened_at).isoformat(), term)
    assert result.due_on == date.fromisoformat(last_day)
    assert result.due_at.astimezone(SHANGHAI).time() == time(0)


@pytest.mark.parametrize("text", ["2026-01-01", "2026-06-30", "1999-12-31", "2050-07-01"])
def test_a_day_ends_at_midnight_in_china(text: str) -> None:
    on = date.fromisoformat(text)
    midnight = datetime.combine(on + timedelta(days=1), time(0), ZoneInfo("Asia/Shanghai"))
    assert due_at_of(on) == midnight
    assert due_at_of(on).tzinfo is UTC


@pytest.mark.parametrize("kind", [EFFECT, OBSERVATION])
def test_only_the_deadline_of_an_act_moves_off_a_day_off(kind: ClockKind) -> None:
    anchor_on, budget = date(2026, 1, 17), Budget(1, "months")
    calendar = official_calendar()
    assert compute_due(anchor_on, budget, kind, calendar).due_on == date(2026, 2, 17)
    assert compute_due(anchor_on, budget, ACT, calendar).due_on == date(2026, 2, 24)


@pytest.mark.parametrize(
    "anchor, months, last_day",
    [
        ("2024-01-31", 1, "2024-02-29"),
        ("2025-01-31", 1, "2025-02-28"),
        ("2025-12-31", 2, "2026-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2025-03-31", -1, "2025-02-28"),
        ("2025-11-30", 3, "2026-02-28"),
    ],
)
def test_months_end_on_the_corresponding_day_or_the_last(
    anchor: str, months: int, last_day: str
) -> None:
    result = compute_due(
        date.fromisoformat(anchor), Budget(months, "months"), EFFECT, official_calendar()
    )
    assert result.due_on == date.fromisoformat(last_day)


def test_chained_deadlines_run_from_the_budget_not_from_the_moved_date() -> None:
    calendar = official_calendar()
    first = compute_due(date(2026, 9, 21), Budget(5, "days"), ACT, calendar)
    second = compute_due(first.raw_on, Budget(14, "days"), ACT, calendar)
    third = compute_due(second.raw_on, Budget(14, "days"), ACT, calendar)
    # 26 September is a Saturday of Mid-Autumn, 10 October a make-up Saturday.
    assert (first.raw_on, first.due_on) == (date(2026, 9, 26), date(2026, 9, 28))
    assert second.due_on == date(2026, 10, 10)
    assert (third.raw_on, third.due_on) == (date(2026, 10, 24), date(2026, 10, 26))


def test_a_holiday_delays_one_term_of_a_series_and_not_the_next() -> None:
    calendar, month = official_calendar(), Budget(30, "days")
    dates = [series_due(date(2026, 3, 26), n, month, ACT, calendar).due_on for n in (1, 2, 3)]
    # The raw days are Saturday 25 April, Monday 25 May and Wednesday 24 June.
    assert dates == [date(2026, 4, 27), date(2026, 5, 25), date(2026, 6, 24)]


def test_a_series_of_months_is_clamped_from_the_first_anchor() -> None:
    calendar, month = official_calendar(), Budget(1, "months")
    dates = [series_due(date(2025, 1, 31), n, month, EFFECT, calendar).due_on for n in (1, 2, 3)]
    assert dates == [date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 30)]


def test_a_date_fixed_by_the_authority_still_moves_off_a_day_off() -> None:
    calendar = official_calendar()
    fixed = Budget.until(date(2026, 10, 3))
    assert compute_due(date(2026, 9, 1), fixed, ACT, calendar).due_on == date(2026, 10, 8)
    anchored = Budget(0, "date")
    assert compute_due(date(2026, 10, 3), anchored, ACT, calendar).due_on == date(2026, 10, 8)
    assert compute_due(date(2026, 10, 3), anchored, EFFECT, calendar).due_on == date(2026, 10, 3)


def test_days_counted_back_move_back_so_that_notice_is_not_shortened() -> None:
    # Two days before Monday 11 May is make-up Saturday 9 May; three days are Friday.
    assert due("2026-05-11", "-2 days").due_on == date(2026, 5, 9)
    assert due("2026-05-06", "-2 days").due_on == date(2026, 4, 30)


# ------------------------------------------------------------------ provisional


@pytest.mark.parametrize(
    "anchor, term, is_provisional",
    [
        ("2026-12-21", "8 workdays", False),
        ("2026-12-21", "9 workdays", True),
        ("2026-12-21", "10 days", False),
        ("2026-12-21", "11 days", True),
        ("2026-12-21", "11 days unrolled", False),
        ("2027-01-01", "-1 workday", False),
        ("2027-01-05", "-1 workday", True),
        ("2027-01-05", "-5 days", False),
    ],
)
def test_a_date_is_provisional_when_a_day_it_rests_on_is(
    anchor: str, term: str, is_provisional: bool
) -> None:
    assert due(anchor, term).provisional is is_provisional


def test_an_expected_local_day_makes_dates_over_it_provisional() -> None:
    expected = day("2026-07-24", is_workday=False, region="15.", status=DayStatus.PROVISIONAL)
    local = changed(official_calendar(), expected).for_region("15.1525.")
    week = Budget(5, "workdays")
    assert compute_due(date(2026, 7, 20), week, ACT, local).provisional
    assert not compute_due(date(2026, 7, 24), week, ACT, local).provisional


@pytest.mark.parametrize(
    "anchor, term", [("2090-01-01", "200 months"), ("2090-01-01", "9000 days unrolled")]
)
def test_a_date_no_calendar_covers_is_refused(anchor: str, term: str) -> None:
    with pytest.raises(DateOutOfRange):
        due(anchor, term)


# ------------------------------------------------------- the calendar has effect


@pytest.mark.parametrize(
    "term, moved_to",
    [("10 workdays", "2026-03-17"), ("14 days", "2026-03-17"), ("-10 workdays", "2026-02-09")],
)
def test_another_calendar_gives_another_date(term: str, moved_to: str) -> None:
    budget, kind = parse_term(term)
    anchor_on = date(2026, 3, 2)
    before = compute_due(anchor_on, budget, kind, official_calendar()).due_on
    other = changed(official_calendar(), day(before.isoformat(), is_workday=False))
    after = compute_due(anchor_on, budget, kind, other).due_on
    assert before != after
    assert after == date.fromisoformat(moved_to)


def test_a_new_holiday_moves_a_date_later_by_itself() -> None:
    new = changed(official_calendar(), day("2026-03-10", is_workday=False, name="停工"))
    result = recompute(date(2026, 3, 16), date(2026, 3, 2), Budget(10, "workdays"), ACT, new)
    assert (result.move, result.due.due_on) == (Move.LATER, date(2026, 3, 17))
    assert not result.needs_confirmation


def test_a_recomputed_date_keeps_its_extension() -> None:
    week, calendar = Budget(5, "workdays"), official_calendar()
    extended = compute_due(date(2026, 3, 2), week, ACT, calendar, extension_days=10)
    again = recompute(extended.due_on, date(2026, 3, 2), week, ACT, calendar, extension_days=10)
    assert (again.move, again.due) == (Move.SAME, extended)


def test_a_new_make_up_day_moves_a_date_earlier_only_with_confirmation() -> None:
    new = changed(official_calendar(), day("2026-03-14", is_workday=True, name="调休上班"))
    result = recompute(date(2026, 3, 16), date(2026, 3, 2), Budget(10, "workdays"), ACT, new)
    assert (result.move, result.due.due_on) == (Move.EARLIER, date(2026, 3, 14))
    assert result.needs_confirmation
    assert result.old_on == date(2026, 3, 16)


def test_the_official_year_turns_a_provisional_date_into_a_sure_one() -> None:
    arrived = changed(
        official_calendar(),
        *(day(f"2027-01-{n:02}", is_workday=n > 3, name="元旦" * (n <= 3)) for n in range(1, 32)),
    )
    result = recompute(date(2027, 1, 4), date(2026, 12, 3), Budget(1, "months"), ACT, arrived)
    assert result.move is Move.SAME
    assert not result.due.provisional
    assert not result.needs_confirmation


# ---------------------------------------------------------------------- warning


def test_warnings_fall_on_working_days_inside_office_hours() -> None:
    opens_at = time(8, 30)
    for offset in range(120):
        due_on = official_calendar().next_workday(date(2026, 1, 5) + timedelta(days=offset))
        for workdays in (1, 3, 10):
            moment = warn_at(due_on, workdays, official_calendar(), opens_at).astimezone(SHANGHAI)
            assert moment.time() == opens_at
            assert official_calendar().is_workday(moment.date())
            assert official_calendar().workdays_between(moment.date(), due_on) == workdays


def test_a_warning_counts_make_up_days() -> None:
    assert warn_on(date(2026, 5, 14), 10, official_calendar()) == date(2026, 4, 28)


# ---------------------------------------------------------------------- overdue


@pytest.mark.parametrize(
    "moment, state, expected",
    [
        ("2026-05-07T15:59:59+00:00", ClockState.RUNNING, False),
        ("2026-05-07T16:00:00+00:00", ClockState.RUNNING, True),
        ("2026-05-08T00:00:00+08:00", ClockState.RUNNING, True),
        ("2026-06-01T00:00:00+08:00", ClockState.PAUSED, False),
        ("2026-06-01T00:00:00+08:00", ClockState.FIRED, False),
        ("2026-06-01T00:00:00+08:00", ClockState.CANCELLED, False),
    ],
)
def test_overdue_is_a_running_clock_whose_last_day_has_ended(
    moment: str, state: ClockState, expected: bool
) -> None:
    due_at = due("2026-04-20", "10 workdays").due_at
    assert is_overdue(due_at, state, datetime.fromisoformat(moment)) is expected


def test_what_has_no_due_moment_is_never_overdue() -> None:
    assert not is_overdue(None, ClockState.RUNNING, datetime(2026, 1, 1, tzinfo=UTC))


def test_times_without_a_zone_are_refused() -> None:
    naive = datetime(2026, 3, 2, 12, tzinfo=UTC).replace(tzinfo=None)
    with pytest.raises(NaiveTime):
        local_date(naive)
    with pytest.raises(NaiveTime):
        is_overdue(due("2026-04-20", "1 day").due_at, ClockState.RUNNING, naive)
