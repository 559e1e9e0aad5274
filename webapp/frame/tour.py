"""The tour of the demo: what a visitor looks at, as whom, in which order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import g, session, url_for
from flask_babel import lazy_gettext as _l

from workflows.queries.demo_tour import Places

STEP = "tour"


@dataclass(frozen=True, slots=True)
class Stop:
    """A page of the tour: ``username`` looks at it; ``case`` names which case it is of."""

    title: Any
    says: Any
    username: str
    endpoint: str
    case: str = ""

    def address(self, places: Places) -> str:
        """Give where the stop is, or the list where its case is out of sight by now."""
        if not self.case:
            return url_for(self.endpoint)
        case_id = getattr(places, self.case)
        return url_for(self.endpoint, case_id=case_id) if case_id else url_for("worklist.page")


STOPS: tuple[Stop, ...] = (
    Stop(
        _l("工作台"),
        _l(
            "您现在是承办人。待办按缓急排列，红色的已经逾期；下面写着今晚的巡检会升级哪些案件、为什么。"
        ),
        "chengban",
        "home.page",
    ),
    Stop(
        _l("登记"),
        _l(
            "登记人选单位、问题类型和来源，系统提示同一单位以往的类似事项。可以试登一项：这里的数据都是虚构的。"
        ),
        "dengji",
        "matters.new",
    ),
    Stop(
        _l("一件停滞的整改"),
        _l(
            "这件整改过了期限没有报告，巡检把它交给督办的人：先发督办单，再不答复就进入升级研判。"
            "阶梯上标着它在哪一档。"
        ),
        "duban",
        "cases.page",
        "stalled",
    ),
    Stop(
        _l("为什么是这一天"),
        _l(
            "每个期限都能说清：从哪天起算、按哪条规则、跳过了哪些节假日、停过几次。为什么升级也一样。"
        ),
        "duban",
        "cases.why",
        "stalled",
    ),
    Stop(
        _l("让它继续停滞"),
        _l(
            "点页面上方的“一周后”，时钟拨动，巡检照常运行。没有人办，案件就会一张督办单、一次研判地往上走；到人为止，系统不替人决定。"
        ),
        "chengban",
        "cases.page",
        "stalled",
    ),
    Stop(
        _l("涉及个人的决定"),
        _l(
            "第一次打开涉及个人的案件先申报回避情形，选“无”就进入。"
            "研判认定了责任人，案件另开；事实见面、申辩、采纳说明都在前面，决定须两人以上签署。"
            "有人以救灾抽调为由提出了容错申请。"
        ),
        "buzhang",
        "cases.page",
        "measured",
    ),
    Stop(
        _l("申诉"),
        _l(
            "这里也先申报回避情形。"
            "当事人不服，由复核组另行办理，原承办人不得参与；改轻可以，加重不行。"
        ),
        "fuhe1",
        "cases.page",
        "appeal",
    ),
    Stop(
        _l("当事人自己的页面"),
        _l("当事人看得到自己的文书、影响期和可以申请的事项，看不到别人的。"),
        "dangshiren",
        "own.page",
    ),
    Stop(
        _l("规则包"),
        _l("规则是一张可以证明的流程图：每一条走法都走过，护栏说明哪些事永远不会发生。"),
        "buzhang",
        "packs.page",
    ),
    Stop(
        _l("导出和核验"),
        _l(
            "打开一个案件，点“导出审计包”，写明给谁、作何用，再回到这里下载。"
            "打开包里的 viewer.html，把包拖上去离线核验；"
            "改一个字节再拖一次，看它指出哪一条被改过。"
        ),
        "chengban",
        "exports.page",
    ),
    Stop(
        _l("谁看过什么"),
        _l(
            "审计员看得到谁查阅过哪些案件、谁取走过数据，自己不能办理。存证点按分钟签发，可以交到单位以外。"
            "导览到此结束；要从头再来，点页面上方的“重新开始”。"
        ),
        "shenji",
        "audit.looks",
    ),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Which stop a visitor is at, from 1, of how many."""

    number: int
    stop: Stop
    count: int


def standing() -> Standing | None:
    """Give the stop that a visitor of the demo is at, for the panel beside every page."""
    number = session.get(STEP) if g.get("house") is not None and g.house.mode == "demo" else None
    if not isinstance(number, int) or not 1 <= number <= len(STOPS):
        return None
    return Standing(number, STOPS[number - 1], len(STOPS))
