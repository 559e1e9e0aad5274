"""Writing a log as OCEL 2.0 JSON: events of many objects, whose attributes change in time.

The published schema takes every value as a string; its type stands with the declaration of
the attribute. Objects are kept aside until all events are written, so that memory holds one
case at a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from operator import itemgetter
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO

from workflows.audit.ocel_objects import ALWAYS, DeclaredTypes, OcelObject, text_of
from workflows.audit.process_log import (
    LogCounts,
    LogEvent,
    LoggedCase,
    LoggedMatter,
    Transition,
    Value,
    events_of,
    pack_hash_of,
)
from workflows.domain.clocks import due_at_of
from workflows.domain.records import Record, RecordKind, format_time

_IN_MEMORY_BYTES = 8 * 1024 * 1024
_CHUNK_BYTES = 1024 * 1024
_STATES = {
    Transition.SCHEDULE: "waiting",
    Transition.ASSIGN: "assigned",
    Transition.REASSIGN: "assigned",
    Transition.START: "started",
    Transition.SUSPEND: "suspended",
    Transition.RESUME: "started",
    Transition.COMPLETE: "done",
    Transition.WITHDRAW: "withdrawn",
    Transition.ABORT: "aborted",
}
_UNDER_A_PACK = frozenset({RecordKind.CASE_OPENED, RecordKind.CASE_MIGRATED})
_GIVEN = frozenset({Transition.ASSIGN, Transition.REASSIGN, Transition.START, Transition.RESUME})


@dataclass(frozen=True, slots=True)
class LoggedOrganisation:
    """An organisation of the directory, with the id of the one above it."""

    id: str
    code: str
    name: str
    kind: str
    level: int
    parent: str | None


@dataclass(frozen=True, slots=True)
class Directory:
    """What cases name: organisations by id, and the labels of pack versions by hash."""

    organisations: Mapping[str, LoggedOrganisation]
    packs: Mapping[str, str]


def write_ocel(target: BinaryIO, cases: Iterable[LoggedCase], directory: Directory) -> LogCounts:
    """Write cases as they come, those of one matter one after another, the oldest first."""
    with SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as objects:
        writer = _Writer(_List(target), _List(objects), directory)
        target.write(b'{"events":[')
        for case in cases:
            writer.write_case(case)
        writer.write_shared()
        target.write(b'\n],"objects":[')
        objects.seek(0)
        while chunk := objects.read(_CHUNK_BYTES):
            target.write(chunk)
    target.write(b"\n],")
    target.write(f'"eventTypes":{_dump(writer.event_types.as_json())},'.encode())
    target.write(f'"objectTypes":{_dump(writer.object_types.as_json())}}}\n'.encode())
    return writer.counts


@dataclass(slots=True)
class _List:
    """The inside of a JSON array, an item a line."""

    target: Any
    count: int = 0

    def add(self, item: Mapping[str, Any]) -> None:
        """Write one item more."""
        self.target.write(f"{',' if self.count else ''}\n{_dump(item)}".encode())
        self.count += 1


class _Writer:
    """Writes events and objects, and remembers what several cases share."""

    def __init__(self, events: _List, objects: _List, directory: Directory) -> None:
        self.events = events
        self.objects = objects
        self.directory = directory
        self.event_types = DeclaredTypes()
        self.object_types = DeclaredTypes()
        self.cases = 0
        self.matter: LoggedMatter | None = None
        self.siblings: set[str] = set()
        self.organisations: set[str] = set()
        self.persons: set[str] = set()
        self.packs: set[str] = set()

    @property
    def counts(self) -> LogCounts:
        """Count what was written."""
        return LogCounts(self.cases, self.events.count, self.objects.count)

    def write_case(self, case: LoggedCase) -> None:
        """Write the events of a case, the case itself and its tasks."""
        self._meet_matter(case.matter)
        events = list(events_of(case))
        for event in events:
            self._write_event(case, event)
        self._write_object(self._case(case))
        for task in self._tasks(case, events).values():
            self._write_object(task)
        self.siblings.add(case.id)
        self.cases += 1

    def write_shared(self) -> None:
        """Write what the cases named: organisations with those above them, persons, packs."""
        for id_ in sorted(self.organisations):
            self._above(id_)
        for id_ in sorted(self.organisations):
            self._write_object(self._organisation(self.directory.organisations[id_]))
        for id_ in sorted(self.persons):
            self._write_object(OcelObject(id_, "person"))
        for hash_ in sorted(self.packs):
            pack = OcelObject(hash_, "pack_version")
            pack.set(ALWAYS, label=self.directory.packs.get(hash_, ""))
            self._write_object(pack)

    def _meet_matter(self, matter: LoggedMatter) -> None:
        if self.matter is not None and self.matter.id == matter.id:
            return
        self.matter, self.siblings = matter, set()
        found = OcelObject(matter.id, "matter")
        found.set(
            ALWAYS,
            number=matter.number,
            problemType=matter.problem_type,
            problemSource=matter.source,
            foundOn=due_at_of(matter.found_on - timedelta(days=1)),
        )
        found.ties = self._at(matter.organisation, "found at")
        self._write_object(found)

    def _case(self, case: LoggedCase) -> OcelObject:
        found = OcelObject(case.id, "case")
        found.set(
            case.opened_at,
            number=case.number,
            process=case.process,
            confidentiality=case.level,
            state="open",
        )
        if case.ended_at is not None:
            found.set(case.ended_at, state="ended")
        packs: dict[str, None] = {}
        for each in case.records:
            pack = pack_hash_of(each.record)
            if pack and pack != next(reversed(packs), None):
                found.set(each.record.recorded_at, pack=pack)
                packs[pack] = None
            facts = {f"fact:{name}": value for name, value in each.facts.items()}
            found.set(each.record.occurred_at, **facts)
        self.packs |= packs.keys()
        found.ties = [
            (case.matter.id, "part of"),
            *self._at(case.organisation, "about"),
            *((pack, "runs on") for pack in packs),
        ]
        if case.parent in self.siblings:
            found.ties.append((case.parent, "opened by"))
        if case.tells_persons and case.person:
            self.persons.add(case.person)
            found.ties.append((case.person, "about"))
        return found

    def _tasks(self, case: LoggedCase, events: Iterable[LogEvent]) -> dict[str, OcelObject]:
        tasks: dict[str, OcelObject] = {}
        for event in events:
            if not event.moves_task or event.task is None:
                continue
            if event.task not in tasks:
                tasks[event.task] = self._task(case, event)
            task = tasks[event.task]
            task.set(event.at, state=_STATES[event.transition])
            if event.transition in _GIVEN:
                task.set(event.at, claimant=event.resource)
            elif event.transition is Transition.SUSPEND:
                task.set(event.at, claimant=None)
        for each in case.records:
            _set_dues(tasks, each.record)
        return tasks

    def _task(self, case: LoggedCase, event: LogEvent) -> OcelObject:
        task = OcelObject(f"{case.id}/{event.task}", "task")
        task.set(event.at, activity=event.activity, roles=event.role, rung=event.more.get("rung"))
        task.ties = [(case.id, "part of"), *self._at(event.office, "done at")]
        return task

    def _at(self, organisation: str | None, how: str) -> list[tuple[str, str]]:
        """Tie something to an organisation, where the directory has it."""
        if organisation is None or organisation not in self.directory.organisations:
            return []
        self.organisations.add(organisation)
        return [(organisation, how)]

    def _above(self, id_: str) -> None:
        """Take in the organisations above one."""
        parent = self.directory.organisations[id_].parent
        while parent is not None and parent not in self.organisations:
            self.organisations.add(parent)
            parent = self.directory.organisations[parent].parent

    def _organisation(self, each: LoggedOrganisation) -> OcelObject:
        found = OcelObject(each.id, "organisation")
        found.set(ALWAYS, code=each.code, name=each.name, kind=each.kind, level=each.level)
        if each.parent in self.organisations:
            found.ties = [(each.parent, "below")]
        return found

    def _write_event(self, case: LoggedCase, event: LogEvent) -> None:
        values = _event_values(event)
        name = _event_type(event)
        self.event_types.meet(name, values.items())
        self.events.add(
            {
                "id": f"{case.id}:{event.number}",
                "type": name,
                "time": format_time(event.at),
                "attributes": [
                    {"name": key, "value": text_of(value)} for key, value in values.items()
                ],
                "relationships": _relationships(self._ties(case, event)),
            }
        )

    def _ties(self, case: LoggedCase, event: LogEvent) -> Iterator[tuple[str, str]]:
        yield case.id, "of"
        if event.task is not None:
            yield f"{case.id}/{event.task}", "on"
        yield from self._at(event.office, "at")
        if event.performed_by is not None:
            self.persons.add(event.performed_by)
            yield event.performed_by, "done by"
        if event.moves_task:
            return
        if event.kind in _UNDER_A_PACK and event.pack:
            yield event.pack, "under"
        if event.kind == RecordKind.CASE_OPENED:
            yield case.matter.id, "opened for"
            yield from self._at(case.organisation, "about")
            if case.tells_persons and case.person:
                yield case.person, "about"

    def _write_object(self, found: OcelObject) -> None:
        told = found.told()
        self.object_types.meet(found.type, ((name, value) for name, value, _ in told))
        self.objects.add(
            {
                "id": found.id,
                "type": found.type,
                "attributes": [
                    {"name": name, "value": text_of(value), "time": time}
                    for name, value, time in sorted(told, key=itemgetter(2))
                ],
                "relationships": _relationships(found.ties),
            }
        )


def _set_dues(tasks: Mapping[str, OcelObject], record: Record) -> None:
    """Give tasks the deadlines that a record sets."""
    for armed in record.effects.armed:
        task = tasks.get(armed.task or "")
        if task is not None:
            task.clocks.add(armed.clock)
            task.set(record.recorded_at, dueAt=armed.due_at)
    for moved in record.effects.moved:
        for task in tasks.values():
            if moved.clock in task.clocks:
                task.set(record.recorded_at, dueAt=moved.due_at)


def _event_type(event: LogEvent) -> str:
    """Name the type of an event: what was done is called as the activity itself."""
    if event.transition is Transition.COMPLETE:
        return event.name
    return f"{event.name} ({event.transition.value})"


def _event_values(event: LogEvent) -> dict[str, Value]:
    values: dict[str, Value | None] = {
        "activity": event.activity,
        "lifecycle": event.transition.value,
        "kind": event.kind,
        "recordedAt": event.recorded_at,
        "resource": event.resource,
        "role": event.role or None,
        **event.more,
    }
    return {name: value for name, value in values.items() if value is not None}


def _relationships(ties: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"objectId": id_, "qualifier": how} for id_, how in ties]


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
