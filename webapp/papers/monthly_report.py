"""The monthly report (月报) of a place, as a paper of the office in Chinese."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flask_babel import force_locale

from webapp.dates import day, today_of
from webapp.papers.documents import CHINESE, DEMO
from webapp.papers.inspection_report import Letterhead
from webapp.papers.official import (
    Block,
    Grid,
    Heading,
    OfficialPaper,
    Paragraph,
    moment_in_full,
    number_before,
)
from webapp.sayings import gettext
from webapp.words import labels
from webapp.words.deviations import KINDS, what_of
from webapp.words.packs import PackWords
from workflows.domain.deviations import DeviationKind
from workflows.queries.reports.monthly import Departure, MonthReport
from workflows.queries.reports.overview import Overview

FIGURE_NAMES: Mapping[str, str] = {
    "matters": "登记事项（件）",
    "opened": "开立案件（件）",
    "ended": "办结案件（件）",
    "relapsed": "其中回头看发现反弹（件）",
    "reopened": "因反弹另行登记的事项（件）",
    "open_at_end": "期末在办案件（件）",
    "terms_kept": "到期期限：期满前办结或停止（项）",
    "terms_missed": "到期期限：期满未办结（项）",
    "terms_running": "到期期限：仍在计时或暂停（项）",
    "first_letters": "第一次督办单（次）",
    "second_letters": "第二次督办单（次）",
    "reviews": "升级研判（次）",
}

# Kinds that a reader of the report can judge by their reason alone.
_WITH_REASON = (DeviationKind.OVER_CAP,)


def monthly_paper(
    found: MonthReport,
    standing: Overview,
    speakers: Mapping[str, PackWords],
    purpose: str,
    head: Letterhead,
) -> OfficialPaper:
    """Say what a month brought at a place; ``standing`` is where its open tasks stand."""
    with force_locale(CHINESE):
        blocks = tuple(_blocks(found, standing, speakers, purpose, head))
    month = f"{found.month.year}年{found.month.number}月"
    name = found.place.organisation.name
    return OfficialPaper(
        title=f"{name}督办工作月报（{month}）",
        blocks=blocks,
        issuer=head.issuer,
        issued_on=today_of(head.made_at),
        secrecy="内部资料",
        watermark="" if head.is_real else DEMO,
    )


def _blocks(
    found: MonthReport,
    standing: Overview,
    speakers: Mapping[str, PackWords],
    purpose: str,
    head: Letterhead,
) -> Iterator[Block]:
    until = "" if found.is_whole else "本月尚未结束，数字截至制作时。"
    yield Paragraph(
        f"本月报依据督办系统的办理记录制作，制作于{moment_in_full(head.made_at)}。{until}"
        f"用途：{purpose.strip()}。只计党组织的案件；涉及个人的案件和移送不列入，也不说明其有无；"
        "不计人，不排名，单位按代码排列。"
    )
    parts = (
        ("本月情况和上月比较", _compared(found)),
        ("目前任务所在的档", _standing(standing)),
        ("例外情况", _departures(found, speakers)),
    )
    for count, (heading, blocks) in enumerate(parts, start=1):
        yield Heading(1, number_before(1, count) + heading)
        yield from blocks


def _compared(found: MonthReport) -> Iterator[Block]:
    rows = [
        (
            FIGURE_NAMES[name],
            str(number),
            str(found.before[name]),
            change(number, found.before[name]),
        )
        for name, number in found.figures.items()
    ]
    yield Grid(("项目", "本月", "上月", "增减"), tuple(rows), (84, 24, 24, 24))
    yield Paragraph(
        "期限以末日在本月的计；督办单和研判以其期限起算日在本月的计；上月期末在办以当时为准。"
    )


def change(number: int, before: int) -> str:
    """Write how much more or less there is."""
    return "持平" if number == before else f"{number - before:+d}"


def _standing(standing: Overview) -> Iterator[Block]:
    if not standing.tasks.number:
        yield Paragraph("没有未办结的任务。")
        return
    rows = [
        (
            row.organisation.name if row.organisation else "本级及直属",
            str(row.cases.number),
            str(row.cases.overdue or 0),
            str(row.tasks.number),
            str(row.tasks.overdue or 0),
        )
        for row in standing.rows
    ]
    headings = ("单位", "在办案件", "其中期限已过", "未办结任务", "其中逾期")
    yield Grid(headings, tuple(rows), (52, 26, 26, 26, 26))
    said = "，".join(
        f"{labels.rung_or_start(rung)}{count.number}项"
        for rung, count in sorted(standing.rungs.items())
    )
    yield Paragraph(f"按档分：{said}。")


def _departures(found: MonthReport, speakers: Mapping[str, PackWords]) -> Iterator[Block]:
    if not found.exceptions:
        yield Paragraph("无。")
        return
    rows = [
        (str(count), each.number, each.organisation, said_of(each, speakers))
        for count, each in enumerate(found.exceptions, start=1)
    ]
    yield Grid(("序号", "案号", "单位", "情况"), tuple(rows), (12, 36, 36, 72))
    if found.has_more:
        yield Paragraph("例外较多，未全部列出；全部例外由安全审计员在例外清单中查阅。")


def said_of(each: Departure, speakers: Mapping[str, PackWords]) -> str:
    """Say what departed from the ordinary course, and when."""
    said = what_of(each.found, speakers[each.pack_hash])
    why = ""
    if each.found.kind in _WITH_REASON:
        why = gettext("。理由：%(reason)s", reason=each.found.reason)
    return f"{day(each.found.on)} {KINDS[each.found.kind]}{gettext('：')}{said}{why}"
