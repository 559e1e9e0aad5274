"""What has its place on the page of a docx: the head of a letter, and who else gets a paper.

In the format of letters (信函格式, GB/T 9704-2012, 10.1) the office's name stands 30 mm below the
edge of the paper, 4 mm under it two red rules, thick over thin, and two more, thin over thick,
20 mm above the lower edge; all are 170 mm long. They are frames with a place on the page, so
that text that is typed in later moves none of them.
"""

from __future__ import annotations

from typing import Any

from docx.document import Document as DocxDocument
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.section import Section
from docx.shared import Length, Mm, Pt

from webapp.papers.docx_lines import fit, line, red_line
from webapp.papers.docx_styles import HEI, RED, element
from webapp.papers.official import OfficialPaper, head_points

_WIDTH, _TYPE_AREA = Mm(170), Mm(156)
_NAME, _FOOT, _UNDER_NAME = Mm(30), Mm(297 - 20), Mm(4)
# Both rules together in eighths of a point.
_RULES = "24"
_RULE_LINE = Pt(2)


def letter_head(document: DocxDocument, paper: OfficialPaper) -> None:
    """Write the office's name over its rules; under them secrecy left, the number right."""
    size = Pt(head_points(paper.head))
    name = red_line(document, paper.head, "信函机关标志")
    name.paragraph_format.line_spacing = size
    _frame(name, _NAME)
    rules = line(document, "", "正文顶格")
    _rules(rules, Length(_NAME + size + _UNDER_NAME), "thickThinSmallGap")
    under = line(document, "", "信函文号")
    under.paragraph_format.tab_stops.add_tab_stop(_TYPE_AREA, WD_TAB_ALIGNMENT.RIGHT)
    secrecy = under.add_run(fit(paper.secrecy))
    secrecy._r.get_or_add_rPr().append(element("rFonts", eastAsia=HEI))
    under.add_run("\t" + fit(paper.number or "〔　　〕　号"))
    line(document, "", "正文顶格")


def letter_foot(section: Section) -> None:
    """Draw the lower rules on the first page, which shows no number."""
    section.different_first_page_header_footer = True
    rules = section.first_page_footer.paragraphs[0]
    rules.style = "正文顶格"
    _rules(rules, _FOOT, "thinThickSmallGap")
    section.first_page_footer.add_paragraph(style="正文顶格")


def place_at_foot(copies: Any, *, has_rules: bool) -> None:
    """Put who else gets a paper at the foot of its last page (版记, 7.4), between two rules."""
    place = {"w": str(_TYPE_AREA.twips), "hAnchor": "margin", "xAlign": "center"}
    frame = element("framePr", wrap="around", vAnchor="margin", yAlign="bottom", **place)
    copies._p.get_or_add_pPr().pStyle.addnext(frame)
    if has_rules:
        thin = {"val": "single", "sz": "8", "space": "4", "color": "000000"}
        frame.addnext(element("pBdr", element("top", **thin), element("bottom", **thin)))
    copies._p.pPr.append(element("ind", leftChars="100", left="280", firstLine="0"))


def _rules(paragraph: Any, y: Length, kind: str) -> None:
    """Draw two rules at a height of the page."""
    paragraph.paragraph_format.line_spacing = _RULE_LINE
    frame = _frame(paragraph, Length(y - _RULE_LINE))
    frame.addnext(element("pBdr", element("bottom", val=kind, sz=_RULES, space="0", color=RED)))


def _frame(paragraph: Any, y: Length) -> Any:
    """Put a paragraph at its height of the page; the text begins below it."""
    place = {"w": str(_WIDTH.twips), "hAnchor": "page", "xAlign": "center"}
    frame = element("framePr", wrap="around", vAnchor="page", y=str(y.twips), **place)
    paragraph._p.get_or_add_pPr().pStyle.addnext(frame)
    return frame
