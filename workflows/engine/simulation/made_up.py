"""Made-up matters walked through a pack by made-up officers, from a seed (DESIGN 4.6).

Nothing here is about anybody: what officers do stands in the table made_up.toml, and the
same seed gives the same cases, however many processes play them.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import NamedTuple

from workflows.domain.clocks import SHANGHAI, local_date
from workflows.domain.errors import DubanError
from workflows.domain.steps import FactValue, TriggerType
from workflows.engine.simulation.answers import SOMEBODY, Answers
from workflows.engine.simulation.books import Book
from workflows.engine.simulation.customs import Customs
from workflows.engine.simulation.fates import Key
from workflows.engine.simulation.moving import Input, Moving
from workflows.engine.walk import Change, trigger_of

_OFFICE_OPENS = 9
_OFFICE_HOURS = 8
# Keeps the matters of one seed apart from those of the next.
_MOST_MATTERS = 10**9


class _Plan(NamedTuple):
    """That somebody will do a task at a moment."""

    at: datetime
    order: int
    on: date
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
    until: datetime = field(init=False)
    _mornings: dict[date, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Learn the forms of the pack, and up to when cases are followed."""
        self.answers = Answers(self.book.pack, self.customs)
        days = self.customs.opened_over_days + self.customs.followed_days
        until = datetime.combine(self.from_on + timedelta(days=days), time(), SHANGHAI)
        self.until = until.astimezone(UTC)

    def morning(self, on: date) -> datetime:
        """Give when the offices open on a day, on the next working day after a day off."""
        known = self._mornings.get(on)
        if known is None:
            calendar = self.book.dates("", self.book.horizon).calendar
            opens_at = datetime.combine(calendar.next_workday(on), time(_OFFICE_OPENS), SHANGHAI)
            known = self._mornings[on] = opens_at.astimezone(UTC)
        return known

    def play(self, number: int) -> list[MadeUpCase]:
        """Play one matter, known by its number."""
        return _Matter(self, Random(self.seed * _MOST_MATTERS + number)).play()


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
            case, key = self._next_firing()
            planned = self.plans[0].at if self.plans else until
            if key[0] >= until and planned >= until:
                break
            if key[0] <= planned:
                change = case.fire(case.next_clock(key), key[0])
                if change is not None:
                    self._follow(case, change, key[0], local_date(key[0]))
            else:
                self._do(heapq.heappop(self.plans))
        for each in self.cases:
            each.course.finish(local_date(until))
        return self.cases

    def _next_firing(self) -> tuple[MadeUpCase, Key]:
        if len(self.cases) == 1:
            return self.cases[0], self.cases[0].next_key()
        keys = [(each.next_key(), place) for place, each in enumerate(self.cases)]
        key, place = min(keys)
        return self.cases[place], key

    def _registered_at(self) -> datetime:
        days = int(self.chance.random() * self.office.customs.opened_over_days)
        return self._hour(self.office.from_on + timedelta(days=days))

    def _hour(self, on: date) -> datetime:
        """Give a moment in the office hours of a working day, the next one on a day off."""
        minutes = int(self.chance.random() * _OFFICE_HOURS * 60)
        return self.office.morning(on) + timedelta(minutes=minutes)

    def _open(self, process: str, facts: dict[str, FactValue], at: datetime) -> None:
        stalls = int(self.office.customs.after_missed.draw(self.chance))
        case = MadeUpCase(self.office.book, process, "", at, stalls=stalls)
        self.cases.append(case)
        try:
            on = local_date(at)
            change = case.open(facts, at, on)
        except DubanError as error:
            case.broken.append(str(error))
            return
        self._follow(case, change, at, on)

    def _do(self, plan: _Plan) -> None:
        """Do a task, unless it is closed by now."""
        case, walk = plan.case, plan.case.walk
        if walk.tasks.get(plan.path) != plan.place:
            return
        on = plan.on
        activity = case.book.activity(walk.definition, plan.path)
        facts = self.office.answers.fill(activity.form, walk.facts, on, self.chance)
        trigger = trigger_of(TriggerType.TASK, plan.path)
        try:
            change = case.move(Input(plan.at, on, trigger, plan.path, facts, on))
        except DubanError as error:
            case.broken.append(f"{plan.path}: {error}")
            return
        self._follow(case, change, plan.at, on)

    def _follow(self, case: MadeUpCase, change: Change, at: datetime, on: date) -> None:
        """Plan what opened, go back to what was put off, open what a step asks for."""
        paths = [task.path for task in change.step.opened]
        if change.fired and len(case.course.missed) >= case.stalls:
            paths += [path for path in case.waiting if path in case.walk.tasks]
            case.waiting.clear()
        for path in paths:
            self._plan(case, path, at, on)
        for call in change.step.operations:
            if call.name == "open_case":
                given: dict[str, FactValue] = {
                    "subject_person": SOMEBODY,
                    "subject_category": self.office.answers.category(self.chance),
                }
                declared = self.office.book.pack.facts
                facts = {name: value for name, value in given.items() if name in declared}
                self._open(str(call.parameters["process"]), facts, at)

    def _plan(self, case: MadeUpCase, path: str, at: datetime, today: date) -> None:
        """Decide when somebody will do a task."""
        activity = case.book.activity(case.walk.definition, path)
        is_stalled = activity.id in self.office.customs.stalling
        if is_stalled and len(case.course.missed) < case.stalls:
            case.waiting.append(path)
            return
        place = case.walk.tasks[path]
        clocks = case.walk.clocks.values()
        dates = [clock.due.due_on for clock in clocks if clock.due_of == place]
        due_on = min(dates) if dates else None
        on = self._day(today, due_on, activity.office_rule or "subject")
        self.order += 1
        moment = self._hour(on)
        if moment <= at:
            moment = at + timedelta(minutes=1)
        heapq.heappush(self.plans, _Plan(moment, self.order, local_date(moment), case, path, place))

    def _day(self, today: date, due_on: date | None, office: str) -> date:
        customs, chance = self.office.customs, self.chance
        if due_on is None:
            return today + timedelta(days=customs.free_days.draw(chance))
        if chance.random() * 100 < customs.late.get(office, 0):
            return due_on + timedelta(days=customs.late_days.draw(chance))
        share = customs.in_time_percent.draw(chance)
        return today + timedelta(days=max(0, (due_on - today).days) * share // 100)
