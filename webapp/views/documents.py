"""Documents of a case: the list, one as it will be printed, its number, its file."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from webapp.case.documents import (
    TOGETHER,
    coming_of,
    has_more,
    line_called,
    may_issue,
    name_of,
    paper_of,
    readable_lines,
    rows_of,
    served_before,
    voided_of,
)
from webapp.case.screen import Screen
from webapp.forms.outcomes import tell_outcome
from webapp.gates.permissions import Permission, requires
from webapp.outside.downloads import document_download
from webapp.sayings import gettext
from webapp.work import Work, in_transaction
from workflows.domain.errors import Conflict, NotAllowed
from workflows.services.papers.documents import issue_document
from workflows.services.secrecy.looking import Looked

blueprint = Blueprint("documents", __name__, url_prefix="/cases")
_ONE = "/<case_id>/documents/<key>/<int:seq>"


@blueprint.get("/<case_id>/documents")
@requires(Permission.CASES)
@in_transaction
def page(work: Work, case_id: str) -> Any:
    """List the documents that a case has made, and those that its open tasks will make."""
    screen = Screen.of(work, case_id)
    return render_template(
        "documents/page.html",
        page=screen.page,
        case=screen.page.case,
        rows=rows_of(screen),
        coming=tuple(coming_of(screen)),
        voided=tuple(voided_of(screen)),
    )


@blueprint.get(_ONE)
@requires(Permission.CASES)
@in_transaction
def one(work: Work, case_id: str, key: str, seq: int) -> Any:
    """Show a document as it will be printed."""
    screen = Screen.of(work, case_id, Looked.CASE, f"{key}/{seq}")
    lines = readable_lines(screen)
    line = line_called(lines, key, seq)
    return render_template(
        "documents/one.html",
        page=screen.page,
        case=screen.page.case,
        line=line,
        name=name_of(line.made),
        paper=paper_of(work, screen.page, line),
        address={"case_id": case_id, "key": key, "seq": seq},
        may_issue=may_issue(screen, line),
        has_more=has_more(lines, line),
        served_before=served_before(line, work.today),
    )


@blueprint.post(f"{_ONE}/number")
@requires(Permission.CASES)
@in_transaction
def number(work: Work, case_id: str, key: str, seq: int) -> Any:
    """Give a document its number."""
    screen = Screen.of(work, case_id)
    line = line_called(readable_lines(screen), key, seq)
    with tell_outcome(work, refused=(Conflict, NotAllowed)) as outcome:
        case = screen.page.case
        issued = issue_document(work.session, work.actor, work.now, case, line.made)
        outcome.said = gettext("已编号：%(number)s。", number=issued.number)
    return redirect(url_for("documents.one", case_id=case_id, key=key, seq=seq))


@blueprint.post(f"{_ONE}/file")
@requires(Permission.CASES)
def file(case_id: str, key: str, seq: int) -> Any:
    """Hand out a document as docx or PDF, or as PDF with all that is handed over with it."""
    wanted = request.form.get("format", "")
    format_ = wanted if wanted in ("docx", TOGETHER) else "pdf"
    return document_download(case_id, key, seq, format_)
