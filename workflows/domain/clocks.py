"""Deadlines: what is due when, and whether it is overdue.

The day of the event does not count. Months end on the corresponding day, else on
the month's last. The deadline of an act that falls on a day off moves to the next
working day; effects and observation periods never move. A deadline ends with the
24th hour of its day in China. Source: 民法典 arts. 201-203, applied by analogy.

Pauses: the days after ``from_on`` up to and including ``to_on`` do not count. An act
that was not overdue when its clock stopped is never due before the clock runs again:
where its last day lies in a pause or is the day the pause begins, it becomes due on
the first working day after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from workflows.domain.budgets import Budget, ClockKind, InvalidBudget, Language, Unit, parse_term
from workflows.domain.calendars import Calendar, date_out_of_range
from workflows.domain.counting import (
    counting_days,
    end_of_budget,
    move_off,
    rests_on_provisional,
)
from workflows.domain.pauses import InvalidPause, Pause, merge_pauses
from workflows.domain.records import NaiveTime
from workflows.domain.statutory import FIRST_YEAR, LAST_YEAR

__all__ = [
    "SHANGHAI",
    "Budget",
    "ClockKind",
    "ClockState",
    "Due",
    "InvalidBudget",
    "InvalidPause",
    "Language",
    "Move",
    "NaiveTime",
    "Pause",
    "Recomputation",
    "Unit",
    "compute_due",
    "due_at_of",
    "is_overdue",
    "local_date",
    "merge_pauses",
    "parse_term",
    "recompute",
    "remaining_days",
    "series_due",
    "warn_at",
    "warn_on",
]

SHANGHAI = ZoneInfo("Asia/Shanghai")
# Midnight at the end of a day in China; the zone has had no summer time since 1991.
_END_OF_DAY = time(16, tzinfo=UTC)


class ClockState(StrEnum):
    """What a clock is doing; only a running one can be overdue."""

    RUNNING = "running"
    PAUSED = "paused"
    FIRED = "fired"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Due:
    """When a clock ends.

    ``raw_on`` is the last day of the budget before moving off a day off: the anchor
    of a chained deadline. ``due_on`` is the last day, ``due_at`` the first moment
    after it. While ``is_paused`` both stand where the clock stopped and nothing fires.
    """

    due_on: date
    due_at: datetime
    raw_on: date
    provisional: bool
    is_paused: bool = False

    @property
    def fires_at(self) -> datetime | None:
        """Give the moment of firing, null while the clock is paused."""
        return None if self.is_paused else self.due_at


def compute_due(
    anchor_on: date,
    budget: Budget,
    kind: ClockKind,
    calendar: Calendar,
    pauses: Sequence[Pause] = (),
    at: date | None = None,
    extension_days: int = 0,
) -> Due:
    """Compute when a clock ends.

    Args:
        anchor_on: The day of the event; it does not count.
        budget: How much time the rule gives.
        kind: Only an act moves off a day off.
        calendar: The working days of the office that has to act.
        pauses: Every pause of the clock, in any order; they may overlap.
        at: The day up to which a pause still open is counted, "due if it ended
            today"; without it the date stands where the clock stopped.
        extension_days: Natural days granted on top, from the unmoved last day.
    """
    idle = merge_pauses(pauses, at) if pauses else ()
    raw_on = end_of_budget(anchor_on, budget, calendar, idle)
    if extension_days:
        raw_on = end_of_budget(raw_on, Budget(extension_days, "days"), calendar, idle)
    if not FIRST_YEAR <= raw_on.year <= LAST_YEAR:
        raise date_out_of_range(raw_on.isoformat())
    due_on = move_off(raw_on, budget, calendar, idle) if kind is ClockKind.ACT else raw_on
    provisional = rests_on_provisional(anchor_on, raw_on, due_on, budget, kind, calendar)
    is_paused = any(pause.to_on is None for pause in pauses)
    return Due(due_on, due_at_of(due_on), raw_on, provisional, is_paused)


def series_due(
    first_anchor_on: date,
    count: int,
    budget: Budget,
    kind: ClockKind,
    calendar: Calendar,
    pauses: Sequence[Pause] = (),
    at: date | None = None,
) -> Due:
    """Compute the count-th term of a series, from 1.

    Every term is counted from the first anchor and moved by itself, so that a
    holiday delays one term and not all that follow.
    """
    return compute_due(first_anchor_on, budget.times(count), kind, calendar, pauses, at)


def due_at_of(due_on: date) -> datetime:
    """Give the moment at which the day has ended in China, in UTC."""
    return datetime.combine(due_on, _END_OF_DAY)


def local_date(moment: datetime) -> date:
    """Give the day on which something happened in China: the anchor of its clocks."""
    return _aware(moment).astimezone(SHANGHAI).date()


def is_overdue(due_at: datetime | None, state: ClockState, now: datetime) -> bool:
    """Tell whether a clock's time is up: it runs, and its last day has ended."""
    return state is ClockState.RUNNING and due_at is not None and _aware(now) >= _aware(due_at)


def warn_on(due_on: date, workdays: int, calendar: Calendar, pauses: Sequence[Pause] = ()) -> date:
    """Give the working day so many working days before the due date."""
    return compute_due(
        due_on, Budget(-workdays, "workdays"), ClockKind.ACT, calendar, pauses
    ).due_on


def warn_at(
    due_on: date,
    workdays: int,
    calendar: Calendar,
    opens_at: time,
    pauses: Sequence[Pause] = (),
) -> datetime:
    """Give the moment of a reminder: when the office opens on its working day, in UTC."""
    day = warn_on(due_on, workdays, calendar, pauses)
    return datetime.combine(day, opens_at, SHANGHAI).astimezone(UTC)


def remaining_days(
    anchor_on: date,
    budget: Budget,
    calendar: Calendar,
    on: date,
    pauses: Sequence[Pause] = (),
    extension_days: int = 0,
) -> int:
    """Count the days of the budget left after a day, in working days for a budget of these.

    A pause still open on that day counts as lasting through it.
    """
    idle = merge_pauses(pauses, on)
    until_on = end_of_budget(anchor_on, budget, calendar, idle)
    if extension_days:
        until_on = end_of_budget(until_on, Budget(extension_days, "days"), calendar, idle)
    left = counting_days(max(on, anchor_on), until_on, budget, calendar)
    for from_on, to_on in idle:
        start_on, end_on = max(from_on, on, anchor_on), min(to_on, until_on)
        left -= counting_days(start_on, end_on, budget, calendar)
    return left


class Move(StrEnum):
    """Where a due date goes when its calendar changes."""

    SAME = "same"
    LATER = "later"
    EARLIER = "earlier"


@dataclass(frozen=True, slots=True)
class Recomputation:
    """A due date under a new calendar, beside the one that stood."""

    old_on: date
    due: Due
    move: Move

    @property
    def needs_confirmation(self) -> bool:
        """Tell whether an officer has to confirm: a date moves earlier by nobody's hand alone."""
        return self.move is Move.EARLIER


def recompute(
    old_on: date,
    anchor_on: date,
    budget: Budget,
    kind: ClockKind,
    calendar: Calendar,
    pauses: Sequence[Pause] = (),
    extension_days: int = 0,
) -> Recomputation:
    """Compute a due date under another calendar and tell how it moves."""
    due = compute_due(anchor_on, budget, kind, calendar, pauses, extension_days=extension_days)
    if due.due_on == old_on:
        move = Move.SAME
    else:
        move = Move.LATER if due.due_on > old_on else Move.EARLIER
    return Recomputation(old_on, due, move)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise NaiveTime(value=moment.isoformat())
    return moment
