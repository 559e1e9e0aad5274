"""Merging matters and taking them apart, and what is owed to those that they came from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from wtforms.fields import SelectChoice

from webapp.forms.given import given_choice, given_day
from webapp.forms.mergers import MERGE_STATES, TOWARDS, DutyForm, MergeForm
from webapp.forms.outcomes import tell_outcome
from webapp.gates.permissions import Permission, requires
from webapp.sayings import gettext
from webapp.words.packs import PackWords
from webapp.work import Work, in_transaction
from workflows.domain.errors import DubanError, NotFound
from workflows.domain.merging import MergeState
from workflows.queries.case.matter_page import MatterPage, matter_page
from workflows.queries.tracks.mergers import Merger, could_merge
from workflows.services.packs import current_pack
from workflows.services.tracks.feedback import NOTING_ROLES, give_feedback, note_duty
from workflows.services.tracks.merging import (
    ASKING_ROLES,
    DECIDING_ROLES,
    ask_merge,
    decide_merge,
    undo_merge,
)
from workflows.store.tables import MatterMerge

blueprint = Blueprint("mergers", __name__, url_prefix="/matters/<matter_id>")


@blueprint.get("/merger")
@requires(Permission.CASES)
@in_transaction
def page(work: Work, matter_id: str) -> Any:
    """Show what a matter was merged with and what is owed to its source."""
    found = matter_page(work.session, matter_id, work.today)
    return _page(work, found, _merge_form(work, found), DutyForm(formdata=None))


@blueprint.post("/merger")
@requires(Permission.CASES)
@in_transaction
def ask(work: Work, matter_id: str) -> Any:
    """Merge a matter into another one, or ask for it."""
    found = matter_page(work.session, matter_id, work.today)
    form = _merge_form(work, found)
    if not form.validate_on_submit():
        return make_response(_page(work, found, form, DutyForm(formdata=None)), 422)

    def act() -> str:
        row: MatterMerge = ask_merge(
            work.session, work.actor, work.now, matter_id, form.into.data, form.reason.data
        )
        if row.state == MergeState.MERGED:
            return gettext("已并案，本事项的案件停办，期限停止计算。")
        return gettext("已提出并案，由另一位分管领导或者主要负责人同意后生效。")

    return _attempt(work, matter_id, act)


@blueprint.post("/merger/<merge_id>")
@requires(Permission.CASES)
@in_transaction
def decide(work: Work, matter_id: str, merge_id: str) -> Any:
    """Agree to a merger, refuse it, or take the matters apart again."""
    _refuse_other(matter_page(work.session, matter_id, work.today), merge_id)
    decision = given_choice("decision", ("undo", "agree", "refuse"))
    reason = request.form.get("reason", "")
    known = (work.session, work.actor, work.now, merge_id)

    def act() -> str:
        if decision == "undo":
            undo_merge(*known, reason)
            return gettext("已拆分，原案件续办，期限按剩余时间继续计算。")
        decide_merge(*known, agreed=decision == "agree", reason=reason)
        return gettext("已并案。") if decision == "agree" else gettext("已不同意并案。")

    return _attempt(work, matter_id, act)


@blueprint.post("/feedback")
@requires(Permission.CASES)
@in_transaction
def owe(work: Work, matter_id: str) -> Any:
    """Note to whom the result of a matter is owed."""
    found = matter_page(work.session, matter_id, work.today)
    form = DutyForm()
    if not form.validate_on_submit():
        return make_response(_page(work, found, _merge_form(work, found), form), 422)

    def act() -> str:
        note_duty(
            work.session,
            work.actor,
            work.now,
            matter_id,
            towards=form.towards.data,
            document=form.document.data or "",
            due_on=form.due_on.data,
        )
        return gettext("已登记反馈责任。")

    return _attempt(work, matter_id, act)


@blueprint.post("/feedback/<int:duty_id>")
@requires(Permission.CASES)
@in_transaction
def given(work: Work, matter_id: str, duty_id: int) -> Any:
    """Note that a source was told the result."""
    found = matter_page(work.session, matter_id, work.today)
    if duty_id not in {each.duty.id for each in found.feedback}:
        raise NotFound(what="feedback", key=str(duty_id))

    def act() -> str:
        give_feedback(
            work.session,
            work.actor,
            work.now,
            duty_id,
            given_on=given_day("given_on") or work.today,
            document=request.form.get("document", ""),
        )
        return gettext("已登记反馈。")

    return _attempt(work, matter_id, act)


def _refuse_other(found: MatterPage, merge_id: str) -> None:
    if merge_id not in {each.row.id for each in found.mergers}:
        raise NotFound(what="merger", key=merge_id)


def _merge_form(work: Work, found: MatterPage) -> MergeForm:
    form = MergeForm()
    speak = PackWords(current_pack(work.session, work.today))
    offered = (
        SelectChoice(
            each.id,
            f"{each.number} {speak.value('source', each.source)} "
            f"{speak.value('problem_type', each.problem_type)} {each.summary[:30]}",
        )
        for each in could_merge(work.session, found.matter)
    )
    form.into.choices = [SelectChoice("", "—"), *offered]
    return form


def _page(work: Work, found: MatterPage, form: MergeForm, duty: DutyForm) -> str:
    serves, path = work.actor.serves, found.matter.org_path
    is_busy = any(each.row.state in ("asked", "merged") for each in found.mergers)
    may_ask = serves(ASKING_ROLES, path) is not None
    return render_template(
        "matters/merger.html",
        found=found,
        matter=found.matter,
        form=form if may_ask and not is_busy and len(form.into.choices) > 1 else None,
        duty=duty if serves(NOTING_ROLES, path) else None,
        may_decide=lambda each: _may_decide(work, each),
        may_undo=lambda each: _may_undo(work, each),
        speak=PackWords(current_pack(work.session, work.today)),
        towards=TOWARDS,
        states=MERGE_STATES,
    )


def _may_decide(work: Work, each: Merger) -> bool:
    is_his = each.row.asked_by == work.actor.account_id
    leads = work.actor.serves(DECIDING_ROLES, each.into.org_path) is not None
    return each.row.state == MergeState.ASKED and leads and not is_his


def _may_undo(work: Work, each: Merger) -> bool:
    roles = DECIDING_ROLES if each.took_two else ASKING_ROLES
    may = work.actor.serves(roles, each.into.org_path) is not None
    return each.row.state == MergeState.MERGED and may


def _attempt(work: Work, matter_id: str, act: Callable[[], str]) -> Any:
    with tell_outcome(work, refused=(DubanError,)) as outcome:
        outcome.said = act()
    return redirect(url_for("mergers.page", matter_id=matter_id))
