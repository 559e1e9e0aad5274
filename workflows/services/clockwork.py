"""From an armed timer to a date, and how that date moves (DESIGN 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Row

from workflows.domain.calendars import Calendar
from workflows.domain.clocks import (
    Budget,
    ClockKind,
    Due,
    Pause,
    compute_due,
    local_date,
)
from workflows.domain.errors import DubanError
from workflows.domain.steps import ArmedClock, FactValue

EVENT = "event"


class AnchorMissing(DubanError):
    """The clock {rule} counts from the date {anchor}, which nobody has given yet."""

    code: ClassVar[str] = "anchor_missing"


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


def term_of(row: Any) -> Term:
    """Read a clock's row as the term it was armed with."""
    budget = Budget.of(row.budget, row.unit)
    return Term(row.anchor_on, budget, ClockKind(row.kind), row.extension_days)


def pauses_of(rows: Sequence[Row[Any]], path: str, n: int) -> tuple[Pause, ...]:
    """Pick the pauses of one clock."""
    return tuple(
        Pause(row.from_on, row.to_on, row.reason, row.approver)
        for row in rows
        if row.path == path and row.n == n
    )


def arm(
    clock: ArmedClock,
    number: int,
    facts: Mapping[str, FactValue],
    occurred_at: datetime,
    calendar: Calendar,
) -> tuple[Term, Due]:
    """Compute the date of a timer that starts.

    A series counts ``number`` periods from its anchor; periods that had passed already
    when it was entered again are skipped, so that nothing is due before it opens.

    Raises:
        AnchorMissing: The date fact it counts from is null.
    """
    event_on = local_date(occurred_at)
    anchor_on = event_on if clock.anchor == EVENT else _date_fact(clock, facts)
    periods = number if clock.series else 1
    while True:
        budget = clock.budget.times(periods) if periods > 1 else clock.budget
        term = Term(anchor_on, budget, clock.kind)
        due = term.due(calendar)
        if not clock.series or due.due_on > event_on:
            return term, due
        periods += 1


def _date_fact(clock: ArmedClock, facts: Mapping[str, FactValue]) -> date:
    value = facts.get(clock.anchor)
    if not isinstance(value, str):
        raise AnchorMissing(rule=clock.rule, anchor=clock.anchor)
    return date.fromisoformat(value)
