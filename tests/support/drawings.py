"""What is wrong with how a diagram is drawn: overlaps, labels over lines, lines through shapes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from lxml import etree

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DI = "{http://www.omg.org/spec/DD/20100524/DI}"
FRAMES = ("participant", "lane", "subProcess")
# A line may come this near to a shape that it has nothing to do with.
MARGIN = 2.0


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the page."""

    name: str
    x: float
    y: float
    width: float
    height: float

    def shrunk(self, by: float) -> Box:
        return Box(self.name, self.x + by, self.y + by, self.width - 2 * by, self.height - 2 * by)

    def meets(self, other: Box) -> bool:
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )

    def holds(self, other: Box) -> bool:
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.x + other.width <= self.x + self.width
            and other.y + other.height <= self.y + self.height
        )


@dataclass(frozen=True, slots=True)
class Line:
    """A sequence flow on the page, with the shapes that it joins."""

    name: str
    ends: tuple[str, str]
    points: tuple[tuple[float, float], ...]

    def segments(self) -> Iterator[Box]:
        """Give each piece as a thin box; pieces run level or upright."""
        for (x1, y1), (x2, y2) in zip(self.points, self.points[1:], strict=False):
            yield Box(self.name, min(x1, x2), min(y1, y2), abs(x1 - x2), abs(y1 - y2))


@dataclass(frozen=True, slots=True)
class Drawing:
    """The shapes, labels and lines of a diagram; ``hosts`` gives boundary events their host."""

    frames: tuple[Box, ...]
    shapes: tuple[Box, ...]
    labels: tuple[Box, ...]
    lines: tuple[Line, ...]
    hosts: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> Drawing:
        root = etree.parse(path).getroot()
        elements = {str(each.get("id")): each for each in root.iter() if each.get("id")}
        frames: list[Box] = []
        shapes: list[Box] = []
        labels: list[Box] = []
        for shape in root.iter(f"{BPMNDI}BPMNShape"):
            name = str(shape.get("bpmnElement"))
            kind = etree.QName(elements[name]).localname
            (frames if kind in FRAMES else shapes).append(_box(name, shape))
            labels += [_box(name, label) for label in shape.iter(f"{BPMNDI}BPMNLabel")]
        lines = []
        for edge in root.iter(f"{BPMNDI}BPMNEdge"):
            flow = elements[str(edge.get("bpmnElement"))]
            ends = (str(flow.get("sourceRef")), str(flow.get("targetRef")))
            points = tuple(
                (float(str(point.get("x"))), float(str(point.get("y"))))
                for point in edge.iter(f"{DI}waypoint")
            )
            lines.append(Line(str(flow.get("id")), ends, points))
            labels += [
                _box(str(flow.get("id")), label) for label in edge.iter(f"{BPMNDI}BPMNLabel")
            ]
        hosts = {
            str(each.get("id")): str(each.get("attachedToRef"))
            for each in root.iter(f"{BPMN}boundaryEvent")
        }
        return cls(tuple(frames), tuple(shapes), tuple(labels), tuple(lines), hosts)


def faults(drawing: Drawing) -> Iterator[str]:
    """Give a line for each fault of a drawing."""
    yield from _overlaps(drawing)
    yield from _off_the_border(drawing)
    yield from _lines_through(drawing)
    yield from _covered_labels(drawing)


def _box(name: str, element: etree._Element) -> Box:
    bounds = element.find(f"{DC}Bounds")
    assert bounds is not None, name
    x, y, width, height = (float(str(bounds.get(key))) for key in ("x", "y", "width", "height"))
    return Box(name, x, y, width, height)


def _overlaps(drawing: Drawing) -> Iterator[str]:
    pool = max(drawing.frames, key=lambda frame: frame.width * frame.height)
    for one, other in combinations(drawing.shapes, 2):
        attached = other.name == drawing.hosts.get(one.name) or one.name == drawing.hosts.get(
            other.name
        )
        if not attached and one.meets(other):
            yield f"{one.name} overlaps {other.name}"
    for box in (*drawing.shapes, *drawing.labels):
        if not pool.holds(box):
            yield f"{box.name} leaves the pool"


def _off_the_border(drawing: Drawing) -> Iterator[str]:
    boxes = {box.name: box for box in (*drawing.frames, *drawing.shapes)}
    for event, host in drawing.hosts.items():
        middle = boxes[event].y + boxes[event].height / 2
        if min(abs(middle - boxes[host].y), abs(middle - boxes[host].y - boxes[host].height)) > 1:
            yield f"{event} is not on the border of {host}"


def _lines_through(drawing: Drawing) -> Iterator[str]:
    for line in drawing.lines:
        near = {*line.ends, *(drawing.hosts.get(end, "") for end in line.ends)}
        near |= _attached(drawing, near)
        for shape in drawing.shapes:
            clear = shape.shrunk(-MARGIN)
            if shape.name not in near and any(piece.meets(clear) for piece in line.segments()):
                yield f"{line.name} runs through {shape.name}"


def _attached(drawing: Drawing, hosts: set[str]) -> set[str]:
    return {event for event, host in drawing.hosts.items() if host in hosts}


def _covered_labels(drawing: Drawing) -> Iterator[str]:
    for label in drawing.labels:
        inner = label.shrunk(1)
        for shape in drawing.shapes:
            if inner.meets(shape):
                yield f"the label of {label.name} covers {shape.name}"
        for line in drawing.lines:
            if any(piece.meets(inner) for piece in line.segments()):
                yield f"the label of {label.name} lies on {line.name}"
    for one, other in combinations(drawing.labels, 2):
        if one.meets(other):
            yield f"the labels of {one.name} and {other.name} overlap"
