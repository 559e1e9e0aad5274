"""Run as a process of its own: reads one workbook under limits and writes it as JSON.

A file that makes the reader ask for too much memory ends this process alone.
"""

from __future__ import annotations

import json
import sys
from datetime import date, datetime, time, timedelta

import python_calamine

SECONDS = 60
MEMORY_BYTES = 1 << 30


def main(file: str) -> None:
    """Write {"sheets": [[name, rows]]}, or {"problem": text} where it cannot be read."""
    limit_this_process()
    try:
        answer: dict[str, object] = {"sheets": _sheets(file)}
    except (python_calamine.CalamineError, OSError, ValueError, MemoryError) as error:
        answer = {"problem": str(error) or type(error).__name__}
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace"))


def limit_this_process() -> None:
    """Bound memory and time, where the system can; on Windows the caller's timeout remains."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _sheets(file: str) -> list[tuple[str, list[list[object]]]]:
    book = python_calamine.CalamineWorkbook.from_path(file)
    return [
        (sheet.name, _rows(book.get_sheet_by_name(sheet.name)))
        for sheet in book.sheets_metadata
        if sheet.visible == python_calamine.SheetVisibleEnum.Visible
        and sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
    ]


def _rows(sheet: python_calamine.CalamineSheet) -> list[list[object]]:
    rows = [[_encoded(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    for (top, place), (bottom, _) in sheet.merged_cell_ranges or ():
        # A cell merged downwards stands for each of its rows that holds something.
        for row in rows[top + 1 : bottom + 1]:
            if place < len(row) and any(cell != "" for cell in row):
                row[place] = rows[top][place]
    return rows


def _encoded(cell: object) -> object:
    """Write dates as a list of one text; the day alone counts here."""
    if isinstance(cell, datetime):
        return [cell.date().isoformat()]
    if isinstance(cell, date):
        return [cell.isoformat()]
    return str(cell) if isinstance(cell, time | timedelta) else cell


if __name__ == "__main__":
    main(sys.argv[1])
