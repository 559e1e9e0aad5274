"""The sheet on which an officer hands over for a while (交接单), signed by both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from flask_babel import force_locale

from webapp.papers.documents import CHINESE, DEMO
from webapp.papers.official import (
    Block,
    Grid,
    Heading,
    OfficialPaper,
    Paragraph,
    date_in_full,
    date_with_weekday,
)
from webapp.words import labels
from webapp.words.packs import speaker_for
from webapp.work import Work
from workflows.domain.clocks import local_date
from workflows.queries.papers.handover_sheet import InHand, Sheet
from workflows.queries.staff.delegations import Lent

_PERSONAL, _NONE = "（涉及个人的案件）", "无。"


def handover_paper(work: Work, lent: Lent, sheet: Sheet, *, is_real: bool) -> OfficialPaper:
    """Put a hand-over on one sheet: what is lent, then tasks, dates and papers as they stand."""
    with force_locale(CHINESE):
        return OfficialPaper(
            title="工作交接单",
            number=lent.row.instrument,
            blocks=tuple(_blocks(work, lent, sheet)),
            secrecy="内部资料",
            watermark="" if is_real else DEMO,
        )


def _blocks(work: Work, lent: Lent, sheet: Sheet) -> Iterator[Block]:
    yield Grid((), tuple(_head(work, lent)), (2, 5, 2, 5))
    yield Heading(1, "一、在办的任务")
    tasks = [
        (*_case(case), _activity(work, case, activity), _on(due))
        for case, activity, due in sheet.tasks
    ]
    yield _listed(("案号", "对象", "任务", "期限"), tasks)
    yield Heading(1, "二、所涉案件接下来的期限")
    dates = [
        (*_case(case), _place(work, case, path, rule), _on(due))
        for case, path, rule, due in sheet.dates
    ]
    yield _listed(("案号", "对象", "事项", "最后一天"), dates)
    yield Heading(1, "三、尚未编号的文书")
    papers = [(*_case(case), name, _on(acted_on)) for case, name, acted_on in sheet.papers]
    yield _listed(("案号", "对象", "文书", "办理日期"), papers)
    yield Paragraph("原件、印签和口头约定一并移交；账号和密码不移交。")
    signs = tuple(f"{who}签字" for who in ("移交人", "接收人", "监交人"))
    room = "\n\n"
    yield Grid((), ((signs[0], room, signs[1], room, signs[2], room),), (4, 5, 4, 5, 4, 5))


def _head(work: Work, lent: Lent) -> Iterator[tuple[str, ...]]:
    row = lent.row
    part = "（限部分环节）" if row.activities else ""
    over = f"，{date_in_full(local_date(row.revoked_at))}收回" if row.revoked_at else ""
    days = f"{date_in_full(row.from_on)}至{date_in_full(row.until_on)}，到期自行终止{over}"
    roles = "、".join(labels.role(role) for role in lent.roles)
    yield "移交人", lent.lender or "", "接收人", lent.substitute
    yield "代办的角色", roles + part, "范围", lent.place
    yield "代办的起止", days, "所列截至", _on(work.today)


def _listed(headings: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Block:
    if not rows:
        return Paragraph(_NONE)
    return Grid(tuple(headings), tuple(rows), (4, 5, 5, 4))


def _case(case: InHand) -> tuple[str, str]:
    return case.case_number, case.organisation or _PERSONAL


def _activity(work: Work, case: InHand, activity: str) -> str:
    return speaker_for(work.session, case.pack_hash).activity(activity)


def _place(work: Work, case: InHand, path: str, rule: str) -> str:
    speak = speaker_for(work.session, case.pack_hash)
    return speak.place(path) if path else speak.rule(rule)


def _on(day: date | None) -> str:
    return date_with_weekday(day) if day else "—"
