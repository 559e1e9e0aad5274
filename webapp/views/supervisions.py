"""Cases that an office of the discipline line supervises: its queue, beginning and ending."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from webapp.forms.outcomes import tell_outcome
from webapp.gates.permissions import Permission, requires
from webapp.sayings import gettext
from webapp.work import Work, in_transaction
from workflows.queries.names import names_of
from workflows.queries.tracks.supervisions import supervised_cases
from workflows.services.tracks.supervising import begin_supervision, end_supervision

blueprint = Blueprint("supervisions", __name__)


@blueprint.get("/supervisions/")
@requires(Permission.CASES)
@in_transaction
def page(work: Work) -> Any:
    """List the cases that the visitor's discipline office supervises, and those it did."""
    running = supervised_cases(work.session, work.actor)
    return render_template(
        "supervisions/page.html",
        running=running,
        over=supervised_cases(work.session, work.actor, is_running=False),
        names=names_of(work.session, [line.row.begun_by for line in running]),
    )


@blueprint.post("/cases/<case_id>/supervision")
@requires(Permission.CASES)
@in_transaction
def begin(work: Work, case_id: str) -> Any:
    """Put a case under supervision."""
    with tell_outcome(work, gettext("已纳入督办，记入本案办理记录。")):
        begin_supervision(work.session, work.actor, work.now, case_id, request.form.get("text", ""))
    return redirect(url_for("cases.page", case_id=case_id))


@blueprint.post("/cases/<case_id>/supervision/end")
@requires(Permission.CASES)
@in_transaction
def end(work: Work, case_id: str) -> Any:
    """End the supervision of a case."""
    back = url_for("cases.page", case_id=case_id)
    with tell_outcome(work, gettext("已结束督办，记入本案办理记录。")):
        end_supervision(work.session, work.actor, work.now, case_id, request.form.get("text", ""))
        back = url_for("supervisions.page")
    return redirect(back)
