"""Made-up matters walked through a pack by made-up officers, from a seed (DESIGN 4.6).

Nothing here is about anybody: what officers do stands in the table made_up.toml, and the
same seed gives the same cases, however many processes play them.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import NamedTuple

from workflows.domain.clocks import SHANGHAI, local_date
from workflows.domain.errors import DubanError
from workflows.domain.steps import FactValue, Trigger, TriggerType
from workflows.domain.terms import DueDates
from workflows.engine.simulation.answers import SOMEBODY, Answers
from workflows.engine.simulation.books import Book
from workflows.engine.simulation.customs import Customs
from workflows.engine.simulation.moving import Input, Moving
from workflows.engine.walk import Change

_OFFICE_OPENS = 9
_OFFICE_HOURS = 8


class _Plan(NamedTuple):
    """That somebody will do a task at a moment."""

    at: datetime
    order: int
    case: MadeUpCase
    path: str
    place: str | None


@dataclass
class MadeUpCase(Moving):
    """A case of made-up officers; ``stalls`` deadlines pass before some work is done."""

    stalls: int = field(default=0, kw_only=True)
    waiting: list[str] = field(default_factory=list)


@dataclass
class MadeUpOffice:
    """The officers who play matters, with the forms that they know."""

    book: Book
    customs: Customs
    from_on: date
    seed: int
    answers: Answers = field(init=False)

    def __post_init__(self) -> None:
        """Learn the forms of the pack."""
        self.answers = Answers(self.book.pack, self.customs)

    @property
    def until(self) -> datetime:
        """Give up to when cases are followed."""
        days = self.customs.opened_over_days + self.customs.followed_days
        return datetime.combine(self.from_on + timedelta(days=days), time(), SHANGHAI)

    def play(self, number: int) -> list[MadeUpCase]:
        """Play one matter, known by its number."""
        return _Matter(self, Random(f"{self.seed}/{number}")).play()


@dataclass
class _Matter:
    """One matter under way: its cases, and what people mean to do."""

    office: MadeUpOffice
    chance: Random
    cases: list[MadeUpCase] = field(default_factory=list)
    plans: list[_Plan] = field(default_factory=list)
    order: int = 0

    def play(self) -> list[MadeUpCase]:
        pack, until = self.office.book.pack, self.office.until
        at = self._registered_at()
        definition = pack.processes[pack.entry]
        answers, on = self.office.answers, local_date(at)
        facts = answers.fill(definition.start_form, {}, on, self.chance)
        self._open(pack.entry, {**facts, **answers.given(self.chance)}, at)
        while True:
            case, key = min(
                ((each, each.next_key()) for each in self.cases), key=lambda pair: pair[1]
            )
            planned = self.plans[0].at if self.plans else until
            if key[0] >= until and planned >= until:
                break
            if key[0] <= planned:
                change = case.fire(case.next_clock(key), key[0])
                if change is not None:
                    self._follow(case, change, key[0])
            else:
                self._do(heapq.heappop(self.plans))
        for each in self.cases:
            each.course.finish(local_date(until))
        return self.cases

    def _registered_at(self) -> datetime:
        days = int(self.chance.random() * self.office.customs.opened_over_days)
        return self._hour(self.office.from_on + timedelta(days=days))

    def _hour(self, on: date) -> datetime:
        """Give a moment in the office hours of a working day, the next one on a day off."""
        calendar = self._dates.calendar
        minutes = int(self.chance.random() * _OFFICE_HOURS * 60)
        opens_at = datetime.combine(calendar.next_workday(on), time(_OFFICE_OPENS), SHANGHAI)
        return opens_at + timedelta(minutes=minutes)

    @property
    def _dates(self) -> DueDates:
        return self.office.book.dates("", self.office.book.horizon)

    def _open(self, process: str, facts: dict[str, FactValue], at: datetime) -> None:
        stalls = int(self.office.customs.after_missed.draw(self.chance))
        case = MadeUpCase(self.office.book, process, "", at, stalls=stalls)
        self.cases.append(case)
        try:
            change = case.open(facts, at, local_date(at))
        except DubanError as error:
            case.broken.append(str(error))
            return
        self._follow(case, change, at)

    def _do(self, plan: _Plan) -> None:
        """Do a task, unless it is closed by now."""
        case, walk = plan.case, plan.case.walk
        if walk.tasks.get(plan.path) != plan.place:
            return
        on = local_date(plan.at)
        activity = case.book.activity(walk.definition, plan.path)
        facts = self.office.answers.fill(activity.form, walk.facts, on, self.chance)
        trigger = Trigger(TriggerType.TASK, plan.path)
        try:
            change = case.move(Input(plan.at, on, trigger, plan.path, facts, on))
        except DubanError as error:
            case.broken.append(f"{plan.path}: {error}")
            return
        self._follow(case, change, plan.at)

    def _follow(self, case: MadeUpCase, change: Change, at: datetime) -> None:
        """Plan what opened, go back to what was put off, open what a step asks for."""
        paths = [task.path for task in change.step.opened]
        if change.fired and len(case.course.missed) >= case.stalls:
            paths += [path for path in case.waiting if path in case.walk.tasks]
            case.waiting.clear()
        for path in paths:
            self._plan(case, path, at)
        for call in change.step.operations:
            if call.name == "open_case":
                given: dict[str, FactValue] = {
                    "subject_person": SOMEBODY,
                    "subject_category": case.walk.facts.get("subject_category"),
                }
                declared = self.office.book.pack.facts
                facts = {name: value for name, value in given.items() if name in declared}
                self._open(str(call.parameters["process"]), facts, at)

    def _plan(self, case: MadeUpCase, path: str, at: datetime) -> None:
        """Decide when somebody will do a task."""
        activity = case.book.activity(case.walk.definition, path)
        is_stalled = activity.id in self.office.customs.stalling
        if is_stalled and len(case.course.missed) < case.stalls:
            case.waiting.append(path)
            return
        place = case.walk.tasks[path]
        due_on = min(
            (clock.due.due_on for clock in case.walk.clocks.values() if clock.due_of == place),
            default=None,
        )
        on = self._day(local_date(at), due_on, activity.office_rule or "subject")
        self.order += 1
        moment = max(self._hour(on), at + timedelta(minutes=1))
        heapq.heappush(self.plans, _Plan(moment, self.order, case, path, place))

    def _day(self, today: date, due_on: date | None, office: str) -> date:
        customs, chance = self.office.customs, self.chance
        if due_on is None:
            return today + timedelta(days=customs.free_days.draw(chance))
        if chance.random() * 100 < customs.late.get(office, 0):
            return due_on + timedelta(days=customs.late_days.draw(chance))
        share = customs.in_time_percent.draw(chance)
        return today + timedelta(days=max(0, (due_on - today).days) * share // 100)
