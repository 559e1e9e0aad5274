"""Review packages: one page asks for one, and cases are drawn out of one that was made."""

from __future__ import annotations

from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from flask import (
    Blueprint,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from webapp.forms.review_packages import DrawForm, ReviewForm
from webapp.gates.permissions import Permission, requires
from webapp.review_package.writing import pool_of
from webapp.views.exports import shown
from webapp.words.errors import explain
from webapp.work import Work, in_transaction
from workflows.domain.errors import InvalidInput, NotFound
from workflows.domain.sampling import pool_hash
from workflows.jobs.exporting import FOLDER, bundle_path
from workflows.services.exports import asking
from workflows.services.exports.drawing import draw_cases

blueprint = Blueprint("review_packages", __name__, url_prefix="/review-packages")


@blueprint.get("/new")
@requires(Permission.EXPORTS)
@in_transaction
def new(work: Work) -> Any:
    """Ask for purpose, recipient, period and scope, all on one page."""
    return _form_page(ReviewForm.about(work, request.args.get("organisation", "")))


@blueprint.post("/new")
@requires(Permission.EXPORTS)
@in_transaction
def create(work: Work) -> Any:
    """Ask for a package; a job makes it, or a second person agrees first."""
    form = ReviewForm.about(work, request.args.get("organisation", ""))
    if not form.validate_on_submit():
        return make_response(_form_page(form), 422)
    try:
        with work.session.begin_nested():
            once = request.form.get("_once", "")[:64] or None
            job = asking.ask(work.session, work.actor, work.now, form.wish(), once)
    except InvalidInput as error:
        return make_response(_form_page(form, explain(error)), 422)
    return redirect(url_for("exports.one", export_id=job.id))


def _form_page(form: ReviewForm, problem: str = "") -> str:
    return render_template(
        "exports/review.html",
        form=form,
        problem=problem,
        organisation=request.args.get("organisation"),
        once=request.form.get("_once") or token_urlsafe(24),
    )


@blueprint.post("/<int:export_id>/draw")
@requires(Permission.EXPORTS)
@in_transaction
def draw(work: Work, export_id: int) -> Any:
    """Draw cases out of a package that lies ready, and record it."""
    page = shown(work, export_id)
    job, form = page["job"], DrawForm()
    path = bundle_path(Path(current_app.instance_path, FOLDER), export_id)
    if not page["line"].is_own or job.package is None or job.state != "ready" or not path.is_file():
        raise NotFound(what="package", key=str(export_id))
    page |= {"draw_form": form}
    if not form.validate_on_submit():
        return make_response(render_template("exports/export.html", **page), 422)
    pool = pool_of(path)
    lots = draw_cases(work.session, work.actor, work.now, job.export_seq, form.draw(), pool)
    page |= {"lots": lots, "pool": len(pool), "pool_hash": pool_hash(pool)}
    return render_template("exports/export.html", **page)
