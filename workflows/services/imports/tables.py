"""Tables as officers keep them: a title above, headers worded freely, dates in any form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from workflows.domain.written_days import (
    NotADayError,
    Side,
    UnclearDayError,
    read_written_day,
)
from workflows.services.imports.problems import ColumnsMissing, Problem
from workflows.services.imports.spreadsheet import Cell, Sheet, read_workbook
from workflows.services.imports.text_table import open_text, rows

_HEADER_WITHIN = 20
# Some spreadsheets take the wide signs for the narrow ones.
FORMULA_STARTS = frozenset("=+-@\t\r＝＋－＠")
# What spreadsheets show for a formula that failed; LibreOffice has errors by number too.
_FAILED = re.compile(r"#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!|SPILL!|CALC!)|Err:\d{3}")
# They keep 15 figures of a number; CSV shows what is longer as 1.50222E+17.
_MOST_FIGURES = 10**15
_SHORTENED = re.compile(r"\d(?:\.\d+)?E\+0*(?:1[5-9]|[2-9]\d)")
_NOISE = re.compile(r"[\s()（）\[\]【】:：*、,，/]|必填|选填")

# field: the ways in which officers head its column; the first is the one we write.
Headers = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet whose header was found; `columns` are the fields by place."""

    sheet: Sheet
    header_row: int
    columns: Mapping[str, int]
    titles: Mapping[str, str]

    def entries(self) -> Iterator[Entry]:
        """Give the rows below the header that are not empty and do not repeat it."""
        header = [text_of(cell) for cell in self.sheet.rows[self.header_row]]
        for at in range(self.header_row + 1, len(self.sheet.rows)):
            cells = self.sheet.rows[at]
            texts = [text_of(cell) for cell in cells]
            if any(texts) and texts != header:
                yield Entry(self, at + 1, cells)


@dataclass(slots=True)
class Entry:
    """A row that is being read; what is wrong with it gathers in `problems`."""

    table: Table
    line: int
    cells: Sequence[Cell]
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, code: str, name: str = "", /, **values: object) -> None:
        """Note something wrong with this row, or with its cell of a field."""
        self.problems.append(Problem(self.line, code, values, self.table.sheet.name, name))

    def text(self, name: str, *, required: bool = False, limit: int = 200) -> str:
        """Give a cell as text, without blanks around it."""
        cell, title = self._cell(name), self.table.titles[name]
        text = text_of(cell)
        if not text and required:
            self.wrong("required", name, column=title)
        elif _FAILED.fullmatch(text):
            self.wrong("formula_error", name, column=title)
        elif _is_shortened(cell):
            self.wrong("too_many_digits", name, column=title)
        elif len(text) > limit:
            self.wrong("too_long", name, column=title, limit=limit)
        return text

    def date(
        self,
        name: str,
        *,
        required: bool = False,
        past_of: date | None = None,
        none: Container[str] = (),
    ) -> date | None:
        """Give a cell as a date, however it is written; ``past_of`` as in ``date_of``.

        ``none`` are words that stand for no date.
        """
        already = len(self.problems)
        text = self.text(name, required=required)
        if not text or text in none or len(self.problems) > already:
            return None
        cell = self._cell(name)
        try:
            return date_of(cell, past_of)
        except UnclearDayError:
            self.wrong("unclear_date", name, column=self.table.titles[name], value=text[:40])
        except NotADayError:
            self.wrong("not_a_date", name, column=self.table.titles[name], value=text[:40])
        return None

    def _cell(self, name: str) -> Cell:
        place = self.table.columns.get(name)
        return self.cells[place] if place is not None and place < len(self.cells) else ""


def _is_shortened(cell: Cell) -> bool:
    """Say whether a number has more figures than a spreadsheet keeps of it."""
    if isinstance(cell, float):
        return abs(cell) >= _MOST_FIGURES
    return isinstance(cell, str) and _SHORTENED.fullmatch(cell) is not None


def read_sheets(file: Path) -> tuple[Sheet, ...]:
    """Read the sheets of a workbook, or the one table of a CSV.

    Raises:
        FileRefused: It can be read as neither.
    """
    with file.open("rb") as raw:
        start = raw.read(4)
    if start.startswith((b"PK", b"\xd0\xcf")):
        return read_workbook(file)
    if file.suffix.lower() in {".xlsx", ".xlsm", ".xls"}:
        return read_workbook(file)
    with open_text(file) as text:
        numbered: list[list[Cell]] = []
        for line, cells in rows(text, file):
            numbered.extend([] for _ in range(line - len(numbered) - 1))
            numbered.append([*cells])
    return (Sheet("", numbered),)


def parted(sheet: Sheet, name: str) -> tuple[Sheet, ...]:
    """Part a sheet where a row holds nothing but the name of another one, as CSV has them.

    The rows of the second keep their lines in the file: those before are empty.
    """
    for at, cells in enumerate(sheet.rows):
        if [text for cell in cells if (text := text_of(cell))] == [name]:
            below: list[Sequence[Cell]] = [[] for _ in range(at + 1)]
            return Sheet(sheet.name, sheet.rows[:at]), Sheet(name, [*below, *sheet.rows[at + 1 :]])
    return (sheet,)


def find_table_among(
    file: Path, sheets: Sequence[Sheet], headers: Headers, required: Sequence[str]
) -> Table:
    """Find the first sheet that has the columns: a cover or an explanation may stand before it.

    Raises:
        ColumnsMissing: None has; it tells what the first one lacks.
    """
    for sheet in sheets:
        with suppress(ColumnsMissing):
            return find_table(file, sheet, headers, required)
    return find_table(file, sheets[0], headers, required)


def find_table(file: Path, sheet: Sheet, headers: Headers, required: Sequence[str]) -> Table:
    """Find the row that heads the columns and what each column is.

    Raises:
        ColumnsMissing: Needed columns are missing.
    """
    best: tuple[int, dict[str, int]] = (0, {})
    first = next((at for at, cells in enumerate(sheet.rows) if any(map(text_of, cells))), 0)
    for at, cells in enumerate(sheet.rows[first : first + _HEADER_WITHIN], start=first):
        columns = _columns(cells, headers)
        if len(columns) > len(best[1]):
            best = (at, columns)
    missing = [headers[name][0] for name in required if name not in best[1]]
    if missing:
        place = f"sheet “{sheet.name}”" if sheet.name else "it"
        raise ColumnsMissing(
            file=file.name,
            place=place,
            missing="、".join(missing),
            wanted="、".join(words[0] for words in headers.values()),
        )
    at, columns = best
    titles = {name: words[0] for name, words in headers.items()}
    titles |= {name: text_of(sheet.rows[at][place]) for name, place in columns.items()}
    return Table(sheet, at, columns, titles)


def text_of(cell: Cell) -> str:
    """Give a cell as an officer reads it: 101.0 is 101."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date):
        return cell.isoformat()
    text = str(cell).strip()
    # What we defused ourselves comes back as it was.
    return text[1:] if text[:1] == "'" and _is_formula(text) else text


def defused(text: str) -> str:
    """Keep a text from becoming a formula where the sheet is saved as CSV and opened again.

    ``text_of`` gives it back; so a text that looks defused already gets one sign more.
    """
    return f"'{text}" if _is_formula(text) else text


def _is_formula(text: str) -> bool:
    return text.lstrip("'")[:1] in FORMULA_STARTS and bool(text)


def date_of(cell: Cell, past_of: date | None = None) -> date:
    """Read a date: a date cell, Excel's serial number, or as people write it.

    Args:
        cell: What stands in the table.
        past_of: Where it is known, a day without a year is the last one up to this day.

    Raises:
        UnclearDayError: It may be more than one day.
        NotADayError: It is no day at all.
    """
    if isinstance(cell, date):
        return cell
    return read_written_day(text_of(cell), past_of, Side.PAST)


def _columns(cells: Sequence[Cell], headers: Headers) -> dict[str, int]:
    """Match header cells to fields: exact wordings first, then those that contain one."""
    texts = [_plain(text_of(cell)) for cell in cells]
    columns: dict[str, int] = {}
    for is_exact in (True, False):
        for name, words in headers.items():
            if name in columns:
                continue
            for place, text in enumerate(texts):
                is_free = place not in columns.values()
                if is_free and text and _matches(text, words, is_exact=is_exact):
                    columns[name] = place
                    break
    return columns


def _matches(text: str, words: Sequence[str], *, is_exact: bool) -> bool:
    plain = (_plain(word) for word in words)
    return text in plain if is_exact else any(len(word) > 1 and word in text for word in plain)


def _plain(text: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", text)).lower()
