"""A workbook of the rows that could not be imported, each with the reason beside it."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import xlsxwriter

from workflows.services.imports.matters import Ledger, problems_by_line
from workflows.services.imports.problems import Language
from workflows.services.imports.tables import FORMULA_STARTS, text_of

REASON = {"zh": "未导入原因", "en": "Why it was left out"}
_SAFE = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_rejected(target: Path | BinaryIO, ledger: Ledger, language: Language = "zh") -> int:
    """Write the header and the rows left out, with the reason in one column more.

    The officer mends the rows in place and imports this workbook.

    Returns:
        How many rows it holds.
    """
    reasons = problems_by_line(ledger.problems)
    sheet_rows = ledger.table.sheet.rows
    header = sheet_rows[ledger.table.header_row]
    with xlsxwriter.Workbook(
        str(target) if isinstance(target, Path) else target, _SAFE
    ) as workbook:
        bold = workbook.add_format({"bold": True, "text_wrap": True})
        wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
        sheet = workbook.add_worksheet(ledger.table.sheet.name[:31] or "Sheet1")
        width = max([len(header), *(len(sheet_rows[line - 1]) for line in reasons)])
        for place, cell in enumerate(header):
            sheet.write_string(0, place, defused(text_of(cell)), bold)
        sheet.write_string(0, width, REASON[language], bold)
        for row, (line, problems) in enumerate(sorted(reasons.items()), start=1):
            for place, cell in enumerate(sheet_rows[line - 1]):
                sheet.write_string(row, place, defused(text_of(cell)), wrapped)
            sentences = "\n".join(problem.sentence(language) for problem in problems)
            sheet.write_string(row, width, sentences, wrapped)
        sheet.set_column(0, width - 1, 18)
        sheet.set_column(width, width, 60)
        sheet.freeze_panes(1, 0)
    return len(reasons)


def defused(text: str) -> str:
    """Keep a text from becoming a formula where the sheet is saved as CSV and opened again."""
    return f"'{text}" if text[:1] in FORMULA_STARTS else text
