"""Taking audit bundles out of the house: asking, watching them become ready, taking the file."""

from __future__ import annotations

from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from flask import (
    Blueprint,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)

from webapp.forms.exports import ExportForm, what_of
from webapp.forms.given import given_text
from webapp.forms.refusals import send_back
from webapp.forms.review_packages import DrawForm
from webapp.gates.permissions import Permission, requires
from webapp.sayings import gettext
from webapp.words.errors import explain
from webapp.words.exports import failure_of, file_name, kind_words, level_words, scope_words
from webapp.work import Work, in_transaction
from workflows.domain.errors import InvalidInput, NotFound
from workflows.jobs.exporting import FOLDER, bundle_path
from workflows.queries.exports import export_line, export_lines, is_auditor
from workflows.services.exports import asking

blueprint = Blueprint("exports", __name__, url_prefix="/exports")


@blueprint.get("/")
@requires(Permission.EXPORTS)
@in_transaction
def page(work: Work) -> Any:
    """List one's own exports; to the audit administrator everybody's."""
    return render_template(
        "exports/page.html",
        lines=export_lines(work.session, work.actor),
        is_auditor=is_auditor(work.actor),
        scope_words=scope_words,
        kind_words=kind_words,
        level_words=level_words,
    )


@blueprint.get("/new")
@requires(Permission.EXPORTS)
@in_transaction
def new(work: Work) -> Any:
    """Ask what for and for whom, with what it will cover at the head."""
    what = what_of(work)
    return _form_page(what, ExportForm.about(what))


@blueprint.post("/new")
@requires(Permission.EXPORTS)
@in_transaction
def create(work: Work) -> Any:
    """Ask for a bundle; a job makes it, or a second person agrees first."""
    what = what_of(work)
    form = ExportForm.about(what)
    if not form.validate_on_submit():
        return make_response(_form_page(what, form), 422)
    try:
        with work.session.begin_nested():
            once = request.form.get("_once", "")[:64] or None
            job = asking.ask(work.session, work.actor, work.now, form.wish(what), once)
    except InvalidInput as error:
        return make_response(_form_page(what, form, explain(error)), 422)
    return redirect(url_for("exports.one", export_id=job.id))


def _form_page(what: Any, form: ExportForm, problem: str = "") -> str:
    return render_template(
        "exports/new.html",
        what=what,
        form=form,
        problem=problem,
        once=request.form.get("_once") or token_urlsafe(24),
    )


@blueprint.get("/<int:export_id>")
@requires(Permission.EXPORTS)
@in_transaction
def one(work: Work, export_id: int) -> Any:
    """Show an export: how far it is, what its file is known by, who took it for whom."""
    return render_template("exports/export.html", **shown(work, export_id))


@blueprint.get("/<int:export_id>/state")
@requires(Permission.EXPORTS)
@in_transaction
def state(work: Work, export_id: int) -> Any:
    """Give the part of the page that changes while a bundle is made."""
    return render_template("exports/_state.html", **shown(work, export_id))


def shown(work: Work, export_id: int) -> dict[str, Any]:
    """Give what the page of an export shows."""
    line = export_line(work.session, work.actor, export_id)
    return {
        "line": line,
        "job": line.job,
        "covers": scope_words(line),
        "kind": kind_words(line),
        "draw_form": DrawForm() if line.job.package is not None and line.is_own else None,
        "content": level_words(line.levels),
        "failure": failure_of(line.job),
    }


@blueprint.post("/<int:export_id>/file")
@requires(Permission.EXPORTS)
@in_transaction
def download(work: Work, export_id: int) -> Any:
    """Hand out the file, after the record of it: bytes leave behind the commit only."""
    job = asking.hand_out(work.session, work.actor, work.now, export_id)
    path = bundle_path(Path(current_app.instance_path, FOLDER), job.id)
    if not path.is_file():
        raise NotFound(what="file", key=str(export_id))
    return send_file(
        path,
        mimetype="application/zip",
        as_attachment=True,
        download_name=file_name(export_line(work.session, work.actor, export_id)),
        conditional=False,
    )


@blueprint.post("/<int:export_id>/again")
@requires(Permission.EXPORTS)
@in_transaction
def again(work: Work, export_id: int) -> Any:
    """Have a bundle made again whose file is gone or that failed."""
    asking.ask_again(work.session, work.actor, export_id)
    return redirect(url_for("exports.one", export_id=export_id))


@blueprint.post("/<int:export_id>/approve")
@requires(Permission.EXPORTS)
@in_transaction
def approve(work: Work, export_id: int) -> Any:
    """Agree as a second person."""
    asking.approve(work.session, work.actor, work.now, export_id)
    flash(gettext("已同意导出，审计包正在生成。"), "success")
    return redirect(url_for("exports.one", export_id=export_id))


@blueprint.post("/<int:export_id>/refuse")
@requires(Permission.EXPORTS)
@in_transaction
def refuse(work: Work, export_id: int) -> Any:
    """Refuse as a second person, with a reason."""
    reason = given_text("reason")
    if not reason:
        send_back(gettext("请填写不同意的理由。"))
        return redirect(url_for("exports.one", export_id=export_id))
    asking.refuse(work.session, work.actor, work.now, export_id, reason)
    flash(gettext("已不同意导出，没有内容外出。"), "success")
    return redirect(url_for("exports.one", export_id=export_id))
