"""What needs a person because no rule covers it: what happened, what is safe, what to do."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from webapp.forms.outcomes import tell_outcome
from webapp.gates.permissions import Permission, may, requires
from webapp.sayings import gettext
from webapp.words.incidents import listed_incident
from webapp.words.packs import speaker_for
from webapp.work import Work, in_transaction
from workflows.queries.incidents import incident_list
from workflows.services.incidents import close_by_hand, retry_incident

blueprint = Blueprint("incidents", __name__, url_prefix="/administration/incidents")


@blueprint.get("/")
@requires(Permission.ADMINISTRATION)
@in_transaction
def page(work: Work) -> Any:
    """List the open incidents, or those that are closed."""
    closed = request.args.get("state") == "closed"
    rows = incident_list(work.session, closed=closed)
    return render_template(
        "administration/incidents.html",
        incidents=[
            listed_incident(
                row, speaker_for(work.session, row.pack_hash) if row.pack_hash else None
            )
            for row in rows
        ],
        closed=closed,
        may_close=may(Permission.INCIDENTS),
    )


@blueprint.post("/<int:incident_id>/retry")
@requires(Permission.INCIDENTS)
@in_transaction
def retry(work: Work, incident_id: int) -> Any:
    """Let the next sweep try a clock again."""
    with tell_outcome(work, gettext("下一次巡检时重试。")):
        retry_incident(work.session, work.actor, work.now, incident_id)
    return redirect(url_for("incidents.page"))


@blueprint.post("/<int:incident_id>/close")
@requires(Permission.INCIDENTS)
@in_transaction
def close(work: Work, incident_id: int) -> Any:
    """Close an incident with what was done about it."""
    reason = request.form.get("reason", "")
    with tell_outcome(work, gettext("异常已关闭，处理情况已记入办理记录。")):
        close_by_hand(work.session, work.actor, work.now, incident_id, reason)
    return redirect(url_for("incidents.page"))
