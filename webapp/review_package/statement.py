"""情况说明.docx: what is in the package, how many of what, and what it does not prove."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from webapp import words
from webapp.deviation_words import KINDS
from webapp.review_package.documents import Paper
from webapp.review_package.marks import Marks
from webapp.review_package.telling import CaseTold
from workflows.domain.deviations import DeviationKind
from workflows.domain.sampling import pool_hash

TITLE = "情况说明"


@dataclass(slots=True)
class Counts:
    """What was counted on the way through the cases."""

    states: Counter[str] = field(default_factory=Counter)
    rungs: Counter[int] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    records: int = 0
    house_records: int = 0

    @property
    def cases(self) -> int:
        """Give how many cases there are."""
        return self.states.total()

    def add(self, told: CaseTold, today: date) -> None:
        """Count a case."""
        self.states[told.state_on(today)] += 1
        self.rungs[max(told.rungs, default=0)] += 1
        self.problems[told.fact("problem_type") or "未列"] += 1
        self.records += len(told.case.records)


def statement(
    marks: Marks, counts: Counts, deviations: Counter[DeviationKind], pool: list[str]
) -> bytes:
    """Write the statement as docx."""
    paper, order = Paper(TITLE, marks), marks.order
    paper.heading("一、范围")
    period = (
        f"，期间 {marks.period}（期间内有办理记录的案件，连同此前的全部记录）"
        if marks.period
        else ""
    )
    paper.say(
        f"本资料包应{order.recipient}“{order.purpose}”之需制作，范围为{marks.covers}{period}，"
        f"截至 {marks.made_on.isoformat()}。内容：{marks.level_words}。"
    )
    agreed = f"，{order.agreed_by}同意" if order.agreed_by else ""
    paper.say(
        f"制作人{order.by}{agreed}。本次导出记入机关记录第 {order.house_seq} 条，记录先于文件。"
        + ("本资料包为演示数据，人名、单位、事项均为虚构。" if order.is_made_up else "")
    )
    paper.heading("二、案件")
    paper.say(
        f"共 {counts.cases} 件，办理记录 {counts.records} 条；"
        f"另有机关记录 {counts.house_records} 条。"
    )
    paper.table(("状态", "件数"), [(name, str(n)) for name, n in sorted(counts.states.items())])
    paper.say("按到过的最高一档：")
    paper.table(
        ("档", "件数"),
        [
            (str(words.RUNGS[rung]) if rung else "受理核实", str(number))
            for rung, number in sorted(counts.rungs.items())
        ],
    )
    paper.say("按问题类型：")
    paper.table(
        ("问题类型", "件数"),
        [
            (name, str(n))
            for name, n in sorted(counts.problems.items(), key=lambda x: (-x[1], x[0]))
        ],
    )
    _tell_deviations(paper, marks, deviations)
    _tell_proof(paper, marks, pool)
    paper.sign(order.title)
    paper.sign(f"{marks.made_on.year}年{marks.made_on.month}月{marks.made_on.day}日")
    return paper.content()


def _tell_deviations(paper: Paper, marks: Marks, deviations: Counter[DeviationKind]) -> None:
    paper.heading("三、例外情况")
    total = deviations.total()
    paper.say(f"共 {total} 条，逐条列于“例外清单.xlsx”，每条注明案件编号、记录序号和叶号。")
    listed = [
        (str(KINDS[kind]), str(deviations[kind])) for kind in DeviationKind if deviations[kind]
    ]
    if listed:
        paper.table(("类别", "条数"), listed)
    if marks.sealed:
        paper.say(
            f"另有 {marks.sealed} 条涉及个人的记录密封在审计包内，"
            "只列校验值，不显示编号、时间和内容。"
        )
    if not marks.order.scope.has_house:
        paper.say("本包范围不含机关记录，非工作时间查阅未列。")


def _tell_proof(paper: Paper, marks: Marks, pool: list[str]) -> None:
    paper.heading("四、核验")
    paper.say(
        "“审计包.zip”带签名，可在任何一台装有浏览器的电脑上用 viewer.html 核验，"
        "不联网、不安装程序。"
        "其余文件是由审计包生成的抄件，自身不带签名；有疑问时以审计包为准。"
    )
    paper.say(f"审计包清单 SHA-256：{marks.manifest_hash}")
    paper.say(f"签名密钥指纹：{marks.fingerprint}")
    paper.say(f"存证树 {marks.tree_size} 叶；案件名单 {len(pool)} 件，校验值 {pool_hash(pool)}")
    paper.heading("五、不能证明的事项")
    whole = "所选期间内的记录是否齐全，可在审计包内核验。"
    part = "本包是制作方选定的范围，审计包能证明所列记录未被改动，不能证明没有别的案件。"
    paper.say(whole if marks.order.scope.has_house else part)
    paper.say(
        "存证能证明记录在登记之后未被改动，不能证明登记的内容属实，也不能证明所有的事都登记了。"
        "没有与外部留存的存证点核对时，只能得出“内部一致”的结论。"
    )
    paper.say("本系统尚未记录申诉复查程序，例外清单因此没有申诉后变更、撤销决定一类。")
