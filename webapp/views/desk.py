"""What somebody does with a case beside its tasks: comment, look again, take back."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for

from webapp.addresses import own_address
from webapp.dates import day, read_day
from webapp.forms.outcomes import tell_outcome
from webapp.gates.permissions import Permission, requires
from webapp.gates.recusals import open_door
from webapp.sayings import gettext
from webapp.work import Work, in_transaction
from workflows.services.desk import comments, errands, follow_ups, undoing

blueprint = Blueprint("desk", __name__, url_prefix="/cases")


@blueprint.post("/<case_id>/comments")
@requires(Permission.CASES)
@in_transaction
def comment(work: Work, case_id: str) -> Any:
    """Write a comment into the case's records."""
    open_door(work, case_id)
    with tell_outcome(work, gettext("备注已记入办理记录，一分钟内可以撤回。")):
        text = request.form.get("comment", "")
        comments.comment(work.session, work.actor, work.now, case_id, text)
    return redirect(url_for("cases.page", case_id=case_id))


@blueprint.post("/<case_id>/follow-up")
@requires(Permission.CASES)
@in_transaction
def follow_up(work: Work, case_id: str) -> Any:
    """Keep the day on which the visitor wants to look at the case again."""
    open_door(work, case_id)
    look_on = read_day(request.form.get("look_on", "")) or date.min
    with tell_outcome(work, gettext("到 %(on)s，工作台会提醒您再看本案。", on=day(look_on))):
        note = request.form.get("note", "")
        follow_ups.follow_up(work.session, work.actor, work.now, case_id, look_on, note)
    return redirect(url_for("cases.page", case_id=case_id))


@blueprint.post("/<case_id>/follow-up/forget")
@requires(Permission.CASES)
@in_transaction
def forget(work: Work, case_id: str) -> Any:
    """Forget that the visitor wanted to look at the case again."""
    follow_ups.forget_follow_up(work.session, work.actor, case_id)
    flash(gettext("已取消再看日期。"), "success")
    back = own_address(request.form.get("next")) or url_for("cases.page", case_id=case_id)
    return redirect(back)


@blueprint.post("/errands/<int:errand_id>/done")
@requires(Permission.CASES)
@in_transaction
def errand_done(work: Work, errand_id: int) -> Any:
    """End what a meeting gave the visitor or his office to do."""
    case_id = errands.case_of(work.session, errand_id)
    open_door(work, case_id)
    with tell_outcome(work, gettext("已办结这项交办，办理情况已记入案件。")):
        text = request.form.get("done", "")
        errands.finish(work.session, work.actor, work.now, errand_id, text)
    back = own_address(request.form.get("next")) or url_for("cases.page", case_id=case_id)
    return redirect(back)


@blueprint.post("/<case_id>/undo/<int:seq>")
@requires(Permission.CASES)
@in_transaction
def undo(work: Work, case_id: str, seq: int) -> Any:
    """Take back what the visitor did in the case within the last minute."""
    open_door(work, case_id)
    with tell_outcome(work) as outcome:
        last = undoing.undo(work.session, work.actor, work.now, case_id, seq)
        outcome.said = (
            gettext("备注已撤回。")
            if last.is_comment
            else gettext("已撤回刚才的办理，案件回到办理前；填写的内容留作草稿。")
        )
    return redirect(url_for("cases.page", case_id=case_id))
