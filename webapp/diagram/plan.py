"""What a BPMN file says of its nodes, flows and their places on paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from workflows.engine.xml import parse_xml

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_DC = "{http://www.omg.org/spec/DD/20100524/DC}"
_WAYPOINT = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
_HUMAN = frozenset({"userTask", "manualTask", "task"})
_BOXES = frozenset({"subProcess", "callActivity"})
_DEFINITION = "EventDefinition"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on paper."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        """Give the point in the middle."""
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Node:
    """A pool, a lane, an activity, a gateway or an event.

    ``sign`` is what an event waits for or throws: timer, message, escalation and so on;
    ``within`` the subprocess around it, ``attached_to`` the activity a boundary event sits on.
    """

    id: str
    kind: str
    name: str
    box: Box
    label: Box | None
    sign: str = ""
    within: str = ""
    attached_to: str = ""
    is_dashed: bool = False
    is_expanded: bool = False

    @property
    def is_human(self) -> bool:
        """Say whether people do it: only then is it known by itself whether it was done."""
        return self.kind in _HUMAN

    @property
    def is_box(self) -> bool:
        """Say whether something happens inside of it."""
        return self.kind in _BOXES


@dataclass(frozen=True, slots=True)
class Flow:
    """An arrow between two nodes."""

    id: str
    name: str
    source: str
    target: str
    points: tuple[tuple[float, float], ...]
    label: Box | None
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A process as its file lays it out: what is around comes first in ``nodes``."""

    process_id: str
    name: str
    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]

    def node(self, id_: str) -> Node | None:
        """Give a node by its id."""
        return next((node for node in self.nodes if node.id == id_), None)


@lru_cache(maxsize=128)
def read_plan(content: bytes, file: str) -> Plan:
    """Read the layout of a BPMN file; the same bytes are read once."""
    root = parse_xml(content, file)
    elements = {element.get("id", ""): element for element in root.iter() if element.get("id")}
    process = root.find(f"{BPMN}process")
    process_id = "" if process is None else process.get("id", "")
    shapes = {shape.get("bpmnElement", ""): shape for shape in root.iter(f"{_DI}BPMNShape")}
    edges = {edge.get("bpmnElement", ""): edge for edge in root.iter(f"{_DI}BPMNEdge")}
    nodes = [_node(elements[id_], shape) for id_, shape in shapes.items() if id_ in elements]
    flows = list(_flows(root, edges))
    name = "" if process is None else process.get("name", "")
    return Plan(process_id, name, tuple(sorted(nodes, key=_layer)), tuple(flows))


def _layer(node: Node) -> tuple[int, float]:
    """Put what is around before what is inside, and boundary events on top."""
    if node.kind in {"participant", "lane"}:
        return (0 if node.kind == "participant" else 1, 0)
    if node.kind == "boundaryEvent":
        return (3, 0)
    return (2, -node.box.width * node.box.height)


def _node(element: etree._Element, shape: etree._Element) -> Node:
    kind = _local(element)
    label = shape.find(f"{_DI}BPMNLabel/{_DC}Bounds")
    bounds = shape.find(f"{_DC}Bounds")
    parent = element.getparent()
    around = "" if parent is None or _local(parent) != "subProcess" else parent.get("id", "")
    interrupts = element.get("cancelActivity", element.get("isInterrupting", "true"))
    return Node(
        id=element.get("id", ""),
        kind=kind,
        name=element.get("name", ""),
        box=_box(bounds),
        label=None if label is None else _box(label),
        sign=next(_signs(element), ""),
        within=around,
        attached_to=element.get("attachedToRef", ""),
        is_dashed=interrupts == "false",
        is_expanded=kind == "subProcess" and shape.get("isExpanded", "true") == "true",
    )


def _signs(element: etree._Element) -> Iterator[str]:
    for child in element:
        name = _local(child)
        if name.endswith(_DEFINITION):
            yield name.removesuffix(_DEFINITION)


def _flows(root: etree._Element, edges: Mapping[str, etree._Element]) -> Iterator[Flow]:
    defaults = {element.get("default") for element in root.iter() if element.get("default")}
    for flow in root.iter(f"{BPMN}sequenceFlow"):
        id_ = flow.get("id", "")
        edge = edges.get(id_)
        if edge is None:
            continue
        label = edge.find(f"{_DI}BPMNLabel/{_DC}Bounds")
        yield Flow(
            id=id_,
            name=flow.get("name", ""),
            source=flow.get("sourceRef", ""),
            target=flow.get("targetRef", ""),
            points=tuple(
                (float(point.get("x", "0")), float(point.get("y", "0")))
                for point in edge.iter(_WAYPOINT)
            ),
            label=None if label is None else _box(label),
            is_default=id_ in defaults,
        )


def _box(bounds: etree._Element | None) -> Box:
    if bounds is None:
        return Box(0, 0, 0, 0)
    x, y, width, height = (float(bounds.get(key, "0")) for key in ("x", "y", "width", "height"))
    return Box(x, y, width, height)


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname
