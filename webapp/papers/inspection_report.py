"""The inspection report (情况说明): what an inspection found, as a paper in Chinese.

It is a paper of the office and so Chinese whatever the language of the page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from webapp.dates import moment_exact, today_of
from webapp.papers.documents import DEMO
from webapp.papers.official import (
    Block,
    Fine,
    Grid,
    Heading,
    OfficialPaper,
    Paragraph,
    QrMark,
    date_in_full,
    moment_in_full,
    number_before,
)
from workflows.queries.reports.inspection import InspectedCase, Inspection
from workflows.services.reports.inspection_reports import ReportOrder
from workflows.services.reports.log_cases import Wanted

_STATES = {"open": "办理中", "stopped": "已中止", "merged": "已并案", "ended": "已办结"}
_RUNGS = {
    None: "受理核实",
    0: "受理核实",
    1: "批评教育",
    2: "限期整改",
    3: "诫勉谈话",
    4: "组织调整",
}
# How an ended case came out; what no entry says is plainly 已办结.
_OUTCOMES: Mapping[str, str] = {
    "immediate_fix": "立行立改办结",
    "unfounded": "不成立或不予受理",
    "relapsed": "反弹，另开新案件",
    "not_started": "不予启动",
    "barred": "不另行启动",
    "not_accountable": "不予问责",
    "completed": "诫勉期满",
    "adjusted": "调整办结",
    "lighter": "从轻处理",
    "filed": "移送后已立案",
    "fed_back": "移送已反馈",
}
_ACTS = {
    "extensions": "延期",
    "pauses": "暂停计时",
    "late_entries": "补录",
    "corrections": "更正",
    "withdrawals": "撤销误触发",
    "undone": "撤回",
}
_PROVED = (
    "能够证明的是：存证点之内的办理记录，此后如被改动、删除或者调换次序，凭交到外部留存的存证点"
    "和审计包可以查出。"
)
_NOT_PROVED = (
    "不能证明的是：记录所述的事情是否属实，应当记录的事情是否都已记录，本说明有无漏列；"
    "前两项靠实地核查，后一项靠审计包核验。"
)
_CASE_COLUMNS = ("序号", "案号", "单位", "问题", "档", "期限", "结果")
# In millimetres of the 156 that there are.
_CASE_SHARES = (12, 33, 29, 25, 19, 22, 16)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who issues a paper, when it is made, and whether the installation is a real one."""

    issuer: str
    made_at: datetime
    is_real: bool = True


def report_paper(found: Inspection, order: ReportOrder, head: Letterhead) -> OfficialPaper:
    """Say what an inspection found, with what is withheld, and how far the log proves it."""
    has_persons = "L2" in found.levels
    return OfficialPaper(
        title=f"关于{found.place}督办案件办理情况的说明",
        blocks=tuple(_blocks(found, order, head)),
        issuer=head.issuer,
        issued_on=today_of(head.made_at),
        number=order.number,
        secrecy="内部资料　涉及个人，注意保密" if has_persons else "内部资料",
        addressee=order.recipient.strip(),
        signers=tuple(f"检查人员（{name}）" for name in order.inspectors)
        or ("检查人员", "检查人员"),
        watermark="" if head.is_real else DEMO,
    )


def _blocks(found: Inspection, order: ReportOrder, head: Letterhead) -> Iterator[Block]:
    parts = (
        ("范围和依据", _scope(found, head)),
        ("总体情况", _overview(found)),
        ("期限和变动", _changes(found)),
        ("案件清单", _cases(found)),
        ("未列入的内容和原因", _withheld(found)),
        ("办理记录的存证", _proof(found)),
    )
    yield Paragraph(
        f"现将{_place(found)}{_period(found.wanted)}督办案件的办理情况说明如下。"
        f"用途：{order.purpose.strip()}。"
    )
    for count, (heading, blocks) in enumerate(parts, start=1):
        yield Heading(1, number_before(1, count) + heading)
        yield from blocks


def _place(found: Inspection) -> str:
    if found.wanted.cases:
        return f"{found.place}有关的"
    return f"{found.place}及其下级单位"


def _period(wanted: Wanted) -> str:
    if wanted.from_on and wanted.to_on:
        return f"{date_in_full(wanted.from_on)}至{date_in_full(wanted.to_on)}"
    if wanted.from_on:
        return f"{date_in_full(wanted.from_on)}以来"
    return f"截至{date_in_full(wanted.to_on)}" if wanted.to_on else "历来"


def _scope(found: Inspection, head: Letterhead) -> Iterator[Block]:
    yield Paragraph(
        f"本说明列入{_place(found)}{_period(found.wanted)}办理过的案件：此前开立而当时尚未办结的，"
        "和期间内开立的，都在其内。"
    )
    yield Paragraph(
        f"全部数字取自督办系统的办理记录。案件的状态、所处的档和期限以制作时"
        f"（{moment_in_full(head.made_at)}）为准；期限的完成情况和各类变动，只计期间内到期的期限"
        "和期间内的记录。"
    )


def _overview(found: Inspection) -> Iterator[Block]:
    if not found.cases:
        yield Paragraph("期间内没有列入本说明的案件。")
        return
    states = Counter(_STATES[case.state] for case in found.cases)
    said = "，".join(f"{name}{states[name]}件" for name in _STATES.values() if states[name])
    yield Paragraph(f"共涉及事项{found.matters}件、案件{len(found.cases)}件，其中{said}。")
    is_live = [case for case in found.cases if case.state != "ended"]
    groups = (
        ("未办结案件所处的档", _counted(_RUNGS[case.rung] for case in is_live)),
        ("问题类型", _counted(case.problem_type for case in found.cases)),
        ("问题来源", _counted(case.source for case in found.cases)),
    )
    rows = [(title, name, str(number)) for title, counted in groups for name, number in counted]
    yield Grid(("分类", "项目", "案件数"), tuple(rows), (40, 76, 20))


def _counted(names: Iterable[str]) -> list[tuple[str, int]]:
    """Count names, the most frequent first; equal ones in a fixed order."""
    return sorted(Counter(names).items(), key=lambda each: (-each[1], each[0]))


def _changes(found: Inspection) -> Iterator[Block]:
    terms = found.terms
    yield Paragraph(
        f"期间内到期的办理期限{sum(terms.values())}项：到期前办结或停止{terms['kept']}项，"
        f"到期未办结{terms['missed']}项，仍在计时或暂停{terms['running']}项。"
    )
    yield Paragraph(f"期间内的办理记录{found.records}条{''.join(_acts(found))}。")
    # Appeals are cases about persons: where these are left out, a count of them would mislead.
    if found.appeals is not None:
        yield Paragraph(f"申诉复核{found.appeals}件。")
    if found.referrals is not None:
        yield Paragraph(f"移送{found.referrals}件。")


def _acts(found: Inspection) -> Iterator[str]:
    """Say what there was among the records, and name what there was not."""
    there = [f"{name}{found.acts[key]}次" for key, name in _ACTS.items() if found.acts[key]]
    missing = [name for key, name in _ACTS.items() if not found.acts[key]]
    if there:
        yield f"，其中{'，'.join(there)}"
    if missing:
        yield f"；没有{'、'.join(missing)}"


def _cases(found: Inspection) -> Iterator[Block]:
    if not found.cases:
        yield Paragraph("无。")
        return
    rows = [_row(count, case) for count, case in enumerate(found.cases, start=1)]
    yield Grid(_CASE_COLUMNS, tuple(rows), _CASE_SHARES)


def _row(count: int, case: InspectedCase) -> tuple[str, ...]:
    named = f"{case.organisation}\n{case.person}" if case.person else case.organisation
    return (
        str(count),
        case.number,
        named,
        case.problem_type,
        _RUNGS[case.rung],
        date_in_full(case.due_on) if case.due_on and case.state != "ended" else "—",
        _result(case),
    )


def _result(case: InspectedCase) -> str:
    """Say how a case stands."""
    if case.state != "ended":
        return _STATES[case.state]
    return _OUTCOMES.get(case.outcome, _STATES[case.state])


def _withheld(found: Inspection) -> Iterator[Block]:
    reasons = []
    if "L2" not in found.levels:
        reasons.append(
            "涉及个人的案件和内容不列入，也不说明其有无：此类内容外出，须先经另一人同意。"
        )
    if "L3" not in found.levels:
        reasons.append("线索和移送不列入，也不说明其有无：只有指定的人员可以知悉。")
    reasons.append("办理中填写的文字、谈话的内容和附件不列入：需要查阅的，另行调取卷宗或审计包。")
    for count, reason in enumerate(reasons, start=1):
        yield Paragraph(number_before(3, count) + reason)


def _proof(found: Inspection) -> Iterator[Block]:
    if found.head is None:
        yield Paragraph(
            "制作时尚未签发存证点，所列数字没有存证可以对照；请在存证点签发之后重新制作。"
        )
        return
    head = found.head
    yield Paragraph(
        f"制作时最近一个存证点含办理记录{head.size}条，签发于{moment_in_full(head.recorded_at)}，"
        "其内容如下；二维码即存证点原文，可与交到外部留存的存证点对照。"
    )
    yield Fine(
        (
            f"规模 {head.size}",
            f"根值 {head.root}",
            f"时间 {moment_exact(head.recorded_at)}",
            f"签名密钥指纹 {found.fingerprint}",
            "",
            *head.note.rstrip("\n").split("\n"),
        )
    )
    yield QrMark(head.note)
    yield Paragraph(_PROVED)
    yield Paragraph(_NOT_PROVED)
