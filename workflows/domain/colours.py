"""Traffic lights of tasks and items, never of people (DOMAIN 5.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from workflows.domain.calendars import Calendar


class Colour(StrEnum):
    """How an item stands, from not begun to too late."""

    GREY = "grey"
    GREEN = "green"
    BLUE = "blue"
    YELLOW = "yellow"
    RED = "red"


class Reason(StrEnum):
    """What decided a colour, so that a screen can say it in words."""

    NOT_STARTED = "not_started"
    ON_PLAN = "on_plan"
    NEAR_DUE = "near_due"
    MILESTONE_LATE = "milestone_late"
    PLAN_RETURNED = "plan_returned"
    ACCEPTANCE_FAILED = "acceptance_failed"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class ColourRules:
    """Thresholds from the pack's parameters.

    Attributes:
        blue_workdays: An item is blue from so many working days before it is due.
        yellow_workdays: It is yellow from so many working days before it is due.
        late_milestone_workdays: A missed milestone is blue so long, then yellow.
        yellow_plan_returns: It is yellow once its plan was returned so often.
    """

    blue_workdays: int
    yellow_workdays: int
    late_milestone_workdays: int
    yellow_plan_returns: int


@dataclass(frozen=True, slots=True)
class Item:
    """What the colour of a task or item depends on.

    ``milestone_due_on`` is the due date of the earliest milestone, such as a progress
    report, that is still missing; ``paused_from_on`` is the day its clock stopped.
    """

    due_on: date | None
    is_started: bool = True
    paused_from_on: date | None = None
    milestone_due_on: date | None = None
    plan_returns: int = 0
    has_failed_acceptance: bool = False


@dataclass(frozen=True, slots=True)
class Light:
    """A colour with its reason; hatched while the clock is paused."""

    colour: Colour
    reason: Reason
    is_hatched: bool = False


def light_of(item: Item, rules: ColourRules, calendar: Calendar, today: date) -> Light:
    """Give the light of an item; a paused one keeps the light of the day it stopped."""
    if item.paused_from_on is None:
        return Light(*_colour(item, rules, calendar, today))
    stopped_on = min(item.paused_from_on, today)
    return Light(*_colour(item, rules, calendar, stopped_on), is_hatched=True)


def _colour(item: Item, rules: ColourRules, calendar: Calendar, on: date) -> tuple[Colour, Reason]:
    """Give the worst colour that applies."""
    left = None if item.due_on is None else calendar.workdays_between(on, item.due_on)
    late = _milestone_workdays_late(item, calendar, on)
    verdicts = (
        (item.due_on is not None and on > item.due_on, Colour.RED, Reason.OVERDUE),
        (item.has_failed_acceptance, Colour.RED, Reason.ACCEPTANCE_FAILED),
        (not item.is_started, Colour.GREY, Reason.NOT_STARTED),
        (_within(left, rules.yellow_workdays), Colour.YELLOW, Reason.NEAR_DUE),
        (_beyond(late, rules.late_milestone_workdays), Colour.YELLOW, Reason.MILESTONE_LATE),
        (item.plan_returns >= rules.yellow_plan_returns, Colour.YELLOW, Reason.PLAN_RETURNED),
        (late is not None, Colour.BLUE, Reason.MILESTONE_LATE),
        (_within(left, rules.blue_workdays), Colour.BLUE, Reason.NEAR_DUE),
    )
    for applies, colour, reason in verdicts:
        if applies:
            return colour, reason
    return Colour.GREEN, Reason.ON_PLAN


def _within(count: int | None, bound: int) -> bool:
    return count is not None and count <= bound


def _beyond(count: int | None, bound: int) -> bool:
    return count is not None and count > bound


def _milestone_workdays_late(item: Item, calendar: Calendar, on: date) -> int | None:
    """Count the working days since a missed milestone was due; null while none is missed.

    Missed is missed: on the weekend after a Friday the count is zero, not null.
    """
    if item.milestone_due_on is None or on <= item.milestone_due_on:
        return None
    return calendar.workdays_between(item.milestone_due_on, on)
