"""Changes of an organisation: a post changes hands, a unit is merged into another one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from wtforms.fields import SelectChoice

from webapp.forms.given import given_day
from webapp.forms.organisations import HandoverForm, SuccessionForm
from webapp.forms.outcomes import tell_outcome
from webapp.gates.permissions import Permission, requires
from webapp.sayings import bracketed, gettext
from webapp.work import Work, in_transaction
from workflows.domain.errors import DubanError, NotFound
from workflows.queries.organisations.changes import (
    handovers_of,
    held_posts,
    possible_successors,
    predecessors_of,
    successor_of,
)
from workflows.queries.organisations.finding import people_like
from workflows.queries.organisations.page import organisation_seen
from workflows.queries.organisations.posts import post_at
from workflows.services.staff.handing_over import HANDING_OVER_ROLES, hand_over, sign_handover
from workflows.services.tracks.succeeding import SUCCEEDING_ROLES, succeed
from workflows.store.tables import Organisation

blueprint = Blueprint(
    "organisation_changes", __name__, url_prefix="/organisations/<organisation_id>/changes"
)


@blueprint.get("")
@requires(Permission.CASES)
@in_transaction
def page(work: Work, organisation_id: str) -> Any:
    """Show the changes of an organisation, with forms for those entitled."""
    found = organisation_seen(work.session, work.actor, organisation_id)
    return _page(work, found, _handover_form(work, found), _succession_form(work, found))


@blueprint.post("/posts")
@requires(Permission.CASES)
@in_transaction
def hand(work: Work, organisation_id: str) -> Any:
    """Let a post pass to somebody else, or fall vacant."""
    found = organisation_seen(work.session, work.actor, organisation_id)
    form = _handover_form(work, found)
    if form is None or not form.validate_on_submit():
        return make_response(_page(work, found, form, _succession_form(work, found)), 422)

    def act() -> str:
        row = hand_over(
            work.session,
            work.actor,
            work.now,
            int(form.tenure.data),
            first_on=form.first_on.data,
            to_person_id=form.to.data or None,
            document=form.document.data or "",
            remark=form.remark.data or "",
        )
        return gettext("已登记，随职务移交 %(count)s 项待办。", count=row.moved)

    return _attempt(organisation_id, work, act)


@blueprint.post("/posts/<handover_id>")
@requires(Permission.CASES)
@in_transaction
def sign(work: Work, organisation_id: str, handover_id: str) -> Any:
    """Note that both signed the hand-over."""
    found = organisation_seen(work.session, work.actor, organisation_id)
    if handover_id not in {each.row.id for each in handovers_of(work.session, found)}:
        raise NotFound(what="handover", key=handover_id)

    def act() -> str:
        sign_handover(
            work.session,
            work.actor,
            work.now,
            handover_id,
            signed_on=given_day("signed_on") or work.today,
            document=request.form.get("document", ""),
            witness=request.form.get("witness", ""),
        )
        return gettext("已登记交接签字。")

    return _attempt(organisation_id, work, act)


@blueprint.post("/successor")
@requires(Permission.CASES)
@in_transaction
def merge(work: Work, organisation_id: str) -> Any:
    """Merge a unit into another one, which takes its open cases."""
    found = organisation_seen(work.session, work.actor, organisation_id)
    form = _succession_form(work, found)
    if form is None or not form.validate_on_submit():
        return make_response(_page(work, found, _handover_form(work, found), form), 422)

    def act() -> str:
        passed = succeed(
            work.session,
            work.actor,
            work.now,
            organisation_id,
            successor_id=form.successor.data,
            on=form.on.data,
            document=form.document.data or "",
        )
        return gettext("已登记撤并，%(count)s 件在办案件转由承继单位办理。", count=passed)

    return _attempt(organisation_id, work, act)


def _handover_form(work: Work, found: Organisation) -> HandoverForm | None:
    posts = held_posts(work.session, found)
    if not posts or work.actor.serves(HANDING_OVER_ROLES, found.path) is None:
        return None
    form = HandoverForm()
    form.tenure.choices = [
        SelectChoice("", "—"),
        *(
            SelectChoice(str(each.tenure.id), f"{post} {each.person}")
            for each in posts
            for post in [post_at(each.place, each.tenure.post)]
        ),
    ]
    wanted = request.args.get("q", "").strip()[:20]
    people = people_like(work.session, wanted, found.path, work.today)
    form.to.choices = [
        SelectChoice("", gettext("暂缺")),
        *(SelectChoice(each.id, each.label) for each in people),
    ]
    return form


def _succession_form(work: Work, found: Organisation) -> SuccessionForm | None:
    is_unit = found.kind == "unit" and found.until_on is None
    if not is_unit or work.actor.serves(SUCCEEDING_ROLES, found.path) is None:
        return None
    form = SuccessionForm()
    form.successor.choices = [
        SelectChoice("", "—"),
        *(
            SelectChoice(each.id, bracketed(each.name, each.code))
            for each in possible_successors(work.session, found)
        ),
    ]
    return form


def _page(
    work: Work,
    found: Organisation,
    handover: HandoverForm | None,
    succession: SuccessionForm | None,
) -> str:
    may_sign = work.actor.serves(HANDING_OVER_ROLES, found.path) is not None
    return render_template(
        "organisations/changes.html",
        organisation=found,
        handover=handover,
        succession=succession,
        may_sign=may_sign,
        lines=handovers_of(work.session, found),
        successor=successor_of(work.session, found),
        predecessors=predecessors_of(work.session, found),
        wanted=request.args.get("q", "").strip()[:20],
    )


def _attempt(organisation_id: str, work: Work, act: Callable[[], str]) -> Any:
    with tell_outcome(work, refused=(DubanError,)) as outcome:
        outcome.said = act()
    return redirect(url_for("organisation_changes.page", organisation_id=organisation_id))
