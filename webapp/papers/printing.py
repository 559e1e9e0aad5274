"""Several papers as one PDF to print on both sides: each begins on the front of a sheet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from io import BytesIO

from pypdfium2 import PdfDocument

from webapp.papers.official import OfficialPaper
from webapp.papers.pdf import official_pdf


def printed_together(papers: Iterable[OfficialPaper], at: datetime) -> bytes:
    """Set papers one after the other; behind one with an odd number of pages comes a blank one."""
    whole = PdfDocument.new()
    for paper in papers:
        one = PdfDocument(official_pdf(paper, at))
        whole.import_pages(one)
        if len(one) % 2:
            whole.new_page(*one[0].get_size())
        one.close()
    written = BytesIO()
    whole.save(written)
    whole.close()
    return written.getvalue()
