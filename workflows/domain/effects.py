"""Effects of measures on a person: rows that were computed once and end by themselves.

Each bars something until a day (DOMAIN 5.7.2). Nothing moves that day but a decision in the
person's favour: an effect is void from the start, or ends early.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from workflows.domain.budgets import Budget, InvalidBudget
from workflows.domain.counting import shift_months


class EffectKind(StrEnum):
    """What an effect bars."""

    PROMOTION = "promotion"
    POST_LEVEL = "post_level"
    ANNUAL_ASSESSMENT = "annual_assessment"
    TERM_AWARDS = "term_awards"


class Standing(StrEnum):
    """Whether an effect stands as it was computed."""

    STANDS = "stands"
    ENDED = "ended"
    VOID = "void"


class Course(StrEnum):
    """Where a day lies in the life of an effect."""

    TO_COME = "to_come"
    RUNNING = "running"
    OVER = "over"
    VOID = "void"


class Purpose(StrEnum):
    """What somebody asks about a person for."""

    PROMOTION = "promotion"
    POST = "post"
    ASSESSMENT = "assessment"
    AWARDS = "awards"
    OTHER = "other"


# Which effects speak against which purpose; who asks for anything else is told of all.
BARS: dict[Purpose, frozenset[EffectKind]] = {
    Purpose.PROMOTION: frozenset({EffectKind.PROMOTION, EffectKind.POST_LEVEL}),
    Purpose.POST: frozenset({EffectKind.POST_LEVEL}),
    Purpose.ASSESSMENT: frozenset({EffectKind.ANNUAL_ASSESSMENT}),
    Purpose.AWARDS: frozenset({EffectKind.TERM_AWARDS}),
    Purpose.OTHER: frozenset(EffectKind),
}


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect: ``until_on`` is its last day, None as long as the end of a term is unknown.

    ``case_id``, ``seq`` and ``kind`` name it for good. ``ended_on`` is the last day of one
    that ended early.
    """

    case_id: str
    seq: int
    kind: str
    rule: str
    basis: str
    from_on: date
    until_on: date | None
    standing: str = Standing.STANDS.value
    ended_on: date | None = None

    @property
    def last_on(self) -> date | None:
        """Give the last day on which it bars anything; None where nobody knows it yet."""
        ends = [day for day in (self.until_on, self.ended_on) if day is not None]
        return min(ends, default=None)

    def course(self, day: date) -> Course:
        """Say where a day lies."""
        if self.standing == Standing.VOID:
            return Course.VOID
        if day < self.from_on:
            return Course.TO_COME
        last_on = self.last_on
        return Course.RUNNING if last_on is None or day <= last_on else Course.OVER

    def runs(self, day: date) -> bool:
        """Say whether it bars anything on a day."""
        return self.course(day) is Course.RUNNING


def computed_end(
    kind: str, from_on: date, budget: Budget | None, term_until: date | None
) -> date | None:
    """Give the last day of an effect: raw calendar, a month clamped to its end, never rolled.

    Args:
        kind: What it bars.
        from_on: The day from which it runs, which does not count.
        budget: How long, where the rules say so.
        term_until: The last day of the term of office, where the tenure tells it.
    """
    if budget is not None:
        return raw_end(from_on, budget)
    if kind == EffectKind.ANNUAL_ASSESSMENT:
        return date(from_on.year, 12, 31)
    return term_until


def raw_end(from_on: date, budget: Budget) -> date:
    """Give the last day of a period of natural days or months, whatever day that is.

    Raises:
        InvalidBudget: It counts workdays, which an effect never does.
    """
    if budget.unit == "months":
        return shift_months(from_on, budget.amount)
    if budget.unit == "days":
        return from_on + timedelta(days=budget.amount)
    raise InvalidBudget(text=f"{budget.amount} {budget.unit}")


def longest(effects: Iterable[Effect], day: date) -> dict[str, Effect]:
    """Give of each kind the running effect that ends last; one without a known end is last."""
    found: dict[str, Effect] = {}
    for effect in sorted(effects, key=lambda each: (each.from_on, each.seq)):
        held = found.get(effect.kind)
        if effect.runs(day) and (held is None or _outlasts(effect, held)):
            found[effect.kind] = effect
    return found


def _outlasts(effect: Effect, held: Effect) -> bool:
    if held.last_on is None:
        return False
    return effect.last_on is None or effect.last_on > held.last_on
