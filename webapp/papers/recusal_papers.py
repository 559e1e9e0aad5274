"""A recusal as a form of the office (D33): what was asked, on what ground, what was decided."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from flask_babel import force_locale

from webapp.forms.recusals import GROUNDS, SOURCES, STATES
from webapp.papers.documents import CHINESE, DEMO
from webapp.papers.official import Grid, OfficialPaper, date_in_full
from workflows.domain.clocks import local_date
from workflows.domain.recusals import Ground, RecusalSource, RecusalState
from workflows.queries.tracks.recusals import RecusalLine

_ROOM = "　"
_SHARES = (1, 3)
# The form lies in the file of the case, where nothing tells who informed.
_OTHER_SIDE = "有关方面书面申请"
_BASIS = (
    "回避由负责人决定。决定回避的，其查看和办理本案的权限即刻终止，"
    "之前所办事项由他人逐项确认或者重新办理。"
)


def recusal_paper(line: RecusalLine, today: date, *, is_real: bool) -> OfficialPaper:
    """Put a recusal into a form, with room for the decision while it waits."""
    decided_at = line.row.decided_at
    with force_locale(CHINESE):
        return OfficialPaper(
            title="回避申请、决定表",
            blocks=(Grid((), tuple(_rows(line)), _SHARES),),
            secrecy="内部资料 注意保密",
            signers=("提出人", "决定人"),
            issuer=line.office,
            issued_on=local_date(decided_at) if decided_at else today,
            watermark="" if is_real else DEMO,
        )


def _rows(line: RecusalLine) -> Iterator[tuple[str, str]]:
    row = line.row
    yield "案号", line.number
    yield "拟回避的人", line.who
    yield "提出", _asked(line)
    yield "提出日期", date_in_full(row.asked_on)
    yield "回避的情形", str(GROUNDS[Ground(row.ground)])
    yield "自何时起", date_in_full(row.ground_since) if row.ground_since else "案件开立时"
    yield "具体情况", row.statement
    yield "决定单位", line.office
    yield "决定的期限", f"提出之日起2个工作日，最后一日为{date_in_full(row.due_on)}"
    state = RecusalState(row.state)
    yield "决定", _ROOM if line.waits else str(STATES[state])
    yield "决定的理由", row.decision or _ROOM
    yield "决定人", line.decided_by or _ROOM
    yield "说明", _BASIS


def _asked(line: RecusalLine) -> str:
    if line.row.source == RecusalSource.COMPLAINANT:
        return _OTHER_SIDE
    source = str(SOURCES[RecusalSource(line.row.source)])
    by = line.performed_by or line.asked_by
    return "，".join(each for each in (source, by, line.row.document or "") if each)
