"""Making an inspection report: read, put into words, set as PDF or docx."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from io import BytesIO
from typing import Any

from flask import Response, request, send_file

from webapp.papers.docx import DOCX, official_docx
from webapp.papers.inspection_report import Letterhead, report_paper
from webapp.papers.official import OfficialPaper
from webapp.papers.pdf import official_pdf
from webapp.papers.typesetting import PDF
from workflows.queries.reports.inspection import Inspection, inspect
from workflows.services.installation import installation_of
from workflows.services.reports.inspection_reports import ReportMade, ReportOrder
from workflows.services.reports.log_cases import Reader

SETTERS: Mapping[str, Callable[[OfficialPaper, datetime], bytes]] = {
    "docx": official_docx,
    "pdf": official_pdf,
}
MIMETYPES: Mapping[str, str] = {"docx": DOCX, "pdf": PDF}


def paper_answer(paper: OfficialPaper, now: datetime) -> Response:
    """Answer with a paper as the form asks for it: docx, or else PDF."""
    format_ = "docx" if request.form.get("format") == "docx" else "pdf"
    content = BytesIO(SETTERS[format_](paper, now))
    name = f"{paper.title}{paper.number and '-' + paper.number}.{format_}"
    return send_file(content, mimetype=MIMETYPES[format_], as_attachment=True, download_name=name)


def made_report(
    session: Any, reader: Reader, order: ReportOrder, now: datetime, format_: str, issuer: str = ""
) -> tuple[bytes, ReportMade]:
    """Make a report; hand its bytes on only after its record was committed.

    Args:
        session: Carries the scope of whoever takes it.
        reader: Whose roles say which cases are in it.
        order: What is asked for, checked before.
        now: When it is made; the same moment and records give the same bytes.
        format_: One of `SETTERS`.
        issuer: Who issues it; the installation where nobody is named.
    """
    installation = installation_of(session)
    found = inspect(session, reader, order.wanted, order.levels, installation.title)
    head = Letterhead(issuer or installation.title, now, installation.mode == "production")
    content = SETTERS[format_](report_paper(found, order, head), now)
    return content, _made(found, format_, content)


def _made(found: Inspection, format_: str, content: bytes) -> ReportMade:
    personal = [case.id for case in found.cases if case.level == "L2"]
    return ReportMade.of(format_, len(found.cases), personal, content)
