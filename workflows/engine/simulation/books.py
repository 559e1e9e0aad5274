"""What a case is played by: the pack under test, the packs of history, calendars, sweeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from workflows.domain.calendars import Calendar
from workflows.domain.steps import Step
from workflows.domain.terms import DueDates
from workflows.engine.definition import Activity, Definition
from workflows.engine.loading import build_pack
from workflows.engine.memory import CAPACITY, StepMemory
from workflows.engine.pack import Pack
from workflows.engine.simulation.histories import Sweeps
from workflows.engine.simulation.matching import activities_of


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a process needs to play cases, as plain values.

    ``pack`` are the files of the pack under test, ``packs`` those of history by hash;
    ``calendars`` the tables with the moment from which each was in force, oldest first.
    """

    pack: Mapping[str, bytes]
    packs: Mapping[str, Mapping[str, bytes]]
    calendars: tuple[tuple[datetime, bytes], ...]
    sweeps: Sweeps
    horizon: datetime


class Outline(NamedTuple):
    """A step with what records have of it, and the activities of the tasks it opens."""

    step: Step
    trace: list[list[Any]]
    thrown: list[Any]
    activities: tuple[Activity, ...]


@dataclass(slots=True)
class Book:
    """The surroundings, loaded."""

    pack: Pack
    sweeps: Sweeps
    horizon: datetime
    calendars: tuple[tuple[datetime, Calendar], ...]
    files: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)
    memory: StepMemory = field(default_factory=StepMemory)
    activities: frozenset[str] = field(init=False)
    _packs: dict[str, Pack] = field(default_factory=dict)
    _dates: dict[tuple[str, str], DueDates] = field(default_factory=dict)
    _activities: dict[tuple[Definition, str], Activity] = field(default_factory=dict)
    _definitions: dict[str, Definition] = field(default_factory=dict)
    _due: dict[tuple[Definition, str], bool] = field(default_factory=dict)
    _outlines: dict[int, Outline] = field(default_factory=dict)
    _rules: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Gather the activities of the pack under test."""
        self.activities = activities_of(self.pack)

    @classmethod
    def open(cls, surroundings: Surroundings) -> Book:
        """Load packs that were checked before, and calendars."""
        pack = build_pack(surroundings.pack)
        calendars = tuple(
            (since, Calendar.from_jsonl(days)) for since, days in surroundings.calendars
        )
        return cls(pack, surroundings.sweeps, surroundings.horizon, calendars, surroundings.packs)

    def pack_of(self, pack_hash: str) -> Pack:
        """Give a pack of history."""
        if pack_hash == self.pack.hash:
            return self.pack
        found = self._packs.get(pack_hash)
        if found is None:
            found = self._packs[pack_hash] = build_pack(self.files[pack_hash])
        return found

    def definition(self, named: str) -> Definition:
        """Give the definition that a record names."""
        found = self._definitions.get(named)
        if found is None:
            pack_hash, _, process_id = named.partition("/")
            found = self._definitions[named] = self.pack_of(pack_hash).processes[process_id]
        return found

    def dates(self, path: str, at: datetime) -> DueDates:
        """Give the dates of a place under the calendar that was in force at a moment."""
        chosen = self.calendars[0][1]
        for since, calendar in self.calendars[1:]:
            if since <= at:
                chosen = calendar
        key = (chosen.version, path)
        found = self._dates.get(key)
        if found is None:
            regional = chosen.for_region(path)
            shared = (regional.version, f"#{regional.region}")
            found = self._dates.setdefault(shared, DueDates(regional))
            self._dates[key] = found
        return found

    def activity(self, definition: Definition, path: str) -> Activity:
        """Give the human task at a path, looked up once."""
        key = (definition, path)
        found = self._activities.get(key)
        if found is None:
            found = self._activities[key] = definition.activity(path)
        return found

    def outline(self, definition: Definition, step: Step) -> Outline:
        """Give what is the same whenever a case takes a step; remembered steps are one object."""
        found = self._outlines.get(id(step))
        if found is None or found.step is not step:
            if len(self._outlines) >= CAPACITY:
                self._outlines.clear()
            activities = tuple(self.activity(definition, task.path) for task in step.opened)
            trace = [[entry.expression, entry.value] for entry in step.trace]
            calls = (call for call in step.operations if call.name == "send_message")
            thrown = [*step.thrown, *(call.parameters.get("message") for call in calls)]
            found = self._outlines[id(step)] = Outline(step, trace, thrown, activities)
        return found

    def rule_of(self, named: str, path: str) -> str:
        """Give the rule by which the lane of a task of a recorded definition finds its office."""
        key = (named, path)
        found = self._rules.get(key)
        if found is None:
            activity = self.activity(self.definition(named), path)
            found = self._rules[key] = activity.office_rule or "subject"
        return found

    def is_due(self, definition: Definition, path: str) -> bool:
        """Say whether the timer at a path is somebody's due date."""
        key = (definition, path)
        found = self._due.get(key)
        if found is None:
            found = self._due[key] = definition.timer(path).due_of is not None
        return found
