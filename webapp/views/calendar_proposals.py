"""Changes of the calendar that move deadlines: what they do now, and a second person's decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext

from webapp.gates.permissions import Permission, requires
from webapp.screens.calendar import KINDS, shown_effect
from webapp.words.errors import explain, sentence_for
from webapp.work import Work, in_transaction
from workflows.domain.errors import DubanError
from workflows.queries.versions.calendars import ProposalRow, proposal_row
from workflows.services.access import is_same_person
from workflows.services.versions import calendar_proposals
from workflows.services.versions.calendar_changes import (
    EffectChanged,
    NothingChanges,
    effect_of,
)
from workflows.store.tables import CalendarProposal

blueprint = Blueprint(
    "calendar_proposals", __name__, url_prefix="/administration/calendar/proposals"
)


@blueprint.get("/<int:proposal_id>")
@requires(Permission.ADMINISTRATION)
@in_transaction
def page(work: Work, proposal_id: int) -> Any:
    """Show a change that was put forward, and while it waits what it would do now."""
    return _page(work, proposal_id)


@blueprint.post("/<int:proposal_id>/approve")
@requires(Permission.CALENDAR_APPROVE)
@in_transaction
def approve(work: Work, proposal_id: int) -> Any:
    """Put it in force with the effect that the page showed; shown anew if it is another by now."""
    asked = request.form
    try:
        calendar_proposals.approve(
            work.session,
            work.actor,
            work.now,
            proposal_id,
            seen=asked.get("seen", ""),
            is_confirmed=asked.get("confirmed") == "1",
        )
    except (EffectChanged, calendar_proposals.EffectUnconfirmed, NothingChanges) as error:
        return make_response(_page(work, proposal_id, error), sentence_for(error).status)
    flash(gettext("已批准，日历立即生效，有关期限在下一次巡检时重新计算。"), "success")
    return redirect(url_for("calendar_proposals.page", proposal_id=proposal_id))


@blueprint.post("/<int:proposal_id>/refuse")
@requires(Permission.CALENDAR_APPROVE)
@in_transaction
def refuse(work: Work, proposal_id: int) -> Any:
    """Refuse it, with a reason."""
    told = gettext("已退回，理由已记录。")
    return _decided(work, proposal_id, calendar_proposals.refuse, told)


@blueprint.post("/<int:proposal_id>/withdraw")
@requires(Permission.CALENDARS)
@in_transaction
def withdraw(work: Work, proposal_id: int) -> Any:
    """Take it back."""
    return _decided(work, proposal_id, calendar_proposals.withdraw, gettext("已撤回。"))


def _decided(
    work: Work, proposal_id: int, decide: Callable[..., CalendarProposal], told: str
) -> Any:
    """Do what needs a reason, say so, and show the change."""
    decide(work.session, work.actor, work.now, proposal_id, request.form.get("reason", ""))
    flash(told, "success")
    return redirect(url_for("calendar_proposals.page", proposal_id=proposal_id))


def _page(work: Work, proposal_id: int, problem: DubanError | None = None) -> str:
    row = proposal_row(work.session, proposal_id)
    proposal = row.proposal
    return render_template(
        "administration/calendar_proposal.html",
        row=row,
        proposal=proposal,
        kinds=KINDS,
        problem=explain(problem) if problem else "",
        is_own=is_same_person(work.session, work.actor, proposal.submitted_by),
        is_submitter=proposal.submitted_by == work.actor.account_id,
        **(_now(work, row) if proposal.state == "waiting" else {}),
    )


def _now(work: Work, row: ProposalRow) -> dict[str, Any]:
    """Give what the change would do now, and how that differs from when it was put forward."""
    try:
        found = effect_of(work.session, work.today, row.change)
    except NothingChanges:
        return {"effect": None}
    before = row.proposal.effect["dates"]
    since = {each.key for each in found.moved if before.get(each.key) != each.new_on.isoformat()}
    return {
        **shown_effect(work, found),
        "differs": found.digest != row.proposal.sha256,
        "since": since,
        "gone": len(before.keys() - {each.key for each in found.moved}),
    }
