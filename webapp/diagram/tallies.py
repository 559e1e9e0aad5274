"""How many items stand at a node of a diagram, and how many of them are overdue."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext
from lxml import etree

from webapp.diagram.ink import add, lines
from webapp.diagram.plan import Box

_HIGH, _SIGN = 20, 8


@dataclass(frozen=True, slots=True)
class Tally:
    """A number of items; ``overdue`` is None where it cannot be told."""

    number: int
    overdue: int | None = 0

    def spoken(self) -> str:
        """Say it in words."""
        if not self.overdue:
            return str(gettext("%(number)s 项", number=self.number))
        return str(
            gettext("%(number)s 项，逾期 %(late)s 项", number=self.number, late=self.overdue)
        )


def add_tally(group: etree._Element, box: Box, tally: Tally) -> None:
    """Write the numbers on the upper edge of a node; overdue ones behind an octagon."""
    texts = [(str(tally.number), "d-tally")]
    if tally.overdue:
        texts.append((str(tally.overdue), "d-tally d-tally-late"))
    right = box.x + box.width + 6
    for text, class_ in reversed(texts):
        is_late = class_ != texts[0][1]
        width = max(24, 10 + _SIGN * len(text)) + (14 if is_late else 0)
        right -= width
        _plate(group, text, class_, right, box.y - _HIGH / 2, width, is_late=is_late)


def _plate(
    group: etree._Element,
    text: str,
    class_: str,
    x: float,
    y: float,
    width: float,
    *,
    is_late: bool,
) -> None:
    plate = add(group, "g", class_)
    size = {"width": f"{width:g}", "height": f"{_HIGH}", "rx": "4"}
    add(plate, "rect", x=f"{x:g}", y=f"{y:g}", **size)
    if is_late:
        at = f"translate({x + 11:g} {y + _HIGH / 2:g})"
        add(plate, "path", d="M-2.5-6h5l3.5 3.5v5l-3.5 3.5h-5l-3.5-3.5v-5z", transform=at)
    middle = x + (width + 14) / 2 if is_late else x + width / 2
    lines(add(plate, "text"), [text], middle, y + _HIGH / 2, 12)
