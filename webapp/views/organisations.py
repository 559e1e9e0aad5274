"""Organisations: found by name or in the tree, each with its people, duties and matters."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from webapp.gates.permissions import Permission, requires
from webapp.words.packs import speaker_for
from webapp.work import Work, in_transaction
from workflows.queries.desk.joint_reports import due_together
from workflows.queries.organisations.finding import organisations_at, organisations_found
from workflows.queries.organisations.page import organisation_page, paths_seen
from workflows.queries.reports.requests import asked_of, base_path
from workflows.services.secrecy.clearance import may_export

blueprint = Blueprint("organisations", __name__, url_prefix="/organisations")


@blueprint.get("/")
@requires(Permission.CASES)
@in_transaction
def page(work: Work) -> Any:
    """Find an organisation; without a search, begin at the visitor's own."""
    text = request.args.get("q", "").strip()[:60]
    paths = paths_seen(work.actor)
    tops = organisations_at(work.session, paths)
    if not text and len(tops) == 1:
        return redirect(url_for("organisations.one", organisation_id=tops[0].id))
    found = organisations_found(work.session, text, paths)
    return render_template("organisations/find.html", text=text, found=found, tops=tops)


@blueprint.get("/<organisation_id>")
@requires(Permission.CASES)
@in_transaction
def one(work: Work, organisation_id: str) -> Any:
    """Show an organisation."""
    found = organisation_page(work.session, work.actor, organisation_id, work.today)
    paths = paths_seen(work.actor)
    unit = base_path(found.organisation)
    bodies = [each.organisation for each in found.bodies] if unit else []
    speakers = {
        pack_hash: speaker_for(work.session, pack_hash)
        for pack_hash in {each.case.pack_hash for each in (*found.present, *found.past)}
    }
    return render_template(
        "organisations/page.html",
        found=found,
        organisation=found.organisation,
        may_take_out=may_export(work.actor, found.organisation.path),
        is_seen=lambda path: path.startswith(paths),
        speakers=speakers,
        joint=[
            each
            for each in due_together(work.session, bodies, work.today).values()
            if len(each.reports) > 1
        ],
        asked=asked_of(work.session, (unit,), work.today)[unit] if unit else None,
    )
