"""A case opened in need, for a day: asked, agreed to, reported and listed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l

from webapp.forms.given import given_choice
from webapp.forms.outcomes import tell_outcome
from webapp.gates.permissions import Permission, requires
from webapp.sayings import gettext
from webapp.work import Work, in_transaction
from workflows.queries.names import names_of
from workflows.services.staff.break_glass import ask_to_open, decide_glass, glasses_for, take_note

blueprint = Blueprint("break_glass", __name__, url_prefix="/break-glass")
STATES: dict[str, Any] = {
    "asked": _l("待主要负责人同意"),
    "agreed": _l("已同意"),
    "refused": _l("不同意"),
}


@blueprint.get("/")
@requires(Permission.BREAK_GLASS)
@in_transaction
def page(work: Work) -> Any:
    """List what was asked, agreed to and reported, as far as it is the visitor's."""
    lines = glasses_for(work.session, work.actor)
    keys = {key for row, *_ in lines for key in (row.account_id, row.asked_by, row.decided_by)}
    return render_template(
        "break_glass/page.html",
        lines=lines,
        names=names_of(work.session, keys),
        states=STATES,
        now=work.now,
    )


@blueprint.post("/")
@requires(Permission.AUDIT)
@in_transaction
def ask(work: Work) -> Any:
    """Ask that a case is opened."""
    asked = (request.form.get(name, "") for name in ("case_number", "username", "reason"))
    act = partial(ask_to_open, work.session, work.actor, work.now, *asked)
    return _attempt(work, act, gettext("已提出，待主要负责人同意。"))


@blueprint.post("/<int:glass_id>/decide")
@requires(Permission.BREAK_GLASS)
@in_transaction
def decide(work: Work, glass_id: int) -> Any:
    """Agree, or refuse."""
    agreed = request.form.get("decision") == "agree"

    def act() -> None:
        given_choice("decision", ("agree", "refuse"))
        decide_glass(work.session, work.actor, work.now, glass_id, is_agreed=agreed)

    said = gettext("已同意：24 小时后自动关闭，并已报告上级。") if agreed else gettext("已不同意。")
    return _attempt(work, act, said)


@blueprint.post("/<int:glass_id>/seen")
@requires(Permission.BREAK_GLASS)
@in_transaction
def seen(work: Work, glass_id: int) -> Any:
    """Take note of a report."""
    act = partial(take_note, work.session, work.actor, work.now, glass_id)
    return _attempt(work, act, gettext("已阅。"))


def _attempt(work: Work, act: Callable[[], object], said: str) -> Any:
    with tell_outcome(work, said):
        act()
    return redirect(url_for("break_glass.page"))
