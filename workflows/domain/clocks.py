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

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from workflows.domain.budgets import Budget, ClockKind, InvalidBudget, Language, Unit, parse_term
from workflows.domain.calendars import Calendar, date_out_of_range
from workflows.domain.errors import InvalidInput
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
_DAY = timedelta(days=1)

# A stretch of days that do not count: after the first date, up to the second.
Idle = tuple[date, date]


class InvalidPause(InvalidInput):
    """A pause from {from_on} cannot end on {to_on}."""

    code = "invalid_pause"
    from_on: date
    to_on: date


class NaiveTime(InvalidInput):
    """The time {moment} has no zone."""

    code = "naive_time"
    moment: datetime


class ClockState(StrEnum):
    """What a clock is doing; only a running one can be overdue."""

    RUNNING = "running"
    PAUSED = "paused"
    FIRED = "fired"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Pause:
    """A stop of a clock: why, and who allowed it; open while ``to_on`` is null."""

    from_on: date
    to_on: date | None
    reason: str
    approver: str

    def __post_init__(self) -> None:
        """Refuse a pause that ends before it begins."""
        if self.to_on is not None and self.to_on < self.from_on:
            raise InvalidPause(from_on=self.from_on, to_on=self.to_on)


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
    """
    idle = merge_pauses(pauses, at) if pauses else ()
    raw_on = _end_of_budget(anchor_on, budget, calendar, idle)
    if not FIRST_YEAR <= raw_on.year <= LAST_YEAR:
        raise date_out_of_range(raw_on.isoformat())
    due_on = _move_off(raw_on, budget, calendar, idle) if kind is ClockKind.ACT else raw_on
    provisional = _rests_on_provisional(anchor_on, raw_on, due_on, budget, kind, calendar)
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


def merge_pauses(pauses: Sequence[Pause], at: date | None = None) -> tuple[Idle, ...]:
    """Give the stretches of days that do not count, in order, apart from each other.

    Pauses of no day are left out, and so are open ones unless ``at`` closes them.
    """
    closed = sorted(
        (pause.from_on, end)
        for pause in pauses
        if (end := pause.to_on if pause.to_on is not None else at) is not None
        and end > pause.from_on
    )
    merged: list[Idle] = []
    for from_on, to_on in closed:
        if merged and from_on <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], to_on))
        else:
            merged.append((from_on, to_on))
    return tuple(merged)


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
) -> int:
    """Count the days of the budget left after a day, in working days for a budget of these.

    A pause still open on that day counts as lasting through it.
    """
    idle = merge_pauses(pauses, on)
    until_on = _end_of_budget(anchor_on, budget, calendar, idle)
    left = _counting_days(max(on, anchor_on), until_on, budget, calendar)
    for from_on, to_on in idle:
        start_on, end_on = max(from_on, on, anchor_on), min(to_on, until_on)
        left -= _counting_days(start_on, end_on, budget, calendar)
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
) -> Recomputation:
    """Compute a due date under another calendar and tell how it moves."""
    due = compute_due(anchor_on, budget, kind, calendar, pauses)
    if due.due_on == old_on:
        move = Move.SAME
    else:
        move = Move.LATER if due.due_on > old_on else Move.EARLIER
    return Recomputation(old_on, due, move)


def shift_months(on: date, months: int) -> date:
    """Give the corresponding day so many months on, else the last day of that month."""
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        what = f"{on.isoformat()} {months:+d} months"
        raise date_out_of_range(what)
    return date(year, month + 1, min(on.day, monthrange(year, month + 1)[1]))


def _end_of_budget(
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
        end_on = budget.on
    if not idle:
        return end_on
    if end_on < anchor_on:
        return _pushed_back(anchor_on, end_on, budget, calendar, idle)
    return _pushed_on(anchor_on, end_on, budget, calendar, idle)


def _pushed_on(
    anchor_on: date, end_on: date, budget: Budget, calendar: Calendar, idle: Sequence[Idle]
) -> date:
    """Add the days of the pauses that begin before the end."""
    counted = budget.amount
    for from_on, to_on in idle:
        if from_on >= end_on:
            break
        lost = _counting_days(max(from_on, anchor_on), to_on, budget, calendar)
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
        lost = _counting_days(from_on, min(to_on, anchor_on - _DAY), budget, calendar)
        if budget.unit == "workdays":
            counted -= lost
            end_on = calendar.add_workdays(anchor_on, counted)
        else:
            end_on -= timedelta(days=lost)
    return end_on


def _counting_days(after_on: date, until_on: date, budget: Budget, calendar: Calendar) -> int:
    """Count the days after the first date up to the second, in the budget's unit."""
    if until_on <= after_on:
        return 0
    if budget.unit == "workdays":
        return calendar.workdays_between(after_on, until_on)
    return (until_on - after_on).days


def _move_off(raw_on: date, budget: Budget, calendar: Calendar, idle: Sequence[Idle]) -> date:
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


def _rests_on_provisional(
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


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise NaiveTime(moment=moment)
    return moment
