"""Complaints that belong to a superior organ: registered by their envelope, handed on."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for

from webapp.forms.informants import CHANNELS, StubForm
from webapp.forms.outcomes import tell_outcome
from webapp.gates.permissions import Permission, requires
from webapp.sayings import gettext
from webapp.words.errors import explain
from webapp.work import Work, in_transaction
from workflows.domain.errors import Conflict, InvalidInput, NotAllowed
from workflows.domain.informants import Channel
from workflows.services.tracks.superior import SEEN_BY, forward_stub, register_stub, stubs_for

blueprint = Blueprint("superior", __name__, url_prefix="/superior")


@blueprint.get("/")
@requires(Permission.CASES)
@in_transaction
def page(work: Work) -> Any:
    """List the stubs of the visitor's offices, with the form for another one."""
    return _page(work, StubForm(formdata=None, received_on=work.today))


def _page(work: Work, form: StubForm) -> str:
    if not any(grant.role in SEEN_BY for grant in work.actor.grants):
        raise NotAllowed(reason="superior")
    stubs = stubs_for(work.session, work.actor)
    return render_template("informants/superior.html", form=form, stubs=stubs, channels=CHANNELS)


@blueprint.post("/")
@requires(Permission.REGISTER)
@in_transaction
def register(work: Work) -> Any:
    """Register a stub."""
    form = StubForm()
    if not form.validate_on_submit():
        return make_response(_page(work, form), 422)
    try:
        with work.session.begin_nested():
            stub = register_stub(
                work.session,
                work.actor,
                work.now,
                form.received_on.data,
                Channel(form.channel.data),
                form.envelope.data,
            )
    except InvalidInput as error:
        form.envelope.errors = [explain(error)]
        return make_response(_page(work, form), 422)
    flash(gettext("已登记，编号 %(number)s。", number=stub.number), "success")
    return redirect(url_for("superior.page"))


@blueprint.post("/<int:stub_id>/forward")
@requires(Permission.CASES)
@in_transaction
def forward(work: Work, stub_id: int) -> Any:
    """Note that one was handed on."""
    with tell_outcome(work, gettext("已登记转交。"), (Conflict,)):
        forward_stub(work.session, work.actor, work.now, stub_id)
    return redirect(url_for("superior.page"))
