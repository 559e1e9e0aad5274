"""What a change of the pack's version does to running clocks (DESIGN 4.5).

A clock keeps its anchor, its pauses, its extension and so what it has used; only its
budget may be another one. Nobody's deadline gets shorter unless the plan says so by name,
and never so that it is over by then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from workflows.domain.calendars import Calendar
from workflows.domain.clocks import Budget, Due, Pause
from workflows.domain.steps import FactValue
from workflows.domain.terms import Term
from workflows.engine import Definition
from workflows.engine.migration import Carried, Kept
from workflows.services.steps.clockwork import pauses_of


@dataclass(frozen=True, slots=True)
class NewTerm:
    """A clock for which the new version has another rule, path or budget.

    ``clock`` is its row; ``is_held`` says that the new version's term would be shorter
    and the old one was kept, ``is_same`` that so nothing changes.
    """

    clock: Any
    path: str
    rule: str
    due_of: str | None
    term: Term
    due: Due
    is_held: bool
    is_same: bool

    @property
    def is_shorter(self) -> bool:
        """Tell whether the last day comes earlier than before."""
        was_on: date = self.clock.due_on
        return self.due.due_on < was_on


@dataclass(frozen=True, slots=True)
class Versions:
    """A process in the version that cases leave and in the one that they go to.

    ``shortens`` says whether terms may get shorter, as far as they are not over by then.
    """

    old: Definition
    new: Definition
    shortens: bool


def new_terms(
    versions: Versions,
    carried: Carried,
    facts: Mapping[str, FactValue],
    clocks: Iterable[Any],
    pauses: Sequence[Any],
    calendar_of: Callable[[str], Calendar],
    today: date,
) -> list[NewTerm]:
    """Compute which live clocks of a case would change, and to what.

    Args:
        versions: Where the case comes from and goes to.
        carried: What becomes of the marking where it stands.
        facts: What is known of it.
        clocks: The rows of its live clocks.
        pauses: The rows of all its pauses.
        calendar_of: Gives a calendar by its version: a clock keeps the one it was counted by.
        today: No term gets shorter so that it ends on this day or before.

    Raises:
        TermUnknown: The new version's term cannot be told from the case's facts.
    """
    kept = {each.old: each for each in carried.clocks}
    reopened = {task.old for task in carried.tasks if not task.is_same}
    found = []
    for clock in clocks:
        if clock.path not in kept:
            continue
        stops = pauses_of(pauses, clock.path, clock.n)
        calendar = calendar_of(clock.calendar)
        new = _new_term(versions, kept[clock.path], facts, clock, stops, calendar, today)
        if (clock.due_of or "").partition("#")[0] in reopened:
            new = replace(new, is_same=False)
        if new.is_held or not new.is_same:
            found.append(new)
    return found


def _new_term(
    versions: Versions,
    kept: Kept,
    facts: Mapping[str, FactValue],
    clock: Any,
    stops: Sequence[Pause],
    calendar: Calendar,
    today: date,
) -> NewTerm:
    timer = versions.new.timer(kept.new)
    rule = versions.new.pack.term(timer.term, facts)
    budget = rule.budget
    if timer.series:
        budget = budget.times(_periods(versions, kept, facts, clock))
    term = Term(clock.anchor_on, budget, rule.kind, clock.extension_days)
    due = term.due(calendar, stops)
    too_short = due.due_on <= today or not versions.shortens
    is_held = due.due_on < clock.due_on and too_short
    if is_held:
        term = replace(term, budget=_budget(clock))
        due = replace(
            term.due(calendar, stops),
            due_on=clock.due_on,
            due_at=clock.due_at,
            provisional=clock.provisional,
        )
    is_same = kept.is_same and term.budget == _budget(clock)
    return NewTerm(clock, kept.new, rule.rule, timer.due_of, term, due, is_held, is_same)


def _budget(clock: Any) -> Budget:
    return Budget.of(clock.budget, clock.unit)


def _periods(versions: Versions, kept: Kept, facts: Mapping[str, FactValue], clock: Any) -> int:
    """Count the periods of a series that a clock's budget holds."""
    period = versions.old.pack.term(versions.old.timer(kept.old).term, facts).budget
    is_multiple = period.unit == clock.unit and period.amount > 0
    return max(1, clock.budget // period.amount) if is_multiple else 1
