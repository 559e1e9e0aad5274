"""Where a case that stands in one version of a process stands in another (DESIGN 4.5).

Places are found by their path. What people work on must be there again; events beside it
follow the new version: new ones begin to wait, those it does not have stop, and one that
has happened already does not wait again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from workflows.engine import marking as markings
from workflows.engine.definition import Definition, Place
from workflows.engine.elements import Element
from workflows.engine.errors import InvalidMarking, UnknownPlace
from workflows.engine.marking import Marking
from workflows.engine.spiff.places import Race

# Ids that changed their name, from ``process/id`` to the new id.
Renames = Mapping[str, str]


class Why(StrEnum):
    """Why a marking cannot be carried over.

    ``IMPOSSIBLE`` are tokens that cannot stand so, ``NEVER`` a place that no case of the
    new version ever reaches.
    """

    GONE = "gone"
    OTHER_KIND = "other_kind"
    OTHER_PROCESS = "other_process"
    IMPOSSIBLE = "impossible"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stands in the way at a path of the old version."""

    path: str
    why: Why


@dataclass(frozen=True, slots=True)
class Kept:
    """A task or clock that goes on; not ``is_same`` where somebody else or another rule has it."""

    old: str
    new: str
    is_same: bool


@dataclass(frozen=True, slots=True)
class Carried:
    """A marking carried over.

    ``started`` are timers that the old version did not have, ``stopped`` those that the
    new one does not have.
    """

    marking: str
    marking_hash: str
    tasks: tuple[Kept, ...]
    clocks: tuple[Kept, ...]
    started: tuple[str, ...]
    stopped: tuple[str, ...]


def carry(
    old: Definition, new: Definition, marking: str, renames: Renames | None = None
) -> Carried | tuple[Obstacle, ...]:
    """Carry a marking of one version over to another.

    Returns:
        The marking there and what becomes of tasks and clocks, or what stands in the way.

    Raises:
        InvalidMarking: it is none of the old version's.
    """
    carrying = _Carrying(old, new, renames or {})
    carried = carrying.scope(markings.read(old, marking), "", "")
    if not carrying.obstacles and not _stands(new, carried):
        carrying.obstacles.append(Obstacle("", Why.IMPOSSIBLE))
    if carrying.obstacles:
        return tuple(carrying.obstacles)
    text = markings.write(carried)
    return Carried(
        text,
        markings.hash_of(text),
        tuple(carrying.tasks),
        tuple(carrying.clocks),
        tuple(sorted(carrying.started)),
        tuple(sorted(carrying.stopped)),
    )


def _stands(definition: Definition, marking: Marking) -> bool:
    """Tell whether tokens can stand so: joins that wait for a flow, events beside a host."""
    try:
        markings.hydrate(definition, markings.write(marking), None)
    except InvalidMarking:
        return False
    return True


@dataclass(slots=True)
class _Carrying:
    """Goes through a marking scope by scope."""

    old: Definition
    new: Definition
    renames: Renames
    obstacles: list[Obstacle] = field(default_factory=list)
    tasks: list[Kept] = field(default_factory=list)
    clocks: list[Kept] = field(default_factory=list)
    started: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)

    def scope(self, marking: Mapping[str, Any], old_prefix: str, new_prefix: str) -> Marking:
        """Carry one scope over."""
        carried: Marking = {}
        lost: list[Place] = []
        for name, value in sorted(marking.items()):
            before = self.old.place(old_prefix + name)
            after = self._counterpart(before, new_prefix)
            if after is None or not self._fits(before.element, after.element):
                lost.append(before)
            else:
                carried[after.element.id] = self._value(before, after, value)
        self._lose(lost, carried)
        for path in self._joining(carried, old_prefix, new_prefix):
            element = self.new.place(path).element
            carried[element.id] = 1
            if element.timer is not None:
                self.started.append(path)
        return carried

    def _counterpart(self, before: Place, new_prefix: str) -> Place | None:
        try:
            return self.new.place(new_prefix + self._new_id(before.element))
        except UnknownPlace:
            return None

    def _new_id(self, element: Element) -> str:
        return self.renames.get(f"{element.process_id}/{element.id}", element.id)

    def _fits(self, before: Element, after: Element) -> bool:
        """Tell whether a token of one may stand at the other."""
        return (
            before.kind == after.kind
            and before.called == after.called
            and before.message == after.message
            and (before.timer is None) is (after.timer is None)
            and self._host(before) == after.attached_to
        )

    def _host(self, event: Element) -> str | None:
        if event.attached_to is None:
            return None
        return self.renames.get(f"{event.process_id}/{event.attached_to}", event.attached_to)

    def _value(self, before: Place, after: Place, value: Any) -> Any:
        element = before.element
        if isinstance(value, dict):
            return self.scope(value, f"{before.path}/", f"{after.path}/")
        if isinstance(value, list):
            ids = (self.renames.get(f"{element.process_id}/{source}", source) for source in value)
            return sorted(ids)
        if element.kind in ("userTask", "manualTask"):
            self.tasks.append(Kept(before.path, after.path, self._same_task(before, after)))
        elif element.timer is not None:
            self.clocks.append(Kept(before.path, after.path, self._same_clock(before, after)))
        return value

    def _same_task(self, before: Place, after: Place) -> bool:
        one, two = self.old.activity(before.path), self.new.activity(after.path)
        who = [
            (each.path, each.roles, each.office_rule, each.line, each.rung) for each in (one, two)
        ]
        return who[0] == who[1]

    def _same_clock(self, before: Place, after: Place) -> bool:
        one, two = self.old.timer(before.path), self.new.timer(after.path)
        how = [(each.path, each.term, each.anchor, each.due_of, each.series) for each in (one, two)]
        return how[0] == how[1]

    def _lose(self, lost: Iterable[Place], carried: Marking) -> None:
        """Let events go that waited beside something that goes on; all else is in the way."""
        for place in lost:
            if not self._waited_beside(place, carried):
                self.obstacles.append(Obstacle(place.path, self._why(place)))
            elif place.element.timer is not None:
                self.stopped.append(place.path)

    def _waited_beside(self, place: Place, carried: Marking) -> bool:
        """Tell whether something else goes on; an event beside a lost activity is no reason."""
        element = place.element
        process = element.process_id
        others = (
            self.renames.get(f"{process}/{other}", other) for other in _rivals(self.old, element)
        )
        return element.attached_to is not None or any(other in carried for other in others)

    def _why(self, place: Place) -> Why:
        element = place.element
        process = self.new.pack.processes.get(element.process_id)
        if process is None or self._new_id(element) not in process.process.paths:
            return Why.GONE
        return Why.OTHER_PROCESS if element.called else Why.OTHER_KIND

    def _joining(self, carried: Marking, old_prefix: str, new_prefix: str) -> Iterator[str]:
        """Find the events that begin to wait: the old version did not have them there."""
        for name in list(carried):
            element = self.new.place(new_prefix + name).element
            for event in (*_attached(self.new, element), *_rivals(self.new, element)):
                if event not in carried and not self._happened(event, old_prefix, new_prefix):
                    yield new_prefix + event

    def _happened(self, event: str, old_prefix: str, new_prefix: str) -> bool:
        """Tell whether the old version had this event beside the same activity."""
        after = self.new.place(new_prefix + event).element
        if after.attached_to is None:
            return False
        names = {new: old.partition("/")[2] for old, new in self.renames.items()}
        try:
            before = self.old.place(old_prefix + names.get(event, event)).element
        except UnknownPlace:
            return False
        return self._fits(before, after)


def _attached(definition: Definition, host: Element) -> list[str]:
    """Give the boundary events of an activity."""
    elements = definition.pack.processes[host.process_id].process.elements.values()
    return [
        each.id for each in elements if each.attached_to == host.id and each.within == host.within
    ]


def _rivals(definition: Definition, event: Element) -> list[str]:
    """Give the other events behind the same event-based gateway."""
    scope = definition.pack.specs["/".join((event.process_id, *event.within))]
    sources = scope.task_specs[event.id]._inputs
    source = scope.task_specs[sources[0]] if sources else None
    return (
        [name for name in source._outputs if name != event.id] if isinstance(source, Race) else []
    )
