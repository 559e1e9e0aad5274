"""A pack as the linter reads it: diagrams as graphs, everything with its line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from lxml import etree

from workflows.engine.documents import Documents
from workflows.engine.elements import Beside, read_beside
from workflows.engine.facts import Declarations
from workflows.engine.findings import Finding, Rule
from workflows.engine.forms import FormSchema
from workflows.engine.guardrails import Guardrails
from workflows.engine.parameters import Parameters

_Each = TypeVar("_Each")

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DMN = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"
DUBAN = "{urn:duban:bpmn:1}"

TASKS = frozenset({"userTask", "manualTask", "serviceTask", "businessRuleTask"})
PEOPLE = frozenset({"userTask", "manualTask"})
GATEWAYS = frozenset(
    {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"}
)
EVENTS = frozenset(
    {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
)
SCOPES = frozenset({"subProcess"})
NODES = TASKS | GATEWAYS | EVENTS | SCOPES | {"callActivity"}


@dataclass(frozen=True, slots=True)
class LaneUse:
    """The lane of a node: who it stands for, as far as the file says."""

    id: str
    name: str
    roles: tuple[str, ...]
    office: str | None


@dataclass(frozen=True, slots=True)
class Node:
    """A flow node; ``scope`` is the id of its process or subprocess."""

    id: str
    tag: str
    name: str
    scope: str
    line: int | None
    own: Mapping[str, str]
    element: etree._Element = field(repr=False)
    lane: LaneUse | None = None

    @property
    def host(self) -> str | None:
        """Give the activity that a boundary event sits on."""
        return self.element.get("attachedToRef")

    @property
    def called(self) -> str | None:
        """Give the process that a call activity calls."""
        return self.element.get("calledElement")

    @property
    def events(self) -> tuple[str, ...]:
        """Give the kinds of its event definitions: timer, message, terminate, …"""
        return tuple(
            local(child).removesuffix("EventDefinition")
            for child in self.element
            if local(child).endswith("EventDefinition")
        )

    @property
    def timer(self) -> str | None:
        """Give the expression of its timer, if it has one with a duration."""
        found = self.element.find(f"{BPMN}timerEventDefinition/{BPMN}timeDuration")
        return None if found is None else (found.text or "").strip()

    @property
    def arguments(self) -> tuple[tuple[str, str | None, str | None], ...]:
        """Give name, literal and fact of the parameters of an operation."""
        found = self.element.iterfind(f"{BPMN}extensionElements/{DUBAN}parameter")
        return tuple((each.get("name", ""), each.get("value"), each.get("fact")) for each in found)

    @property
    def beside(self) -> Beside | None:
        """Tell beside which cases a start event opens one, if it says so."""
        return read_beside(self.element) if self.tag == "startEvent" else None


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow; ``condition`` is the text of its expression."""

    id: str
    source: str
    target: str
    scope: str
    condition: str | None
    is_default: bool
    line: int | None


@dataclass(frozen=True)
class Process:
    """One process with the nodes and flows of all its scopes, in the order of the file."""

    id: str
    file: str
    element: etree._Element = field(repr=False)
    nodes: Mapping[str, Node] = field(repr=False)
    flows: Sequence[Flow] = field(repr=False)

    @property
    def subject(self) -> str | None:
        """Tell whether its cases are about an organisation or a person."""
        return self.element.get(f"{DUBAN}subject")

    def found(self, rule: Rule, node: Node | Flow, **words: object) -> Finding:
        """Make a finding at one of its elements."""
        return rule.found(self.file, node.id, node.line, **{"id": node.id, **words})

    def inside(self, scope: str) -> tuple[Node, ...]:
        """Give the nodes that stand directly in a scope."""
        return tuple(node for node in self.nodes.values() if node.scope == scope)

    def all_inside(self, scope: str) -> Iterator[Node]:
        """Give the nodes of a scope and of the subprocesses in it."""
        for node in self.inside(scope):
            yield node
            if node.tag in SCOPES:
                yield from self.all_inside(node.id)

    def outgoing(self, node: str) -> tuple[Flow, ...]:
        """Give the flows that leave a node, in the order of the file."""
        return self._outgoing.get(node, ())

    def incoming(self, node: str) -> tuple[Flow, ...]:
        """Give the flows that reach a node."""
        return self._incoming.get(node, ())

    def attached(self, node: str) -> tuple[Node, ...]:
        """Give the boundary events of an activity."""
        return self._attached.get(node, ())

    @cached_property
    def _outgoing(self) -> Mapping[str, tuple[Flow, ...]]:
        return _grouped((flow.source, flow) for flow in self.flows)

    @cached_property
    def _incoming(self) -> Mapping[str, tuple[Flow, ...]]:
        return _grouped((flow.target, flow) for flow in self.flows)

    @cached_property
    def _attached(self) -> Mapping[str, tuple[Node, ...]]:
        return _grouped((node.host, node) for node in self.nodes.values() if node.host)


def _grouped(pairs: Iterable[tuple[str, _Each]]) -> Mapping[str, tuple[_Each, ...]]:
    groups: dict[str, list[_Each]] = {}
    for key, each in pairs:
        groups.setdefault(key, []).append(each)
    return {key: tuple(group) for key, group in groups.items()}


@dataclass(frozen=True)
class PackView:
    """Everything that the rules look at; what could not be read is left out of it."""

    files: Mapping[str, bytes] = field(repr=False)
    about: Mapping[str, object]
    english: Mapping[str, object]
    facts: Declarations
    parameters: Parameters
    constants: Mapping[str, int]
    forms: Mapping[str, FormSchema]
    diagrams: Mapping[str, etree._Element]
    tables: Mapping[str, etree._Element]
    processes: Mapping[str, Process]
    guardrails: Guardrails = field(default_factory=dict)
    documents: Documents = field(default_factory=dict)

    @property
    def entry(self) -> str:
        """Give the process with which a matter's first case begins."""
        return str(self.about.get("entry", ""))


def line_of(element: etree._Element) -> int | None:
    """Give the line on which an element begins."""
    line: object = element.sourceline
    return line if isinstance(line, int) else None


def local(element: etree._Element) -> str:
    """Give an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def read_processes(root: etree._Element, file: str) -> Iterator[Process]:
    """Read the processes of a diagram as far as they can be read."""
    for process in root.iterfind(f"{BPMN}process"):
        process_id = process.get("id", "")
        lanes = _lanes(process)
        nodes: dict[str, Node] = {}
        flows: list[Flow] = []
        _read_scope(process, process_id, None, lanes, nodes, flows)
        yield Process(process_id, file, process, nodes, tuple(flows))


def _read_scope(
    scope: etree._Element,
    scope_id: str,
    outer: LaneUse | None,
    lanes: Mapping[str, LaneUse],
    nodes: dict[str, Node],
    flows: list[Flow],
) -> None:
    for child in scope:
        name, child_id = local(child), child.get("id", "")
        if not str(child.tag).startswith(BPMN):
            continue
        if name == "sequenceFlow":
            flows.append(_flow(scope, child, scope_id))
        elif name in NODES:
            lane = lanes.get(child_id, outer)
            nodes.setdefault(child_id, _node(child, scope_id, lane))
            if name in SCOPES:
                _read_scope(child, child_id, lane, lanes, nodes, flows)


def _node(element: etree._Element, scope: str, lane: LaneUse | None) -> Node:
    own = {
        str(name).removeprefix(DUBAN): str(value)
        for name, value in element.attrib.items()
        if str(name).startswith(DUBAN)
    }
    return Node(
        id=element.get("id", ""),
        tag=local(element),
        name=element.get("name", ""),
        scope=scope,
        line=line_of(element),
        own=own,
        element=element,
        lane=lane,
    )


def _flow(scope: etree._Element, element: etree._Element, scope_id: str) -> Flow:
    condition = element.find(f"{BPMN}conditionExpression")
    source, flow_id = element.get("sourceRef", ""), element.get("id", "")
    defaults = {child.get("default") for child in scope if child.get("id") == source}
    return Flow(
        id=flow_id,
        source=source,
        target=element.get("targetRef", ""),
        scope=scope_id,
        condition=None if condition is None else (condition.text or "").strip(),
        is_default=flow_id in defaults,
        line=line_of(element),
    )


def _lanes(process: etree._Element) -> Mapping[str, LaneUse]:
    """Find the lane of each node; of nested lanes the innermost counts."""
    lanes: dict[str, LaneUse] = {}
    for lane in process.iter(f"{BPMN}lane"):
        own = lane.find(f"{BPMN}extensionElements/{DUBAN}lane")
        use = LaneUse(
            id=lane.get("id", ""),
            name=lane.get("name", ""),
            roles=tuple(own.get("roles", "").split()) if own is not None else (),
            office=own.get("office") if own is not None else None,
        )
        for reference in lane.iterfind(f"{BPMN}flowNodeRef"):
            lanes[(reference.text or "").strip()] = use
    return lanes
