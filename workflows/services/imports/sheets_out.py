"""Tables written as they are read: a workbook, or CSV in GB18030 as Excel opens it in China."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import xlsxwriter

from workflows.services.imports.tables import defused
from workflows.services.sheets import SAFE, print_across

_WIDTH = 22


@dataclass(frozen=True, slots=True)
class TableOut:
    """A table with its headings."""

    name: str
    headings: Sequence[str]
    rows: Iterable[Sequence[str]]


def write_tables(target: BinaryIO, format_: str, tables: Sequence[TableOut]) -> int:
    """Write tables as ``xlsx`` or ``csv``; give the number of rows below their headings.

    A workbook has a sheet for each. CSV has them one below the other: after an empty line
    the name of the next one, then its headings.
    """
    return _write_csv(target, tables) if format_ == "csv" else _write_workbook(target, tables)


def _write_workbook(target: BinaryIO, tables: Sequence[TableOut]) -> int:
    count = 0
    with xlsxwriter.Workbook(target, SAFE) as book:
        bold = book.add_format({"bold": True, "bg_color": "#F2F2F2", "border": 1})
        # As text: a spreadsheet would take the code 0150 for a number.
        plain = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        for table in tables:
            sheet = book.add_worksheet(table.name)
            sheet.set_column(0, len(table.headings) - 1, _WIDTH, plain)
            for place, heading in enumerate(table.headings):
                sheet.write_string(0, place, heading, bold)
            for line, row in enumerate(table.rows, start=1):
                for place, text in enumerate(row):
                    sheet.write_string(line, place, defused(text), plain)
                count += 1
            sheet.freeze_panes(1, 0)
            print_across(sheet)
    return count


def _write_csv(target: BinaryIO, tables: Sequence[TableOut]) -> int:
    text = io.TextIOWrapper(target, "gb18030", newline="", write_through=True)
    writer = csv.writer(text)
    count = 0
    for number, table in enumerate(tables):
        if number:
            writer.writerows(([], [table.name]))
        writer.writerow(table.headings)
        for row in table.rows:
            writer.writerow([defused(each) for each in row])
            count += 1
    text.detach()
    return count
