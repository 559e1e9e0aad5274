"""The inspection report (情况说明) of an organisation: asked for, and taken at once."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, render_template

from webapp.forms.inspection_reports import ReportForm
from webapp.gates.permissions import Permission, requires
from webapp.outside.downloads import report_download
from webapp.words.errors import explain
from webapp.work import Work, begin_work, in_transaction, reading_sessions
from workflows.domain.bundle_scopes import BundleScope, ScopeKind
from workflows.domain.errors import InvalidInput, NotFound
from workflows.domain.levels import INTERNAL
from workflows.queries.organisations.finding import organisation_by_id
from workflows.services.exports.permits import place_of_scope
from workflows.services.reports.inspection_reports import may_name_persons
from workflows.store.transaction import transaction

blueprint = Blueprint("inspection_reports", __name__, url_prefix="/organisations")


@blueprint.get("/<organisation_id>/inspection-report")
@requires(Permission.EXPORTS)
@in_transaction
def new(work: Work, organisation_id: str) -> Any:
    """Ask for whom, what for and of which period."""
    return _page(work, organisation_id, _form(work, organisation_id))


@blueprint.post("/<organisation_id>/inspection-report")
@requires(Permission.EXPORTS)
def take(organisation_id: str) -> Any:
    """Hand out the report, or show what is to be put right."""
    form, problem = ReportForm.for_levels(may_name_persons=True), ""
    if form.validate_on_submit():
        try:
            return report_download(form.order(organisation_id), form.format.data)
        except InvalidInput as error:
            problem = explain(error)
    return _again(organisation_id, problem)


def _again(organisation_id: str, problem: str) -> Any:
    with transaction(reading_sessions()) as session:
        work = begin_work(session)
        form = _form(work, organisation_id)
        form.validate_on_submit()
        return make_response(_page(work, organisation_id, form, problem), 422)


def _form(work: Work, organisation_id: str) -> Any:
    """Make the form with what may be asked for here.

    Raises:
        NotFound: There is no such organisation.
        NotAllowed: The visitor may take nothing of it out of the house.
    """
    scope = BundleScope(ScopeKind.ORGANISATION, (organisation_id,))
    path = place_of_scope(work.session, work.actor, scope, frozenset({INTERNAL}))
    return ReportForm.for_levels(may_name_persons(work.session, work.actor, path))


def _page(work: Work, organisation_id: str, form: Any, problem: str = "") -> str:
    place = organisation_by_id(work.session, organisation_id)
    if place is None:
        raise NotFound(what="organisation", key=organisation_id)
    return render_template(
        "organisations/inspection_report.html", place=place, form=form, problem=problem
    )
