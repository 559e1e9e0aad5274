"""The ledger of rectification, taken out of an organisation or of the worklist."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from webapp.gates.permissions import Permission, requires
from webapp.outside.downloads import ledger_download
from webapp.work import Work
from workflows.queries.organisations.page import organisation_seen
from workflows.services.reports.log_cases import Wanted

blueprint = Blueprint("ledgers", __name__, url_prefix="/ledgers")


@blueprint.post("/")
@requires(Permission.CASES)
def take() -> Any:
    """Hand out the ledger of an organisation and those below it, or of all that one sees."""
    organisation_id = request.form.get("organisation") or None

    def check(work: Work) -> None:
        _refuse_outside(work, organisation_id)

    format_ = "csv" if request.form.get("format") == "csv" else "xlsx"
    return ledger_download(Wanted(organisation=organisation_id), check, format_)


def _refuse_outside(work: Work, organisation_id: str | None) -> None:
    """Make sure that the visitor serves an organisation.

    Raises:
        NotFound: There is none, or it lies outside what he serves.
    """
    if organisation_id is not None:
        organisation_seen(work.session, work.actor, organisation_id)
