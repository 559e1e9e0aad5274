"""Lines of a docx: a paragraph in one of our styles, with what XML can hold of its text."""

from __future__ import annotations

import re
from typing import Any

from docx.document import Document as DocxDocument
from docx.shared import Pt

from webapp.papers.official import head_points

# What XML 1.0 cannot hold.
_UNFIT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def fit(text: str) -> str:
    """Put a mark in the place of what no XML can hold."""
    return _UNFIT.sub("\ufffd", text)


def line(document: DocxDocument, text: str, style: str) -> Any:
    """Add a paragraph."""
    return document.add_paragraph(fit(text), style=style)


def red_line(document: DocxDocument, head: str, style: str) -> Any:
    """Add the name of the office, as large as one line holds it."""
    added = line(document, head, style)
    added.runs[0].font.size = Pt(round(head_points(head) * 2) / 2)
    return added
