"""What came of many cases, counted so that processes can count apart and add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, TypeAlias, TypeVar

from workflows.engine.simulation.courses import Course, Missed
from workflows.engine.simulation.made_up import MadeUpCase
from workflows.engine.simulation.matching import Misfit
from workflows.engine.simulation.playing import CasePlayed
from workflows.engine.simulation.reproduction import Difference

# Cases or tasks, and their days, as recorded and as played.
Quantities: TypeAlias = list[int]
_Key = TypeVar("_Key")


class Escalation(NamedTuple):
    """A missed deadline's work, on the day it was opened and the day it would have been."""

    case: str
    activity: str
    number: int
    recorded_on: date | None
    played_on: date | None

    @property
    def days(self) -> int | None:
        """Give by how many days it comes later, null where only one of both has it."""
        if self.recorded_on is None or self.played_on is None:
            return None
        return (self.played_on - self.recorded_on).days


class DateChange(NamedTuple):
    """A due date as it was and as it would have been.

    ``anchor_moved`` says whether it began to count on another day.
    """

    case: str
    clock: str
    rule: str
    recorded_on: date
    played_on: date
    anchor_moved: bool


class Broken(NamedTuple):
    """A clock or message that could not be carried out under the rules."""

    case: str
    error: str


@dataclass(slots=True)
class Tally:
    """Sums over cases; ``load`` is by office and rung, ``rungs`` by rung, ``outcomes`` by name.

    Cases with an act that no longer fits are left out of these three, on both sides.
    ``missed`` counts by activity the work that missed deadlines led to as played.
    ``untold`` are escalations after an act that no longer fits: what people would have
    done from then on nobody knows.
    """

    cases: int = 0
    unreadable: int = 0
    not_opened: int = 0
    left_out: int = 0
    same_pack: int = 0
    reproduced: int = 0
    steps: int = 0
    acts: int = 0
    case_days: int = 0
    same_escalations: int = 0
    same_dates: int = 0
    differences: list[Difference] = field(default_factory=list)
    misfits: list[Misfit] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    escalations: list[Escalation] = field(default_factory=list)
    untold: list[Escalation] = field(default_factory=list)
    dates: list[DateChange] = field(default_factory=list)
    load: dict[tuple[str, int], Quantities] = field(default_factory=dict)
    rungs: dict[int, Quantities] = field(default_factory=dict)
    outcomes: dict[str, Quantities] = field(default_factory=dict)
    missed: Counter[str] = field(default_factory=Counter)
    lacking: set[str] = field(default_factory=set)

    def add(self, played: CasePlayed) -> None:
        """Count one case."""
        self.cases += 1
        if played.recorded is None:
            self.unreadable += 1
            return
        number, course = played.number, played.course
        self.lacking |= played.lacking
        self.steps += played.steps
        self.acts += played.acts
        self.misfits += played.misfits
        self.broken += [Broken(number, error) for error in played.broken]
        if played.is_same_pack:
            self.same_pack += 1
            self.reproduced += played.difference is None
            self.differences += [played.difference] if played.difference else []
        self.not_opened += course is None
        self.missed.update(each.activity for each in (course.missed if course else ()))
        if course is not None:
            self.case_days += course.days
        if course is None or played.misfits:
            # Without its people a case only stands: its days would be invented.
            self.left_out += 1
        else:
            self._measure(played.recorded, 0)
            self._measure(course, 2)
        known_until = min((misfit.on for misfit in played.misfits), default=date.max)
        self._compare_missed(number, played.recorded, course, known_until)
        self._compare_dates(number, played.recorded, course, known_until)

    def add_made_up(self, case: MadeUpCase) -> None:
        """Count one made-up case; nothing was recorded of it."""
        self.cases += 1
        self.steps += case.steps
        self.not_opened += not case.is_opened
        self.broken += [Broken("", error) for error in case.broken]
        self.missed.update(each.activity for each in case.course.missed)
        self.case_days += case.course.days
        self._measure(case.course, 2)

    def merge(self, other: Tally) -> None:
        """Add what another process counted."""
        for name in _NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in _LISTS:
            getattr(self, name).extend(getattr(other, name))
        self.lacking |= other.lacking
        self.missed.update(other.missed)
        _sum(self.load, other.load)
        _sum(self.rungs, other.rungs)
        _sum(self.outcomes, other.outcomes)

    def _measure(self, course: Course, at: int) -> None:
        for where, (tasks, days) in course.load.items():
            _count(self.load.setdefault(where, [0, 0, 0, 0]), at, tasks, days)
        for rung, days in course.rung_days.items():
            _count(self.rungs.setdefault(rung, [0, 0, 0, 0]), at, 1, days)
        if course.ended_on is not None:
            outcomes = self.outcomes.setdefault(course.outcome or "", [0, 0, 0, 0])
            _count(outcomes, at, 1, course.days)

    def _compare_missed(
        self, number: str, recorded: Course, course: Course | None, known_until: date
    ) -> None:
        was, is_now = _by_order(recorded.missed), _by_order(course.missed if course else [])
        for key in sorted(was.keys() | is_now.keys()):
            before, after = was.get(key), is_now.get(key)
            if before == after:
                self.same_escalations += 1
                continue
            is_known = (after or before or date.min) <= known_until
            listed = self.escalations if is_known else self.untold
            listed.append(Escalation(number, *key, before, after))

    def _compare_dates(
        self, number: str, recorded: Course, course: Course | None, known_until: date
    ) -> None:
        for place, clock in recorded.dated.items():
            played = course.dated.get(place) if course else None
            if played is None or not clock.is_due or played.anchor_on > known_until:
                continue
            if played.due_on == clock.due_on:
                self.same_dates += 1
                continue
            moved = played.anchor_on != clock.anchor_on
            dates = clock.due_on, played.due_on
            self.dates.append(DateChange(number, place, clock.rule, *dates, moved))


_NUMBERS = (
    "cases",
    "unreadable",
    "not_opened",
    "left_out",
    "same_pack",
    "reproduced",
    "steps",
    "acts",
    "case_days",
    "same_escalations",
    "same_dates",
)
_LISTS = ("differences", "misfits", "broken", "escalations", "untold", "dates")


def tally_of(played: Iterable[CasePlayed]) -> Tally:
    """Count some cases."""
    tally = Tally()
    for each in played:
        tally.add(each)
    return tally


def _by_order(missed: Iterable[Missed]) -> Mapping[tuple[str, int], date]:
    """Give when the first, second… work of an activity was opened by a missed deadline."""
    times: Counter[str] = Counter()
    found = {}
    for each in missed:
        times[each.activity] += 1
        found[each.activity, times[each.activity]] = each.on
    return found


def _count(quantities: Quantities, at: int, number: int, days: int) -> None:
    quantities[at] += number
    quantities[at + 1] += days


def _sum(mine: dict[_Key, Quantities], other: Mapping[_Key, Quantities]) -> None:
    for key, quantities in other.items():
        before = mine.setdefault(key, [0, 0, 0, 0])
        mine[key] = [one + more for one, more in zip(before, quantities, strict=True)]
