"""Pen strokes: the few SVG elements that diagrams are made of."""

from __future__ import annotations

from math import atan2, cos, hypot, sin

from lxml import etree

from webapp.diagram.plan import Box

_MARKS = {
    "added": "M-5 0h10M0-5v10",
    "removed": "M-5 0h10",
    "changed": "M-5-2.5h10M-5 2.5h10M-3 5.5l6-11",
}
Points = tuple[tuple[float, float], ...]


def add(parent: etree._Element, tag: str, class_: str = "", **attributes: str) -> etree._Element:
    """Add an element; ``class_`` is its class."""
    if class_:
        attributes["class"] = class_
    return etree.SubElement(parent, tag, attributes)


def rectangle(parent: etree._Element, box: Box, class_: str, round_: int = 0) -> None:
    """Draw a box."""
    add(
        parent,
        "rect",
        class_,
        x=f"{box.x:g}",
        y=f"{box.y:g}",
        width=f"{box.width:g}",
        height=f"{box.height:g}",
        **({"rx": str(round_)} if round_ else {}),
    )


def sign(parent: etree._Element, path: str, x: float, y: float, class_: str = "d-sign") -> None:
    """Draw a sign around a point."""
    add(parent, "path", class_, d=path, transform=f"translate({x:g} {y:g})")


def mark(parent: etree._Element, state: str, x: float, y: float) -> None:
    """Draw a round mark with the sign of what happened to a thing: new, gone, another."""
    group = add(parent, "g", f"d-mark d-mark-{state}")
    add(group, "circle", cx=f"{x:g}", cy=f"{y:g}", r="9")
    sign(group, _MARKS[state], x, y, "d-mark-sign")


def lines(text: etree._Element, lines: list[str], x: float, middle: float, size: float) -> None:
    """Put lines around a height, their own middles evenly spaced."""
    step = size * 1.25
    first = middle - step * (len(lines) - 1) / 2 + size * 0.36
    for index, line in enumerate(lines):
        add(text, "tspan", x=f"{x:g}", y=f"{first + index * step:g}").text = line


def rounded(points: Points, radius: float = 6) -> str:
    """Write a way with rounded corners."""
    path = f"M{points[0][0]:g} {points[0][1]:g}"
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        x, y = towards(corner, before, radius)
        to_x, to_y = towards(corner, after, radius)
        path += f"L{x:g} {y:g}Q{corner[0]:g} {corner[1]:g} {to_x:g} {to_y:g}"
    x, y = towards(points[-1], points[-2], 4)  # the line ends inside its head
    return f"{path}L{x:g} {y:g}"


def towards(
    start: tuple[float, float], end: tuple[float, float], distance: float
) -> tuple[float, float]:
    """Give the point so far on the way, at most half way."""
    length = hypot(end[0] - start[0], end[1] - start[1])
    share = min(0.5, distance / length) if length else 0
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def head(group: etree._Element, points: Points) -> None:
    """Draw the head of an arrow."""
    (from_x, from_y), (x, y) = points[-2], points[-1]
    angle = atan2(y - from_y, x - from_x)
    sides = (angle + 2.75, angle - 2.75)
    corners = [(x, y), *((x + 9 * cos(side), y + 9 * sin(side)) for side in sides)]
    add(group, "polygon", "d-head", points=" ".join(f"{a:.1f},{b:.1f}" for a, b in corners))


def slash(group: etree._Element, points: Points) -> None:
    """Mark the flow that is taken where no condition holds."""
    x, y = towards(points[0], points[1], 10)
    angle = atan2(points[1][1] - points[0][1], points[1][0] - points[0][0]) + 1
    a, b = 5 * cos(angle), 5 * sin(angle)
    add(group, "path", "d-flow", d=f"M{x - a:.1f} {y - b:.1f}L{x + a:.1f} {y + b:.1f}")
