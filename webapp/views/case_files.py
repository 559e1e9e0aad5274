"""The file of a case, taken from its page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from webapp.gates.permissions import Permission, requires
from webapp.outside.downloads import case_file_download

blueprint = Blueprint("case_files", __name__, url_prefix="/cases")


@blueprint.post("/<case_id>/case-file")
@requires(Permission.EXPORTS)
def take(case_id: str) -> Any:
    """Hand out the file of a case as PDF or docx, with what for on its cover."""
    format_ = "docx" if request.form.get("format") == "docx" else "pdf"
    return case_file_download(case_id, request.form.get("purpose", ""), format_)
