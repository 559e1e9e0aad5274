"""A case in memory: acts and firings in, steps and dates out, nothing written (DESIGN 4.6, 6).

Late entries, back-tests and simulations all play cases through the engine here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple, Self, TypeAlias

from workflows.domain.clocks import Due, Pause
from workflows.domain.records import MoveReason
from workflows.domain.steps import (
    ArmedClock,
    Facts,
    FactValue,
    OperationCall,
    Step,
    Trigger,
    TriggerType,
)
from workflows.domain.terms import DueDates, ExtensionTooLong, Term, arm, refuse_too_long
from workflows.engine.definition import Definition
from workflows.engine.execution import START
from workflows.engine.table import step

NO_STEP = Step(marking="", marking_hash="")
Stepping: TypeAlias = Callable[[Definition, str, Trigger, Facts], Step]


# Paths are those of packs, so they are few; a trigger for each is made once.
trigger_of = lru_cache(maxsize=20_000)(Trigger)


class RunningTerm(NamedTuple):
    """A clock in memory; ``due`` stands where the clock stopped while it is paused.

    ``place`` is its path#n, null where a walk that follows history has a clock that
    history has not. ``differs`` says that something else happened to it than in history.
    """

    place: str | None
    rule: str
    term: Term
    due: Due
    due_of: str | None = None
    pauses: tuple[Pause, ...] = ()
    differs: bool = False

    @property
    def is_paused(self) -> bool:
        """Say whether it stands still."""
        return any(pause.to_on is None for pause in self.pauses)

    def paused(self, from_on: date, to_on: date | None = None, *, differs: bool) -> RunningTerm:
        """Give it stopped from a day on."""
        if self.is_paused:
            return self
        pauses = (*self.pauses, Pause(from_on, to_on, "", ""))
        return self._replace(pauses=pauses, differs=self.differs or differs)

    def resumed(self, to_on: date, dates: DueDates, *, differs: bool) -> RunningTerm:
        """Give it running again from a day on."""
        pauses = tuple(
            pause if pause.to_on is not None else replace(pause, to_on=max(to_on, pause.from_on))
            for pause in self.pauses
        )
        due = dates.of(self.term, pauses)
        return self._replace(pauses=pauses, due=due, differs=self.differs or differs)

    def extended(self, days: int, dates: DueDates, *, differs: bool) -> RunningTerm:
        """Give it with more days."""
        term = replace(self.term, extension_days=self.term.extension_days + days)
        due = dates.of(term, self.pauses)
        return self._replace(term=term, due=due, differs=self.differs or differs)


@dataclass(slots=True)
class Change:
    """What one move did to a case; tasks as path#n, clocks as they were or are.

    ``step`` is empty where an officer only stopped a clock or let it go on. ``opened``
    goes with the tasks that the step opened, in order.
    """

    step: Step = NO_STEP
    opened: list[str | None] = field(default_factory=list)
    closed: list[str | None] = field(default_factory=list)
    armed: list[RunningTerm] = field(default_factory=list)
    moved: list[tuple[RunningTerm, MoveReason]] = field(default_factory=list)
    paused: list[RunningTerm] = field(default_factory=list)
    resumed: list[RunningTerm] = field(default_factory=list)
    cancelled: list[RunningTerm] = field(default_factory=list)
    fired: list[RunningTerm] = field(default_factory=list)


@dataclass
class Walk:
    """A case on its way through a definition.

    ``tasks`` maps the path of each open one to its path#n, ``clocks`` the path of each that
    is alive. ``entered`` counts how often each path was entered, ``series`` the budgets
    that the terms of a series were counted with from an anchor. After an error the case
    stands where it stood.
    """

    definition: Definition
    dates: DueDates
    steps: Stepping = step
    marking: str = ""
    marking_hash: str = ""
    facts: dict[str, FactValue] = field(default_factory=dict)
    tasks: dict[str, str | None] = field(default_factory=dict)
    clocks: dict[str, RunningTerm] = field(default_factory=dict)
    series: dict[tuple[str, date], set[int]] = field(default_factory=dict)
    entered: dict[str, int] = field(default_factory=dict)
    awaited: tuple[str, ...] = ()
    rung: int | None = None
    ended: bool = False
    outcome: str | None = None

    def copy(self) -> Self:
        """Give a walk that goes on from here by itself."""
        return replace(
            self,
            facts=dict(self.facts),
            tasks=dict(self.tasks),
            clocks=dict(self.clocks),
            series={key: set(budgets) for key, budgets in self.series.items()},
            entered=dict(self.entered),
        )

    def open(self, facts: Facts, on: date) -> Change:
        """Begin the case on what is known."""
        return self.move(START, facts, on)

    def complete(self, path: str, facts: Facts, on: date) -> Change:
        """Do an open task, which writes facts."""
        return self.move(trigger_of(TriggerType.TASK, path), facts, on)

    def receive(self, path: str, facts: Facts, on: date) -> Change:
        """Bring the event at a path what it waits for."""
        return self.move(trigger_of(TriggerType.MESSAGE, path), facts, on)

    def fire(self, path: str, on: date) -> Change:
        """Fire a clock."""
        return self.move(trigger_of(TriggerType.CLOCK, path), {}, on)

    def move(self, trigger: Trigger, facts: Facts, on: date) -> Change:
        """Take one step.

        Args:
            trigger: What happened.
            facts: What a completed task or a message wrote.
            on: The local date of it.

        Raises:
            NotStanding, EngineError, ExpressionFailed: the step cannot be taken.
            AnchorMissing: a clock that it starts counts from a date that nobody has given.
            ExtensionTooLong: it grants more days than the rules allow.
        """
        known = {**self.facts, **facts} if facts else self.facts
        done = self.steps(self.definition, self.marking, trigger, known)
        if done.facts_written:
            known = {**known, **done.facts_written}
        armed = [(clock, *self._term(clock, known, on)) for clock in done.armed]
        if not done.operations:
            return self._take(trigger, done, known, armed, on)
        before = dict(self.copy().__dict__)
        try:
            return self._take(trigger, done, known, armed, on)
        except ExtensionTooLong:
            self.__dict__.update(before)
            raise

    def pause(self, path: str, on: date, *, differs: bool = False) -> Change:
        """Stop a running clock from a day on."""
        clock = self.clocks[path] = self.clocks[path].paused(on, differs=differs)
        return Change(paused=[clock])

    def resume(self, path: str, on: date, *, differs: bool = False) -> Change:
        """Let a paused clock go on with what it has left."""
        clock = self.clocks[path].resumed(on, self.dates, differs=differs)
        self.clocks[path] = clock
        return Change(resumed=[clock], moved=[(clock, MoveReason.PAUSE)])

    def correct(self, facts: Facts) -> Change:
        """Know facts otherwise from now on; nothing moves."""
        self.facts = {**self.facts, **facts}
        return Change()

    # ------------------------------------------------- what a follower may know better

    def _task_place(self, path: str) -> str | None:
        """Give the path#n of a task that opens."""
        return self._entered_again(path)

    def _clock_place(self, path: str) -> str | None:
        """Give the path#n of a clock that starts."""
        return self._entered_again(path)

    def _term(self, clock: ArmedClock, facts: Facts, on: date) -> tuple[Term, Due]:
        """Give the term of a clock that starts."""
        number = 1
        if clock.series:
            anchor = facts.get(clock.anchor)
            if isinstance(anchor, str):
                counted = self.series.get((clock.path, date.fromisoformat(anchor)), ())
                number = len(counted) + 1
        return arm(clock, number, facts, on, self.dates)

    @property
    def _differs(self) -> bool:
        """Say whether what happens now did not happen in the history that is followed."""
        return False

    # ----------------------------------------------------------------- the step itself

    def _entered_again(self, path: str) -> str:
        number = self.entered[path] = self.entered.get(path, 0) + 1
        return f"{path}#{number}"

    def _take(
        self,
        trigger: Trigger,
        done: Step,
        known: dict[str, FactValue],
        armed: list[tuple[ArmedClock, Term, Due]],
        on: date,
    ) -> Change:
        change = Change(done, [], [], [], [], [], [], [], [])
        self.facts = known
        self.marking, self.marking_hash = done.marking, done.marking_hash
        if trigger.type is TriggerType.CLOCK:
            change.fired.append(self.clocks.pop(trigger.path))
        for path in done.closed:
            change.closed.append(self.tasks.pop(path))
        for path in done.cancelled:
            change.cancelled.append(self.clocks.pop(path))
        for task in done.opened:
            place = self.tasks[task.path] = self._task_place(task.path)
            change.opened.append(place)
        for clock, term, due in armed:
            change.armed.append(self._arm(clock, term, due))
        for call in done.operations:
            self._operate(call, change, on)
        self.awaited = done.awaited
        self.rung = self.rung if done.rung is None else done.rung
        self.ended, self.outcome = done.ended, done.outcome or self.outcome
        return change

    def _arm(self, clock: ArmedClock, term: Term, due: Due) -> RunningTerm:
        if clock.series:
            budgets = self.series.setdefault((clock.path, term.anchor_on), set())
            budgets.add(term.budget.amount)
        due_of = clock.due_of
        if due_of is not None:
            due_of = self.tasks.get(due_of) or due_of
        running = RunningTerm(self._clock_place(clock.path), clock.rule, term, due, due_of)
        self.clocks[clock.path] = running
        return running

    def _operate(self, call: OperationCall, change: Change, on: date) -> None:
        if call.name == "extend_clock":
            self._extend(call.parameters, change)
            return
        if call.name not in ("pause_clocks", "resume_clocks"):
            return
        rules = str(call.parameters.get("rules") or "").split()
        stops = call.name == "pause_clocks"
        for path, clock in self.clocks.items():
            if clock.rule not in rules or clock.is_paused is stops:
                continue
            if stops:
                self.clocks[path] = stopped = clock.paused(on, differs=self._differs)
                change.paused.append(stopped)
            else:
                self.clocks[path] = going = clock.resumed(on, self.dates, differs=self._differs)
                change.resumed.append(going)
                change.moved.append((going, MoveReason.PAUSE))

    def _extend(self, parameters: Mapping[str, Any], change: Change) -> None:
        days, most = int(parameters.get("days") or 0), parameters.get("most")
        for path, clock in self.clocks.items():
            if clock.rule != parameters.get("rule"):
                continue
            if isinstance(most, str):
                amount = self.definition.pack.parameters[most].amount
                percent = amount.value if amount else 0
                refuse_too_long(clock.term, days, percent, self.dates.calendar)
            self.clocks[path] = later = clock.extended(days, self.dates, differs=self._differs)
            change.moved.append((later, MoveReason.EXTENSION))
