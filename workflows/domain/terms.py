"""From an armed timer to its term and the dates of terms (DESIGN 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, TypeAlias

from workflows.domain.calendars import Calendar
from workflows.domain.clocks import Budget, ClockKind, Due, Pause, compute_due
from workflows.domain.errors import DubanError, InvalidInput
from workflows.domain.steps import ArmedClock, FactValue

EVENT = "event"
_Key: TypeAlias = tuple[date, int, str, ClockKind, int]


class AnchorMissing(DubanError):
    """The clock {rule} counts from the date {anchor}, which nobody has given yet."""

    code: ClassVar[str] = "anchor_missing"


class ExtensionTooLong(InvalidInput):
    """The extension of {days} days is longer than the {most} that the rules allow."""

    code: ClassVar[str] = "extension_too_long"


@dataclass(frozen=True, slots=True)
class Term:
    """What a clock's date is computed from; in a series the budget is that of all periods."""

    anchor_on: date
    budget: Budget
    kind: ClockKind
    extension_days: int = 0

    def due(self, calendar: Calendar, pauses: Sequence[Pause] = (), at: date | None = None) -> Due:
        """Compute when the clock ends; an extension counts from the unmoved last day."""
        return compute_due(
            self.anchor_on, self.budget, self.kind, calendar, pauses, at, self.extension_days
        )


class DueDates:
    """The dates of terms under one calendar; a term that was never paused is worked out once."""

    def __init__(self, calendar: Calendar) -> None:
        """Begin with none."""
        self.calendar = calendar
        self._known: dict[_Key, Due] = {}
        self._begun: dict[_Key, tuple[Term, Due]] = {}

    def of(self, term: Term, pauses: Sequence[Pause] = ()) -> Due:
        """Give when a term ends."""
        if pauses:
            return term.due(self.calendar, pauses)
        budget = term.budget
        key = (term.anchor_on, budget.amount, budget.unit, term.kind, term.extension_days)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = term.due(self.calendar)
        return known

    def begin(self, anchor_on: date, budget: Budget, kind: ClockKind) -> tuple[Term, Due]:
        """Give a term that nothing has stopped or extended yet, and when it ends."""
        key = (anchor_on, budget.amount, budget.unit, kind, 0)
        begun = self._begun.get(key)
        if begun is None:
            term = Term(anchor_on, budget, kind)
            begun = self._begun[key] = term, self.of(term)
        return begun


def arm(
    clock: ArmedClock,
    number: int,
    facts: Mapping[str, FactValue],
    event_on: date,
    dates: DueDates,
) -> tuple[Term, Due]:
    """Compute the date of a timer that starts.

    A series counts ``number`` periods from its anchor; periods that had passed already
    when it was entered again are skipped, so that nothing is due before it opens.

    Args:
        clock: What the step armed.
        number: How manieth term of its series this is, from 1.
        facts: What is known, for the anchor.
        event_on: The local date of what started it.
        dates: The dates under the calendar of the office that has to act.

    Raises:
        AnchorMissing: The date fact it counts from is null.
    """
    anchor_on = event_on if clock.anchor == EVENT else _date_fact(clock, facts)
    periods = number if clock.series else 1
    while True:
        budget = clock.budget.times(periods) if periods > 1 else clock.budget
        term, due = dates.begin(anchor_on, budget, clock.kind)
        if not clock.series or due.due_on > event_on:
            return term, due
        periods += 1


def refuse_too_long(term: Term, days: int, percent: int, calendar: Calendar) -> None:
    """Keep all extensions together within a share of the term as it was given.

    Raises:
        ExtensionTooLong: So many more days are too many.
    """
    given = Term(term.anchor_on, term.budget, ClockKind.EFFECT)
    allowed = (given.due(calendar).raw_on - term.anchor_on).days * percent // 100
    if term.extension_days + days > allowed:
        raise ExtensionTooLong(days=days, most=max(0, allowed - term.extension_days))


def _date_fact(clock: ArmedClock, facts: Mapping[str, FactValue]) -> date:
    value = facts.get(clock.anchor)
    if not isinstance(value, str):
        raise AnchorMissing(rule=clock.rule, anchor=clock.anchor)
    return date.fromisoformat(value)
