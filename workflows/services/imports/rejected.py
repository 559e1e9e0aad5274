"""A workbook of the rows that could not be imported, each with the reason beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter

from workflows.services.imports.matters import Ledger
from workflows.services.imports.problems import Language, Problem
from workflows.services.imports.tables import Table, defused, text_of
from workflows.services.sheets import SAFE, print_across, row_height

_WIDTH, _REASON_WIDTH = 18, 60
_COMMENT = {"x_scale": 2.0, "font_size": 10}
REASON = {"zh": "未导入原因", "en": "Why it was left out"}


def write_rejected(target: Path | BinaryIO, ledger: Ledger, language: Language = "zh") -> int:
    """Write what a ledger's import left out; see `write_left_out`."""
    return write_left_out(target, (ledger.table,), ledger.problems, language)


def write_left_out(
    target: Path | BinaryIO,
    tables: Sequence[Table],
    problems: Sequence[Problem],
    language: Language = "zh",
) -> int:
    """Write the header and the rows left out, with the reason in one column more.

    A cell that is wrong is filled with a colour and says why in a comment. The officer mends the
    rows in place and imports this workbook. A sheet of which nothing was left out keeps its
    header, so that the others keep their places.

    Returns:
        How many rows it holds.
    """
    file = str(target) if isinstance(target, Path) else target
    with xlsxwriter.Workbook(file, SAFE) as book:
        return sum(
            _write_table(
                book, table, [each for each in problems if each.sheet == table.sheet.name], language
            )
            for table in tables
        )


def _write_table(book: Any, table: Table, problems: Sequence[Problem], language: Language) -> int:
    reasons = _by_line(problems)
    sheet_rows = table.sheet.rows
    header = sheet_rows[table.header_row]
    bold = book.add_format({"bold": True, "text_wrap": True})
    wrapped = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    marked = book.add_format(
        {"text_wrap": True, "valign": "top", "num_format": "@", "bg_color": "#FFE699", "border": 1}
    )
    sheet = book.add_worksheet(table.sheet.name[:31] or "Sheet1")
    width = max([len(header), *(len(sheet_rows[line - 1]) for line in reasons)])
    # The reasons of an earlier round make room for those of this one.
    if text_of(header[-1]) in REASON.values() and width == len(header):
        width -= 1
    for place, cell in enumerate(header[:width]):
        sheet.write_string(0, place, defused(text_of(cell)), bold)
    sheet.write_string(0, width, REASON[language], bold)
    for row, (line, wrong) in enumerate(sorted(reasons.items()), start=1):
        comments = _by_place(table, wrong, language)
        cells = [defused(text_of(cell)) for cell in sheet_rows[line - 1][:width]]
        cells += [""] * (width - len(cells))
        for place, text in enumerate(cells):
            sheet.write_string(row, place, text, marked if place in comments else wrapped)
        for place, comment in comments.items():
            sheet.write_comment(row, place, comment, _COMMENT)
        sentences = "\n".join(problem.sentence(language) for problem in wrong)
        sheet.write_string(row, width, sentences, wrapped)
        widths = [*[_WIDTH] * width, _REASON_WIDTH]
        sheet.set_row(row, row_height([*cells, sentences], widths))
    sheet.set_column(0, width - 1, _WIDTH, wrapped)
    sheet.set_column(width, width, _REASON_WIDTH)
    sheet.freeze_panes(1, 0)
    print_across(sheet)
    return len(reasons)


def _by_place(table: Table, wrong: Sequence[Problem], language: Language) -> dict[int, str]:
    """Give what is wrong with each cell of a row, by its column."""
    told: dict[int, list[str]] = {}
    for problem in wrong:
        place = table.columns.get(problem.name)
        if place is not None:
            told.setdefault(place, []).append(problem.sentence(language))
    return {place: "\n".join(sentences) for place, sentences in told.items()}


def _by_line(problems: Sequence[Problem]) -> dict[int, list[Problem]]:
    gathered: dict[int, list[Problem]] = {}
    for problem in problems:
        gathered.setdefault(problem.line, []).append(problem)
    return gathered
