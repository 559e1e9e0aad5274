"""Opening a case beside another: an appeal, a request; by its subject, by officers, from paper."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, url_for

from webapp.case.forms import is_search, uploads_of
from webapp.case.opened import OpenForm
from webapp.case.screen import Screen
from webapp.forms.packs import errors_of
from webapp.gates.permissions import Permission, requires
from webapp.sayings import gettext
from webapp.words.errors import explain, sentence_for
from webapp.work import Work, in_transaction
from workflows.domain.errors import Conflict, InvalidInput, NotAllowed
from workflows.services import casework
from workflows.services.casework import OpenedBeside, ValidationFailed
from workflows.services.steps.attachments import described, keep_files

blueprint = Blueprint("beside", __name__, url_prefix="/cases")


@blueprint.get("/<case_id>/beside/<process>")
@requires(Permission.CASES)
@in_transaction
def page(work: Work, case_id: str, process: str) -> Any:
    """Show the form that opens a case beside this one."""
    screen = Screen.of(work, case_id)
    return screen.show(screen.beside_form(process))


@blueprint.post("/<case_id>/beside/<process>")
@requires(Permission.CASES)
@in_transaction
def begin(work: Work, case_id: str, process: str) -> Any:
    """Open a case beside this one."""
    screen = Screen.of(work, case_id)
    return _begin(work, screen, screen.beside_form(process), process)


@blueprint.get("/<case_id>/paper-beside/<process>")
@requires(Permission.CASES)
@in_transaction
def paper_page(work: Work, case_id: str, process: str) -> Any:
    """Show the form of something that was asked for on paper."""
    screen = Screen.of(work, case_id)
    return screen.show(screen.beside_form(process, on_paper=True))


@blueprint.post("/<case_id>/paper-beside/<process>")
@requires(Permission.CASES)
@in_transaction
def begin_paper(work: Work, case_id: str, process: str) -> Any:
    """Enter what was asked for on paper, which opens a case beside this one."""
    screen = Screen.of(work, case_id)
    return _begin(work, screen, screen.beside_form(process, on_paper=True), process)


def _begin(work: Work, screen: Screen, opened: OpenForm, process: str) -> Any:
    if is_search():
        return screen.show(opened)
    if opened.paper is not None and not opened.paper.validate():
        return screen.show(opened, 422)
    try:
        with work.session.begin_nested():
            done = _open(work, screen, opened, process)
    except ValidationFailed as error:
        if opened.form is None:
            raise
        opened.form.take_errors(errors_of(error))
        return screen.show(opened, 422)
    except (InvalidInput, NotAllowed, Conflict) as error:
        opened.problem = explain(error)
        return screen.show(opened, sentence_for(error).status)
    said = gettext("已提出“%(name)s”，编号 %(number)s。", name=opened.heading, number=done.number)
    flash(said, "success")
    return redirect(url_for("cases.page", case_id=done.case_id))


def _open(work: Work, screen: Screen, opened: OpenForm, process: str) -> OpenedBeside:
    uploads = uploads_of(opened.form, opened.paper)
    done = casework.open_beside(
        work.session,
        work.actor,
        work.now,
        screen.page.case.id,
        process,
        opened.form.typed() if opened.form else {},
        paper=opened.paper.act() if opened.paper else None,
        attachments=described(uploads),
    )
    level = screen.level_of(opened.form)
    keep_files(work.session, work.actor, work.now, done.case_id, uploads, level)
    return done
