"""A case played along its history: its walk, and what is noted on the way."""

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
from workflows.engine.simulation.deeds import Deed
from workflows.engine.simulation.fates import Fates, Key
from workflows.engine.simulation.findings import Findings
from workflows.engine.simulation.histories import CaseHistory
from workflows.engine.walk import Change, RunningTerm, Walk

NEVER: Key = (datetime.max.replace(tzinfo=UTC), 0)


class Input(NamedTuple):
    """Something that moved a case; without a trigger an officer stopped a clock or let it go on."""

    at: datetime
    recorded_on: date
    trigger: Trigger | None
    path: str
    facts: Facts
    on: date
    stops: bool = False
    fired: RunningTerm | None = None


@dataclass(slots=True)
class Track:
    """One case as it is played.

    ``inputs`` are what moved it so far, by their number; ``since`` says by which of them
    each open task and clock was started, ``places`` under which path#n. ``keys`` say when
    its running clocks fire, ``now`` how far its history was gone through.
    """

    book: Book
    history: CaseHistory
    deeds: list[Deed]
    walk: Walk = field(init=False)
    course: Course = field(init=False)
    fates: Fates = field(init=False)
    may_rewind: bool = False
    is_opened: bool = False
    now: Key = NEVER
    keys: dict[str, Key] = field(default_factory=dict)
    inputs: dict[int, Input] = field(default_factory=dict)
    since: dict[str, int] = field(default_factory=dict)
    places: dict[tuple[str, int], str | None] = field(default_factory=dict)
    offices: dict[str, str] = field(default_factory=dict)
    findings: Findings = field(init=False)
    steps: int = 0
    acts: int = 0

    def __post_init__(self) -> None:
        """Read what became of the clocks of the history."""
        opened_at = self.deeds[0].at
        definition = self.book.pack.processes[self.history.process_id]
        dates = self.book.dates(self.history.org_path, opened_at)
        self.walk = Walk(definition, dates, self.book.memory.step)
        self.course = Course(self.deeds[0].recorded_on)
        self.fates = Fates(self.deeds)
        walked = {deed.record["definition"] for deed in self.deeds}
        is_same_pack = all(named.startswith(self.book.pack.hash) for named in walked)
        self.may_rewind = any(deed.kind == "withdrawn" for deed in self.deeds)
        self.findings = Findings(self.history.number, is_same_pack)

    def next_key(self) -> Key:
        """Give when its next clock fires."""
        return min(self.keys.values(), default=NEVER)

    def office_of(self, activity: Activity) -> str:
        """Give the office of a task: as history resolved its rule last, else as the tree is."""
        rule = activity.office_rule or "subject"
        return self.offices.get(rule) or self.history.offices.get(rule, "")

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
            walk.dates = self.book.dates(self.history.org_path, moved.at)
        change = apply(walk, moved)
        if self.may_rewind:
            self._remember(moved, change)
        self._set_alarms(change)
        self._note(change, moved.recorded_on)
        self.steps += moved.trigger is not None
        return change

    def _remember(self, moved: Input, change: Change) -> None:
        """Keep what moved the case, for the day on which a firing is taken back."""
        number = len(self.inputs)
        self.inputs[number] = moved._replace(fired=change.fired[0] if change.fired else None)
        note_since(self.since, self.walk, change, number)
        for task, place in zip(change.step.opened, change.opened, strict=True):
            self.places[task.path, number] = place
        for clock in change.armed:
            self.places[path_of(clock), number] = clock.place

    def fire(self, path: str, at: datetime) -> Change | None:
        """Fire a clock; what cannot be is noted as broken, and the clock never fires again."""
        trigger, on = Trigger(TriggerType.CLOCK, path), local_date(at)
        try:
            return self.move(Input(at, on, trigger, path, {}, on))
        except DubanError as error:
            self.findings.broken.append(f"{path}: {error}")
            self.keys[path] = NEVER
            return None

    def close(self, at: datetime) -> None:
        """End the case as an officer did who closed it."""
        self.course.take(local_date(at), closed=list(self.walk.tasks.values()))
        self.course.end(local_date(at), "withdrawn")
        self.walk.tasks, self.walk.clocks, self.walk.awaited = {}, {}, ()
        self.walk.ended = True
        self.keys.clear()

    # ------------------------------------------------------------------- notes

    def _set_alarms(self, change: Change) -> None:
        for clock in (*change.fired, *change.cancelled, *change.paused):
            self.keys.pop(path_of(clock), None)
        for clock in (*change.armed, *(moved for moved, _ in change.moved)):
            path = path_of(clock)
            current = self.walk.clocks.get(path)
            if current is not None and not current.is_paused:
                self.keys[path] = self.key_of(current)

    def set_all_alarms(self) -> None:
        """Work out anew when each running clock fires."""
        self.keys = {
            path: self.key_of(clock)
            for path, clock in self.walk.clocks.items()
            if not clock.is_paused
        }

    def key_of(self, clock: RunningTerm) -> Key:
        """Give when a clock fires: with history's, where history has it with this date."""
        due_at = clock.due.due_at
        free = (self.book.sweeps.fires_at(due_at), 0)
        fate = self.fates.of(clock.place or "", due_at, self.now)
        if fate is None:
            return free
        if fate.until is None:
            return NEVER
        return fate.until if fate.fired else max(free, fate.until)

    def _note(self, change: Change, on: date) -> None:
        definition, missed = self.walk.definition, None
        for clock in change.fired:
            if clock.due_of is not None and clock.term.kind is ClockKind.ACT:
                missed = clock.place
        activities = [self.book.activity(definition, task.path) for task in change.step.opened]
        self.course.take(
            on,
            [
                OpenedTask(place or "", each.id, each.rung or 0, self.office_of(each))
                for place, each in zip(change.opened, activities, strict=True)
            ],
            change.closed,
            dated_clocks((*change.armed, *(clock for clock, _ in change.moved))),
            missed=missed,
        )
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
    return (walk.pause if moved.stops else walk.resume)(moved.path, moved.on)


def note_since(since: dict[str, int], walk: Walk, change: Change, number: int) -> None:
    """Note by which input the tasks and clocks were started that a change started."""
    for task in change.step.opened:
        since[task.path] = number
    for clock in change.step.armed:
        if clock.path in walk.clocks:
            since[clock.path] = number
