"""Word documents for WPS: page and letters as official papers have them (GB/T 9704), same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from webapp.review_package.marks import Marks
from workflows.audit.plain_zip import write_plain_zip

_BODY, _HEADING, _TITLE = "仿宋_GB2312", "黑体", "方正小标宋简体"
_BODY_POINTS, _TITLE_POINTS, _LINE_POINTS = 16, 22, 28.95
_INDENT_SIGNS = 2
_CLEAN = {code: None for code in [*range(0x20), 0xFFFE, 0xFFFF] if code not in (9, 10, 13)}


class Paper:
    """A document on its way."""

    def __init__(self, title: str, marks: Marks) -> None:
        self._document = Document()
        section = self._document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(37), Mm(35)
        section.left_margin, section.right_margin = Mm(28), Mm(26)
        about = self._document.core_properties
        about.title, about.author = title, marks.title
        about.created = about.modified = marks.made_at_naive
        about.last_modified_by, about.revision = marks.title, 1
        self._line(title, _TITLE, _TITLE_POINTS, WD_ALIGN_PARAGRAPH.CENTER)
        self._line("", _BODY, _BODY_POINTS)

    def heading(self, text: str) -> None:
        """Add a heading of the first level."""
        self._line(text, _HEADING, _BODY_POINTS, indent=_INDENT_SIGNS)

    def say(self, text: str) -> None:
        """Add a paragraph."""
        self._line(text, _BODY, _BODY_POINTS, indent=_INDENT_SIGNS)

    def sign(self, text: str) -> None:
        """Add a line at the right."""
        self._line(text, _BODY, _BODY_POINTS, WD_ALIGN_PARAGRAPH.RIGHT)

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Add a table with ruled lines."""
        table = self._document.add_table(rows=0, cols=len(headings), style="Table Grid")
        for number, row in enumerate((headings, *rows)):
            for cell, text in zip(table.add_row().cells, row, strict=True):
                self._write(cell.paragraphs[0], text, _BODY if number else _HEADING, 12)

    def content(self) -> bytes:
        """Give the file; the same texts give the same bytes."""
        saved, target = BytesIO(), BytesIO()
        self._document.save(saved)
        with ZipFile(saved) as found:
            write_plain_zip(target, {name: found.read(name) for name in found.namelist()})
        return target.getvalue()

    def _line(
        self,
        text: str,
        font: str,
        points: int,
        side: WD_ALIGN_PARAGRAPH | None = None,
        indent: int = 0,
    ) -> None:
        paragraph = self._document.add_paragraph()
        shape = paragraph.paragraph_format
        shape.line_spacing, shape.space_after = Pt(_LINE_POINTS), Pt(0)
        shape.first_line_indent = Pt(indent * points) if indent else None
        if side is not None:
            paragraph.alignment = side
        self._write(paragraph, text, font, points)

    def _write(self, paragraph: Any, text: str, font: str, points: int) -> None:
        run = paragraph.add_run(text.translate(_CLEAN))
        run.font.name, run.font.size = font, Pt(points)
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
