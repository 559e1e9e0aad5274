"""Pauses: days that do not count, and what is left afterwards."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from workflows.domain.budgets import ANCHOR_DAY
from workflows.domain.clocks import (
    Budget,
    ClockKind,
    ClockState,
    Due,
    InvalidPause,
    Pause,
    compute_due,
    is_overdue,
    merge_pauses,
    remaining_days,
    series_due,
    warn_on,
)
from workflows.store.calendar_source import official_calendar

CALENDAR = official_calendar()
MONDAY = date(2026, 3, 2)
TEN = Budget(10, "workdays")


def pause(from_on: str, to_on: str | None = None) -> Pause:
    end_on = None if to_on is None else date.fromisoformat(to_on)
    return Pause(date.fromisoformat(from_on), end_on, "当事人住院", "批准人")


def due(budget: Budget, *pauses: Pause, kind: ClockKind = ClockKind.ACT) -> Due:
    return compute_due(MONDAY, budget, kind, CALENDAR, pauses)


@pytest.mark.parametrize(
    "budget, unpaused, paused",
    [
        (TEN, "2026-03-16", "2026-03-23"),
        (Budget(14, "days"), "2026-03-16", "2026-03-23"),
        (Budget(1, "months"), "2026-04-02", "2026-04-09"),
        (Budget.until(date(2026, 3, 18)), "2026-03-18", "2026-03-25"),
    ],
)
def test_a_pause_of_a_week_moves_the_date_by_a_week(
    budget: Budget, unpaused: str, paused: str
) -> None:
    week = pause("2026-03-04", "2026-03-11")
    assert due(budget).due_on == date.fromisoformat(unpaused)
    assert due(budget, week).due_on == date.fromisoformat(paused)


def test_natural_days_are_shifted_before_moving_off_a_day_off() -> None:
    # 12 days end on Saturday 14 March and move to Monday; two days more end on Monday.
    assert due(Budget(12, "days")).due_on == date(2026, 3, 16)
    assert due(Budget(12, "days"), pause("2026-03-04", "2026-03-06")).due_on == date(2026, 3, 16)
    assert due(Budget(12, "days"), pause("2026-03-04", "2026-03-07")).due_on == date(2026, 3, 17)


def test_days_off_inside_a_pause_cost_no_working_days() -> None:
    weekend = pause("2026-03-06", "2026-03-08")
    assert due(TEN, weekend).due_on == due(TEN).due_on


def test_overlapping_pauses_count_once() -> None:
    apart = due(TEN, pause("2026-03-04", "2026-03-10"))
    overlapping = due(
        TEN,
        pause("2026-03-06", "2026-03-10"),
        pause("2026-03-04", "2026-03-09"),
        pause("2026-03-05", "2026-03-06"),
    )
    assert overlapping == apart


def test_a_pause_before_the_anchor_or_after_the_end_changes_nothing() -> None:
    assert due(TEN, pause("2026-02-20", "2026-03-02")) == due(TEN)
    assert due(TEN, pause("2026-03-17", "2026-05-01")) == due(TEN)


def test_only_the_part_of_a_pause_after_the_anchor_counts() -> None:
    assert due(TEN, pause("2026-02-20", "2026-03-04")) == due(
        TEN, pause("2026-03-02", "2026-03-04")
    )


def test_a_named_day_is_moved_by_the_pauses_of_its_clock() -> None:
    fixed = Budget.until(date(2026, 3, 18))
    assert due(fixed, pause("2026-02-20", "2026-03-04")).due_on == date(2026, 3, 20)
    stopped = [pause("2026-03-04", "2026-03-06")]
    anchored = compute_due(date(2026, 3, 18), ANCHOR_DAY, ClockKind.ACT, CALENDAR, stopped)
    assert anchored.due_on == date(2026, 3, 20)


def test_days_counted_back_leave_out_pauses() -> None:
    stopped = [pause("2026-03-10", "2026-03-13")]
    back = compute_due(date(2026, 3, 18), Budget(-5, "days"), ClockKind.EFFECT, CALENDAR, stopped)
    assert back.due_on == date(2026, 3, 10)


def test_nothing_of_the_budget_is_used_before_its_anchor() -> None:
    early = [pause("2026-02-20", "2026-03-04")]
    assert remaining_days(MONDAY, TEN, CALENDAR, date(2026, 2, 10), early) == 10


def test_a_pause_granted_and_lifted_on_one_day_costs_nothing() -> None:
    assert due(TEN, pause("2026-03-16", "2026-03-16")) == due(TEN)


def test_an_effect_is_shifted_by_a_pause_and_still_never_moves() -> None:
    result = due(Budget(12, "days"), pause("2026-03-04", "2026-03-05"), kind=ClockKind.EFFECT)
    assert result.due_on == date(2026, 3, 15)


# --------------------------------------------------------------- open and resumed


def test_nothing_fires_while_a_clock_is_paused() -> None:
    result = due(TEN, pause("2026-03-10"))
    assert result.is_paused
    assert result.fires_at is None
    # The date stands where the clock stopped; the state keeps the sweep away from it.
    assert result.due_on == due(TEN).due_on
    late = result.due_at + timedelta(days=90)
    assert not is_overdue(result.due_at, ClockState.PAUSED, late)
    assert is_overdue(result.due_at, ClockState.RUNNING, late)


def test_an_open_pause_can_be_tried_out_as_if_it_ended_today() -> None:
    stopped = pause("2026-03-10")
    tried = compute_due(MONDAY, TEN, ClockKind.ACT, CALENDAR, [stopped], at=date(2026, 3, 20))
    assert tried.due_on == due(TEN, pause("2026-03-10", "2026-03-20")).due_on
    assert tried.is_paused


@pytest.mark.parametrize("paused_on", [3, 4, 6, 7, 8, 10, 13, 14, 15, 16])
@pytest.mark.parametrize(
    "budget", [TEN, Budget(14, "days"), Budget(13, "days"), Budget(12, "days")], ids=Budget.text
)
def test_resuming_after_thirty_days_fires_nothing_at_once(budget: Budget, paused_on: int) -> None:
    """The last day, and a day off before it, are the traps: the rest is a day at least."""
    stopped_on = date(2026, 3, paused_on)
    resumed_on = stopped_on + timedelta(days=30)
    result = due(budget, Pause(stopped_on, resumed_on, "不可抗力", "批准人"))
    assert result.due_on > resumed_on
    assert CALENDAR.is_workday(result.due_on)
    assert not is_overdue(
        result.due_at,
        ClockState.RUNNING,
        datetime(resumed_on.year, resumed_on.month, resumed_on.day, 23, tzinfo=UTC),
    )


def test_what_was_overdue_before_the_pause_stays_overdue() -> None:
    assert due(TEN, pause("2026-03-17", "2026-04-17")).due_on == date(2026, 3, 16)


def test_resuming_leaves_the_rest_of_the_budget() -> None:
    before = remaining_days(MONDAY, TEN, CALENDAR, date(2026, 3, 6))
    after = remaining_days(
        MONDAY, TEN, CALENDAR, date(2026, 4, 10), [pause("2026-03-06", "2026-04-10")]
    )
    assert before == after == 6


def test_the_rest_stands_still_while_paused() -> None:
    stopped = [pause("2026-03-06")]
    left = {
        remaining_days(MONDAY, TEN, CALENDAR, date(2026, 3, 6) + timedelta(days=days), stopped)
        for days in range(60)
    }
    assert left == {6}


def test_changing_the_rule_while_paused_keeps_the_pauses() -> None:
    ledger = [pause("2026-03-04", "2026-03-06"), pause("2026-03-10")]
    today = date(2026, 5, 20)
    used = 10 - remaining_days(MONDAY, TEN, CALENDAR, today, ledger)
    longer = Budget(15, "workdays")
    assert 15 - remaining_days(MONDAY, longer, CALENDAR, today, ledger) == used == 4
    assert remaining_days(MONDAY, TEN, CALENDAR, today, ledger) == 6


def test_migrating_at_sixty_percent_leaves_forty() -> None:
    today = CALENDAR.add_workdays(MONDAY, 6)
    assert remaining_days(MONDAY, TEN, CALENDAR, today) == 4
    assert CALENDAR.workdays_between(today, due(TEN).due_on) == 4


@pytest.mark.parametrize("budget", [TEN, Budget(14, "days"), Budget(1, "months")])
def test_nothing_is_left_once_the_time_is_up(budget: Budget) -> None:
    end_on = due(budget).raw_on
    assert remaining_days(MONDAY, budget, CALENDAR, end_on) == 0
    assert remaining_days(MONDAY, budget, CALENDAR, end_on + timedelta(days=40)) == 0
    assert remaining_days(MONDAY, budget, CALENDAR, end_on - timedelta(days=1)) == 1


# --------------------------------------------------------------------- extension


@pytest.mark.parametrize(
    "budget, last_day", [(TEN, "2026-04-15"), (Budget(12, "days"), "2026-04-13")]
)
def test_an_extension_runs_from_the_unmoved_last_day(budget: Budget, last_day: str) -> None:
    # Both end on 16 March once moved; the twelve days end on Saturday the 14th.
    result = compute_due(MONDAY, budget, ClockKind.ACT, CALENDAR, extension_days=30)
    assert result.due_on == date.fromisoformat(last_day)


def test_a_pause_takes_working_days_before_and_natural_days_inside_an_extension() -> None:
    def extended(*pauses: Pause) -> date:
        return compute_due(MONDAY, TEN, ClockKind.ACT, CALENDAR, pauses, extension_days=30).due_on

    assert extended(pause("2026-03-06", "2026-03-08")) == date(2026, 4, 15)
    assert extended(pause("2026-03-19", "2026-03-22")) == date(2026, 4, 20)
    assert extended(pause("2026-03-16", "2026-03-22")) == date(2026, 4, 21)


def test_an_extension_granted_while_paused_adds_to_the_rest() -> None:
    stopped = [pause("2026-03-10")]
    today = date(2026, 4, 20)
    before = remaining_days(MONDAY, Budget(14, "days"), CALENDAR, today, stopped)
    after = remaining_days(MONDAY, Budget(14, "days"), CALENDAR, today, stopped, 7)
    assert (before, after) == (6, 13)


# ------------------------------------------------------------------------ others


def test_a_series_is_shifted_as_a_whole() -> None:
    stopped = [pause("2026-03-10", "2026-03-20")]
    month = Budget(30, "days")
    raw = [series_due(MONDAY, n, month, ClockKind.ACT, CALENDAR, stopped).raw_on for n in (1, 2, 3)]
    assert raw == [MONDAY + timedelta(days=30 * n + 10) for n in (1, 2, 3)]


def test_a_warning_before_a_paused_deadline_counts_running_days_only() -> None:
    stopped = [pause("2026-03-06", "2026-03-20")]
    due_on = due(TEN, *stopped).due_on
    assert due_on == date(2026, 3, 30)
    assert warn_on(due_on, 3, CALENDAR, stopped) == date(2026, 3, 25)
    assert warn_on(due_on, 8, CALENDAR, stopped) == date(2026, 3, 4)


def test_a_pause_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(InvalidPause, match="2026-03-10 cannot end on 2026-03-09"):
        pause("2026-03-10", "2026-03-09")
    with pytest.raises(InvalidPause):
        replace(pause("2026-03-10"), to_on=date(2026, 3, 1))


def test_merging_joins_what_touches_and_leaves_gaps() -> None:
    stretches = merge_pauses(
        [
            pause("2026-03-12", "2026-03-14"),
            pause("2026-03-02", "2026-03-05"),
            pause("2026-03-05", "2026-03-07"),
            pause("2026-03-09", "2026-03-09"),
            pause("2026-03-20"),
        ]
    )
    assert stretches == (
        (date(2026, 3, 2), date(2026, 3, 7)),
        (date(2026, 3, 12), date(2026, 3, 14)),
    )
