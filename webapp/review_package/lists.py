"""The workbooks of a package: ledger, deviations, draw; each line leads to its record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from webapp.dates import day
from webapp.review_package.directory import Directory
from webapp.review_package.marks import Marks
from webapp.review_package.tables import Book, Column
from webapp.review_package.telling import CaseTold
from webapp.words import labels
from webapp.words.deviations import KINDS, what_of, why_of
from workflows.domain.deviations import Deviation, DeviationKind
from workflows.domain.sampling import pool_hash, ranked

HOUSE = "机关记录"
LEDGER = "台账"
DEVIATIONS = "例外清单"
SAMPLE = "抽样"
_PLACE = (Column("记录序号", 8, "center"), Column("叶号", 9, "center"))
_LEDGER = (
    Column("序号", 6, "center"),
    Column("案件编号", 18),
    Column("单位", 18),
    Column("对象", 18),
    Column("问题类型", 14),
    Column("问题表述", 28),
    Column("来源", 10, "center"),
    Column("发现日期", 11, "center"),
    Column("办过的档", 14),
    Column("措施", 24),
    Column("时限", 11, "center"),
    Column("进展%", 7, "center"),
    Column("状态", 10, "center"),
    Column("督办次数", 6, "center"),
    Column("销号日期", 11, "center"),
    Column("办结日期", 11, "center"),
    *_PLACE,
)
_DEVIATIONS = (
    Column("序号", 6, "center"),
    Column("类别", 14),
    Column("案件编号", 18),
    Column("单位", 20),
    Column("日期", 11, "center"),
    Column("情况", 44),
    Column("经办", 12),
    Column("理由", 30),
    Column("天数", 6, "center"),
    *_PLACE,
    Column("相关记录", 8, "center"),
)
_COUNTS = (Column("类别", 24), Column("条数", 10, "center"), Column("说明", 80))
_LOTS = (
    Column("名次", 8, "center"),
    Column("抽中", 8, "center"),
    Column("案件编号", 24),
    Column("SHA-256(种子 ‖ 00 ‖ 案件编号)", 70),
    *_PLACE,
)
# What each kind counts, for readers of the sheet of counts.
_MEANT: dict[DeviationKind, str] = {
    DeviationKind.LATE_ENTRY: "在期限内办理、期限届满后才登记的行为；天数是登记比办理晚了多少天",
    DeviationKind.LATE_PENDING: "已登记补录，第二人尚未确认",
    DeviationKind.WITHDRAWN_ESCALATION: "到期转入下一环节，后查明不应到期的；天数是隔了多少天才撤",
    DeviationKind.TAKEN_BACK: "一条记录被后一条冲销；两条都保留在审计包内",
    DeviationKind.CO_SIGNED: "应由两人分办的由一人办理，有理由、主要负责人会签；内容留存的不在内",
    DeviationKind.HOLD: "有权人员停下时限，暂缓到期升级也是这样记的；未恢复的，天数算到截至日",
    DeviationKind.PAUSE: "规则规定的暂停，如报送整改报告后等待验收；未恢复的，天数算到截至日",
    DeviationKind.EXTENSION: "时限延长；天数是延了多少天",
    DeviationKind.SUPERVISOR_OVERDUE: "到期后转给督办方的事项，督办方自己也逾期；天数是逾期天数",
    DeviationKind.CORRECTED: "记录内容被更正；原内容和更正后的内容都在审计包内",
    DeviationKind.SET_ASIDE: "原案载明影响经申诉自始无效；复核结论在申诉案件中，发回的不在内",
    DeviationKind.EFFECT_LIFTED: "对个人处理的影响被后来的决定解除；内容留存不出的不在内",
    DeviationKind.STOPPED: "据以开立的升级被撤，案件停下，由批准人决定是否继续",
    DeviationKind.BREAK_GLASS: "应急查阅，向一名人员开放 24 小时",
    DeviationKind.OVER_CAP: "超过当月上限仍向基层提出事项",
    DeviationKind.RECUSED: "决定承办人员回避，其任务退回原单位或者提请上级",
    DeviationKind.PROVISIONAL: "末日落在放假通知尚未公布的年份，公布后核定",
    DeviationKind.WITHHELD: "内容按权限或接收人范围不出，记录本身在审计包内；每案一行",
    DeviationKind.FIELDS_WITHHELD: "记录的内容在包内，涉及个人的个别栏目不出；每案一行",
    DeviationKind.ERASED: "内容已按规定销毁，记录本身在审计包内；每案一行",
    DeviationKind.OFF_HOURS: "二十一时至次日七时或休息日查阅涉及个人的材料；属提示，不是结论",
}


class Ledger:
    """台账.xlsx on its way."""

    def __init__(self, folder: Path, marks: Marks) -> None:
        self.path = folder / f"{LEDGER}.xlsx"
        self._book, self._marks = Book(self.path, marks), marks
        self._sheet = self._book.sheet(LEDGER, _LEDGER)

    def add(self, told: CaseTold) -> None:
        """Write a line for a case; the record it names is the case's last."""
        course = told.course
        self._sheet.add(
            self._sheet.rows + 1,
            told.name,
            told.organisation,
            told.subject,
            told.fact("problem_type"),
            told.fact("description"),
            told.fact("source"),
            told.day_fact("found_on"),
            "、".join(str(labels.RUNGS.get(rung, rung)) for rung in told.rungs),
            course.measures,
            told.due_on,
            100 if course.closed_on else course.percent,
            told.state_on(self._marks.made_on),
            course.urged,
            course.closed_on,
            told.ended_on,
            told.last.record["seq"],
            told.last.index,
        )

    def close(self) -> None:
        """Put the file together."""
        self._sheet.finish()
        self._book.__exit__(None, None, None)


class Deviations:
    """例外清单.xlsx on its way."""

    def __init__(
        self, folder: Path, marks: Marks, directory: Directory, counts: Counter[DeviationKind]
    ) -> None:
        self.path, self.counts = folder / f"{DEVIATIONS}.xlsx", counts
        self._book, self._marks, self._directory = Book(self.path, marks), marks, directory
        self._sheet = self._book.sheet(DEVIATIONS, _DEVIATIONS)

    def add(self, found: Deviation, name: str, told: CaseTold | None, about: str = "") -> None:
        """Write a line; ``about`` names the other case that it is about."""
        self.counts[found.kind] += 1
        what = what_of(found, told.speak if told else None)
        self._sheet.add(
            self._sheet.rows + 1,
            str(KINDS[found.kind]),
            name,
            self._office(found, told),
            found.on,
            f"{what}（案件 {about}）" if about else what,
            self._actor(found.actor),
            why_of(found, told.speak if told else None),
            found.days,
            found.seq,
            found.index,
            # A record of another case is told with that case.
            "" if found.about_seq is None or about else str(found.about_seq),
        )

    def _office(self, found: Deviation, told: CaseTold | None) -> str:
        if found.office:
            return self._directory.name(found.office)
        return told.organisation if told else ""

    def _actor(self, id_: str) -> str:
        return "系统" if id_.startswith("system:") else self._directory.name(id_)

    def close(self) -> None:
        """Write the counts and put the file together."""
        self._sheet.finish()
        counts = self._book.sheet("汇总", _COUNTS)
        for kind in DeviationKind:
            if kind is DeviationKind.OFF_HOURS and not self._marks.order.scope.has_house:
                counts.add(str(KINDS[kind]), None, "本包范围不含机关记录，此类未列")
            else:
                counts.add(str(KINDS[kind]), self.counts[kind], _MEANT[kind])
        if self._marks.sealed:
            sealed = "涉及个人的记录，只以叶的校验值列入，不显示编号、时间和内容"
            counts.add("密封的记录", self._marks.sealed, sealed)
        counts.finish()
        self._book.__exit__(None, None, None)


def write_sample(folder: Path, marks: Marks, pool: dict[str, tuple[int, int]]) -> Path:
    """Write 抽样.xlsx: the whole pool, in the order of the seed where one was given.

    Args:
        folder: Where it goes.
        marks: Of the package.
        pool: Last seq and leaf of each case by its number.
    """
    path, draw = folder / f"{SAMPLE}.xlsx", marks.order.draw
    lots = [(lot.place, lot.name, lot.digest) for lot in ranked(pool, draw.seed)] if draw else []
    unranked: Iterable[tuple[int | None, str, str]] = ((None, name, "") for name in sorted(pool))
    with Book(path, marks) as book:
        sheet = book.sheet(SAMPLE, _LOTS)
        for place, name, digest in lots or unranked:
            is_drawn = place is not None and draw is not None and place <= draw.count
            sheet.add(place, "抽中" if is_drawn else "", name, digest, *pool[name])
        sheet.finish()
        how = book.sheet("说明", (Column("项目", 20), Column("内容", 100)))
        for line in sample_words(marks, pool):
            how.add(*line)
        how.finish()
    return path


def sample_words(marks: Marks, pool: Iterable[str]) -> list[tuple[str, str]]:
    """Say how the draw was made, and how anybody makes it again."""
    names, draw = list(pool), marks.order.draw
    made = f"种子“{draw.seed}”，抽 {draw.count} 件" if draw else "申请时没有填写种子，未抽"
    return [
        ("名单", f"{len(names)} 件，名单校验值 {pool_hash(names)}"),
        ("抽取", made),
        (
            "方法",
            "对每个案件编号计算 SHA-256(种子 ‖ 00 ‖ 案件编号)，种子和编号按 UTF-8 编码，中间隔一个"
            "零字节；按所得十六进制值从小到大排列，取前若干件。",
        ),
        (
            "提醒",
            "名单定下之前就为制作方所知的种子，不能排除挑选。请在收到本资料包之后自定种子，用"
            " viewer.html 的“抽样”页另抽；结果应与此法一致，名单校验值应与上面相同。",
        ),
        ("名单校验值的算法", "案件编号按 UTF-8 字节序排列，每个后接换行（LF），合起来算 SHA-256。"),
        ("截至", day(marks.made_on)),
    ]
