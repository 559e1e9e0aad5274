"""Registering that somebody asked about a case; few may read what was registered."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from webapp.forms.day_field import DayField
from webapp.forms.given import given_choice
from webapp.forms.outcomes import tell_outcome
from webapp.gates.permissions import Permission, requires
from webapp.sayings import gettext
from webapp.words.errors import explain
from webapp.work import Work, in_transaction
from workflows.domain.errors import InvalidInput
from workflows.domain.interventions import Approach, Manner
from workflows.queries.names import case_numbers, names_of
from workflows.services.secrecy.interventions import (
    LONGEST_NAME,
    LONGEST_TEXT,
    entries_for,
    open_approach,
    register_approach,
)
from workflows.services.secrecy.providing import (
    ask_provision,
    decide_provision,
    provisions_for,
    take_provision,
)

blueprint = Blueprint("interventions", __name__, url_prefix="/interventions")
MANNERS: dict[Manner, Any] = {
    Manner.ASKED: _l("打听办理情况"),
    Manner.PLEADED: _l("说情"),
    Manner.ORDERED: _l("提出要求、施加影响"),
    Manner.PASSED_ON: _l("转递材料、带话"),
    Manner.OTHER: _l("其他方式"),
}

STATES: dict[str, Any] = {
    "asked": _l("待同意"),
    "agreed": _l("已同意"),
    "refused": _l("不同意"),
}


class ApproachForm(FlaskForm):
    """Who asked about which case, in which post, when and how."""

    case_number = StringField(
        _l("涉及哪一案（编号或者简称）"), [InputRequired(_l("请填写涉及的案件。")), Length(max=60)]
    )
    who = StringField(_l("何人"), [InputRequired(_l("请填写何人。")), Length(max=LONGEST_NAME)])
    post = StringField(_l("单位和职务"), [Length(max=120)])
    on = DayField(_l("何时"), [InputRequired(_l("请填写日期。"))])
    manner = RadioField(
        _l("何种方式"),
        [InputRequired(_l("请选择方式。"))],
        choices=[SelectChoice(key.value, name) for key, name in MANNERS.items()],
    )
    said = TextAreaField(_l("具体情况"), [Length(max=LONGEST_TEXT)])


@blueprint.get("/new")
@requires(Permission.CASES)
@in_transaction
def new(work: Work) -> Any:
    """Ask what happened; any officer may register it."""
    case_id = request.args.get("of", "")[:40]
    number = case_numbers(work.session, [case_id]).get(case_id, "")
    return _new(ApproachForm(formdata=None, on=work.today, case_number=number))


def _new(form: ApproachForm) -> str:
    return render_template("interventions/new.html", form=form)


@blueprint.post("/new")
@requires(Permission.CASES)
@in_transaction
def register(work: Work) -> Any:
    """Register it; the officer who did sees no more of it."""
    form = ApproachForm()
    if not form.validate_on_submit():
        return make_response(_new(form), 422)
    approach = Approach(
        manner=Manner(form.manner.data),
        on=form.on.data,
        who=form.who.data,
        post=form.post.data or "",
        said=form.said.data or "",
    )
    try:
        with work.session.begin_nested():
            register_approach(work.session, work.actor, work.now, form.case_number.data, approach)
    except InvalidInput as error:
        form.on.errors = [explain(error)]
        return make_response(_new(form), 422)
    flash(gettext("已登记并密封，由纪检监察机关主要负责人处理。"), "success")
    return redirect(url_for("session.start"))


@blueprint.get("/")
@requires(Permission.INTERVENTIONS)
@in_transaction
def page(work: Work) -> Any:
    """List the entries that the visitor may open; nothing of what they say."""
    entries = entries_for(work.session, work.actor)
    asked = provisions_for(work.session, work.actor)
    keys = {key for row, _ in asked for key in (row.asked_by, row.decided_by)}
    return render_template(
        "interventions/page.html",
        entries=entries,
        asked=asked,
        names=names_of(work.session, keys),
        states=STATES,
        me=work.actor.account_id,
    )


@blueprint.post("/<entry_id>/open")
@requires(Permission.INTERVENTIONS)
@in_transaction
def open_entry(work: Work, entry_id: str) -> Any:
    """Show an entry, on record."""
    opened = open_approach(work.session, work.actor, work.now, entry_id)
    by = names_of(work.session, [opened.registered_by]).get(opened.registered_by, "")
    return render_template("interventions/opened.html", opened=opened, by=by, manners=MANNERS)


@blueprint.post("/<entry_id>/provide")
@requires(Permission.INTERVENTIONS)
@in_transaction
def provide(work: Work, entry_id: str) -> Any:
    """Ask that an entry is given to somebody outside."""
    recipient, purpose = (request.form.get(name, "") for name in ("recipient", "purpose"))
    with tell_outcome(work, gettext("已提出，须由另一名可以看的人同意。")):
        ask_provision(work.session, work.actor, work.now, entry_id, recipient, purpose)
    return redirect(url_for("interventions.page"))


@blueprint.post("/provisions/<int:provision_id>/decide")
@requires(Permission.INTERVENTIONS)
@in_transaction
def decide(work: Work, provision_id: int) -> Any:
    """Agree that it is given, or refuse."""
    agreed = request.form.get("decision") == "agree"
    with tell_outcome(work, gettext("已同意。") if agreed else gettext("已不同意。")):
        decide_provision(work.session, work.actor, work.now, provision_id, is_agreed=agreed)
        # Asked last, and all is undone: whoever may not decide is told of nothing else.
        given_choice("decision", ("agree", "refuse"))
    return redirect(url_for("interventions.page"))


@blueprint.post("/provisions/<int:provision_id>/take")
@requires(Permission.INTERVENTIONS)
@in_transaction
def take(work: Work, provision_id: int) -> Any:
    """Show what is given, once, to be printed."""
    row, opened = take_provision(work.session, work.actor, work.now, provision_id)
    names = names_of(work.session, [row.asked_by, row.decided_by])
    return render_template(
        "interventions/provided.html", row=row, opened=opened, names=names, manners=MANNERS
    )
