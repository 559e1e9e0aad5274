"""The agenda of a meeting (调度会议题单): on its page, and the decisions that are typed there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from flask import render_template, request, url_for

from webapp.dates import day, day_long, read_day
from webapp.forms.given import given_day
from webapp.gates.recusals import enter_ticked
from webapp.sayings import gettext, listed
from webapp.words.errors import explain
from webapp.words.packs import speaker_for
from webapp.work import Work, begin_work, writing_sessions
from workflows.domain.errors import DubanError
from workflows.queries.desk.agenda import MOST_CASES, Agenda, AgendaItem, Group
from workflows.queries.reports.overview import Place
from workflows.services.desk.errands import Addressee, ErrandLine, directory, errands_in
from workflows.services.desk.meetings import Decision, Meeting, decide
from workflows.store.transaction import transaction


@dataclass(frozen=True, slots=True)
class Topic:
    """A case to speak of, in an officer's words, with what was typed and what came of it."""

    id: str
    number: str
    url: str
    organisation: str
    problem: str
    group: Group
    standing: tuple[str, ...]
    last: str
    follow: str
    given: tuple[str, ...]
    proposal: str
    to: tuple[Addressee, ...]
    chosen: str
    typed: dict[str, str]
    problem_said: str = ""
    is_done: bool = False


_FIELDS = ("take", "text", "to", "due", "nothing")


def group_name(group: Group) -> str:
    """Name why cases are spoken of."""
    if group is Group.OVERDUE:
        return gettext("已逾期")
    return gettext("待研究决定") if group is Group.UNDECIDED else gettext("临近到期")


def topics(work: Work, found: Agenda, results: dict[str, str] | None = None) -> Iterator[Topic]:
    """Write down the cases to speak of; ``results`` are what went wrong with typed decisions."""
    known = directory(work.session, {item.org_path for item in found.items})
    given: dict[str, list[str]] = {}
    for each in errands_in(work.session, work.actor, [item.case_id for item in found.items]):
        given.setdefault(each.row.case_id, []).append(_given(each))
    for item in found.items:
        offices = dict.fromkeys(each.office_id for each in item.pending)
        topic = _topic(work, item, (results or {}).get(item.case_id))
        to = known.for_case(item.org_path, offices)
        chosen = topic.typed["to"] or (to[0].key if to else "")
        given_before = tuple(given.get(item.case_id, ()))
        yield replace(topic, to=to, chosen=chosen, given=given_before)


def _given(errand: ErrandLine) -> str:
    """Write what an earlier meeting gave somebody to do and is not done."""
    return gettext(
        "%(what)s（%(who)s，%(on)s 前）",
        what=errand.row.text,
        who=errand.who,
        on=day(errand.row.due_on),
    )


def _topic(work: Work, item: AgendaItem, problem: str | None) -> Topic:
    speak = speaker_for(work.session, item.pack_hash)
    names = listed(dict.fromkeys(speak.activity(each.activity) for each in item.pending))
    offices = listed(dict.fromkeys(each.office for each in item.pending))
    standing = [
        gettext("“%(task)s”，%(office)s", task=speak.activity(each.activity), office=each.office)
        + (gettext("，期限 %(on)s", on=day_long(each.due_on)) if each.due_on else "")
        for each in item.pending
    ]
    if item.term_over_on:
        standing.insert(0, gettext("整改期限 %(on)s已过", on=day_long(item.term_over_on)))
    last = gettext("还没有人办过")
    if item.last:
        last = f"{day(item.last.on)} {speak.activity(item.last.activity)}"
    return Topic(
        id=item.case_id,
        number=item.number,
        url=url_for("cases.page", case_id=item.case_id),
        organisation=item.organisation,
        problem=speak.value("problem_type", item.problem_type),
        group=item.group,
        standing=tuple(standing),
        last=last,
        follow=f"{day(item.follow[0])} {item.follow[1]}" if item.follow else "",
        given=(),
        proposal=_proposal(item.group, names, offices),
        to=(),
        chosen="",
        typed={each: request.form.get(f"{each}-{item.case_id}", "") for each in _FIELDS},
        problem_said=problem or "",
        is_done=problem == "",
    )


def _proposal(group: Group, tasks: str, offices: str) -> str:
    if group is Group.OVERDUE:
        return gettext(
            "请%(offices)s说明逾期原因，限期办结“%(tasks)s”；确需延期的，按程序报批。",
            offices=offices,
            tasks=tasks,
        )
    if group is Group.UNDECIDED:
        return gettext("请%(offices)s就“%(tasks)s”研究并作出决定。", offices=offices, tasks=tasks)
    return gettext("请%(offices)s在期限内办结“%(tasks)s”。", offices=offices, tasks=tasks)


def meeting_page(
    work: Work, place: Place, found: Agenda, results: dict[str, str] | None = None
) -> str:
    """Show the agenda, with what came of decisions that were typed."""
    shown = list(topics(work, found, results))
    return render_template(
        "overview/meeting.html",
        found=found,
        place=place,
        groups=[
            (group_name(group), [each for each in shown if each.group is group])
            for group in Group
            if any(each.group is group for each in shown)
        ],
        meeting_on=request.form.get("meeting_on", work.today.isoformat()),
        minutes=request.form.get("minutes", ""),
        done=sum(not said for said in results.values()) if results else 0,
        wrong=sum(bool(said) for said in results.values()) if results else 0,
        is_sent=results is not None,
        is_free=request.form.get("bond") == "none",
    )


def keep_decisions() -> dict[str, str]:
    """Write each decision that was ticked, each by itself; give what went wrong, by case."""
    ticked = [name.partition("-")[2] for name in request.form if name.startswith("take-")]
    return {case_id: _keep(case_id) for case_id in ticked[:MOST_CASES]}


def _keep(case_id: str) -> str:
    def value(name: str) -> str:
        return request.form.get(f"{name}-{case_id}", "").strip()

    meeting_on = read_day(request.form.get("meeting_on", ""))
    try:
        with transaction(writing_sessions()) as session:
            work: Any = begin_work(session)
            enter_ticked(work, case_id, is_free=request.form.get("bond") == "none")
            meeting = Meeting(
                meeting_on or work.today,
                request.form.get("minutes", "").strip() if meeting_on else "",
            )
            decision = Decision(
                case_id,
                value("text"),
                value("to")[:40],
                given_day(f"due-{case_id}"),
                is_nothing=bool(value("nothing")),
            )
            decide(session, work.actor, work.now, meeting, decision)
    except DubanError as error:
        return explain(error)
    return ""
