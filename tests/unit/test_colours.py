"""Traffic lights of items."""

from datetime import date, datetime, time

import pytest

from workflows.domain.clocks import SHANGHAI, ClockState, due_at_of, is_overdue
from workflows.domain.colours import Colour, ColourRules, Item, Light, Reason, light_of
from workflows.store.calendar_source import official_calendar

CALENDAR = official_calendar()
RULES = ColourRules(
    blue_workdays=10, yellow_workdays=3, late_milestone_workdays=5, yellow_plan_returns=2
)
DUE_ON = date(2026, 5, 14)


def light(item: Item, today: date, rules: ColourRules = RULES) -> Light:
    return light_of(item, rules, CALENDAR, today)


@pytest.mark.parametrize(
    "workdays_left, colour",
    [(30, "green"), (11, "green"), (10, "blue"), (4, "blue"), (3, "yellow"), (0, "yellow")],
)
def test_colour_by_working_days_left(workdays_left: int, colour: str) -> None:
    today = CALENDAR.add_workdays(DUE_ON, -workdays_left)
    assert light(Item(DUE_ON), today).colour is Colour(colour)


def test_make_up_days_are_counted_and_holidays_are_not() -> None:
    # Ten working days before 14 May lie five days of Labour Day and a make-up Saturday.
    assert light(Item(DUE_ON), date(2026, 4, 27)).colour is Colour.GREEN
    assert light(Item(DUE_ON), date(2026, 4, 28)).colour is Colour.BLUE


def test_the_last_day_is_not_red_and_the_next_is() -> None:
    assert light(Item(DUE_ON), DUE_ON) == Light(Colour.YELLOW, Reason.NEAR_DUE)
    assert light(Item(DUE_ON), date(2026, 5, 15)) == Light(Colour.RED, Reason.OVERDUE)


def test_red_begins_when_the_clock_is_overdue_and_not_before() -> None:
    for today in (date(2026, 5, day) for day in range(12, 18)):
        noon = datetime.combine(today, time(12), SHANGHAI)
        is_late = is_overdue(due_at_of(DUE_ON), ClockState.RUNNING, noon)
        assert (light(Item(DUE_ON), today).colour is Colour.RED) is is_late


def test_what_has_not_begun_is_grey() -> None:
    item = Item(DUE_ON, is_started=False)
    assert light(item, date(2026, 3, 2)) == Light(Colour.GREY, Reason.NOT_STARTED)
    assert light(item, date(2026, 5, 15)).colour is Colour.RED


def test_what_has_no_deadline_is_on_plan() -> None:
    assert light(Item(None), date(2026, 5, 15)) == Light(Colour.GREEN, Reason.ON_PLAN)


@pytest.mark.parametrize(
    "today, colour, reason",
    [
        ("2026-01-07", Colour.GREEN, Reason.ON_PLAN),
        ("2026-01-08", Colour.BLUE, Reason.MILESTONE_LATE),
        ("2026-01-09", Colour.BLUE, Reason.MILESTONE_LATE),
        ("2026-01-14", Colour.BLUE, Reason.MILESTONE_LATE),
        ("2026-01-15", Colour.YELLOW, Reason.MILESTONE_LATE),
    ],
)
def test_a_missed_progress_report_is_blue_then_yellow(
    today: str, colour: Colour, reason: Reason
) -> None:
    item = Item(date(2026, 3, 9), milestone_due_on=date(2026, 1, 7))
    assert light(item, date.fromisoformat(today)) == Light(colour, reason)


def test_a_report_missed_on_friday_is_missed_on_saturday() -> None:
    item = Item(date(2026, 6, 30), milestone_due_on=date(2026, 3, 6))
    assert light(item, date(2026, 3, 7)) == Light(Colour.BLUE, Reason.MILESTONE_LATE)


@pytest.mark.parametrize(
    "returns, colour", [(0, "green"), (1, "green"), (2, "yellow"), (3, "yellow")]
)
def test_a_plan_returned_twice_is_yellow(returns: int, colour: str) -> None:
    assert light(Item(DUE_ON, plan_returns=returns), date(2026, 3, 2)).colour is Colour(colour)


def test_failed_acceptance_is_red_before_the_deadline() -> None:
    item = Item(DUE_ON, has_failed_acceptance=True)
    assert light(item, date(2026, 3, 2)) == Light(Colour.RED, Reason.ACCEPTANCE_FAILED)


def test_a_paused_item_is_hatched_and_keeps_the_colour_of_the_day_it_stopped() -> None:
    item = Item(DUE_ON, paused_from_on=date(2026, 4, 28))
    assert light(item, date(2026, 7, 1)) == Light(Colour.BLUE, Reason.NEAR_DUE, is_hatched=True)
    assert not light(Item(DUE_ON), date(2026, 4, 28)).is_hatched


def test_thresholds_come_from_the_rules() -> None:
    today = CALENDAR.add_workdays(DUE_ON, -5)
    strict = ColourRules(20, 6, 0, 1)
    assert light(Item(DUE_ON), today).colour is Colour.BLUE
    assert light(Item(DUE_ON), today, strict).colour is Colour.YELLOW
    assert light(Item(DUE_ON, plan_returns=1), date(2026, 3, 2), strict).colour is Colour.YELLOW
    missed = Item(DUE_ON, milestone_due_on=date(2026, 3, 2))
    assert light(missed, date(2026, 3, 3), strict).colour is Colour.YELLOW
