"""What of a case is made public: proposed, decided by another person, listed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from webapp.forms.given import given_choice
from webapp.forms.outcomes import tell_outcome
from webapp.gates.permissions import Permission, requires
from webapp.gates.recusals import open_door
from webapp.sayings import gettext
from webapp.words.errors import explain
from webapp.work import Work, in_transaction
from workflows.domain.errors import InvalidInput, NotAllowed
from workflows.queries.case.page import case_page
from workflows.queries.names import names_of
from workflows.services.tracks.publication import (
    DECIDERS,
    LONGEST_TEXT,
    PROPOSERS,
    Wish,
    decide,
    propose,
    publications_of,
)
from workflows.store.tables import Publication

blueprint = Blueprint("publications", __name__)
STATES: dict[str, Any] = {
    "asked": _l("待决定"),
    "decided": _l("决定公开"),
    "refused": _l("不予公开"),
}


class PublicationForm(FlaskForm):
    """What is made public, where, for whom, until when, by which minutes."""

    what = StringField(_l("公开什么"), [InputRequired(_l("请填写。")), Length(max=200)])
    place = StringField(_l("在哪里公开"), [InputRequired(_l("请填写。")), Length(max=120)])
    audience = StringField(_l("公开范围"), [InputRequired(_l("请填写。")), Length(max=120)])
    until_on = DateField(_l("公开到哪一天"), [InputRequired(_l("请填写截止日期。"))])
    minutes_no = StringField(
        _l("集体研究的会议纪要号"), [InputRequired(_l("请填写纪要号。")), Length(max=80)]
    )
    reason = TextAreaField(
        _l("理由"),
        [Length(max=LONGEST_TEXT)],
        description=_l("组织调整、组织处理以外的措施，规则允许公开的，须写明理由。"),
    )


@blueprint.get("/cases/<case_id>/publications")
@requires(Permission.CASES)
@in_transaction
def of_case(work: Work, case_id: str) -> Any:
    """List what was proposed and decided, with the form for another one."""
    open_door(work, case_id)
    return _page(work, case_id, PublicationForm(formdata=None))


def _page(work: Work, case_id: str, form: PublicationForm) -> str:
    found = case_page(work.session, case_id, work.today)
    lines = publications_of(work.session, case_id)
    path = found.case.org_path
    return render_template(
        "publications/of_case.html",
        case=found.case,
        lines=lines,
        names=names_of(work.session, [*_people(lines)]),
        form=form,
        states=STATES,
        may_propose=work.actor.serves(PROPOSERS, path) is not None,
        may_decide=work.actor.serves(DECIDERS, path) is not None,
        me=work.actor.account_id,
    )


def _people(lines: Sequence[Publication]) -> Iterator[str | None]:
    for row in lines:
        yield row.asked_by
        yield row.decided_by


@blueprint.post("/cases/<case_id>/publications")
@requires(Permission.CASES)
@in_transaction
def ask(work: Work, case_id: str) -> Any:
    """Propose that something is made public."""
    open_door(work, case_id)
    form = PublicationForm()
    if not form.validate_on_submit():
        return make_response(_page(work, case_id, form), 422)
    wish = Wish(
        what=form.what.data,
        place=form.place.data,
        audience=form.audience.data,
        until_on=form.until_on.data,
        minutes_no=form.minutes_no.data,
        reason=form.reason.data or "",
    )
    try:
        with work.session.begin_nested():
            propose(work.session, work.actor, work.now, case_id, wish)
    except (InvalidInput, NotAllowed) as error:
        form.what.errors = [explain(error)]
        return make_response(_page(work, case_id, form), 422)
    flash(gettext("已提出，由另一人按集体研究结果决定。"), "success")
    return redirect(url_for("publications.of_case", case_id=case_id))


@blueprint.post("/cases/<case_id>/publications/decide")
@requires(Permission.CASES)
@in_transaction
def decide_one(work: Work, case_id: str) -> Any:
    """Decide on a proposal."""
    open_door(work, case_id)
    case_page(work.session, case_id, work.today)
    number = request.form.get("publication", type=int) or 0
    known = {row.id for row in publications_of(work.session, case_id)}
    found = number if number in known else 0
    with tell_outcome(work, gettext("已决定，记入办理记录。")):
        is_granted = given_choice("decision", ("grant", "refuse")) == "grant"
        decide(work.session, work.actor, work.now, found, is_granted=is_granted)
    return redirect(url_for("publications.of_case", case_id=case_id))
