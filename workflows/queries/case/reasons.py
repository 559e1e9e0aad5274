"""Why a case stands where it stands: the chain of records that led there, and their grounds.

A record has one cause: the record that opened the task which was done, or armed the
clock which ran out. So the way back from the open tasks to the registering is a chain,
and what happened beside it is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import DubanError
from workflows.domain.records import Opened, Record, RecordKind
from workflows.domain.steps import FactValue, Trigger, TriggerType
from workflows.engine import Definition, standing
from workflows.engine.narration import Told, narrate
from workflows.queries.case.page import CasePage
from workflows.queries.case.timeline import Entry, whole_timeline, without_undone
from workflows.services.packs import definition_of, split_definition
from workflows.services.steps.changes import split_place
from workflows.services.steps.locked import marking_text
from workflows.store.tables import Clock

_STEPS = {
    RecordKind.CASE_OPENED: TriggerType.START,
    RecordKind.TASK_COMPLETED: TriggerType.TASK,
    RecordKind.CLOCK_FIRED: TriggerType.CLOCK,
    RecordKind.MESSAGE_RECEIVED: TriggerType.MESSAGE,
}


class Origin(StrEnum):
    """How a value came to be known."""

    FORM = "form"
    TABLE = "table"
    COUNTER = "counter"
    REGISTER = "register"
    OFFICER = "officer"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value came from: the record that told it last, the place there, and its day."""

    origin: Origin
    seq: int
    place: str
    on: date


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A task that stood open when a deadline passed, with whoever had taken it."""

    task: Opened
    claimant: str | None


@dataclass(frozen=True, slots=True)
class Reason:
    """A record of the chain.

    ``definition`` is the version that the case walked then. ``told`` is what its step asked
    on the way, null where it cannot be told again: its content was erased, or says
    otherwise than the trace. ``clock`` is the deadline that passed, ``unfinished`` what was
    not done by then.
    """

    entry: Entry
    definition: Definition
    told: tuple[Told, ...] | None
    sources: Mapping[str, Source]
    clock: Clock | None = None
    unfinished: tuple[Unfinished, ...] = ()

    @property
    def is_escalation(self) -> bool:
        """Say whether a missed deadline led on."""
        return bool(self.clock and self.clock.due_of and self.entry.record.effects.opened)


@dataclass(frozen=True, slots=True)
class Reasons:
    """The chain, oldest first, with the names that its records mention."""

    chain: tuple[Reason, ...]
    names: Mapping[str, str]

    @property
    def has_escalated(self) -> bool:
        """Say whether a missed deadline is among what led here."""
        return any(reason.is_escalation for reason in self.chain)


def reasons_of(session: Session, page: CasePage) -> Reasons:
    """Read the chain of records that led a case to where it stands."""
    timeline = whole_timeline(session, page.case.id)
    causes = _Causes()
    entries = without_undone(timeline.entries)
    for entry in entries:
        causes.note(entry)
    wanted = causes.chain(_targets(page) or causes.last)
    clocks = {
        f"{clock.path}#{clock.n}": clock
        for clock in session.scalars(select(Clock).where(Clock.case_id == page.case.id))
    }
    walk = _Walk(session, page.definition, clocks)
    chain = [walk.reason(entry, is_wanted=entry.record.seq in wanted) for entry in entries]
    return Reasons(tuple(filter(None, chain)), timeline.names)


def _targets(page: CasePage) -> set[int]:
    """Give the records that opened what is open; a series goes on whatever happens."""
    rows = [task.row for task in page.on_diagram]
    return {row.opened_seq for row in rows if not row.is_milestone} or {
        row.opened_seq for row in rows
    }


@dataclass(slots=True)
class _Causes:
    """Which record led to which."""

    by: dict[int, int] = field(default_factory=dict)
    opened: dict[str, int] = field(default_factory=dict)
    armed: dict[str, int] = field(default_factory=dict)
    moves: list[int] = field(default_factory=list)

    @property
    def last(self) -> set[int]:
        """Give the last record that moved the case and stands."""
        return set(self.moves[-1:])

    def note(self, entry: Entry) -> None:
        """Take the next record; one that was taken back leads nowhere."""
        record = entry.record
        cause = self._cause(record)
        if cause is not None:
            self.by[record.seq] = cause
        self.opened.update((each.task, record.seq) for each in record.effects.opened)
        self.armed.update((each.clock, record.seq) for each in record.effects.armed)
        if record.to_marking is not None and entry.withdrawn_by is None:
            self.moves.append(record.seq)

    def _cause(self, record: Record) -> int | None:
        if record.kind is RecordKind.TASK_COMPLETED:
            return self.opened.get(record.trigger.ref)
        if record.kind is RecordKind.CLOCK_FIRED:
            return self.armed.get(record.trigger.ref)
        bound = record.about.seq if record.about else record.seq
        return max((seq for seq in self.moves if seq < bound), default=None)

    def chain(self, targets: Iterable[int]) -> set[int]:
        """Give the records that led to some, and those themselves."""
        found, waiting = set[int](), list(targets)
        while waiting:
            seq = waiting.pop()
            if seq not in found:
                found.add(seq)
                waiting += [self.by[seq]] if seq in self.by else []
        return found


@dataclass(slots=True)
class _Walk:
    """Goes through the records with what was known and open at each.

    A case may have come to another version of its pack on the way: each record names its own.
    """

    session: Session
    definition: Definition
    clocks: Mapping[str, Clock]
    facts: dict[str, FactValue] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    open: dict[str, Unfinished] = field(default_factory=dict)

    def reason(self, entry: Entry, *, is_wanted: bool) -> Reason | None:
        """Take the next record, and give the reason that it is where it is wanted."""
        record = entry.record
        if record.definition is not None:
            self.definition = definition_of(self.session, *split_definition(record.definition))
        clock = self.clocks.get(record.trigger.ref)
        if record.kind is not RecordKind.CLOCK_FIRED:
            clock = None
        unfinished = tuple(self._unfinished(clock)) if is_wanted else ()
        before, typed = dict(self.facts), self._typed(entry)
        self._learn(entry, typed)
        self._follow(record)
        if not is_wanted:
            return None
        told = self._told(entry, {**before, **typed})
        return Reason(entry, self.definition, told, dict(self.sources), clock, unfinished)

    def _unfinished(self, clock: Clock | None) -> Iterator[Unfinished]:
        owner = clock.due_of if clock and clock.due_of else ""
        for place, task in self.open.items():
            if place == owner or (owner and place.startswith(f"{owner}/")):
                yield task

    def _typed(self, entry: Entry) -> dict[str, Any]:
        """Give the facts that people wrote with a record."""
        known = self.definition.pack.facts
        if entry.record.kind not in _STEPS:
            return {}
        if entry.record.kind is RecordKind.CASE_OPENED:
            return {name: change["new"] for name, change in _changes(entry).items()}
        return {name: value for name, value in entry.form.items() if name in known}

    def _learn(self, entry: Entry, typed: Mapping[str, Any]) -> None:
        record = entry.record
        changed = {name: change["new"] for name, change in _changes(entry).items()}
        self.facts.update({**typed, **changed})
        for name in {**typed, **changed}:
            origin = self._origin(entry, name)
            place = record.trigger.ref.partition("#")[0]
            on = local_date(record.occurred_at)
            self.sources[name] = Source(origin, record.seq, place, on)

    def _origin(self, entry: Entry, name: str) -> Origin:
        if name in entry.form:
            return Origin.FORM
        pack = self.definition.pack
        if entry.record.kind not in _STEPS:
            return Origin.OFFICER
        if any(name in table.output_names for table in pack.decisions.values()):
            return Origin.TABLE
        is_opening = entry.record.kind is RecordKind.CASE_OPENED
        return Origin.REGISTER if is_opening else Origin.COUNTER

    def _follow(self, record: Record) -> None:
        for opened in record.effects.opened:
            self.open[opened.task] = Unfinished(opened, None)
        for each in record.effects.assigned:
            if each.task in self.open:
                self.open[each.task] = Unfinished(self.open[each.task].task, each.claimant)
        for place in record.effects.closed:
            self.open.pop(place, None)

    def _told(self, entry: Entry, known: Mapping[str, Any]) -> tuple[Told, ...] | None:
        """Take the step of a record again; what it asks must be what the trace says."""
        record = entry.record
        if record.kind not in _STEPS:
            return ()
        before = record.from_marking
        marking = marking_text(self.session, before) if before else ""
        try:
            trigger = Trigger(_STEPS[record.kind], self._path(record, marking))
            narrative = narrate(self.definition, marking, trigger, known)
        except DubanError:
            return None
        asked = tuple((each.expression, each.value) for each in narrative.step.trace)
        return narrative.told if asked == record.trace else None

    def _path(self, record: Record, marking: str) -> str:
        if record.kind is RecordKind.CASE_OPENED:
            return ""
        if record.kind is not RecordKind.MESSAGE_RECEIVED:
            return split_place(record.trigger.ref)[0]
        waiting: Sequence[str] = standing(self.definition, marking).messages
        name = record.trigger.name
        return next((p for p in waiting if self.definition.message(p).message == name), "")


def _changes(entry: Entry) -> Mapping[str, Any]:
    changes: Mapping[str, Any] = entry.payload.get("facts", {})
    return changes
