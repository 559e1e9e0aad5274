"""Counting days of a budget, past pauses and off holidays."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta

from workflows.domain.budgets import ANCHOR_DAY, Budget, ClockKind
from workflows.domain.calendars import Calendar, date_out_of_range
from workflows.domain.pauses import Idle
from workflows.domain.statutory import FIRST_YEAR, LAST_YEAR

_DAY = timedelta(days=1)


def shift_months(on: date, months: int) -> date:
    """Give the corresponding day so many months on, else the last day of that month."""
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        what = f"{on.isoformat()} {months:+d} months"
        raise date_out_of_range(what)
    return date(year, month + 1, min(on.day, monthrange(year, month + 1)[1]))


def end_of_budget(
    anchor_on: date, budget: Budget, calendar: Calendar, idle: Sequence[Idle]
) -> date:
    """Give the last day of the budget, before moving off a day off."""
    if budget.unit == "workdays":
        end_on = calendar.add_workdays(anchor_on, budget.amount)
    elif budget.unit == "days":
        end_on = anchor_on + timedelta(days=budget.amount)
    elif budget.unit == "months":
        end_on = shift_months(anchor_on, budget.amount)
    else:
        end_on = budget.on or anchor_on
    if not idle:
        return end_on
    if budget.unit != "date" and budget.amount < 0:
        return _pushed_back(anchor_on, end_on, budget, calendar, idle)
    return _pushed_on(anchor_on, end_on, budget, calendar, idle)


def _pushed_on(
    anchor_on: date, end_on: date, budget: Budget, calendar: Calendar, idle: Sequence[Idle]
) -> date:
    """Add the days of the pauses that begin before the end."""
    counted = budget.amount
    # Where the anchor is the last day itself, the days before it are what a pause takes.
    start_on = date.min if budget == ANCHOR_DAY else anchor_on
    for from_on, to_on in idle:
        if from_on >= end_on:
            break
        lost = counting_days(max(from_on, start_on), to_on, budget, calendar)
        if budget.unit == "workdays":
            counted += lost
            end_on = calendar.add_workdays(anchor_on, counted)
        else:
            end_on += timedelta(days=lost)
    return end_on


def _pushed_back(
    anchor_on: date, end_on: date, budget: Budget, calendar: Calendar, idle: Sequence[Idle]
) -> date:
    """Take off the days of the pauses that end on or after the start, counting backwards."""
    counted = budget.amount
    for from_on, to_on in reversed(idle):
        if to_on < end_on:
            break
        lost = counting_days(from_on, min(to_on, anchor_on - _DAY), budget, calendar)
        if budget.unit == "workdays":
            counted -= lost
            end_on = calendar.add_workdays(anchor_on, counted)
        else:
            end_on -= timedelta(days=lost)
    return end_on


def counting_days(after_on: date, until_on: date, budget: Budget, calendar: Calendar) -> int:
    """Count the days after the first date up to the second, in the budget's unit."""
    if until_on <= after_on:
        return 0
    if budget.unit == "workdays":
        return calendar.workdays_between(after_on, until_on)
    return (until_on - after_on).days


def move_off(raw_on: date, budget: Budget, calendar: Calendar, idle: Sequence[Idle]) -> date:
    """Move an act off days off and pauses: on, or back where it was counted back.

    What has to be done so long *before* a day would be late on the day after.
    """
    if budget.amount < 0:
        day = calendar.previous_workday(raw_on)
        for from_on, to_on in reversed(idle):
            if from_on < day <= to_on:
                day = calendar.previous_workday(from_on)
        return day
    day = calendar.next_workday(raw_on)
    for from_on, to_on in idle:
        if from_on <= day <= to_on:
            day = calendar.next_workday(to_on + _DAY)
    return day


def rests_on_provisional(
    anchor_on: date,
    raw_on: date,
    due_on: date,
    budget: Budget,
    kind: ClockKind,
    calendar: Calendar,
) -> bool:
    """Tell whether a day that the calendar was asked about is only expected."""
    if budget.unit == "workdays" and budget.amount > 0:
        return calendar.has_provisional(anchor_on + _DAY, due_on)
    if budget.unit == "workdays" and budget.amount < 0:
        return calendar.has_provisional(due_on, anchor_on - _DAY)
    if kind is not ClockKind.ACT:
        return False
    return calendar.has_provisional(min(raw_on, due_on), max(raw_on, due_on))
