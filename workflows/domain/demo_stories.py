"""What happened in 塔林盟 during the past year: who found what, and how it went.

A story says when a matter is opened, how each activity of its case is answered, after how
many days, and which activity nobody does. The demo plays them through the real services.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

Answer: TypeAlias = Mapping[str, str | list[str]]

YEAR_DAYS = 390
# {today} and the other names in braces are filled in when the story is played.
ANSWERS: Mapping[str, Answer] = {
    "confirm_fix": {"fix_confirmation": "confirmed"},
    "accept": {"acceptance": "accept"},
    "decline": {"clarified_on": "{today}", "manner": "letter"},
    "verify": {
        "finding": "substantiated",
        "verified_on": "{today}",
        "verified_facts": "{facts}",
        "grounds": ["duty_lacking"],
        "problem_weight": "ordinary",
        "entry_rung": "criticism",
        "subject_opinion": "agreed",
    },
    "clarify": {
        "clarified_on": "{today}",
        "manner": "meeting",
        "clarified_matter": "所反映的问题经核实不成立",
        "clarified_scope": "原知悉范围内的党员",
        "remark": "已当面说明",
    },
    "choose_entry": {"entry_rung": "rectification", "reason": "同类问题年内第二次出现"},
    "talk": {
        "talked_on": "{today}",
        "talker": "{township_talker}",
        "recorder": "{recorder}",
        "attitude": "accepts",
        "signed": "signed",
        "written_check": "not_ordered",
        "criticism_outcome": "rectification",
    },
    "written_check": {"check_text": "支部对照职责作了检查，明确了改正措施和时限"},
    "assess_check": {"criticism_outcome": "close"},
    "notice": {
        "served_on": "{today}",
        "service_way": "direct",
        "requirements": "{facts}；请逐条整改，按期报告",
        "plan_required": "yes",
        "progress_required": "yes",
    },
    "plan": {
        "measures": "补开会议、完善台账、专人负责，每月核对一次",
        "responsible": "{secretary}",
    },
    "plan_again": {
        "measures": "逐条列明措施、责任岗位和完成时限",
        "responsible": "{secretary}",
    },
    "plan_review": {"plan_outcome": "approved"},
    "progress": {"done": "本期措施已完成，台账已更新", "percent": "60"},
    "report": {"reported_on": "{today}", "completed": "问题逐条整改完毕，佐证材料齐全"},
    "initial_acceptance": {"initial_outcome": "passed"},
    "acceptance_pair": {
        "acceptance_score": "84",
        "manner": "site",
        "satisfied_percent": "91",
        "ballot": "held",
        "dissatisfied_percent": "3",
    },
    "acceptance_group": {
        "acceptance_score": "79",
        "group_size": "5",
        "satisfied_percent": "86",
        "ballot": "held",
        "dissatisfied_percent": "6",
    },
    "close_approval": {"closure": "approved", "closed_on": "{today}", "published": "members"},
    "look_back": {"look_back_outcome": "held", "visited_on": "{today}"},
    "rework_notice": {
        "rework_served_on": "{today}",
        "service_way": "direct",
        "rework_items": "群众满意率不高，请补做公示和说明",
        "plan_required": "no",
        "progress_required": "no",
    },
    "letter1": {"letter1_on": "{today}"},
    "letter2": {"letter2_on": "{today}"},
    "reply1": {"replied_on": "{today}", "reply_finding": "insufficient"},
    "reply2": {"replied_on": "{today}", "reply_finding": "insufficient"},
    "extension_decision": {
        "extension_outcome": "granted",
        "extension_days": "15",
        "reason": "雪灾致道路中断",
    },
    "late_extension": {"extension_outcome": "granted", "reason": "雪灾致道路中断"},
    "review": {
        "cause_main": "unable",
        "cause_evidence": "核对台账和走访记录",
        "review_outcome": "extend",
        "reason": "整改已过半，支部人手生疏，苏木派员帮带后可完成",
        "minutes_no": "部务会纪要〔演示〕{number}号",
        "members_present": "5",
    },
    "extend_after_review": {"extended_planned_on": "{later}", "reason": "帮带后可完成"},
    "guidance": {"guidance": "请旗委组织部一周内研判"},
    "attribution": {
        "attribution_ground": "G1",
        "duty": "{duty}",
        "tenure": "{tenure}",
        "facts_from_on": "{last_month}",
        "facts_until_on": "{today}",
        "act_kind": "omission",
        "cause_main": "unwilling",
        "cause_evidence": "两次督办单的送达回证和到村记录",
        "tolerance_hint": "none",
        "act": "整改期内两次收到督办单，未到村核对，也未答复",
        "causation": "未督促导致整改停滞",
        "responsibility_class": "main",
        "initiating_body": "organisation",
        "led_by_committee": "no",
    },
    "approve_start": {"start_approval": "approved", "start_approved_on": "{today}"},
    "approve_start_committee": {"start_approval": "approved", "start_approved_on": "{today}"},
    "facts_shown": {
        "facts_shown_on": "{today}",
        "fact_material": "两次督办未答复，整改期内未到村",
        "signature": "agreed",
    },
    "statement": {"statement_kind": "submitted", "statement": "其间抽调防火值守，请予考虑"},
    "adoption": {"points": "抽调值守属实，酌情考虑；未答复督办单无正当理由", "points_adopted": "1"},
    "tolerance_check": {"tolerance": "none", "reason": "不属于容错情形"},
    "proposal": {"proposed_measure": "admonishment", "lighter": "两次督办未改，提醒不足以促其履职"},
    "decision": {
        "decision_outcome": "as_proposed",
        "approved_on": "{today}",
        "minutes_no": "常委会纪要〔演示〕{number}号",
        "members_due": "9",
        "members_present": "8",
        "votes_for": "8",
    },
    "clarify_person": {
        "clarified_on": "{today}",
        "manner": "meeting",
        "clarified_matter": "所反映的问题查不属实，不予问责",
        "clarified_scope": "本人及其所在党组织",
    },
    "lighter_measure": {"talked_on": "{today}", "talker": "{talker}", "recorder": "{recorder}"},
    "notify_talk": {"notified_on": "{today}", "talk_planned_on": "{later}"},
    "admonish": {
        "admonished_on": "{today}",
        "talker": "{talker}",
        "recorder": "{recorder}",
        "record": "指出问题，提出要求，限期改正",
        "signed": "signed",
    },
    "self_examination": {"check_text": "对未履行督促职责作了检查，提出改正措施"},
    "follow_up": {"follow_up_outcome": "corrected", "remark": "按月到村，台账齐全"},
    "adjustment_proposal": {"adjustment_type": "transfer", "facts": "一贯不履行督促职责"},
    "hear_subject": {"heard_on": "{today}", "own_opinion": "agreed"},
    "adjustment_decision": {
        "adjustment_outcome": "adjusted",
        "adjustment_type": "transfer",
        "adjustment_decided_on": "{today}",
        "minutes_no": "常委会纪要〔演示〕{number}号",
        "members_due": "9",
        "members_present": "9",
        "votes_for": "8",
    },
    "adjustment_talk": {"talked_on": "{today}", "talker": "{talker}", "recorder": "{recorder}"},
    "formalities": {"document_no": "演示任字〔虚构〕{number}号", "done_on": "{today}"},
}

# Days from an activity's opening to its doing; those not named take two.
DAYS: Mapping[str, int] = {
    "verify": 6,
    "talk": 4,
    "plan": 6,
    "progress": 17,
    "report": 36,
    "look_back": 80,
    "letter1": 1,
    "letter2": 1,
    "reply1": 4,
    "reply2": 4,
    "review": 5,
    "facts_shown": 9,
    "statement": 3,
    "decision": 6,
    "admonish": 4,
    "self_examination": 8,
    "formalities": 12,
}
NEVER = 10_000


@dataclass(frozen=True, slots=True)
class Story:
    """How one matter goes; `days` and `answers` are what differs from the ordinary.

    ``opened_days`` counts back from today to its registration. A name with ``#2`` is for
    the second time that an activity opens. ``person`` tells the case of the person whom
    the review names. Of an ``is_overdue_today`` the term ended on the last working day.
    """

    name: str
    opened_days: int
    problem_type: str
    source: str
    facts: str
    fixed_at_once: bool = False
    is_overdue_today: bool = False
    answers: Mapping[str, Answer] = field(default_factory=dict)
    days: Mapping[str, int] = field(default_factory=dict)
    person: Story | None = None

    def answer(self, activity: str, n: int) -> dict[str, str | list[str]]:
        """Give what is typed for the n-th opening of an activity."""
        own = self.answers.get(f"{activity}#{n}", self.answers.get(activity, {}))
        return {**ANSWERS.get(activity, {}), **own}

    def wait_days(self, activity: str, n: int) -> int:
        """Give after how many days it is done."""
        own = self.days.get(f"{activity}#{n}", self.days.get(activity))
        return DAYS.get(activity, 2) if own is None else own


_FACTS = (
    ("P101", "spot_check", "上季度未按期召开党员大会，两个月未开支委会"),
    ("P301", "audit", "村务财务公开栏三个月没有更新"),
    ("P204", "inspection", "班子成员工作日多次不在岗"),
    ("P303", "patrol", "集体三资台账与实物不符，两处草场合同缺失"),
    ("P401", "petition", "群众诉求受理后两个月没有答复"),
    ("P102", "patrol", "年度组织生活会没有开展民主评议"),
    ("P504", "report", "村级组织向党支部定期报告制度没有落实"),
    ("P403", "self_check", "补贴发放公示不到位"),
    ("P302", "inspection", "四议两公开缺少村民代表会议记录"),
    ("P505", "spot_check", "包联单位半年没有到村"),
)
_SERIOUS: Answer = {"problem_weight": "serious", "entry_rung": "rectification"}
_SUFFICIENT: Answer = {"reply_finding": "sufficient", "reason": "已补报材料，现场核对属实"}
_ATTRIBUTION: Answer = {
    "cause_main": "unwilling",
    "review_outcome": "attribution",
    "responsible_person": "{responsible}",
    "reason": "两次督办均无实质答复",
}
_STALLED = {"report": NEVER, "progress": NEVER}
_Make: TypeAlias = Callable[[int, int], Story]


def demo_stories() -> tuple[Story, ...]:
    """Give all matters of the year in the order in which they are registered.

    116 matters; the reviews of four of them open a case about a person each.
    """
    kinds: tuple[tuple[int, _Make], ...] = (
        (52, _immediate),
        (17, _criticised),
        (29, _rectified),
        (4, _unfounded),
    )
    spread = [story for count, make in kinds for story in _spread(count, make)]
    stories = sorted([*spread, *_special()], key=lambda story: -story.opened_days)
    return tuple(stories)


def _spread(count: int, make: _Make) -> Iterator[Story]:
    """Spread stories of a kind over the year, denser towards today: work goes on in them."""
    for number in range(count):
        age = (1 - number / (count - 1)) ** 1.6
        yield make(number, 5 + round(age * (YEAR_DAYS - 11)))


def _story(name: str, number: int, opened_days: int) -> Story:
    problem_type, source, facts = _FACTS[(number * 7 + len(name)) % len(_FACTS)]
    return Story(name, opened_days, problem_type, source, facts)


def _immediate(number: int, days: int) -> Story:
    return replace(_story("immediate", number, days), fixed_at_once=True)


def _criticised(number: int, days: int) -> Story:
    talk: Answer = {"written_check": "ordered"} if number % 2 else {"criticism_outcome": "close"}
    return replace(_story("criticised", number, days), answers={"talk": talk})


def _rectified(number: int, days: int) -> Story:
    answers = {} if number % 3 else {"verify": _SERIOUS}
    return replace(_story("rectified", number, days), answers=answers)


def _unfounded(number: int, days: int) -> Story:
    answers: dict[str, Answer] = {"verify": {"finding": "unfounded"}}
    return replace(_story("unfounded", number, days), answers=answers)


def _special() -> Iterator[Story]:
    """Give the stories that do not go by themselves: 14 of them."""
    failed: Answer = {"acceptance_score": "63", "ballot": "held", "dissatisfied_percent": "52"}
    rework = _story("rework", 0, 220)
    yield replace(rework, answers={"acceptance_pair#1": failed}, days={"report": 22})
    relapsed: Answer = {"look_back_outcome": "relapsed", "remark": "整改后又出现同类问题"}
    yield replace(_story("relapsed", 8, 290), answers={"look_back": relapsed})
    for number, days in enumerate((310, 205, 130)):
        answers: dict[str, Answer] = {"reply1": _SUFFICIENT}
        story = _story("one_letter", number, days)
        yield replace(story, answers=answers, days={"report#1": 58, "progress#1": NEVER})
    for number, days in enumerate((270, 160)):
        answers = {"reply2": _SUFFICIENT}
        story = _story("two_letters", number, days)
        yield replace(story, answers=answers, days={"report#1": NEVER, "progress#1": NEVER})
    yield replace(_story("extended", 1, 240), days={"report#1": NEVER, "report": 20})
    yield replace(_story("review_open", 2, 101), days={**_STALLED, "review": NEVER})
    stalled = {**_STALLED, "letter1": NEVER}
    yield replace(_story("overdue_today", 3, 79), days=stalled, is_overdue_today=True)
    lighter: Answer = {"decision_outcome": "criticism"}
    adjusted: Answer = {"proposed_measure": "adjustment"}
    yield _attributed(4, 386, Story("admonished", 0, "", "", ""))
    yield _attributed(5, 330, Story("adjusted", 0, "", "", "", answers={"proposal": adjusted}))
    yield _attributed(6, 260, Story("lighter", 0, "", "", "", answers={"decision": lighter}))
    yield _attributed(7, 128, Story("undecided", 0, "", "", "", days={"decision": NEVER}))


def _attributed(number: int, days: int, person: Story) -> Story:
    """Tell of a stalled rectification whose review finds a person responsible."""
    story = _story("attributed", number, days)
    stalled = {"report#1": NEVER, "progress#1": NEVER, "report": 25}
    return replace(story, answers={"review": _ATTRIBUTION}, days=stalled, person=person)
