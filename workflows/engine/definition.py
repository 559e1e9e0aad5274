"""One process of a pack, ready to be stepped; immutable and shared by all threads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from workflows.domain.levels import INTERNAL, PERSONAL
from workflows.domain.reviews import REVIEW, REVIEW_OFFICE, REVIEW_ROLES
from workflows.engine.elements import Beside, Element, Process
from workflows.engine.errors import UnknownPlace
from workflows.engine.expressions import Expression

if TYPE_CHECKING:
    from workflows.engine.pack import Pack

_TASKS = ("userTask", "manualTask")
# Calls within calls: more are a fault of the pack, which is found when it is explored.
_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Activity:
    """A human task at a path: who does it, with which form, on which rung.

    ``process_id`` and ``file`` are those of the process that declares it, which may
    be called by the case's own. ``line`` is ``organisation`` or ``discipline``.
    ``other_than`` are activities whose doers may not do this one, ``start`` the
    registering of the case. Who did anything in the case beside which this one was
    opened, or in those before it, keeps away from a task that ``is_apart``. One
    that ``is_in_person`` is done by nobody for somebody else. While a case of one of the
    processes ``held_by`` is under way beside this one, the task is not done.
    """

    id: str
    path: str
    name: str
    kind: str
    process_id: str
    file: str
    rung: int | None
    roles: tuple[str, ...]
    office_rule: str | None
    form: str | None
    signatures: int
    line: str
    other_than: tuple[str, ...] = ()
    is_apart: bool = False
    is_in_person: bool = False
    held_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opening:
    """How cases of a process are opened beside another: by whom, with which form."""

    id: str
    process_id: str
    name: str
    beside: Beside
    when: Expression | None
    roles: tuple[str, ...]
    office_rule: str | None
    form: str | None


@dataclass(frozen=True, slots=True)
class TimerEvent:
    """A timer at a path; ``due_of`` is the path of what is due when it ends.

    ``term`` is its expression: ``R_PLAN``, or a call of ``term``.
    """

    id: str
    path: str
    name: str
    process_id: str
    file: str
    rung: int | None
    term: str
    anchor: str
    due_of: str | None
    series: bool
    attached_to: str | None
    interrupting: bool


@dataclass(frozen=True, slots=True)
class MessageEvent:
    """An event at a path that waits for a message; the lane says who may send it by hand."""

    id: str
    path: str
    name: str
    message: str
    process_id: str
    file: str
    rung: int | None
    roles: tuple[str, ...]
    office_rule: str | None
    form: str | None
    attached_to: str | None
    interrupting: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path leads: the node, and the rung that holds there."""

    path: str
    element: Element
    rung: int | None
    prefix: str


@dataclass(frozen=True, eq=False)
class Definition:
    """A process of a pack.

    A path is looked up once and remembered; two threads at once find the same.
    """

    pack: Pack
    process: Process
    _found: dict[str, Place] = field(default_factory=dict, repr=False)
    _activities: dict[str, Activity] = field(default_factory=dict, repr=False)
    _timers: dict[str, TimerEvent] = field(default_factory=dict, repr=False)

    @property
    def process_id(self) -> str:
        """Give the id of the process."""
        return self.process.id

    @property
    def subject(self) -> str | None:
        """Tell whether its cases are about an organisation or a person."""
        return self.process.subject

    @property
    def level(self) -> str | None:
        """Give how confidential its cases are, where the process says so."""
        return self.process.level

    def level_about(self, person_id: str | None) -> str:
        """Give how confidential a case of it is: as it says, else by whom the case is about."""
        return self.level or (INTERNAL if person_id is None else PERSONAL)

    @property
    def rung(self) -> int | None:
        """Give the rung of its activities unless they say otherwise."""
        return self.process.rung

    @property
    def start_form(self) -> str | None:
        """Give the form that starts a case."""
        return self.process.start_form

    @cached_property
    def opening(self) -> Opening | None:
        """Tell how its cases are opened beside others, if they are."""
        start = self.process.start
        if start is None or start.beside is None:
            return None
        when = start.beside.when
        return Opening(
            id=start.id,
            process_id=self.process_id,
            name=self.process.name,
            beside=start.beside,
            when=None if when is None else self.pack.condition(when),
            roles=start.lane.roles if start.lane else (),
            office_rule=start.lane.office if start.lane else None,
            form=start.attributes.get("form"),
        )

    @cached_property
    def tasks(self) -> tuple[Activity, ...]:
        """Give the human tasks of the process and of all that it calls."""
        return tuple(self._tasks_of(self.process, ""))

    def _tasks_of(self, process: Process, prefix: str) -> Iterator[Activity]:
        for inner, element in process.elements.items():
            path = f"{prefix}{inner}"
            if element.kind in _TASKS:
                yield self.activity(path)
            elif element.called and path.count("/") < _DEEPEST:
                called = self.pack.processes[element.called].process
                yield from self._tasks_of(called, f"{path}/")

    def place(self, path: str) -> Place:
        """Find what a path leads to.

        Raises:
            UnknownPlace: nothing of this definition.
        """
        found = self._found.get(path)
        if found is None:
            found = self._found[path] = self._walk(path)
        return found

    def activity(self, path: str) -> Activity:
        """Give the human task at a path; the review of consequences is at one of its own.

        Raises:
            UnknownPlace: there is none.
        """
        found = self._activities.get(path)
        if found is None:
            found = self._activities[path] = self._activity(path)
        return found

    def _activity(self, path: str) -> Activity:
        if path == REVIEW:
            return self._review()
        place = self._of_kind(path, *_TASKS)
        element = place.element
        return Activity(
            id=element.id,
            path=path,
            name=element.name,
            kind=element.kind,
            process_id=element.process_id,
            file=element.file,
            rung=place.rung,
            roles=element.lane.roles if element.lane else (),
            office_rule=element.lane.office if element.lane else None,
            form=element.attributes.get("form"),
            signatures=int(element.attributes.get("signatures", "1")),
            line=element.attributes.get("line", "organisation"),
            other_than=tuple(element.attributes.get("otherThan", "").split()),
            is_apart=element.attributes.get("apart") == "origin",
            is_in_person=element.attributes.get("inPerson") == "true",
            held_by=tuple(element.attributes.get("heldBy", "").split()),
        )

    def _review(self) -> Activity:
        """Give the review of consequences, which every process knows and no diagram shows."""
        return Activity(
            id=REVIEW,
            path=REVIEW,
            name=REVIEW,
            kind="userTask",
            process_id=self.process_id,
            file="",
            rung=None,
            roles=REVIEW_ROLES,
            office_rule=REVIEW_OFFICE,
            form=None,
            signatures=1,
            line="organisation",
        )

    def timer(self, path: str) -> TimerEvent:
        """Give the timer at a path.

        Raises:
            UnknownPlace: there is none.
        """
        found = self._timers.get(path)
        if found is None:
            found = self._timers[path] = self._timer(path)
        return found

    def _timer(self, path: str) -> TimerEvent:
        place = self.place(path)
        element = place.element
        if element.timer is None:
            raise UnknownPlace(process=self.process_id, path=path)
        return TimerEvent(
            id=element.id,
            path=path,
            name=element.name,
            process_id=element.process_id,
            file=element.file,
            rung=place.rung,
            term=element.timer,
            anchor=element.attributes.get("anchor", "event"),
            due_of=self._due_of(place),
            series=element.attributes.get("series") == "true",
            attached_to=element.attached_to,
            interrupting=element.interrupting,
        )

    def message(self, path: str) -> MessageEvent:
        """Give the event at a path that waits for a message.

        Raises:
            UnknownPlace: there is none.
        """
        place = self.place(path)
        element = place.element
        if element.message is None:
            raise UnknownPlace(process=self.process_id, path=path)
        return MessageEvent(
            id=element.id,
            path=path,
            name=element.name,
            message=element.message,
            process_id=element.process_id,
            file=element.file,
            rung=place.rung,
            roles=element.lane.roles if element.lane else (),
            office_rule=element.lane.office if element.lane else None,
            form=element.attributes.get("form"),
            attached_to=element.attached_to,
            interrupting=element.interrupting,
        )

    def _of_kind(self, path: str, *kinds: str) -> Place:
        place = self.place(path)
        if place.element.kind not in kinds:
            raise UnknownPlace(process=self.process_id, path=path)
        return place

    def _walk(self, path: str) -> Place:
        """Follow a path through subprocesses and called processes."""
        process, within, prefix = self.process, "", ""
        rung = process.rung
        *scopes, last = path.split("/")
        for scope in scopes:
            element = self._element(process, within + scope, path)
            rung = rung if element.rung is None else element.rung
            if element.kind == "callActivity":
                process = self._called(element, path)
                rung = rung if process.rung is None else process.rung
                prefix += f"{within}{scope}/"
                within = ""
            else:
                within += f"{scope}/"
        element = self._element(process, within + last, path)
        return Place(path, element, rung if element.rung is None else element.rung, prefix)

    def _called(self, element: Element, path: str) -> Process:
        try:
            return self.pack.processes[element.called or ""].process
        except KeyError:
            raise UnknownPlace(process=self.process_id, path=path) from None

    def _element(self, process: Process, inner_path: str, path: str) -> Element:
        try:
            return process.elements[inner_path]
        except KeyError:
            raise UnknownPlace(process=self.process_id, path=path) from None

    def _due_of(self, place: Place) -> str | None:
        """Find the path of the task or scope whose due date a timer is."""
        named = place.element.attributes.get("dueOf")
        if named is None:
            return None
        paths: Mapping[str, str] = self.pack.processes[place.element.process_id].process.paths
        return place.prefix + paths.get(named, named)
