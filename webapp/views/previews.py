"""The papers of a task before it is done: on a page, and as PDF."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Blueprint, render_template, request, send_file

from webapp.case.previews import Foreseen, foreseen
from webapp.gates.permissions import Permission, requires
from webapp.papers.pdf import official_pdf
from webapp.papers.typesetting import PDF
from webapp.sayings import gettext
from workflows.domain.errors import NotFound

blueprint = Blueprint("previews", __name__, url_prefix="/cases")
# What goes with a form and is no value of it.
_NO_VALUES = frozenset({"csrf_token", "paper", "_find"})


@blueprint.post("/<case_id>/tasks/<path:path>/<int:n>/preview")
@requires(Permission.CASES)
def page(case_id: str, path: str, n: int) -> Any:
    """Show the papers that a task would make on what stands in its form; nothing is kept."""
    found = foreseen(case_id, path, n)
    wanted = request.form.get("paper", type=int)
    if wanted is not None and not found.problems:
        return _file(found, wanted)
    typed = [(key, value) for key, value in request.form.items(multi=True) if key not in _NO_VALUES]
    return render_template(
        "documents/preview.html",
        found=found,
        typed=typed,
        address={"case_id": case_id, "path": path, "n": n},
    ), 422 if found.problems else 200


def _file(found: Foreseen, place: int) -> Any:
    if not 0 <= place < len(found.papers):
        raise NotFound(what="document", key=str(place))
    _, paper = found.papers[place]
    return send_file(
        BytesIO(official_pdf(paper, found.at)),
        mimetype=PDF,
        as_attachment=True,
        download_name=gettext("草稿-%(name)s", name=paper.title) + ".pdf",
    )
