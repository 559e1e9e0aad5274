"""Diagrams as chapter 13 of BPMN 2.0.2 sees them, read from the XML and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_DUBAN = "{urn:duban:bpmn:1}"
_EVENTS = ("timer", "message", "signal", "error", "escalation", "terminate")
PEOPLE = frozenset({"userTask", "manualTask"})
_NODES = PEOPLE | {
    "startEvent",
    "endEvent",
    "intermediateCatchEvent",
    "intermediateThrowEvent",
    "boundaryEvent",
    "serviceTask",
    "businessRuleTask",
    "subProcess",
    "callActivity",
    "exclusiveGateway",
    "parallelGateway",
    "inclusiveGateway",
    "eventBasedGateway",
}


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow."""

    id: str
    source: str
    target: str
    condition: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """What an event waits for or throws; without a name every one of its kind."""

    kind: str
    name: str | None = None

    def is_met_by(self, thrown: Event) -> bool:
        """Tell whether a thrown event is one that this one waits for."""
        return self.kind == thrown.kind and self.name in (None, thrown.name)


@dataclass(frozen=True, slots=True)
class Node:
    """A flow node; ``host`` is the activity that a boundary event sits on."""

    id: str
    kind: str
    event: Event
    host: str | None
    interrupts: bool
    default: str | None
    calls: str | None
    inside: Diagram | None = field(repr=False)
    operation: str | None
    decision: str | None
    counted: str | None
    outcome: str | None


@dataclass(frozen=True)
class Diagram:
    """What lies directly in a process or subprocess, in the order of the file."""

    nodes: Mapping[str, Node]
    flows: tuple[Flow, ...]

    @property
    def starts(self) -> list[Node]:
        """Give the start events."""
        return [node for node in self.nodes.values() if node.kind == "startEvent"]

    def outgoing(self, node: Node) -> list[Flow]:
        """Give the flows that leave a node."""
        return [flow for flow in self.flows if flow.source == node.id]

    def incoming(self, node: Node) -> list[Flow]:
        """Give the flows that lead to a node."""
        return [flow for flow in self.flows if flow.target == node.id]

    def on_the_border_of(self, node: Node) -> list[Node]:
        """Give the boundary events of an activity."""
        return [other for other in self.nodes.values() if other.host == node.id]


def read_diagrams(files: Mapping[str, bytes]) -> dict[str, Diagram]:
    """Read every process of a pack's files, by id."""
    found: dict[str, Diagram] = {}
    for name, content in files.items():
        if name.endswith(".bpmn"):
            root = etree.fromstring(content)
            for process in root.iterfind(f"{_BPMN}process"):
                found[str(process.get("id"))] = _diagram(process, dict(_names(root)))
    return found


def _names(root: etree._Element) -> Iterator[tuple[str, str]]:
    """Give what messages, signals, errors and escalations are known by, by their id."""
    for element in root:
        kind = etree.QName(element).localname
        if kind in _EVENTS:
            code = element.get(f"{kind}Code")
            yield str(element.get("id")), str(code or element.get("name") or element.get("id"))


def _diagram(scope: etree._Element, names: Mapping[str, str]) -> Diagram:
    nodes = {
        str(element.get("id")): _node(element, names)
        for element in scope.iterchildren(f"{_BPMN}*")
        if etree.QName(element).localname in _NODES
    }
    return Diagram(nodes, tuple(_flow(each) for each in scope.iterfind(f"{_BPMN}sequenceFlow")))


def _flow(element: etree._Element) -> Flow:
    condition = element.findtext(f"{_BPMN}conditionExpression")
    return Flow(
        str(element.get("id")),
        str(element.get("sourceRef")),
        str(element.get("targetRef")),
        condition.strip() if condition else None,
    )


def _node(element: etree._Element, names: Mapping[str, str]) -> Node:
    kind = etree.QName(element).localname
    counted = element.find(f"{_BPMN}extensionElements/{_DUBAN}parameter[@name='fact']")
    return Node(
        id=str(element.get("id")),
        kind=kind,
        event=_event(element, names),
        host=element.get("attachedToRef"),
        interrupts=element.get("cancelActivity") != "false",
        default=element.get("default"),
        calls=element.get("calledElement"),
        inside=_diagram(element, names) if kind == "subProcess" else None,
        operation=element.get(f"{_DUBAN}operation"),
        decision=element.get(f"{_DUBAN}decision"),
        counted=None if counted is None else counted.get("fact") or counted.get("value"),
        outcome=element.get(f"{_DUBAN}outcome"),
    )


def _event(element: etree._Element, names: Mapping[str, str]) -> Event:
    for kind in _EVENTS:
        definition = element.find(f"{_BPMN}{kind}EventDefinition")
        if definition is not None:
            reference = definition.get(f"{kind}Ref")
            return Event(kind, None if reference is None else names.get(reference, reference))
    return Event("none")
