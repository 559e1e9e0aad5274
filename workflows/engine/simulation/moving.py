"""A case that moves in memory, with what is noted of it on the way."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import NamedTuple

from workflows.domain.clocks import ClockKind, local_date
from workflows.domain.errors import DubanError
from workflows.domain.steps import Facts, Trigger, TriggerType
from workflows.engine.definition import Activity
from workflows.engine.execution import START
from workflows.engine.simulation.books import Book
from workflows.engine.simulation.courses import Course, DatedClock, OpenedTask
from workflows.engine.simulation.fates import Key
from workflows.engine.walk import Change, RunningTerm, Walk, trigger_of

NEVER: Key = (datetime.max.replace(tzinfo=UTC), 0)


class Input(NamedTuple):
    """Something that moved a case.

    Without a trigger an officer stopped a clock or let it go on; without a path too, he
    corrected facts.
    """

    at: datetime
    recorded_on: date
    trigger: Trigger | None
    path: str
    facts: Facts
    on: date
    stops: bool = False
    fired: RunningTerm | None = None


@dataclass
class Moving:
    """A case of a process, from its opening on.

    ``keys`` say when its running clocks fire.
    """

    book: Book
    process_id: str
    org_path: str
    opened_at: datetime
    walk: Walk = field(init=False)
    course: Course = field(init=False)
    is_opened: bool = False
    keys: dict[str, Key] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    steps: int = 0

    def __post_init__(self) -> None:
        """Stand before the opening."""
        definition = self.book.pack.processes[self.process_id]
        dates = self.book.dates(self.org_path, self.opened_at)
        self.walk = Walk(definition, dates, self.book.memory.step)
        self.course = Course(local_date(self.opened_at))

    def next_key(self) -> Key:
        """Give when its next clock fires."""
        return min(self.keys.values(), default=NEVER)

    def next_clock(self, key: Key) -> str:
        """Give the clock that fires then; of several the first by its path."""
        return min(path for path, each in self.keys.items() if each == key)

    def key_of(self, clock: RunningTerm) -> Key:
        """Give when a clock fires."""
        return (self.book.sweeps.fires_at(clock.due.due_at), 0)

    def office_of(self, activity: Activity) -> str:
        """Give the office of a task: the rule of its lane, where no organisations are known."""
        return activity.office_rule or "subject"

    # ------------------------------------------------------------------- moves

    def open(self, facts: Facts, at: datetime, on: date) -> Change:
        """Begin the case.

        Raises:
            DubanError: It cannot be opened on these facts.
        """
        change = self.move(Input(at, local_date(at), START, "", facts, on))
        self.is_opened = True
        return change

    def move(self, moved: Input) -> Change:
        """Let something move the case, and note what it did.

        Raises:
            DubanError: It cannot; the case stands where it stood.
        """
        walk = self.walk
        if len(self.book.calendars) > 1:
            walk.dates = self.book.dates(self.org_path, moved.at)
        change = apply(walk, moved)
        self._set_alarms(change)
        self._note(change, moved.recorded_on)
        self.steps += moved.trigger is not None
        return change

    def fire(self, path: str, at: datetime) -> Change | None:
        """Fire a clock; what cannot be is noted as broken, and the clock never fires again."""
        trigger, on = trigger_of(TriggerType.CLOCK, path), local_date(at)
        try:
            return self.move(Input(at, on, trigger, path, {}, on))
        except DubanError as error:
            self.broken.append(f"{path}: {error}")
            self.keys[path] = NEVER
            return None

    # ------------------------------------------------------------------- notes

    def _set_alarms(self, change: Change) -> None:
        keys, clocks, step = self.keys, self.walk.clocks, change.step
        for path in step.cancelled:
            keys.pop(path, None)
        for stopped in change.fired:
            keys.pop(path_of(stopped), None)
        for stopped in change.paused:
            keys.pop(path_of(stopped), None)
        for armed in step.armed:
            self._set_alarm(armed.path, clocks.get(armed.path))
        for moved, _ in change.moved:
            path = path_of(moved)
            self._set_alarm(path, clocks.get(path))

    def _set_alarm(self, path: str, clock: RunningTerm | None) -> None:
        if clock is not None and not (clock.pauses and clock.is_paused):
            self.keys[path] = self.key_of(clock)

    def _note(self, change: Change, on: date) -> None:
        definition, missed, book = self.walk.definition, None, self.book
        for clock in change.fired:
            if clock.due_of is not None and clock.term.kind is ClockKind.ACT:
                missed = clock.place
        opened = []
        if change.opened:
            activities = book.outline(definition, change.step).activities
            for each, place in zip(activities, change.opened, strict=True):
                office = self.office_of(each)
                opened.append(OpenedTask(place or "", each.id, each.rung or 0, office))
        dated = dated_clocks(change.armed) if change.armed else []
        if change.moved:
            dated += dated_clocks([clock for clock, _ in change.moved])
        self.course.take(on, opened, change.closed, dated, missed=missed)
        if change.step.ended:
            self.course.end(on, self.walk.outcome)


def path_of(clock: RunningTerm) -> str:
    """Give the path of a clock."""
    return (clock.place or "").rpartition("#")[0]


def dated_clocks(clocks: Collection[RunningTerm]) -> list[DatedClock]:
    """Give the dates of clocks."""
    return [
        DatedClock(
            clock.place or "",
            clock.rule,
            clock.term.anchor_on,
            clock.due.due_on,
            clock.due_of is not None,
        )
        for clock in clocks
    ]


def apply(walk: Walk, moved: Input) -> Change:
    """Let an input move a walk."""
    if moved.trigger is not None:
        return walk.move(moved.trigger, moved.facts, moved.on)
    if not moved.path:
        return walk.correct(moved.facts)
    return (walk.pause if moved.stops else walk.resume)(moved.path, moved.on)
