"""Bar charts drawn on the server: they print, need no script, and stand beside their table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from lxml import etree

from webapp.diagram.draw import Picture
from webapp.diagram.ink import add
from webapp.figures import figure

_WIDTH, _LABEL, _NUMBER = 640, 190, 70
_BAR, _GAP, _TOP = 16, 10, 30


class Bars(NamedTuple):
    """One row of a chart: its name, and a value of each series; null where there is none."""

    name: str
    values: tuple[float | None, ...]


def bar_chart(
    rows: Sequence[Bars], series: Sequence[str], *, title: str, unit: str, key: str
) -> Picture:
    """Draw a row of bars for each name, a bar for each series.

    Args:
        rows: What is drawn, from the top down.
        series: The names of the series; each has its pattern beside its colour.
        title: What the picture shows, for those who hear it.
        unit: Behind every number.
        key: Makes its ids unique on the page.
    """
    height = _TOP + len(rows) * (len(series) * _BAR + _GAP)
    svg = etree.Element(
        "svg",
        {
            "class": "chart",
            "viewBox": f"0 0 {_WIDTH} {height}",
            "role": "img",
            "aria-labelledby": f"chart-{key}",
        },
    )
    add(svg, "title", id=f"chart-{key}").text = title
    _legend(svg, series)
    most = max((value or 0 for row in rows for value in row.values), default=0) or 1
    for number, row in enumerate(rows):
        _row(svg, row, _TOP + number * (len(series) * _BAR + _GAP), most, unit)
    return Picture(etree.tostring(svg, encoding="unicode"))


def _legend(svg: etree._Element, series: Sequence[str]) -> None:
    for number, name in enumerate(series):
        x = _LABEL + number * 150
        add(svg, "rect", f"bar bar-{number}", x=f"{x}", y="4", width="14", height="12")
        add(svg, "text", "chart-text", x=f"{x + 20}", y="15").text = name


def _row(svg: etree._Element, row: Bars, top: float, most: float, unit: str) -> None:
    middle = top + len(row.values) * _BAR / 2 + 5
    add(svg, "text", "chart-name", x=f"{_LABEL - 8}", y=f"{middle:g}").text = row.name
    for number, value in enumerate(row.values):
        if value is None:
            continue
        length = (_WIDTH - _LABEL - _NUMBER) * value / most
        y = top + number * _BAR
        bar = {"x": f"{_LABEL}", "y": f"{y + 1:g}", "width": f"{length:.1f}", "height": "13"}
        add(svg, "rect", f"bar bar-{number}", **bar)
        said = add(svg, "text", "chart-text", x=f"{_LABEL + length + 6:.1f}", y=f"{y + 12:g}")
        said.text = f"{figure(value, 1)}{unit}"
