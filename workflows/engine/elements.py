"""The nodes of a process as its file declares them, before anything runs.

Attributes and children in the namespace ``urn:duban:bpmn:1`` say what BPMN has no
word for: rungs, lanes' roles and offices, forms, anchors, operations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from SpiffWorkflow.bpmn.parser.util import full_tag

DUBAN = "{urn:duban:bpmn:1}"

_NODES = {
    full_tag(tag)
    for tag in (
        "startEvent",
        "endEvent",
        "userTask",
        "manualTask",
        "serviceTask",
        "businessRuleTask",
        "subProcess",
        "callActivity",
        "exclusiveGateway",
        "inclusiveGateway",
        "parallelGateway",
        "eventBasedGateway",
        "intermediateCatchEvent",
        "intermediateThrowEvent",
        "boundaryEvent",
    )
}


@dataclass(frozen=True, slots=True)
class Lane:
    """Who a lane stands for: roles, and the rule that finds their office."""

    id: str
    name: str
    roles: tuple[str, ...]
    office: str | None


@dataclass(frozen=True, slots=True)
class Argument:
    """A parameter of an operation: a literal, or the value of a fact."""

    name: str
    value: str | None
    fact: str | None


@dataclass(frozen=True, slots=True)
class Beside:
    """How cases of a process are opened beside another case of the same matter.

    Args:
        processes: Beside cases of which processes.
        when: The condition on the other case's facts, or None.
        takes: The facts that are copied from the other case as this one is opened.
        on: The date fact that gets the day of the act.
        once: Outcomes of an earlier such case after which no other one is opened.
        unless: Other processes beside the same case, each with an outcome: while one of them is
            open, or once it ended so, none is opened either.
        window: The parameter that says for how long it may be opened, or None.
        since: Date facts of the other case; the window runs from the latest of them.
        late: The yes-or-no fact that says whether the window had passed.
        person: The fact of its form that names whom the case is about, where the other is
            about an organisation.
    """

    processes: tuple[str, ...]
    when: str | None = None
    takes: tuple[str, ...] = ()
    on: str | None = None
    once: tuple[str, ...] = ()
    unless: tuple[tuple[str, str], ...] = ()
    window: str | None = None
    since: tuple[str, ...] = ()
    late: str | None = None
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Element:
    """One node of a diagram. ``within`` is the path of its subprocess inside its process."""

    id: str
    kind: str
    name: str
    process_id: str
    within: tuple[str, ...]
    file: str
    lane: Lane | None
    attributes: Mapping[str, str]
    called: str | None = None
    attached_to: str | None = None
    interrupting: bool = True
    timer: str | None = None
    message: str | None = None
    arguments: tuple[Argument, ...] = ()
    beside: Beside | None = None

    @property
    def rung(self) -> int | None:
        """Give the rung that this node declares for itself."""
        return _integer(self.attributes.get("rung"))

    @property
    def inner_path(self) -> str:
        """Give the path inside its own process."""
        return "/".join((*self.within, self.id))


@dataclass(frozen=True, slots=True)
class Process:
    """One process of a file with all nodes of its subprocesses, by path inside it."""

    id: str
    name: str
    file: str
    rung: int | None
    subject: str | None
    level: str | None
    elements: Mapping[str, Element]
    paths: Mapping[str, str]

    @property
    def start(self) -> Element | None:
        """Give the start event."""
        for element in self.elements.values():
            if element.kind == "startEvent" and not element.within:
                return element
        return None

    @property
    def start_form(self) -> str | None:
        """Give the form of the start event."""
        return self.start.attributes.get("form") if self.start else None


def read_processes(root: Any, file: str) -> Iterator[Process]:
    """Read all processes of a file."""
    for process in root.iterfind(full_tag("process")):
        lanes = _lanes(process)
        elements: dict[str, Element] = {}
        for element in _elements(process, process.get("id"), (), None, lanes, file):
            elements[element.inner_path] = element
        yield Process(
            id=process.get("id"),
            name=process.get("name") or process.get("id"),
            file=file,
            rung=_integer(process.get(f"{DUBAN}rung")),
            subject=process.get(f"{DUBAN}subject"),
            level=process.get(f"{DUBAN}level"),
            elements=elements,
            paths={element.id: path for path, element in elements.items()},
        )


def _elements(
    scope: Any,
    process_id: str,
    within: tuple[str, ...],
    outer: Lane | None,
    lanes: Mapping[str, Lane],
    file: str,
) -> Iterator[Element]:
    for node in scope:
        if node.tag not in _NODES:
            continue
        lane = lanes.get(node.get("id"), outer)
        yield _element(node, process_id, within, lane, file)
        if node.tag == full_tag("subProcess"):
            inner = (*within, node.get("id"))
            yield from _elements(node, process_id, inner, lane, lanes, file)


def _element(
    node: Any, process_id: str, within: tuple[str, ...], lane: Lane | None, file: str
) -> Element:
    own = {
        name.removeprefix(DUBAN): value
        for name, value in node.attrib.items()
        if name.startswith(DUBAN)
    }
    duration = node.findtext(f"{full_tag('timerEventDefinition')}/{full_tag('timeDuration')}")
    return Element(
        id=node.get("id"),
        kind=node.tag.rpartition("}")[2],
        name=node.get("name") or node.get("id"),
        process_id=process_id,
        within=within,
        file=file,
        lane=lane,
        attributes=own,
        called=node.get("calledElement"),
        attached_to=node.get("attachedToRef"),
        interrupting=node.get("cancelActivity", "true") == "true",
        timer=duration.strip() if duration is not None else None,
        message=_message(node),
        arguments=tuple(_arguments(node)),
        beside=read_beside(node),
    )


def _message(node: Any) -> str | None:
    event = node.find(full_tag("messageEventDefinition"))
    if event is None:
        return None
    for message in node.getroottree().getroot().iterfind(full_tag("message")):
        if message.get("id") == event.get("messageRef"):
            return str(message.get("name") or message.get("id"))
    return None


def _arguments(node: Any) -> Iterator[Argument]:
    for argument in node.iterfind(f"{full_tag('extensionElements')}/{DUBAN}parameter"):
        yield Argument(argument.get("name"), argument.get("value"), argument.get("fact"))


def _pair(text: str) -> tuple[str, str]:
    process, _, outcome = text.partition(":")
    return process, outcome


def read_beside(node: Any) -> Beside | None:
    """Read what a start event says of the cases beside which it opens one."""
    found = node.find(f"{full_tag('extensionElements')}/{DUBAN}beside")
    if found is None:
        return None
    return Beside(
        processes=tuple(found.get("processes", "").split()),
        when=found.get("when"),
        takes=tuple(found.get("takes", "").split()),
        on=found.get("on"),
        once=tuple(found.get("once", "").split()),
        unless=tuple(_pair(each) for each in found.get("unless", "").split()),
        window=found.get("window"),
        since=tuple(found.get("since", "").split()),
        late=found.get("late"),
        person=found.get("person"),
    )


def _lanes(process: Any) -> Mapping[str, Lane]:
    """Find the lane of each node; of nested lanes the innermost counts."""
    lanes: dict[str, Lane] = {}
    for lane in process.iter(full_tag("lane")):
        own = lane.find(f"{full_tag('extensionElements')}/{DUBAN}lane")
        value = Lane(
            id=lane.get("id"),
            name=lane.get("name") or lane.get("id"),
            roles=tuple(own.get("roles", "").split()) if own is not None else (),
            office=own.get("office") if own is not None else None,
        )
        for reference in lane.iterfind(full_tag("flowNodeRef")):
            lanes[(reference.text or "").strip()] = value
    return lanes


def _integer(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None
