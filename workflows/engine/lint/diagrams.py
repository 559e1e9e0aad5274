"""The drawing: every node has its shape, every flow its line."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from workflows.engine.findings import Finding, Rule
from workflows.engine.lint.model import BPMN, BPMNDI, PackView, Process, line_of

_DC = "{http://www.omg.org/spec/DD/20100524/DC}"
_DI = "{http://www.omg.org/spec/DD/20100524/DI}"

NO_DRAWING = Rule(
    "no-drawing",
    "文件没有图形信息（BPMNDiagram）。",
    "The file has no drawing (BPMNDiagram).",
    "请用流程编辑器打开、排好版后保存。",
    "Open it in a diagram editor, lay it out and save it.",
)
NO_SHAPE = Rule(
    "no-shape",
    "“{id}”没有画在图上，或大小、位置不正确。",
    "“{id}” is not drawn, or its bounds are wrong.",
    "请在流程编辑器中画出。",
    "Draw it in the diagram editor.",
)
NO_EDGE = Rule(
    "no-edge",
    "连线“{id}”没有画在图上，或折点少于两个。",
    "The flow “{id}” is not drawn, or has fewer than two points.",
    "请在流程编辑器中画出。",
    "Draw it in the diagram editor.",
)
DRAWING_DANGLES = Rule(
    "drawing-dangles",
    "图形指向不存在或重复的元素“{id}”。",
    "The drawing shows an element “{id}” that does not exist, or shows it twice.",
    "请删除多余的图形。",
    "Remove the shape or line.",
)


def check_diagrams(view: PackView) -> Iterator[Finding]:
    """Check the drawing of every file."""
    for file, root in view.diagrams.items():
        planes = root.findall(f"{BPMNDI}BPMNDiagram/{BPMNDI}BPMNPlane")
        if not planes:
            yield NO_DRAWING.found(file)
            continue
        shapes = {
            shape.get("bpmnElement")
            for shape in root.iter(f"{BPMNDI}BPMNShape")
            if _is_drawn(shape)
        }
        edges = {
            edge.get("bpmnElement")
            for edge in root.iter(f"{BPMNDI}BPMNEdge")
            if sum(_has_point(point) for point in edge.iter(f"{_DI}waypoint")) >= 2
        }
        yield from _check_dangling(file, root)
        for process in view.processes.values():
            if process.file == file:
                yield from _check_process(process, shapes, edges)


def _check_process(
    process: Process, shapes: set[str | None], edges: set[str | None]
) -> Iterator[Finding]:
    for node in process.nodes.values():
        if node.id not in shapes:
            yield process.found(NO_SHAPE, node, id=node.id)
    for lane in process.element.iter(f"{BPMN}lane"):
        if lane.get("id") not in shapes:
            lane_id = lane.get("id")
            yield NO_SHAPE.found(process.file, lane_id, line_of(lane), id=lane_id)
    for flow in process.flows:
        if flow.id not in edges:
            yield process.found(NO_EDGE, flow, id=flow.id)


def _check_dangling(file: str, root: etree._Element) -> Iterator[Finding]:
    known = {element.get("id") for element in root.iter(f"{BPMN}*")}
    seen: set[str | None] = set()
    for tag in ("BPMNShape", "BPMNEdge"):
        for drawn in root.iter(f"{BPMNDI}{tag}"):
            element = drawn.get("bpmnElement")
            if element not in known or element in seen:
                yield DRAWING_DANGLES.found(file, element, line_of(drawn), id=element)
            seen.add(element)


def _is_drawn(shape: etree._Element) -> bool:
    bounds = shape.find(f"{_DC}Bounds")
    if bounds is None:
        return False
    numbers = [_number(bounds.get(name)) for name in ("x", "y", "width", "height")]
    width, height = numbers[2], numbers[3]
    return None not in numbers and bool(width and width > 0 and height and height > 0)


def _has_point(point: etree._Element) -> bool:
    return _number(point.get("x")) is not None and _number(point.get("y")) is not None


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if abs(number) < 100_000 else None
