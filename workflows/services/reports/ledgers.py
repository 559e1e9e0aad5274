"""Writing the rectification ledger as officers keep it, as a workbook or CSV, and its record."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, BinaryIO

import xlsxwriter
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.records import JsonValue
from workflows.domain.roles import Actor
from workflows.domain.written_days import day_zh
from workflows.queries.reports.ledger import LedgerLine, ledger_lines
from workflows.services.imports.sheets_out import TableOut, write_tables
from workflows.services.imports.tables import defused
from workflows.services.installation import installation_of
from workflows.services.journal import append_house
from workflows.services.reports.log_cases import Reader, Wanted, organisation_at
from workflows.services.reports.log_export import NothingFits
from workflows.services.sheets import DAY_FORMAT, SAFE, print_across, row_height

RECORD_NAME = "ledger_exported"
TITLE = "整改台账"
# Column: what heads it, how wide it is, where its text stands. The import knows the headings
# of what it can read.
_COLUMNS: tuple[tuple[str, float, str], ...] = (
    ("序号", 5, "center"),
    ("事项编号", 12, "left"),
    ("嘎查村/党组织", 14, "left"),
    ("问题类型", 12, "left"),
    ("问题表述", 24, "left"),
    ("来源", 8, "center"),
    ("发现时间", 13, "center"),
    ("措施", 22, "left"),
    ("责任人", 11, "left"),
    ("时限", 13, "center"),
    ("进展%", 7, "center"),
    ("证据", 12, "left"),
    ("状态灯", 9, "center"),
    ("督办次数", 6, "center"),
    ("销号日期", 13, "center"),
    ("认定文号", 10, "left"),
)
HEADINGS = tuple(heading for heading, _, _ in _COLUMNS)
_WIDTHS = tuple(width for _, width, _ in _COLUMNS)
# What a light says, never by its colour alone, and how the cell is filled.
_LIGHTS: Mapping[str, tuple[str, str, str]] = {
    "grey": ("灰 未开始", "#D9D9D9", "#000000"),
    "green": ("绿 正常", "#C6E0B4", "#000000"),
    "blue": ("蓝 临近", "#BDD7EE", "#000000"),
    "yellow": ("黄 预警", "#FFE699", "#000000"),
    "red": ("红 逾期", "#C00000", "#FFFFFF"),
    "paused": ("暂停", "#EDEDED", "#000000"),
    "done": ("已办结", "#FFFFFF", "#000000"),
}
_LIGHT = HEADINGS.index("状态灯")
_HEADER_ROW = 2
_FILES_NAMED = 3


@dataclass(frozen=True, slots=True)
class LedgerHead:
    """What stands above a ledger: for which place, by whom and when it was made."""

    place: str
    made_by: str
    made_on: date


@dataclass(frozen=True, slots=True)
class LedgerWritten:
    """For which place a ledger is and in which format, how many lines it holds, its file's hash."""

    place: str
    format: str
    lines: int
    sha256: str


def write_ledger(
    session: Session,
    reader: Reader,
    now: datetime,
    target: BinaryIO,
    wanted: Wanted,
    format_: str = "xlsx",
) -> LedgerWritten:
    """Write the ledger of the wanted cases that a reader may take out; it reads only.

    As ``csv`` it is the table alone, in GB18030. Hand the bytes on only after `record_ledger`
    was committed.

    Raises:
        NothingFits: There is no such case.
        NotFound: There is no such organisation.
    """
    today = local_date(now)
    lines = list(ledger_lines(session, reader, wanted, today))
    if not lines:
        raise NothingFits
    place = _place(session, wanted)
    if format_ == "csv":
        rows = (_texts(line, number) for number, line in enumerate(lines, start=1))
        write_tables(target, format_, [TableOut(TITLE, HEADINGS, rows)])
    else:
        write_sheet(target, LedgerHead(place, _maker(reader.actor), today), lines)
    target.seek(0)
    return LedgerWritten(place, format_, len(lines), hashlib.sha256(target.read()).hexdigest())


def record_ledger(
    session: Session, actor: Actor, now: datetime, wanted: Wanted, written: LedgerWritten
) -> int:
    """Write the house record of a ledger; give its seq."""
    form: dict[str, JsonValue] = {
        "format": written.format,
        "scope": wanted.said(),
        "lines": written.lines,
        "sha256": written.sha256,
    }
    return append_house(session, actor, now, RECORD_NAME, wanted.organisation or "*", form=form)


def _place(session: Session, wanted: Wanted) -> str:
    if wanted.organisation is None:
        return installation_of(session).title
    return organisation_at(session, wanted.organisation).name


def _maker(actor: Actor) -> str:
    return "系统" if actor.is_job else actor.display_name


def write_sheet(target: BinaryIO, head: LedgerHead, lines: Iterable[LedgerLine]) -> None:
    """Write lines as a workbook that prints well on A4 across, its header on every page."""
    with xlsxwriter.Workbook(target, SAFE) as book:
        sheet = book.add_worksheet(TITLE)
        formats = _formats(book)
        _set_up(sheet, head)
        last = len(_COLUMNS) - 1
        sheet.merge_range(0, 0, 0, last, TITLE, formats["title"])
        said = f"{head.place}　　制表：{head.made_by}　　截至 {day_zh(head.made_on)}"
        sheet.merge_range(1, 0, 1, last, defused(said), formats["said"])
        for place, (heading, width, _) in enumerate(_COLUMNS):
            sheet.set_column(place, place, width)
            sheet.write_string(_HEADER_ROW, place, heading, formats["heading"])
        row = _HEADER_ROW
        for row, line in enumerate(lines, start=_HEADER_ROW + 1):
            _write_line(sheet, row, line, row - _HEADER_ROW, formats)
        sheet.autofilter(_HEADER_ROW, 0, row, last)


def _set_up(sheet: Any, head: LedgerHead) -> None:
    sheet.freeze_panes(_HEADER_ROW + 1, HEADINGS.index("问题类型"))
    print_across(sheet, _HEADER_ROW)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    maker = head.made_by.replace("&", "&&")
    sheet.set_footer(f"&L内部资料　导出人：{maker}　{day_zh(head.made_on)}&R第 &P 页，共 &N 页")


def _formats(book: Any) -> dict[str, Any]:
    ruled = {"border": 1, "valign": "vcenter", "text_wrap": True, "font_size": 10}
    formats = {
        "title": book.add_format({"bold": True, "font_size": 18, "align": "center"}),
        "said": book.add_format({"align": "right", "font_size": 10}),
        "heading": book.add_format(
            {**ruled, "bold": True, "align": "center", "bg_color": "#F2F2F2"}
        ),
        "percent": book.add_format({**ruled, "align": "center", "num_format": "0%"}),
        "date": book.add_format({**ruled, "align": "center", "num_format": DAY_FORMAT}),
    }
    for side in ("left", "center"):
        formats[side] = book.add_format({**ruled, "align": side})
    for light, (_, ground, ink) in _LIGHTS.items():
        formats[light] = book.add_format(
            {**ruled, "align": "center", "bg_color": ground, "font_color": ink, "bold": True}
        )
    return formats


def _write_line(
    sheet: Any, row: int, line: LedgerLine, number: int, formats: Mapping[str, Any]
) -> None:
    cells = list(_cells(line, number))
    sheet.set_row(row, row_height(cells, _WIDTHS))
    for place, value in enumerate(cells):
        side = formats[_COLUMNS[place][2]]
        if place == _LIGHT:
            sheet.write_string(row, place, _LIGHTS[line.light][0], formats[line.light])
        elif isinstance(value, date):
            sheet.write_datetime(row, place, value, formats["date"])
        elif isinstance(value, float):
            sheet.write_number(row, place, value, formats["percent"])
        elif isinstance(value, int):
            sheet.write_number(row, place, value, side)
        else:
            sheet.write_string(row, place, defused(value or ""), side)


def _cells(line: LedgerLine, number: int) -> Iterator[str | int | float | date | None]:
    """Give what stands in a line, in the order of the columns; a share is a float."""
    yield number
    yield line.matter_number
    yield line.organisation
    yield line.problem_type
    yield line.description
    yield line.source
    yield line.found_on
    yield line.measures
    yield line.responsible
    yield line.due_on
    yield None if line.percent is None else line.percent / 100
    yield _files(line.evidence)
    yield line.light
    yield line.urged
    yield line.closed_on
    yield line.minutes


def _texts(line: LedgerLine, number: int) -> list[str]:
    """Give what stands in a line as text, as a spreadsheet would show the workbook's."""
    texts = [_text(value) for value in _cells(line, number)]
    texts[_LIGHT] = _LIGHTS[line.light][0]
    return texts


def _text(value: str | float | date | None) -> str:
    if isinstance(value, date):
        return day_zh(value)
    return f"{value:.0%}" if isinstance(value, float) else str("" if value is None else value)


def _files(names: tuple[str, ...]) -> str:
    """Name the first files and say how many there are in all."""
    if not names:
        return ""
    shown = "、".join(names[:_FILES_NAMED])
    return f"{len(names)}件：{shown}{'等' if len(names) > _FILES_NAMED else ''}"
