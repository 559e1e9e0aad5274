"""What all workbooks have in common: nothing in them is ever taken for a formula or a link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any
from unicodedata import east_asian_width

DAY_FORMAT = 'yyyy"年"m"月"d"日"'
SAFE: Mapping[str, Any] = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": DAY_FORMAT,
}
_A4 = 9
_LINE_POINTS, _TALLEST_POINTS = 14, 400
_WIDE = frozenset("WFA")


def print_across(sheet: Any, header_row: int = 0) -> None:
    """Let a sheet print on A4 across, all columns on a page, its header on every page."""
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(header_row)


def row_height(cells: Sequence[object], widths: Sequence[float]) -> int:
    """Give the height in points that the longest text of a row needs in its column.

    Programs other than Excel do not make a row as high as its text by themselves.
    """
    texts = [cell if isinstance(cell, str) else "" for cell in cells]
    lines = [
        sum(ceil(max(_width(part), 1) / (width - 1)) for part in text.split("\n"))
        for text, width in zip(texts, widths, strict=True)
    ]
    return min(max(lines) * _LINE_POINTS + 4, _TALLEST_POINTS)


def _width(text: str) -> int:
    """Count the width of a text in digits; a Chinese sign is two wide."""
    return sum(2 if east_asian_width(sign) in _WIDE else 1 for sign in text)
