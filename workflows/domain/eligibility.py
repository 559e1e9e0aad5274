"""What may be answered about a person for a purpose on a day: the six classes (DOMAIN 2.5, D22).

A class is suggested from effects and cases, with the grounds that lead to it. A suggestion
decides nothing: people choose the class and sign it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from workflows.domain.counting import shift_months
from workflows.domain.effects import BARS, Course, Effect, EffectKind, Purpose


class ReplyClass(StrEnum):
    """The classes of a clearance reply, from nothing at all to the gravest."""

    NOTHING = "nothing"
    SETTLED = "settled"
    PAST = "past"
    IN_HANDLING = "in_handling"
    DEFER = "defer"
    UNFIT = "unfit"


class Ground(StrEnum):
    """Why a class is suggested."""

    NO_TRACE = "no_trace"
    CLOSED = "closed"
    OTHER_PURPOSE = "other_purpose"
    OVER = "over"
    CRITICISED = "criticised"
    OPEN_CASE = "open_case"
    BARRED = "barred"
    BARRED_FROM_POSTS = "barred_from_posts"


_CLASS_OF = {
    Ground.NO_TRACE: ReplyClass.NOTHING,
    Ground.CLOSED: ReplyClass.SETTLED,
    Ground.OTHER_PURPOSE: ReplyClass.SETTLED,
    Ground.OVER: ReplyClass.PAST,
    Ground.CRITICISED: ReplyClass.PAST,
    Ground.OPEN_CASE: ReplyClass.IN_HANDLING,
    Ground.BARRED: ReplyClass.DEFER,
    Ground.BARRED_FROM_POSTS: ReplyClass.UNFIT,
}
_GRAVEST_LAST = tuple(ReplyClass)
# Ends that leave no trace with a person: nothing improper was found, the ground fell away, or
# what goes on elsewhere is sealed (DOMAIN 2.6, 8.9).
_TRACELESS = frozenset(
    {
        "not_started",
        "barred",
        "not_accountable",
        "withdrawn",
        "referred",
        "unfounded",
        "revoked",
        "set_aside",
    }
)
_CRITICISM = "lighter"


@dataclass(frozen=True, slots=True)
class PersonCase:
    """A case about a person as a reply sees it; ``ended_on`` is None while it is open."""

    id: str
    outcome: str | None
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggested class, the grounds for it, and the effects that a reply must list."""

    reply_class: ReplyClass
    grounds: tuple[Ground, ...]
    effects: tuple[Effect, ...]

    def running(self, day: date) -> tuple[Effect, ...]:
        """Give the effects that bar anything on a day."""
        return tuple(effect for effect in self.effects if effect.runs(day))


def suggest(
    effects: Sequence[Effect],
    cases: Iterable[PersonCase],
    purpose: Purpose,
    day: date,
    criticism_months: int,
) -> Suggestion:
    """Suggest how to answer for a purpose on a day; what is void leaves no trace.

    Args:
        effects: All effects on the person.
        cases: The cases about him, but for those that he or others opened beside them.
        purpose: What is asked for.
        day: The day that is asked about.
        criticism_months: How long a criticism is spoken of after its case ended.
    """
    listed = tuple(
        each for each in effects if each.course(day) not in (Course.VOID, Course.TO_COME)
    )
    found = {_ground_of_effect(each, purpose, day) for each in listed}
    with_effects = {each.case_id for each in effects}
    found |= {
        ground
        for case in cases
        if case.id not in with_effects
        for ground in _grounds_of_case(case, day, criticism_months)
    }
    grounds = tuple(ground for ground in Ground if ground in found) or (Ground.NO_TRACE,)
    chosen = max((_CLASS_OF[ground] for ground in grounds), key=_GRAVEST_LAST.index)
    return Suggestion(chosen, tuple(g for g in grounds if _CLASS_OF[g] is chosen), listed)


def _ground_of_effect(effect: Effect, purpose: Purpose, day: date) -> Ground:
    if not effect.runs(day):
        return Ground.OVER
    if effect.kind not in BARS[purpose]:
        return Ground.OTHER_PURPOSE
    is_of_posts = effect.kind == EffectKind.POST_LEVEL
    return Ground.BARRED_FROM_POSTS if is_of_posts else Ground.BARRED


def _grounds_of_case(case: PersonCase, day: date, criticism_months: int) -> Iterable[Ground]:
    """Give what a case without effects speaks for; criticism is forgotten after a while."""
    if case.ended_on is None:
        return (Ground.OPEN_CASE,)
    if case.outcome in _TRACELESS:
        return ()
    if case.outcome != _CRITICISM:
        return (Ground.CLOSED,)
    is_shown = day <= shift_months(case.ended_on, criticism_months)
    return (Ground.CRITICISED,) if is_shown else ()
