"""Rows that were copied from WPS or Excel, as the lines of a text field."""

from __future__ import annotations

import csv
from io import StringIO

BETWEEN = "；"


def rows_in_words(text: str) -> str:
    """Write pasted rows as lines, their cells parted by a sign; other text stays as it is.

    A spreadsheet puts a tab between cells and quotes a cell that holds a tab, a line end or
    a quote. Empty cells and rows are left out.
    """
    if "\t" not in text:
        return text
    try:
        rows = list(csv.reader(StringIO(text, newline=""), dialect="excel-tab"))
    except csv.Error:
        rows = [line.split("\t") for line in text.splitlines()]
    lines = (BETWEEN.join(_cells(row)) for row in rows)
    return "\n".join(line for line in lines if line)


def _cells(row: list[str]) -> list[str]:
    return [cell for cell in (" ".join(each.split()) for each in row) if cell]
