"""A worklist as a workbook, and the record that it left the house."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, BinaryIO

import xlsxwriter
from sqlalchemy.orm import Session

from workflows.domain.records import JsonValue
from workflows.domain.roles import Actor
from workflows.services.imports.tables import defused
from workflows.services.journal import append_house
from workflows.services.sheets import DAY_FORMAT, SAFE, print_across, row_height

RECORD_NAME = "worklist_exported"
_RULED = {"border": 1, "valign": "top", "text_wrap": True}


@dataclass(frozen=True, slots=True)
class TaskSheet:
    """What the workbook says: its title, a line below it, headings with widths, rows."""

    title: str
    said: str
    columns: Sequence[tuple[str, float]]
    rows: Sequence[Sequence[str | date | None]]


@dataclass(frozen=True, slots=True)
class SheetWritten:
    """How many rows a workbook has, and its hash."""

    rows: int
    sha256: str


def write_task_sheet(target: BinaryIO, content: TaskSheet) -> SheetWritten:
    """Write rows as a workbook that prints on A4 across, its header on every page."""
    with xlsxwriter.Workbook(target, SAFE) as book:
        sheet = book.add_worksheet(content.title)
        _set_up(book, sheet, content)
        widths = [width for _, width in content.columns]
        text = book.add_format(_RULED)
        on = book.add_format({**_RULED, "num_format": DAY_FORMAT})
        for number, row in enumerate(content.rows, start=3):
            sheet.set_row(number, row_height(row, widths))
            _write_row(sheet, number, row, text, on)
    target.seek(0)
    return SheetWritten(len(content.rows), hashlib.sha256(target.read()).hexdigest())


def _set_up(book: Any, sheet: Any, content: TaskSheet) -> None:
    last = len(content.columns) - 1
    title = book.add_format({"bold": True, "font_size": 16, "align": "center"})
    heading = book.add_format({"bold": True, "border": 1, "bg_color": "#F2F2F2"})
    sheet.merge_range(0, 0, 0, last, defused(content.title), title)
    sheet.merge_range(1, 0, 1, last, defused(content.said))
    for place, (text, width) in enumerate(content.columns):
        sheet.set_column(place, place, width)
        sheet.write_string(2, place, text, heading)
    sheet.freeze_panes(3, 0)
    print_across(sheet, 2)
    sheet.autofilter(2, 0, 2 + len(content.rows), last)


def _write_row(
    sheet: Any, number: int, row: Sequence[str | date | None], text: Any, on: Any
) -> None:
    for place, value in enumerate(row):
        if isinstance(value, date):
            sheet.write_datetime(number, place, value, on)
        else:
            sheet.write_string(number, place, defused(value or ""), text)


def record_task_sheet(
    session: Session,
    actor: Actor,
    now: datetime,
    filters: Mapping[str, str],
    written: SheetWritten,
) -> int:
    """Write the house record of a worklist that was taken out; give its seq."""
    form: dict[str, JsonValue] = {
        "format": "xlsx",
        "filters": dict(filters),
        "rows": written.rows,
        "sha256": written.sha256,
    }
    return append_house(session, actor, now, RECORD_NAME, "*", form=form)
