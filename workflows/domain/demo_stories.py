"""What happened in 塔林盟 during the past year: who found what, and how it went.

A story says when a matter is opened, how each activity of its case is answered, after how
many days, and which activity nobody does. The demo plays them through the real services.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from workflows.domain.demo_answers import ANSWERS, DAYS, NEVER, Answer

YEAR_DAYS = 390
REGISTERED = "registered"


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that somebody does beside the tasks of a case, some days after one of them.

    ``kind`` is ``beside`` with the process to open, by ``who`` or, where that is empty, by
    the person concerned on paper; ``determine``, ``recuse``, ``remind`` of a task,
    ``supervise`` for the discipline line, or ``merge`` into the matter that was registered
    before. ``story`` tells how the case goes
    that it opens.
    """

    kind: str
    after: str
    days: int
    who: str = ""
    process: str = ""
    values: Answer = field(default_factory=dict)
    story: Story | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """How one matter goes; `days` and `answers` are what differs from the ordinary.

    ``opened_days`` counts back from today to its registration. A name with ``#2`` is for
    the second time that an activity opens. ``person`` tells the case of the person whom
    the review names. Of an ``is_overdue_today`` the term ended lately.
    One of the ``same_branch`` is found where the one registered before it was, and those of
    one ``place`` are found at one branch. Where ``served_days`` is given, the notice is served
    so many days before today.
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
    deeds: tuple[Deed, ...] = ()
    same_branch: bool = False
    place: str = ""
    served_days: int | None = None

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
_LABELLED = (Deed("determine", "verify", 10), Deed("determine", "look_back", 5))
_REFERRAL = Deed(
    "beside",
    "verify",
    2,
    "heshi1",
    "referral",
    {
        "referral_found_on": "{today}",
        "referred_person": "{responsible}",
        "referral_matter": "核实时发现草场合同面积与实物不符，疑似虚报",
        "initiating_body": "organisation",
        "led_by_committee": "no",
    },
    Story("referral", 0, "", "", "", days={"feedback": NEVER}),
)
_REMINDED = Deed(
    "remind",
    "plan_review",
    15,
    "fubuzhang",
    values={
        "task": "progress",
        "text": "进展报告将到期，三件可以合并报送",
        "reason": "群众集中反映，等不到下月",
    },
)
_SUPERVISED = Deed(
    "supervise",
    "notice",
    20,
    "jiancha",
    values={"reason": "群众反映整改走形式，纳入督办"},
)
_WHY = Deed(
    "beside",
    "notice",
    70,
    "jiancha",
    "why_not_started",
    {"question": "两次督办均无实质答复，为何未启动责任认定？"},
    Story("why", 0, "", "", "", days={"answer_why": NEVER}),
)
_ADVICE = Deed(
    "beside",
    "notice",
    20,
    "jiancha",
    "discipline_advice",
    {
        "advice_kind": "supervision",
        "letter_no": "苏监建〔演示〕2号",
        "advice": "建立交办事项台账，逐月公示。",
    },
    Story(
        "advice",
        0,
        "",
        "",
        "",
        answers={"advice_receipt": {"advice_received_on": "{today}", "received_by": "{secretary}"}},
        days={"advice_reply": NEVER},
    ),
)
_TOLERANCE = Deed(
    "beside",
    "statement",
    1,
    "",
    "tolerance",
    {
        "requested_by": "himself",
        "tolerance_clause": "force_majeure",
        "request_facts": "整改期内因白灾被抽调救灾二十天，路断不能到村",
        "evidence_list": "抽调通知，救灾值班表",
    },
    Story("tolerance", 0, "", "", "", days={"verify_tolerance": NEVER}),
)
_APPEAL = Deed(
    "beside",
    "adjustment_talk",
    12,
    "",
    "appeal",
    {"appeal_request": "撤销调整决定", "appeal_grounds": "抽调值守属实，未予充分考虑"},
    Story("appeal", 0, "", "", "", days={"hear_appellant": NEVER}),
)
_Make: TypeAlias = Callable[[int, int], Story]


def demo_stories() -> tuple[Story, ...]:
    """Give all matters of the year in the order in which they are registered.

    111 matters; the reviews of four of them open a case about a person each, and five
    cases are opened beside others.
    """
    kinds: tuple[tuple[int, _Make], ...] = (
        (41, _immediate),
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
    """Give the stories that do not go by themselves: 20 of them."""
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
        days_of = {"report#1": NEVER, "progress#1": NEVER}
        yield replace(story, answers=answers, days=days_of, deeds=_LABELLED)
    extended = replace(_story("extended", 1, 240), days={"report#1": NEVER, "report": 20})
    yield replace(extended, deeds=(Deed("recuse", "accept", 1, "yanshou3"),))
    undecided = replace(_story("review_open", 2, 101), days={**_STALLED, "review": NEVER})
    yield replace(undecided, deeds=(_SUPERVISED, _WHY))
    stalled = {**_STALLED, "letter1": NEVER}
    overdue = replace(_story("overdue_today", 3, 92), days=stalled, is_overdue_today=True)
    yield replace(overdue, deeds=(_ADVICE,))
    yield from _attributions()
    yield replace(_story("referred", 3, 75), deeds=(_REFERRAL,))
    # Two registers told of the same facts: a matter and what is merged into it.
    found = replace(_story("found_twice", 9, 41), source="spot_check")
    yield found
    merged = (Deed("merge", REGISTERED, 1, "chengban"),)
    twice = replace(found, opened_days=40, same_branch=True, deeds=merged)
    yield replace(twice, days={"accept": NEVER})
    yield from _owing_at_once()


def _owing_at_once() -> Iterator[Story]:
    """Tell of a branch that owes three reports within a week, and was reminded of one."""
    for number, served_days in enumerate((30, 29, 28)):
        story = _story("owing", number, 47)
        yield replace(
            story,
            answers={"verify": _SERIOUS},
            days={"accept": 1, "verify": 4, **_STALLED},
            deeds=() if number else (_REMINDED,),
            place="owing",
            served_days=served_days,
        )


def _attributions() -> Iterator[Story]:
    """Tell of the four whose stalled rectification leads to a case about a person."""
    lighter: Answer = {"decision_outcome": "criticism"}
    adjusted: Answer = {"proposed_measure": "adjustment"}
    yield _attributed(4, 386, Story("admonished", 0, "", "", ""))
    person = Story("adjusted", 0, "", "", "", answers={"proposal": adjusted}, deeds=(_APPEAL,))
    yield _attributed(5, 330, person)
    yield _attributed(6, 260, Story("lighter", 0, "", "", "", answers={"decision": lighter}))
    undecided = Story("undecided", 0, "", "", "", days={"decision": NEVER}, deeds=(_TOLERANCE,))
    yield _attributed(7, 136, undecided)


def _attributed(number: int, days: int, person: Story) -> Story:
    """Tell of a stalled rectification whose review finds a person responsible."""
    story = _story("attributed", number, days)
    stalled = {"report#1": NEVER, "progress#1": NEVER, "report": 25}
    return replace(story, answers={"review": _ATTRIBUTION}, days=stalled, person=person)
