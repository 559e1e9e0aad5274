"""The responsibility list of an organisation: its lines, added, changed, ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from webapp.dates import read_day
from webapp.forms.outcomes import tell_outcome
from webapp.gates.permissions import Permission, requires
from webapp.sayings import gettext
from webapp.work import Work, in_transaction
from workflows.queries.organisations.page import organisation_seen
from workflows.queries.staff.responsibility import responsibility_list
from workflows.services.staff.responsibility import (
    LISTING_ROLES,
    DutyIncomplete,
    Line,
    add_duty,
    change_duty,
    end_duty,
)

blueprint = Blueprint(
    "responsibility", __name__, url_prefix="/organisations/<organisation_id>/duties"
)


@blueprint.get("")
@requires(Permission.CASES)
@in_transaction
def page(work: Work, organisation_id: str) -> Any:
    """Show the list, with forms for those entitled."""
    found = organisation_seen(work.session, work.actor, organisation_id)
    return render_template(
        "organisations/duties.html",
        organisation=found,
        lines=responsibility_list(work.session, found, work.today),
        may_list=work.actor.serves(LISTING_ROLES, found.path) is not None,
    )


@blueprint.post("")
@requires(Permission.CASES)
@in_transaction
def add(work: Work, organisation_id: str) -> Any:
    """List a duty."""
    organisation_seen(work.session, work.actor, organisation_id)
    return _attempt(
        work,
        organisation_id,
        gettext("已列入责任清单。"),
        lambda: add_duty(work.session, work.actor, work.now, organisation_id, _line()),
    )


@blueprint.post("/<int:duty_id>/change")
@requires(Permission.CASES)
@in_transaction
def change(work: Work, organisation_id: str, duty_id: int) -> Any:
    """Let a duty read otherwise from a day on."""
    organisation_seen(work.session, work.actor, organisation_id)
    return _attempt(
        work,
        organisation_id,
        gettext("已修改：原条目到前一日为止，新条目自该日起。"),
        lambda: change_duty(work.session, work.actor, work.now, duty_id, _line()),
    )


@blueprint.post("/<int:duty_id>/end")
@requires(Permission.CASES)
@in_transaction
def end(work: Work, organisation_id: str, duty_id: int) -> Any:
    """End a duty."""
    organisation_seen(work.session, work.actor, organisation_id)

    def act() -> None:
        basis = request.form.get("basis", "")
        end_duty(work.session, work.actor, work.now, duty_id, _day("until_on"), basis)

    return _attempt(work, organisation_id, gettext("已登记终止日期。"), act)


def _line() -> Line:
    post, content, basis = (request.form.get(name, "") for name in ("post", "content", "basis"))
    return Line(post, content, basis, _day("from_on"))


def _day(name: str) -> date:
    found = read_day(request.form.get(name, ""))
    if found is None:
        raise DutyIncomplete
    return found


def _attempt(work: Work, organisation_id: str, said: str, act: Callable[[], object]) -> Any:
    with tell_outcome(work, said):
        act()
    return redirect(url_for("responsibility.page", organisation_id=organisation_id))
