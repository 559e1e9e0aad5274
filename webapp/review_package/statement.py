"""情况说明.docx: what is in the package, how many of what, and what it does not prove."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from webapp.papers.docx import official_docx
from webapp.papers.official import (
    Block,
    Fine,
    Grid,
    Heading,
    OfficialPaper,
    Paragraph,
    date_in_full,
)
from webapp.review_package.marks import Marks
from webapp.review_package.telling import CaseTold
from webapp.words import labels
from webapp.words.deviations import KINDS
from workflows.domain.deviations import DeviationKind
from workflows.domain.sampling import pool_hash

TITLE = "情况说明"


@dataclass(slots=True)
class Counts:
    """What was counted on the way through the cases."""

    states: Counter[str] = field(default_factory=Counter)
    rungs: Counter[int] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    deviations: Counter[DeviationKind] = field(default_factory=Counter)
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


def statement(marks: Marks, counts: Counts, pool: Iterable[str]) -> bytes:
    """Write the statement as docx."""
    paper = OfficialPaper(
        title=TITLE,
        blocks=(
            *_scope(marks),
            *_cases(counts),
            *_deviations(marks, counts.deviations),
            *_proof(marks, list(pool)),
        ),
        issuer=marks.title,
        issued_on=marks.made_on,
        watermark="演示数据·虚构" if marks.order.is_made_up else "",
    )
    return official_docx(paper, marks.order.made_at)


def _scope(marks: Marks) -> Iterator[Block]:
    order = marks.order
    period = ""
    if marks.period:
        period = f"，期间 {marks.period}（期间内有办理记录的案件，连同此前的全部记录）"
    yield Heading(1, "一、范围")
    yield Paragraph(
        f"本资料包应{order.recipient}“{order.purpose}”之需制作，范围为{marks.covers}{period}，"
        f"截至 {date_in_full(marks.made_on)}。内容：{marks.level_words}。"
    )
    agreed = f"，{order.agreed_by}同意" if order.agreed_by else ""
    yield Paragraph(
        f"制作人{order.by}{agreed}。本次导出记入机关记录第 {order.house_seq} 条，记录先于文件。"
        + ("本资料包为演示数据，人名、单位、事项均为虚构。" if order.is_made_up else "")
    )


def _cases(counts: Counts) -> Iterator[Block]:
    yield Heading(1, "二、案件")
    yield Paragraph(
        f"共 {counts.cases} 件，办理记录 {counts.records} 条；"
        f"另有机关记录 {counts.house_records} 条。"
    )
    yield _counted("状态", "件数", sorted(counts.states.items()))
    yield Paragraph("按到过的最高一档：")
    rungs = sorted(counts.rungs.items())
    named = ((str(labels.RUNGS[rung]) if rung else "受理核实", count) for rung, count in rungs)
    yield _counted("档", "件数", named)
    yield Paragraph("按问题类型：")
    by_count = sorted(counts.problems.items(), key=lambda each: (-each[1], each[0]))
    yield _counted("问题类型", "件数", by_count)


def _deviations(marks: Marks, counts: Counter[DeviationKind]) -> Iterator[Block]:
    yield Heading(1, "三、例外情况")
    yield Paragraph(
        f"共 {counts.total()} 条，逐条列于“例外清单.xlsx”，每条注明案件编号、记录序号和叶号。"
    )
    listed = [(str(KINDS[kind]), counts[kind]) for kind in DeviationKind if counts[kind]]
    if listed:
        yield _counted("类别", "条数", listed)
    if marks.sealed:
        yield Paragraph(
            f"另有 {marks.sealed} 条涉及个人的记录密封在审计包内，"
            "只列校验值，不显示编号、时间和内容。"
        )
    if not marks.order.scope.has_house:
        yield Paragraph("本包范围不含机关记录，非工作时间查阅未列。")


def _proof(marks: Marks, pool: list[str]) -> Iterator[Block]:
    yield Heading(1, "四、核验")
    yield Paragraph(
        "“审计包.zip”带签名，可在任何一台装有浏览器的电脑上用 viewer.html 核验，"
        "不联网、不安装程序。其余文件是由审计包生成的抄件，自身不带签名；有疑问时以审计包为准。"
    )
    yield Fine(
        (
            f"审计包清单 SHA-256：{marks.manifest_hash}",
            f"签名密钥指纹：{marks.fingerprint}",
            f"存证树 {marks.tree_size} 叶；案件名单 {len(pool)} 件，校验值 {pool_hash(pool)}",
        )
    )
    yield Heading(1, "五、不能证明的事项")
    whole = "所选期间内的记录是否齐全，可在审计包内核验。"
    part = "本包是制作方选定的范围，审计包能证明所列记录未被改动，不能证明没有别的案件。"
    yield Paragraph(whole if marks.order.scope.has_house else part)
    yield Paragraph(
        "存证能证明记录在登记之后未被改动，不能证明登记的内容属实，也不能证明所有的事都登记了。"
        "没有与外部留存的存证点核对时，只能得出“内部一致”的结论。"
    )


def _counted(heading: str, counted: str, rows: Iterable[tuple[str, int]]) -> Grid:
    return Grid((heading, counted), tuple((name, str(count)) for name, count in rows), (3, 1))
