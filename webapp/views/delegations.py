"""Acting for somebody else: what is lent to whom, made, approved and taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length

from webapp.forms.day_field import DayField
from webapp.forms.outcomes import tell_outcome
from webapp.gates.permissions import Permission, requires
from webapp.languages import language
from webapp.papers.handover_sheet import handover_paper
from webapp.papers.making import paper_answer
from webapp.papers.official import OfficialPaper
from webapp.sayings import gettext
from webapp.words import labels
from webapp.words.errors import explain
from webapp.work import Work, in_transaction
from workflows.domain.errors import DubanError, InvalidInput, NotAllowed
from workflows.domain.roles import ADMINISTRATORS
from workflows.queries.organisations.finding import organisations_at
from workflows.queries.papers.handover_sheet import delegation_seen, sheet_of
from workflows.queries.staff.delegations import delegations_of, substitutes_at
from workflows.queries.staff.staffing import duties_of
from workflows.services.access import load_actor
from workflows.services.installation import installation_of
from workflows.services.packs import pack_in_force
from workflows.services.staff import delegating

blueprint = Blueprint("delegations", __name__, url_prefix="/delegations")


class DelegationForm(FlaskForm):
    """Who acts for the visitor, in which roles, where, until when."""

    account = SelectField(_l("代办人"), [InputRequired(_l("请选择代办人。"))])
    roles = SelectMultipleField(_l("委托的角色"), [InputRequired(_l("请选择角色。"))])
    place = SelectField(_l("范围"), [InputRequired(_l("请选择范围。"))])
    only_process = SelectField(_l("仅限流程"), description=_l("可以不选，表示全部流程。"))
    from_on = DayField(_l("自"), [InputRequired(_l("请填写起始日期。"))])
    until_on = DayField(_l("至"), [InputRequired(_l("请填写截止日期。"))])
    instrument = StringField(
        _l("文号"),
        [Length(max=120)],
        description=_l("填交接单的，可以不填，用交接单的号。"),
    )


@blueprint.get("/")
@requires(Permission.DELEGATIONS)
@in_transaction
def page(work: Work) -> Any:
    """List what the visitor lends and uses, with the form to lend."""
    return _page(work, _form(work))


@blueprint.post("/")
@requires(Permission.DELEGATIONS)
@in_transaction
def lend(work: Work) -> Any:
    """Let somebody act for the visitor."""
    form, by_sheet = _form(work), "sheet" in request.form
    if form.validate_on_submit():
        bounds = delegating.Bounds(
            form.from_on.data,
            form.until_on.data,
            form.instrument.data or "",
            _activities(work, form.only_process.data),
        )
        try:
            with work.session.begin_nested():
                if by_sheet and not (bounds.instrument or "").strip():
                    number = delegating.sheet_number(work.session, work.actor, work.now)
                    bounds = replace(bounds, instrument=number)
                key = delegating.lend_roles(
                    work.session,
                    work.actor,
                    work.now,
                    lender_id=work.actor.account_id,
                    account_id=form.account.data,
                    roles=form.roles.data,
                    organisation_id=form.place.data,
                    bounds=bounds,
                )
        except (InvalidInput, NotAllowed) as error:
            form.instrument.errors = [explain(error)]
        else:
            flash(gettext("已委托，到期自行终止。"), "success")
            if by_sheet:
                return redirect(url_for("delegations.sheet", delegation_id=key))
            return redirect(url_for("delegations.page"))
    return make_response(_page(work, form), 422)


@blueprint.get("/<delegation_id>/sheet")
@requires(Permission.DELEGATIONS)
@in_transaction
def sheet(work: Work, delegation_id: str) -> Any:
    """Show the sheet of a hand-over as it stands today, to be signed by both."""
    paper = _sheet(work, delegation_id)
    return render_template("delegations/sheet.html", paper=paper, key=delegation_id)


@blueprint.post("/<delegation_id>/sheet")
@requires(Permission.DELEGATIONS)
@in_transaction
def sheet_file(work: Work, delegation_id: str) -> Any:
    """Hand out the sheet of a hand-over as docx or PDF."""
    return paper_answer(_sheet(work, delegation_id), work.now)


def _sheet(work: Work, key: str) -> OfficialPaper:
    lent = delegation_seen(work.session, work.actor, key)
    lender = load_actor(work.session, lent.row.from_account_id or "", work.today)
    found = sheet_of(work.session, lender)
    is_real = installation_of(work.session).mode == "production"
    return handover_paper(work, lent, found, is_real=is_real)


@blueprint.post("/<delegation_id>/approve")
@requires(Permission.GRANTS)
@in_transaction
def approve(work: Work, delegation_id: str) -> Any:
    """Put a borrowing in force, as the security administrator."""
    act = delegating.approve_borrowing
    return _decide(work, delegation_id, act, gettext("已批准借调，立即生效。"))


@blueprint.post("/<delegation_id>/revoke")
@requires(Permission.DELEGATIONS)
@in_transaction
def revoke(work: Work, delegation_id: str) -> Any:
    """Take back a delegation or borrowing at once."""
    return _decide(work, delegation_id, delegating.revoke, gettext("已收回，立即生效。"))


def _decide(work: Work, key: str, act: Any, said: str) -> Any:
    with tell_outcome(work, said, (DubanError,)):
        act(work.session, work.actor, work.now, key)
    return redirect(url_for("delegations.page"))


def _page(work: Work, form: DelegationForm) -> str:
    return render_template(
        "delegations/page.html",
        form=form,
        lent=delegations_of(work.session, work.actor),
        me=work.actor.account_id,
        may_lend=bool(form.roles.choices),
        day=work.today,
    )


def _form(work: Work) -> DelegationForm:
    form = DelegationForm(from_on=work.today)
    own = [grant for grant in work.actor.grants if grant.role not in ADMINISTRATORS]
    form.roles.choices = [
        (role, labels.role(role)) for role in sorted({grant.role for grant in own})
    ]
    places = organisations_at(work.session, {grant.org_path for grant in own})
    form.place.choices = [(place.id, place.name) for place in places]
    substitutes = substitutes_at(
        work.session, sorted({grant.unit_path for grant in own}), work.actor.account_id
    )
    form.account.choices = [("", "—"), *((each.id, each.label) for each in substitutes)]
    pack = pack_in_force(work.session, work.today)
    names = sorted(pack.processes) if pack else []
    form.only_process.choices = [
        ("", gettext("不限")),
        *((name, pack.name("process", name, language())) for name in names if pack),
    ]
    return form


def _activities(work: Work, process: str | None) -> list[str]:
    """Give the steps of a process and of all that it calls; none for all processes."""
    pack = pack_in_force(work.session, work.today)
    if not process or pack is None or process not in pack.processes:
        return []
    definition = pack.processes[process]
    return sorted({duty.activity for duty in duties_of(definition)})
