"""The work desk: what to do now, and what tonight's sweep will do unless somebody acts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for

from webapp.dates import day, day_long
from webapp.forms.given import given_number_if, given_text
from webapp.forms.mergers import TOWARDS
from webapp.gates.permissions import Permission, requires
from webapp.lists.tasks import lines_of
from webapp.sayings import bracketed, gettext, listed
from webapp.words import labels
from webapp.words.errors import explain, sentence_for
from webapp.words.packs import PackWords, speaker_for
from webapp.work import Work, in_transaction
from workflows.domain.errors import Conflict, InvalidInput, NotAllowed
from workflows.queries.desk.home import (
    MOST_MINE,
    Coming,
    free_tasks,
    my_tasks,
    next_deadline,
    tonight,
)
from workflows.queries.secrecy.informants import has_vault
from workflows.queries.staff.delegations import in_force_for
from workflows.queries.tracks.supervisions import works_for_discipline
from workflows.services.desk.errands import errands_at_desk
from workflows.services.desk.follow_ups import due_follow_ups
from workflows.services.desk.holds import MOST_WORKDAYS
from workflows.services.desk.holds import hold as place_hold
from workflows.services.heartbeats import heartbeat_of
from workflows.services.tracks.feedback import owed_soon

blueprint = Blueprint("home", __name__, url_prefix="/home")
SWEEP = "sweep"
_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Forecast:
    """A deadline that passes tonight, in an officer's words."""

    key: str
    case_number: str
    case_url: str
    subject: str
    rule: str
    why: str
    then: str
    rung_after: int | None
    hold_url: str | None
    is_stuck: bool
    was_held: bool


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold that could not be placed: which, what was typed, what is wrong."""

    key: str
    reason: str
    workdays: int
    problem: str


@blueprint.get("")
@requires(Permission.CASES)
@in_transaction
def page(work: Work) -> Any:
    """Show the visitor's own tasks, those he could take, and tonight's sweep."""
    return _page(work)


@blueprint.post("/hold/<case_id>/<path:path>/<int:n>")
@requires(Permission.CASES)
@in_transaction
def hold(work: Work, case_id: str, path: str, n: int) -> Any:
    """Hold a clock for some working days before tonight's sweep, with a reason."""
    reason = given_text("reason", _LONGEST_REASON)
    key = f"{case_id}-{path}-{n}"
    workdays = given_number_if("workdays", 1, MOST_WORKDAYS) or MOST_WORKDAYS
    if not reason:
        problem = gettext("请写明暂缓的理由，理由会记入办理记录。")
        return make_response(_page(work, Hold(key, "", workdays, problem)), 422)
    try:
        with work.session.begin_nested():
            until_on = place_hold(
                work.session,
                work.actor,
                work.now,
                case_id,
                f"{path}#{n}",
                reason=reason,
                workdays=workdays,
            )
    except (NotAllowed, Conflict, InvalidInput) as error:
        status = sentence_for(error).status
        return make_response(_page(work, Hold(key, reason, workdays, explain(error))), status)
    said = gettext("已暂缓，今晚不会升级；至 %(on)s 止，到期自行恢复计时。", on=day(until_on))
    flash(said, "success")
    return redirect(url_for("home.page"))


def _page(work: Work, failed: Hold | None = None) -> str:
    mine = my_tasks(work.session, work.actor, work.today)
    free, since_on = free_tasks(work.session, work.actor, work.today)
    coming = tonight(work.session, work.actor, work.today)
    groups = (
        ("overdue", gettext("已逾期"), lines_of(work, mine.overdue)),
        ("today", gettext("今天到期"), lines_of(work, mine.today)),
        ("week", gettext("本周到期"), lines_of(work, mine.week)),
        ("later", gettext("以后"), lines_of(work, mine.later)),
    )
    escalations = tuple(_forecast(work, each) for each in coming.escalations)
    notes = tuple(_forecast(work, each) for each in coming.notes)
    offered = {each.key for each in (*escalations, *notes) if each.hold_url}
    return render_template(
        "home/page.html",
        # Where its form is gone, because somebody was faster, the page begins with why.
        problem=failed.problem if failed and failed.key not in offered else "",
        groups=groups,
        mine_count=mine.count,
        has_more_mine=mine.count == MOST_MINE,
        free=lines_of(work, free.first.rows, since_on),
        free_count=free.first.count,
        has_more_free=free.first.has_more_than_counted,
        arrived=lines_of(work, free.arrived, since_on),
        since_on=since_on,
        escalations=escalations,
        notes=notes,
        has_more_tonight=coming.has_more,
        next_on=next_deadline(work.session, work.today),
        beat=heartbeat_of(work.session, SWEEP),
        lent=in_force_for(work.session, work.actor, work.today),
        me=work.actor.account_id,
        role_names=lambda roles: listed(labels.role(each) for each in roles),
        errands=errands_at_desk(work.session, work.actor, work.today),
        follow_ups=due_follow_ups(work.session, work.actor, work.today),
        owed=owed_soon(work.session, work.actor, work.today),
        towards=TOWARDS,
        failed=failed,
        most_workdays=MOST_WORKDAYS,
        has_vault=has_vault(work.session, work.actor, work.today),
        for_discipline=works_for_discipline(work.session, work.actor),
    )


def _forecast(work: Work, coming: Coming) -> Forecast:
    case, clock = coming.case, coming.clock
    speak = speaker_for(work.session, case.pack_hash)
    place: dict[str, Any] = {"case_id": case.id, "path": clock.path, "n": clock.n}
    person, organisation = coming.person, coming.organisation
    return Forecast(
        key=f"{case.id}-{clock.path}-{clock.n}",
        case_number=case.number,
        case_url=url_for("cases.page", case_id=case.id),
        subject=bracketed(person, organisation) if person else organisation,
        rule=speak.rule(clock.rule),
        why=_why(coming, speak),
        then=_then(coming, speak),
        rung_after=coming.rung if coming.rung != case.rung else None,
        hold_url=url_for("home.hold", **place) if coming.may_hold else None,
        is_stuck=coming.is_stuck,
        was_held=coming.was_held,
    )


def _why(coming: Coming, speak: PackWords) -> str:
    """Say which deadline it is and what has not been done."""
    on = day_long(coming.clock.due_on)
    if coming.unfinished is None:
        return gettext("至 %(on)s 24 时届满。", on=on)
    task = coming.unfinished
    who = task.claimant or gettext("无人领取")
    return gettext(
        "“%(task)s”（%(office)s，%(who)s）至 %(on)s 24 时仍未办结。",
        task=speak.activity(task.activity),
        office=task.office,
        who=who,
        on=on,
    )


def _then(coming: Coming, speak: PackWords) -> str:
    """Say what the sweep will do."""
    if coming.is_stuck:
        return gettext("多次未能自动推进，须系统管理员处理。")
    if coming.opens:
        opened = listed(speak.activity(each) for each in coming.opens)
        if coming.rung and coming.rung != coming.case.rung:
            return gettext(
                "升至“%(rung)s”，打开“%(tasks)s”。", rung=labels.rung(coming.rung), tasks=opened
            )
        return gettext("自动打开“%(tasks)s”。", tasks=opened)
    if coming.ends:
        return gettext("案件自动办结。")
    if coming.rung and coming.rung != coming.case.rung:
        return gettext("升至“%(rung)s”。", rung=labels.rung(coming.rung))
    return gettext("只记录未按期，不打开新任务。")
