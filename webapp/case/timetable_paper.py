"""The sheet of all coming dates of a case (整改时间表) as a paper: it goes out with a notice."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import force_locale

from webapp.case.screen import Screen
from webapp.case.timetable import DateLine, date_lines
from webapp.papers.documents import CHINESE, DEMO, TIMETABLE
from webapp.papers.official import Grid, OfficialPaper, Paragraph, date_with_weekday

_HEADINGS = ("最后一天", "还有", "要做完的事", "谁来做", "没有做完会怎样", "办结日期、签字")
_SHARES = (5, 4, 5, 6, 6, 4)
_NOTE = "“暂定”的日期可能随节假日安排公布而变，变了另行通知。系统只提醒、转给人办理，不替人作决定。"


def timetable_paper(screen: Screen, office: str, *, is_real: bool) -> OfficialPaper:
    """Put the coming dates of a case on a sheet to pin on the wall; Chinese on every page."""
    with force_locale(CHINESE):
        return _sheet(screen, date_lines(screen), office, is_real=is_real)


def _sheet(
    screen: Screen, lines: Sequence[DateLine], office: str, *, is_real: bool
) -> OfficialPaper:
    page, today = screen.page, screen.work.today
    subject = page.person or page.organisation_on_paper
    told = f"截至{date_with_weekday(today)}在走的期限，近的在前。当天不计，到期日计入。"
    rows = tuple(_row(line) for line in lines)
    return OfficialPaper(
        title=TIMETABLE,
        blocks=(
            Paragraph(f"{subject}（{page.case.number}）", is_flush=True),
            Paragraph(told if rows else "没有在走的期限。", is_flush=True),
            *((Grid(_HEADINGS, rows, _SHARES),) if rows else ()),
            Paragraph(_NOTE, is_flush=True),
        ),
        issuer=office,
        issued_on=today,
        watermark="" if is_real else DEMO,
    )


def _row(line: DateLine) -> tuple[str, ...]:
    marks = [*(["暂定"] if line.provisional else []), *(["已暂停"] if line.paused else [])]
    return (
        date_with_weekday(line.on) + "".join(f"\n{mark}" for mark in marks),
        _left(line),
        line.what,
        "\n".join(line.whose),
        "\n".join(line.then),
        "",
    )


def _left(line: DateLine) -> str:
    if line.days < 0:
        return f"逾期{-line.workdays}个工作日"
    if line.days == 0:
        return "今天"
    return f"{line.workdays}个工作日\n{line.days}个自然日"
