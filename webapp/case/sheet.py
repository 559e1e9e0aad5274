"""A page of a PDF of a case as a picture, drawn while no transaction is open."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime

from flask import Response, make_response, render_template

from webapp.case.screen import Screen
from webapp.frame.headers import policy
from webapp.work import begin_work, reading_sessions, writing_sessions
from workflows.domain.errors import NotAllowed, NotFound
from workflows.domain.file_kinds import is_pdf
from workflows.services.imports.page_pictures import MOST_PAGES, page_picture
from workflows.services.secrecy.looking import Glance, Looked, keep_looks
from workflows.services.steps.attachments import kept_file
from workflows.store.tables import Attachment
from workflows.store.transaction import transaction


@dataclass(frozen=True, slots=True)
class PdfPaper:
    """A PDF of a case with what its preview says of it."""

    id: int
    case_id: str
    case_number: str
    name: str
    content: bytes
    size_bytes: int
    sha256: str
    uploaded_at: datetime


def readable_file(screen: Screen, file_id: int) -> Attachment:
    """Give a file of a case that is read for its visitor.

    Raises:
        NotAllowed: He reads no content at all.
        NotFound: There is none, or it is not for his eyes.
    """
    levels = screen.levels()
    if not levels:
        raise NotAllowed(reason="content")
    kept = kept_file(screen.work.session, screen.page.case.id, file_id)
    if kept.level not in levels:
        raise NotFound(what="file", key=str(file_id))
    return kept


def sheet_page(case_id: str, file_id: int, number: int) -> Response:
    """Show a page of a PDF, counted from one; that it is looked at is on record before."""
    with transaction(reading_sessions()) as session:
        paper = _pdf(Screen.unnoted(begin_work(session), case_id), file_id)
    shown = page_picture(paper.content, number)
    with transaction(writing_sessions()) as session:
        work = begin_work(session)
        keep_looks(session, work.actor, work.now, [Glance(Looked.FILE, case_id, str(file_id))])
    answer = make_response(
        render_template(
            "cases/sheet.html",
            paper=paper,
            shown=shown,
            number=number,
            last=min(shown.pages, MOST_PAGES) if shown else 0,
            picture=f"data:image/png;base64,{b64encode(shown.png).decode()}" if shown else "",
        )
    )
    # The picture comes with its page: one look, one record. An image cannot act.
    answer.headers["Content-Security-Policy"] = policy(images="'self' data:")
    return answer


def _pdf(screen: Screen, file_id: int) -> PdfPaper:
    kept, case = readable_file(screen, file_id), screen.page.case
    if not is_pdf(kept.name, kept.content):
        raise NotFound(what="picture", key=str(file_id))
    return PdfPaper(
        id=kept.id,
        case_id=case.id,
        case_number=case.number,
        name=kept.name,
        content=kept.content,
        size_bytes=kept.size_bytes,
        sha256=kept.sha256,
        uploaded_at=kept.uploaded_at,
    )
