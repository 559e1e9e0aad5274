"""What departs from the ordinary course of a case, in officers' words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.dates import day
from webapp.sayings import gettext, listed, ngettext
from webapp.words.audit import LOOKS
from webapp.words.packs import PackWords
from workflows.domain.deviations import Deviation, DeviationKind

_Kind = DeviationKind
KINDS: dict[DeviationKind, Any] = {
    _Kind.LATE_ENTRY: _l("补录"),
    _Kind.LATE_PENDING: _l("补录待确认"),
    _Kind.WITHDRAWN_ESCALATION: _l("误触发升级已撤"),
    _Kind.TAKEN_BACK: _l("记录被冲销"),
    _Kind.CO_SIGNED: _l("一人兼两岗"),
    _Kind.HOLD: _l("人工暂停、暂缓"),
    _Kind.PAUSE: _l("按规则暂停"),
    _Kind.EXTENSION: _l("延期"),
    _Kind.SUPERVISOR_OVERDUE: _l("督办、研判逾期"),
    _Kind.CORRECTED: _l("更正"),
    _Kind.SET_ASIDE: _l("申诉后变更、撤销决定"),
    _Kind.EFFECT_LIFTED: _l("处理影响被解除"),
    _Kind.STOPPED: _l("中止办理"),
    _Kind.RECUSED: _l("承办人员回避"),
    _Kind.BREAK_GLASS: _l("应急查阅"),
    _Kind.OVER_CAP: _l("超上限向基层提出"),
    _Kind.PROVISIONAL: _l("期限暂定"),
    _Kind.WITHHELD: _l("内容留存不出"),
    _Kind.FIELDS_WITHHELD: _l("个别栏目留存不出"),
    _Kind.ERASED: _l("内容已销毁"),
    _Kind.OFF_HOURS: _l("非工作时间查阅"),
}
# Those that the open part of a case's records tells.
_BY_PAYLOAD = frozenset(
    (
        _Kind.CO_SIGNED,
        _Kind.EFFECT_LIFTED,
        _Kind.WITHHELD,
        _Kind.FIELDS_WITHHELD,
        _Kind.ERASED,
        _Kind.OFF_HOURS,
    )
)
OF_CASES: dict[str, Any] = {
    kind.value: words for kind, words in KINDS.items() if kind not in _BY_PAYLOAD
}
_MOST_NAMED = 30
_BY_RULE = frozenset((_Kind.PAUSE, _Kind.EXTENSION))


def what_of(found: Deviation, speak: PackWords | None = None) -> str:
    """Say what a deviation is; ``speak`` are the words of its case's pack, where it has one."""
    place = speak.place(found.place) if speak and found.place else found.place
    paused = gettext("“%(place)s”暂停计时，第 %(about)s 条恢复，恢复日 %(until)s")
    still_paused = gettext("“%(place)s”暂停计时，尚未恢复")
    about, until = found.about_seq, day(found.until)
    said = {
        _Kind.LATE_ENTRY: gettext("“%(place)s”补录，第 %(about)s 条登记，登记日 %(until)s"),
        _Kind.LATE_PENDING: gettext("“%(place)s”已登记补录，待第二人确认"),
        _Kind.WITHDRAWN_ESCALATION: gettext("第 %(about)s 条到期升级系误触发，由本条撤销"),
        _Kind.TAKEN_BACK: gettext("第 %(about)s 条由本条冲销"),
        _Kind.CO_SIGNED: gettext("“%(place)s”应由两人分办的由一人办理，主要负责人会签"),
        _Kind.SET_ASIDE: gettext("处理决定经申诉变更或者撤销，影响自始无效"),
        _Kind.EFFECT_LIFTED: gettext("第 %(about)s 条起算的影响由本条解除"),
        _Kind.HOLD: paused,
        _Kind.PAUSE: paused,
        _Kind.EXTENSION: gettext("“%(place)s”延至 %(until)s"),
        _Kind.SUPERVISOR_OVERDUE: gettext(
            "第 %(about)s 条到期转来的“%(place)s”应于 %(on)s 前办结，实际办结 %(until)s"
        ),
        _Kind.CORRECTED: gettext("第 %(about)s 条由本条更正"),
        _Kind.STOPPED: gettext("中止办理，第 %(about)s 条作出决定，决定日 %(until)s"),
        _Kind.RECUSED: gettext("决定承办人员回避，其任务退回或者提请上级"),
        _Kind.BREAK_GLASS: gettext("应急查阅，向一名人员开放 24 小时"),
        _Kind.OVER_CAP: gettext("当月向该单位提出的事项已到上限，仍就“%(place)s”提出"),
        _Kind.PROVISIONAL: gettext("“%(place)s”的末日 %(until)s 是暂定的，待放假通知公布后核定"),
        _Kind.OFF_HOURS: gettext("非工作时间查阅涉及个人的材料：%(looked)s"),
    }
    if found.until is None:
        said |= {
            _Kind.HOLD: still_paused,
            _Kind.PAUSE: still_paused,
            _Kind.SUPERVISOR_OVERDUE: gettext(
                "第 %(about)s 条到期转来的“%(place)s”应于 %(on)s 前办结，至今未办"
            ),
            _Kind.STOPPED: gettext("中止办理，待批准人决定"),
        }
    if found.seqs:
        return _kept_back(found)
    looked = str(LOOKS.get(found.place, found.place))
    named = {"place": place, "about": about, "until": until, "on": day(found.on)}
    return said[found.kind] % {**named, "looked": looked}


def why_of(found: Deviation, speak: PackWords | None = None) -> str:
    """Say why: the reason that was given, else what it is a part of by the rules."""
    if found.reason or found.reason is None:
        return gettext("（留存不出）") if found.reason is None else found.reason
    if found.cause and speak and found.kind in _BY_RULE:
        return gettext("办结“%(place)s”时按规则处理", place=speak.activity(found.cause))
    return ""


def _kept_back(found: Deviation) -> str:
    count, listed = len(found.seqs), _listed(found.seqs)
    if found.kind is _Kind.ERASED:
        text = ngettext(
            "%(num)s 条记录的内容已按规定销毁：第 %(seqs)s 条",
            "%(num)s 条记录的内容已按规定销毁：第 %(seqs)s 条",
            count,
            seqs=listed,
        )
    elif found.kind is _Kind.FIELDS_WITHHELD:
        text = ngettext(
            "%(num)s 条记录有栏目按权限留存不出：第 %(seqs)s 条",
            "%(num)s 条记录有栏目按权限留存不出：第 %(seqs)s 条",
            count,
            seqs=listed,
        )
    else:
        text = ngettext(
            "%(num)s 条记录的内容按权限留存不出：第 %(seqs)s 条",
            "%(num)s 条记录的内容按权限留存不出：第 %(seqs)s 条",
            count,
            seqs=listed,
        )
    return text


def _listed(seqs: Sequence[int]) -> str:
    shown = listed(map(str, seqs[:_MOST_NAMED]))
    return shown + ("……" if len(seqs) > _MOST_NAMED else "")
