"""Workbooks that print well across A4 and hold nothing but texts, numbers and days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

import xlsxwriter

from webapp.review_package.marks import Marks
from workflows.services.imports.tables import defused
from workflows.services.sheets import DAY_FORMAT, SAFE, print_across, row_height

Cell: TypeAlias = str | int | date | None
_HEADER_ROW = 2
# Excel has 1,048,576 rows.
MOST_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class Column:
    """What heads a column, how wide it is, and where its texts stand."""

    heading: str
    width: float
    side: str = "left"


class Book:
    """A workbook on its way; rows go to the disk as they are written."""

    def __init__(self, path: Path, marks: Marks) -> None:
        options = {**SAFE, "constant_memory": True, "tmpdir": str(path.parent)}
        self._book = xlsxwriter.Workbook(str(path), options)
        self._book.set_properties(
            {"title": path.stem, "author": marks.title, "created": marks.made_at_naive}
        )
        self.marks = marks
        ruled = {"border": 1, "valign": "vcenter", "text_wrap": True, "font_size": 10}
        self.formats = {
            "title": self._format(bold=True, font_size=18, align="center"),
            "said": self._format(align="right", font_size=10),
            "heading": self._format(**ruled, bold=True, align="center", bg_color="#F2F2F2"),
            "date": self._format(**ruled, align="center", num_format=DAY_FORMAT),
            "left": self._format(**ruled, align="left"),
            "center": self._format(**ruled, align="center"),
        }

    def sheet(self, title: str, columns: Sequence[Column]) -> Sheet:
        """Begin a sheet."""
        return Sheet(self, self._book.add_worksheet(title), title, columns)

    def _format(self, **properties: Any) -> Any:
        return self._book.add_format(properties)

    def __enter__(self) -> Self:
        """Write on."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Put the file together."""
        self._book.close()


class Sheet:
    """One sheet; its rows are written from top to bottom."""

    def __init__(self, book: Book, sheet: Any, title: str, columns: Sequence[Column]) -> None:
        self._sheet, self._formats, self._columns = sheet, book.formats, columns
        self._widths = [column.width for column in columns]
        self.rows = 0
        self._set_up(book.marks)
        last = len(columns) - 1
        sheet.merge_range(0, 0, 0, last, title, self._formats["title"])
        sheet.merge_range(1, 0, 1, last, defused(book.marks.said), self._formats["said"])
        for place, column in enumerate(columns):
            sheet.write_string(_HEADER_ROW, place, column.heading, self._formats["heading"])

    def _set_up(self, marks: Marks) -> None:
        sheet = self._sheet
        for place, column in enumerate(self._columns):
            sheet.set_column(place, place, column.width)
        sheet.freeze_panes(_HEADER_ROW + 1, 0)
        print_across(sheet, _HEADER_ROW)
        sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        sheet.set_footer(f"&L{marks.footer.replace('&', '&&')}&R第 &P 页，共 &N 页")

    def add(self, *cells: Cell) -> None:
        """Write a row; beyond what a sheet holds, only count it."""
        self.rows += 1
        if self.rows > MOST_ROWS:
            return
        row = _HEADER_ROW + self.rows
        self._sheet.set_row(row, row_height(cells, self._widths))
        for place, (cell, column) in enumerate(zip(cells, self._columns, strict=True)):
            self._write(row, place, cell, column.side)

    def _write(self, row: int, place: int, cell: Cell, side: str) -> None:
        if isinstance(cell, date):
            self._sheet.write_datetime(row, place, cell, self._formats["date"])
        elif isinstance(cell, int):
            self._sheet.write_number(row, place, cell, self._formats[side])
        else:
            self._sheet.write_string(row, place, defused(cell or ""), self._formats[side])

    def finish(self) -> None:
        """Let readers filter by its columns."""
        last = _HEADER_ROW + max(1, min(self.rows, MOST_ROWS))
        self._sheet.autofilter(_HEADER_ROW, 0, last, len(self._columns) - 1)
