"""The documents of a case on its pages: which there are, what one says, its number, its file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for

from webapp.case.screen import Screen
from webapp.case.timetable_paper import timetable_paper
from webapp.dates import today_of
from webapp.languages import language
from webapp.papers.documents import document_paper
from webapp.papers.making import SETTERS
from webapp.papers.official import OfficialPaper
from webapp.papers.printing import printed_together
from webapp.sayings import gettext
from webapp.work import Work
from workflows.engine.documents import Document
from workflows.queries.case.page import CasePage
from workflows.queries.papers.documents import (
    DocumentLine,
    documents_of,
    documents_to_come,
    material_of,
    void_numbers,
)
from workflows.services.installation import installation_of
from workflows.services.papers.documents import ISSUERS, Made, made_called

# What is handed over as one file: a document, its appendix and its proof of service.
TOGETHER = "together"


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document on the list: what it is called, where it is, what may be done with it."""

    name: str
    code: str
    number: str
    acted_on: Any
    url: str
    is_numbered: bool
    is_receipt: bool


def rows_of(screen: Screen) -> tuple[DocumentRow, ...]:
    """Give the documents of a case that the viewer may read, the newest first."""
    return tuple(_row(screen, line) for line in readable_lines(screen))


def readable_lines(screen: Screen) -> tuple[DocumentLine, ...]:
    """Give the documents whose level the viewer may read."""
    levels = screen.levels()
    lines = documents_of(screen.work.session, screen.page)
    return tuple(line for line in lines if line.made.level in levels)


def voided_of(screen: Screen) -> Iterator[tuple[str, str]]:
    """Give the numbers whose document was taken back with its act, each with its name."""
    case_id, pack = screen.page.case.id, screen.speak.pack
    lines = documents_of(screen.work.session, screen.page)
    for issued in void_numbers(screen.work.session, case_id, lines):
        document = pack.documents.get(issued.document)
        if document is not None and document.level.value in screen.levels():
            yield issued.number, document.title(language())


def served_before(line: DocumentLine, today: date) -> date | None:
    """Give the day on which a document was served that has no number yet, where it is past."""
    day = line.made.served_day
    if not day or line.issued is not None or not line.made.document.word:
        return None
    return date.fromisoformat(day) if day < today.isoformat() else None


def _row(screen: Screen, line: DocumentLine) -> DocumentRow:
    made, case = line.made, screen.page.case
    return DocumentRow(
        name=name_of(made),
        code=made.document.code,
        number=line.issued.number if line.issued else "",
        acted_on=today_of(made.record.occurred_at),
        url=url_for("documents.one", case_id=case.id, key=made.key, seq=made.record.seq),
        is_numbered=bool(made.document.word),
        is_receipt=made.served is not None,
    )


def name_of(made: Made) -> str:
    """Name a document in the page's language; a receipt with what was served."""
    if made.served is None:
        return made.document.title(language())
    return gettext(
        "%(receipt)s（%(document)s）",
        receipt=made.document.title(language()),
        document=made.served.title(language()),
    )


def may_issue(screen: Screen, line: DocumentLine) -> bool:
    """Say whether the viewer may give a document its number."""
    serves = screen.work.actor.serves(ISSUERS, screen.page.case.org_path) is not None
    return bool(line.made.document.word) and line.issued is None and serves


def coming_of(screen: Screen) -> Iterator[tuple[str, str]]:
    """Give the documents that open tasks will make, each with the task's name."""
    for document, activity in documents_to_come(screen.page):
        if document.level.value in screen.levels():
            yield _title(document), screen.speak.activity(activity)


def _title(document: Document) -> str:
    return document.title(language())


def line_called(lines: Sequence[DocumentLine], key: str, seq: int) -> DocumentLine:
    """Find a document among those that somebody may read.

    Raises:
        NotFound: There is none, or it is not for him.
    """
    made = made_called([line.made for line in lines], key, seq)
    return next(line for line in lines if line.made is made)


def paper_of(
    work: Work, page: CasePage, line: DocumentLine, *, is_preview: bool = False
) -> OfficialPaper:
    """Put a document of a case into blocks."""
    material = material_of(work.session, page, line)
    is_real = installation_of(work.session).mode == "production"
    return document_paper(material, work.today, is_real=is_real, is_preview=is_preview)


def set_document(
    screen: Screen, lines: Sequence[DocumentLine], line: DocumentLine, format_: str
) -> tuple[bytes, str]:
    """Set a document as PDF or docx, or as what is handed over; give the name of its file too.

    ``lines`` are the documents of the case that its receipt is looked for among.
    """
    paper, now = paper_of(screen.work, screen.page, line), screen.work.now
    name = f"{paper.title}-{paper.number or screen.page.case.number}"
    if format_ != TOGETHER:
        return SETTERS[format_](paper, now), f"{name}.{format_}"
    papers = (paper, *_beside(screen, _receipt_of(lines, line), line, paper.issuer))
    return printed_together(papers, now), f"{name}-送达.pdf"


def has_more(lines: Sequence[DocumentLine], line: DocumentLine) -> bool:
    """Say whether a document is handed over with other papers: its receipt, the coming dates."""
    return line.made.document.has_timetable or _receipt_of(lines, line) is not None


def _beside(
    screen: Screen, receipt: DocumentLine | None, line: DocumentLine, office: str
) -> Iterator[OfficialPaper]:
    if line.made.document.has_timetable:
        is_real = installation_of(screen.work.session).mode == "production"
        yield timetable_paper(screen, office, is_real=is_real)
    if receipt is not None:
        yield paper_of(screen.work, screen.page, receipt)


def _receipt_of(lines: Sequence[DocumentLine], line: DocumentLine) -> DocumentLine | None:
    for each in lines:
        made = each.made
        if made.served is line.made.document and made.record.seq == line.made.record.seq:
            return each
    return None
