"""The records of a case in officers' words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from webapp.dates import day_long, lasting, today_of
from webapp.languages import language
from webapp.sayings import gettext, listed, ngettext
from webapp.words import labels
from webapp.words.corrections import consequence_in_words
from webapp.words.packs import PackWords
from workflows.domain.pauses import reason_en
from workflows.domain.records import Record, RecordKind, Source
from workflows.domain.roles import CASE_ROLES
from workflows.engine import Definition
from workflows.queries.case.timeline import Entry, Timeline
from workflows.queries.desk.reminders import REMIND
from workflows.services.corrections.consequences import Consequence
from workflows.services.corrections.origins import form_named
from workflows.services.desk.comments import COMMENT
from workflows.services.steps.cosigning import CO_SIGNED

_SIGNS = {
    RecordKind.TASK_COMPLETED: "task",
    RecordKind.CLOCK_FIRED: "clock",
    RecordKind.MESSAGE_RECEIVED: "message",
    RecordKind.CASE_OPENED: "house",
    RecordKind.CASE_CLOSED: "house",
    RecordKind.CASE_MIGRATED: "house",
    RecordKind.CORRECTED: "mend",
}

_TYPED = frozenset({RecordKind.CASE_OPENED, RecordKind.TASK_COMPLETED, RecordKind.MESSAGE_RECEIVED})


class Filled(NamedTuple):
    """What was filled into a field, and what a later record corrected it to."""

    label: str
    value: str
    corrected: str = ""
    corrected_by: int | None = None

    @property
    def whole(self) -> str:
        """Write both on one line, for a paper."""
        if self.corrected_by is None:
            return self.value
        return gettext(
            "%(old)s → %(new)s（第 %(seq)s 条更正）",
            old=self.value,
            new=self.corrected,
            seq=self.corrected_by,
        )


class Changed(NamedTuple):
    """What a correction changed."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Event:
    """A record as a line of the timeline.

    ``on`` is the day of the act where it is not the day it was recorded on; ``filled``
    what was filled in; ``withdrawn_by`` the record that took it back, ``corrected_by``
    those that corrected it. ``about`` is the record that this one is about, ``changes``
    what it corrected there and ``consequences`` what would have been otherwise.
    ``may_correct`` says that people filled it in, ``writer`` in which role, if in one of a case
    and without a paper; ``is_said`` says that the reason is what was said.
    """

    seq: int
    kind: str
    title: str
    at: datetime
    by: str
    on: date | None
    notes: tuple[str, ...]
    filled: tuple[Filled, ...]
    reason: str
    withdrawn_by: int | None
    corrected_by: tuple[int, ...] = ()
    about: int | None = None
    changes: tuple[Changed, ...] = ()
    consequences: tuple[str, ...] = ()
    may_correct: bool = False
    writer: str = ""
    is_said: bool = False


def story_of(timeline: Timeline, definition: Definition, speak: PackWords) -> list[Event]:
    """Tell the records of a timeline, in its order."""
    return [_event(entry, definition, speak) for entry in timeline.entries]


def _event(entry: Entry, definition: Definition, speak: PackWords) -> Event:
    record = entry.record
    recorded_on, occurred_on = today_of(record.recorded_at), today_of(record.occurred_at)
    is_escalation = record.kind is RecordKind.CLOCK_FIRED and bool(record.effects.opened)
    return Event(
        seq=record.seq,
        kind="up" if is_escalation else _SIGNS.get(record.kind, "officer"),
        title=_title(entry, definition, speak),
        at=record.recorded_at,
        by=_by(record, speak),
        on=occurred_on if occurred_on != recorded_on else None,
        notes=tuple(_notes(entry, speak)),
        filled=tuple(_filled(entry, definition, speak)),
        reason="" if _is_withdrawn_comment(entry) else _reason(entry),
        withdrawn_by=entry.withdrawn_by,
        corrected_by=tuple(each.record.seq for each in entry.corrections),
        about=record.about.seq if record.about else None,
        changes=tuple(_changes(entry, speak)),
        consequences=tuple(_consequences(entry, speak)),
        may_correct=record.kind in _TYPED and bool(entry.changes) and entry.withdrawn_by is None,
        writer=_writer(record),
        is_said=record.trigger.name in (COMMENT, REMIND),
    )


def _writer(record: Record) -> str:
    is_by_role = record.role in CASE_ROLES and record.performed_by is None
    return str(record.role) if is_by_role else ""


def _is_withdrawn_comment(entry: Entry) -> bool:
    """Say whether it is a comment that was taken back: its text is shown no more."""
    return entry.record.trigger.name == COMMENT and entry.withdrawn_by is not None


def _filled(entry: Entry, definition: Definition, speak: PackWords) -> Iterator[Filled]:
    """Write what was filled in, beside it what the last correction made of it."""
    corrected = {
        name: (each.record.seq, change["new"])
        for each in entry.corrections
        for name, change in each.changes.items()
    }
    record = entry.record
    form = form_named(definition, record.kind, record.trigger.name, record.trigger.ref)
    for key, label, value in speak.filled_fields(form, entry.form):
        seq, new = corrected.get(key, (None, None))
        yield Filled(label, value, speak.value(key, new), seq)


def _changes(entry: Entry, speak: PackWords) -> Iterator[Changed]:
    if entry.record.kind is RecordKind.CORRECTED:
        for name, change in entry.changes.items():
            old, new = speak.value(name, change["old"]), speak.value(name, change["new"])
            yield Changed(speak.fact(name), old, new)


def _consequences(entry: Entry, speak: PackWords) -> Iterator[str]:
    for told in entry.form.get("consequences", ()):
        yield consequence_in_words(Consequence.from_json(told), speak)


def _title(entry: Entry, definition: Definition, speak: PackWords) -> str:
    record = entry.record
    if record.kind is RecordKind.CLOCK_FIRED:
        return _firing(record, speak)
    if record.kind is RecordKind.INTERVENED:
        return _intervention(record.trigger.name, speak.place(record.trigger.ref))
    told = {
        RecordKind.CASE_OPENED: gettext("开立案件，编号 %(number)s"),
        RecordKind.TASK_CLAIMED: gettext("领取“%(place)s”"),
        RecordKind.TASK_RELEASED: gettext("退回“%(place)s”"),
        RecordKind.TASK_REASSIGNED: gettext("“%(place)s”转 %(to)s 办理"),
        RecordKind.TASK_COMPLETED: gettext("办结“%(place)s”"),
        RecordKind.MESSAGE_RECEIVED: gettext("收到“%(message)s”"),
        RecordKind.WITHDRAWN: gettext("撤销第 %(seq)s 条（误触发）"),
        RecordKind.UNDONE: gettext("撤回第 %(seq)s 条"),
        RecordKind.CORRECTED: gettext("更正第 %(seq)s 条"),
        RecordKind.PAYLOAD_ERASED: gettext("销毁第 %(seq)s 条的内容"),
        RecordKind.CASE_CLOSED: gettext("办结"),
        RecordKind.CASE_MIGRATED: gettext("改按新版规则办理"),
    }
    return told.get(record.kind, gettext("其他记录")) % {
        "number": entry.form.get("case_number", ""),
        "place": speak.place(record.trigger.ref),
        "to": listed(speak.person(each.claimant) for each in record.effects.assigned),
        "message": _message(record, definition, speak),
        "seq": record.about.seq if record.about else "",
    }


def _firing(record: Record, speak: PackWords) -> str:
    opened = listed(f"“{speak.activity(each.activity)}”" for each in record.effects.opened)
    rule = speak.rule(record.trigger.name)
    if opened:
        return gettext("“%(rule)s”到期，转入%(opened)s", rule=rule, opened=opened)
    return gettext("“%(rule)s”到期", rule=rule)


def _intervention(name: str, place: str) -> str:
    said = {
        "sign": gettext("“%(task)s”已有人签署，尚待他人签署", task=place),
        "refuse_co_sign": gettext("“%(task)s”未予会签，须另行办理", task=place),
        "comment": gettext("备注"),
        "remind": gettext("催办“%(task)s”", task=place),
        "over_cap": gettext("当月事项已到上限，说明理由后仍提出：“%(task)s”", task=place),
        "pause": gettext("暂停计时：%(clock)s", clock=place),
        "resume": gettext("恢复计时：%(clock)s", clock=place),
        "enter_late": gettext("补录“%(task)s”，待第二人确认", task=place),
        "refuse_late": gettext("补录“%(task)s”不予确认", task=place),
        "correct": gettext("提出更正，待第二人确认"),
        "refuse_correction": gettext("更正不予确认"),
        "review_consequences": gettext("核查后果办结"),
        "pause_from": gettext("补录暂停：%(clock)s，待第二人确认", clock=place),
        "stop": gettext("中止办理，待批准人决定"),
        "go_on": gettext("批准人决定继续办理"),
        "determine": gettext("集体认定软弱涣散的结果"),
        "merge": gettext("并入本单位另一事项一并办理"),
        "merged_in": gettext("本单位另一事项并入本案"),
        "unmerge": gettext("与所并入的事项分开办理"),
        "taken_out": gettext("并入的事项分开办理"),
        "void_effects": gettext("处理决定经申诉变更或者撤销，影响自始无效"),
        "publish": gettext("决定公开，按集体研究结果"),
        "break_glass": gettext("应急查阅，向一名人员开放 24 小时"),
        "supervise": gettext("纪检监察机关纳入督办"),
        "end_supervision": gettext("纪检监察机关结束督办"),
        "recuse": gettext("决定承办人员回避，其任务退回或者提请上级"),
    }
    return said.get(name, gettext("其他记录"))


def _message(record: Record, definition: Definition, speak: PackWords) -> str:
    if record.kind is not RecordKind.MESSAGE_RECEIVED:
        return ""
    for each_process in definition.pack.processes.values():
        for each in each_process.process.elements.values():
            if each.message == record.trigger.name and each.name:
                return speak.activity(each.id)
    return record.trigger.name


def _by(record: Record, speak: PackWords) -> str:
    typist = speak.person(record.actor)
    role = gettext("（") + str(labels.role(record.role)) + gettext("）") if record.role else ""
    if record.acting_for is not None:
        lender = speak.person(record.acting_for)
        return gettext("%(substitute)s（代 %(lender)s）", substitute=typist, lender=lender) + role
    if record.performed_by is None:
        return f"{typist}{role}"
    doer = speak.person(record.performed_by)
    if record.source is Source.PAPER:
        return gettext("%(doer)s（纸质件），%(typist)s 代录", doer=f"{doer}{role}", typist=typist)
    return f"{doer}{role}"


def _paper_notes(entry: Entry) -> Iterator[str]:
    if entry.form.get("paper_document"):
        yield gettext("纸质件：%(document)s", document=entry.form["paper_document"])
    if entry.form.get("paper_scan_follows"):
        yield gettext("原件待补")


def _notes(entry: Entry, speak: PackWords) -> Iterator[str]:
    record = entry.record
    late = entry.form.get("late_seconds")
    if isinstance(late, int) and late >= 86400:
        yield gettext("巡检迟到 %(time)s", time=lasting(late))
    if entry.form.get("hold_until"):
        yield gettext("暂缓至 %(on)s，到期自行恢复", on=entry.form["hold_until"])
    yield from _paper_notes(entry)
    days = (today_of(record.recorded_at) - today_of(record.occurred_at)).days
    by_hand = not record.actor.startswith("system:")
    if days > 0 and by_hand and record.kind is not RecordKind.CLOCK_FIRED:
        yield ngettext("补录，迟 %(num)s 天", "补录，迟 %(num)s 天", days)
    if entry.form.get("review_finding"):
        yield gettext("结论：%(finding)s", finding=labels.FINDINGS[entry.form["review_finding"]])
    for moved in record.effects.moved:
        yield gettext(
            "“%(clock)s”期限改为 %(on)s",
            clock=speak.place(moved.clock),
            on=day_long(moved.due_on),
        )
    if record.effects.opened and record.kind is not RecordKind.CLOCK_FIRED:
        names = listed(speak.activity(each.activity) for each in record.effects.opened)
        yield gettext("接着办：%(names)s", names=names)
    yield from _pairs(entry, speak)
    if record.effects.ended:
        yield gettext("本案办结")
    if entry.is_erased:
        yield gettext("内容已按规定销毁，记录的存在仍可核验")
    for paper in entry.payload.get("attachments", ()):
        yield gettext("附件：%(name)s", name=paper["name"])


def _pairs(entry: Entry, speak: PackWords) -> Iterator[str]:
    """Say where one person did what two should."""
    if entry.form.get("pair_with"):
        yield gettext(
            "在本案中已担任%(other)s，由同一人办理，待主要负责人会签",
            other=labels.role(str(entry.form["pair_with"])),
        )
    for each in entry.form.get(CO_SIGNED, ()):
        yield gettext(
            "例外：%(name)s 既担任%(other)s，又担任%(role)s，主要负责人会签。理由：%(reason)s",
            name=speak.person(each["by"]),
            other=labels.role(each["with"]),
            role=labels.role(each["role"]),
            reason=each["reason"],
        )


def _reason(entry: Entry) -> str:
    """Give the reason of a record; in English what the program wrote itself."""
    reason = str(entry.payload.get("reason") or "")
    return reason_en(reason) if language() == "en" else reason
