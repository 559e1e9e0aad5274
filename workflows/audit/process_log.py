"""The events of cases as process mining knows them, from the records of the journal.

A record tells of several tasks at once; a log has an event for each of them. Both XES and
OCEL are written from what stands here. No name of a person and no free text gets here: who
acted is an id, and facts come as values of a declared type.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal, Protocol, TypeAlias

from workflows.domain.calendars import Calendar
from workflows.domain.records import Opened, Record, RecordKind
from workflows.domain.working_time import workdays_taken, working_seconds

Value: TypeAlias = str | bool | int | Decimal | datetime
What: TypeAlias = Literal["activity", "rule", "message", "record"]


class Namer(Protocol):
    """Gives the name of an activity, a rule, a message or a kind of record."""

    def __call__(self, definition: str | None, what: What, code: str) -> str:
        """Name a code; ``definition`` is that of the record, ``<pack hash>/<process id>``."""


class Transition(StrEnum):
    """The transitions of the standard life of an activity (IEEE 1849-2016, 7.2) that occur."""

    SCHEDULE = "schedule"
    ASSIGN = "assign"
    REASSIGN = "reassign"
    START = "start"
    SUSPEND = "suspend"
    RESUME = "resume"
    COMPLETE = "complete"
    WITHDRAW = "withdraw"
    ABORT = "ate_abort"


@dataclass(frozen=True, slots=True)
class LoggedMatter:
    """What was found; its description is free text and stays out."""

    id: str
    number: str
    organisation: str
    problem_type: str
    source: str
    found_on: date


@dataclass(frozen=True, slots=True)
class LoggedRecord:
    """A record with what its payload says that a log may hold.

    ``facts`` are the new values that the reader may see; None says that a value was cleared.
    """

    record: Record
    facts: Mapping[str, Value | None] = field(default_factory=dict)
    late_seconds: int | None = None
    is_late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedCase:
    """A case with all its records, and what is needed to name and time them.

    ``organisation`` is the subject's id. ``person`` and ``performed_by`` are there for
    readers who are cleared for person-level content only. Of activities in ``sealed``
    nothing is told. The calendar is that of the case's region.
    """

    id: str
    number: str
    process: str
    pack_hash: str
    level: str
    state: str
    opened_at: datetime
    ended_at: datetime | None
    organisation: str
    person: str | None
    parent: str | None
    matter: LoggedMatter
    records: tuple[LoggedRecord, ...]
    calendar: Calendar
    namer: Namer
    tells_persons: bool = False
    sealed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEvent:
    """Something that happened to an activity of a case, or to the case itself.

    ``at`` is when it was done, ``recorded_at`` when it was entered. ``task`` is path#n where
    it has to do with a task; ``moves_task`` says that the task itself went on by it. ``pack``
    is the hash of the version in force. ``more`` holds what only some events have, by name.
    """

    number: int
    kind: str
    name: str
    activity: str
    transition: Transition
    at: datetime
    recorded_at: datetime
    resource: str
    role: str | None = None
    office: str | None = None
    task: str | None = None
    performed_by: str | None = None
    moves_task: bool = False
    pack: str = ""
    more: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LogHead:
    """What a log as a whole says of itself; ``scope`` is written in words."""

    title: str
    origin: str
    made_at: datetime
    calendar: str
    scope: str


@dataclass(slots=True)
class LogCounts:
    """What a log that was written holds."""

    cases: int = 0
    events: int = 0
    objects: int = 0


@dataclass(slots=True)
class _Task:
    activity: str
    office: str
    opened_at: datetime
    is_held: bool = False
    is_suspended: bool = False
    due_at: datetime | None = None


@dataclass(slots=True)
class _Clock:
    task: str | None
    due_at: datetime


_ON_TASKS = {
    RecordKind.TASK_CLAIMED: Transition.START,
    RecordKind.TASK_RELEASED: Transition.SUSPEND,
    RecordKind.TASK_REASSIGNED: Transition.REASSIGN,
    RecordKind.TASK_COMPLETED: Transition.COMPLETE,
}
_TIMED = frozenset({Transition.START, Transition.COMPLETE, Transition.WITHDRAW, Transition.ABORT})


def events_of(case: LoggedCase) -> Iterator[LogEvent]:
    """Give the events of a case in the order of its records.

    Within a record: what was done, then the tasks it closed, gave to somebody and opened.
    What was taken back within the minute is left out, and so is its taking back.
    """
    teller = _Teller(case)
    undone = {
        each.record.about.seq
        for each in case.records
        if each.record.kind is RecordKind.UNDONE and each.record.about is not None
    }
    for each in case.records:
        if each.record.kind is not RecordKind.UNDONE and each.record.seq not in undone:
            yield from teller.tell(each)


class _Teller:
    """Follows the tasks and clocks of one case, to say of each event how long it took."""

    def __init__(self, case: LoggedCase) -> None:
        self.case = case
        self.tasks: dict[str, _Task] = {}
        self.clocks: dict[str, _Clock] = {}
        self.told = 0

    def tell(self, each: LoggedRecord) -> Iterator[LogEvent]:
        effects = each.record.effects
        yield from self._done(each)
        own = each.record.trigger.ref if each.record.kind is RecordKind.TASK_COMPLETED else None
        for place in effects.closed:
            if place != own:
                yield from self._stopped(each, place)
        if each.record.kind not in _ON_TASKS:
            for given in effects.assigned:
                if given.claimant:
                    yield from self._on_task(
                        each, given.task, Transition.ASSIGN, resource=given.claimant
                    )
        for opened in effects.opened:
            yield from self._opened(each, opened)
        self._set_clocks(each)

    def _done(self, each: LoggedRecord) -> Iterator[LogEvent]:
        record = each.record
        place, transition = record.trigger.ref, _ON_TASKS.get(record.kind)
        if transition is None or place not in self.tasks:
            yield from self._of_case(each)
            return
        task = self.tasks[place]
        resource = record.actor
        if transition is Transition.START and task.is_suspended:
            transition = Transition.RESUME
        if transition is Transition.REASSIGN:
            resource = next(
                (to.claimant for to in record.effects.assigned if to.claimant), resource
            )
        task.is_suspended = transition is Transition.SUSPEND
        task.is_held = transition is not Transition.SUSPEND
        yield from self._on_task(each, place, transition, resource=resource, is_act=True)

    def _of_case(self, each: LoggedRecord) -> Iterator[LogEvent]:
        record = each.record
        what, code = _named_by(record)
        clock = self.clocks.get(record.trigger.ref)
        place = clock.task if clock else record.trigger.ref
        task = self.tasks.get(place or "")
        if self._is_sealed(task):
            return
        more: dict[str, Value] = {}
        if record.kind is RecordKind.CLOCK_FIRED and clock is not None:
            more = {"dueAt": clock.due_at, "lateSeconds": each.late_seconds or 0}
        yield LogEvent(
            number=self._next(),
            kind=record.kind.value,
            name=self.case.namer(record.definition, what, code),
            activity=code,
            transition=Transition.COMPLETE,
            at=record.occurred_at,
            recorded_at=record.recorded_at,
            resource=record.actor,
            role=record.role,
            office=record.office or (task.office if task else None),
            task=place if task else None,
            performed_by=self._performed_by(record),
            pack=pack_hash_of(record),
            more={**more, **_beside(each)},
        )

    def _stopped(self, each: LoggedRecord, place: str) -> Iterator[LogEvent]:
        task = self.tasks.get(place)
        is_begun = task is not None and (task.is_held or task.is_suspended)
        transition = Transition.ABORT if is_begun else Transition.WITHDRAW
        yield from self._on_task(each, place, transition, resource=each.record.actor)

    def _opened(self, each: LoggedRecord, opened: Opened) -> Iterator[LogEvent]:
        record = each.record
        self.tasks[opened.task] = _Task(opened.activity, opened.office, record.recorded_at)
        yield from self._on_task(
            each,
            opened.task,
            Transition.SCHEDULE,
            resource=record.actor,
            role=" ".join(opened.roles),
            rung=opened.rung,
        )

    def _on_task(
        self,
        each: LoggedRecord,
        place: str,
        transition: Transition,
        *,
        resource: str,
        role: str | None = None,
        rung: int | None = None,
        is_act: bool = False,
    ) -> Iterator[LogEvent]:
        """Give an event of a task; only what somebody did himself happened when he did it."""
        record, task = each.record, self.tasks.get(place)
        if task is None or self._is_sealed(task):
            return
        at = record.occurred_at if is_act else record.recorded_at
        more = self._timing(task, at) if transition in _TIMED else {}
        if rung is not None:
            more["rung"] = rung
        if resource != record.actor:
            more["by"] = record.actor
        yield LogEvent(
            number=self._next(),
            kind=record.kind.value,
            name=self.case.namer(record.definition, "activity", task.activity),
            activity=task.activity,
            transition=transition,
            at=at,
            recorded_at=record.recorded_at,
            resource=resource,
            role=record.role if is_act else role,
            office=task.office,
            task=place,
            performed_by=self._performed_by(record),
            pack=pack_hash_of(record),
            moves_task=True,
            more={**more, **_beside(each)},
        )

    def _is_sealed(self, task: _Task | None) -> bool:
        return task is not None and task.activity in self.case.sealed

    def _next(self) -> int:
        self.told += 1
        return self.told

    def _performed_by(self, record: Record) -> str | None:
        return record.performed_by if self.case.tells_persons else None

    def _timing(self, task: _Task, at: datetime) -> dict[str, Value]:
        """Say how long a task had been open, and how it stood to its deadline."""
        calendar = self.case.calendar
        more: dict[str, Value] = {
            "workdays": workdays_taken(calendar, task.opened_at, at),
            "workingSeconds": working_seconds(calendar, task.opened_at, at),
            "elapsedSeconds": max(0, int((at - task.opened_at).total_seconds())),
        }
        if task.due_at is not None:
            more["dueAt"] = task.due_at
            more["overdue"] = at >= task.due_at
        return more

    def _set_clocks(self, each: LoggedRecord) -> None:
        for armed in each.record.effects.armed:
            self.clocks[armed.clock] = _Clock(armed.task, armed.due_at)
            self._set_due(armed.task, armed.due_at)
        for moved in each.record.effects.moved:
            clock = self.clocks.get(moved.clock)
            if clock is not None:
                clock.due_at = moved.due_at
                self._set_due(clock.task, moved.due_at)

    def _set_due(self, place: str | None, due_at: datetime) -> None:
        task = self.tasks.get(place or "")
        if task is not None:
            task.due_at = due_at


def pack_hash_of(record: Record) -> str:
    """Give the hash of the pack version that a record was made under, empty where none."""
    return (record.definition or "").partition("/")[0]


def _beside(each: LoggedRecord) -> dict[str, Value]:
    """Say what sets an act apart from one on the screen at its time."""
    beside: dict[str, Value] = {}
    if each.is_late:
        beside["late"] = True
    if each.record.source is not None:
        beside["source"] = each.record.source.value
    return beside


def _named_by(record: Record) -> tuple[What, str]:
    """Say by what a record that is about no task is named."""
    if record.kind is RecordKind.CLOCK_FIRED:
        return "rule", record.trigger.name
    if record.kind is RecordKind.MESSAGE_RECEIVED:
        return "message", record.trigger.name
    if record.kind is RecordKind.INTERVENED:
        return "record", record.trigger.name
    return "record", record.kind.value
