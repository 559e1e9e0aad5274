"""Papers of the office as docx, after GB/T 9704-2012.

The type area of 156 × 225 mm holds 22 lines of 28 characters: lines by a grid of the type
``lines`` (a grid of characters breaks in LibreOffice), characters by setting them 0.25 pt
closer. Fonts are named, not carried: the standard's are licensed, and a unit has its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from math import ceil
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.document import Document as DocxDocument
from docx.enum.text import WD_BREAK
from docx.shared import Mm

from webapp.papers.docx_frames import letter_foot, letter_head, place_at_foot
from webapp.papers.docx_lines import fit, line, red_line
from webapp.papers.docx_styles import IDS, PITCH_TWIPS, element, lay_out, set_styles
from webapp.papers.official import (
    Block,
    Fine,
    Grid,
    Heading,
    OfficialPaper,
    Paragraph,
    QrMark,
    ending_date,
    ending_indents,
    width_of,
)
from webapp.papers.qr import qr_picture

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_DATE = (1980, 1, 1, 0, 0, 0)
_WIDTH_TWIPS = 8844  # 156 mm
_LINES_ABOVE_HEAD = 3  # and what a line of the head leaves above its signs: 35 mm
_LEFT_OUT = ("/thumbnail", "/customXml", "/stylesWithEffects", "/webSettings", "/numbering")
_STYLE_OF_LEVEL: Mapping[int, str] = {1: "一级标题", 2: "二级标题", 3: "三级标题"}


def official_docx(paper: OfficialPaper, at: datetime) -> bytes:
    """Set a paper as docx; the same paper and moment give the same bytes."""
    document = Document()
    _leave_out(document)
    set_styles(document)
    if paper.is_letter:
        letter_foot(document.sections[0])
    lay_out(document, fit(paper.watermark))
    _describe(document, paper, at)
    _head(document, paper)
    for block in paper.blocks:
        _add(document, block)
    _keep_last(document, paper)
    _appendices(document, paper)
    _end(document, paper)
    return _packed(document)


def _keep_last(document: DocxDocument, paper: OfficialPaper) -> None:
    """Let the last lines, of a form its last row, stand on the page of the signatures."""
    last = paper.blocks[-1] if paper.blocks else None
    if isinstance(last, Paragraph):
        document.paragraphs[-1].paragraph_format.keep_with_next = True
    elif isinstance(last, Grid) and not last.headings and last.rows:
        for cell in document.tables[-1].rows[-1].cells:
            cell.paragraphs[0].paragraph_format.keep_with_next = True
        document.paragraphs[-1].paragraph_format.keep_with_next = True


def _leave_out(document: DocxDocument) -> None:
    """Take out what the library's empty document carries and no paper of ours needs."""
    for relations in (document.part.package.rels, document.part.rels):
        for key in [key for key, each in relations.items() if each.reltype.endswith(_LEFT_OUT)]:
            del relations[key]


def _describe(document: DocxDocument, paper: OfficialPaper, at: datetime) -> None:
    about = document.core_properties
    about.title, about.author, about.comments = fit(paper.title)[:255], "", ""
    about.last_modified_by, about.revision, about.keywords = "", 1, ""
    about.created = about.modified = at.replace(tzinfo=None, microsecond=0)


def _head(document: DocxDocument, paper: OfficialPaper) -> None:
    if paper.secrecy and not paper.is_letter:
        line(document, paper.secrecy, "密级")
    if paper.is_letter:
        letter_head(document, paper)
    elif paper.head:
        _red_head(document, paper)
    elif paper.number:
        line(document, paper.number, "发文字号")
    line(document, "", "正文顶格")
    line(document, paper.title, "公文标题")
    line(document, "", "正文顶格")
    if paper.addressee:
        line(document, f"{paper.addressee}：", "正文顶格")


def _red_head(document: DocxDocument, paper: OfficialPaper) -> None:
    """Write the office's name 35 mm down, its number and the red rule, as the standard spaces them.

    GB/T 9704-2012, 7.2.4, 7.2.5 and 7.3.1: two empty lines before the number, two before the title.
    """
    for _ in range(_LINES_ABOVE_HEAD - bool(paper.secrecy)):
        line(document, "", "正文顶格")
    red_line(document, paper.head, "发文机关标志")
    line(document, "", "正文顶格")
    line(document, "", "正文顶格")
    line(document, paper.number or "〔　　〕　号", "文件字号")
    line(document, "", "正文顶格")


def _appendices(document: DocxDocument, paper: OfficialPaper) -> None:
    if paper.appendices:
        line(document, "", "落款")
    for place, name in enumerate(paper.appendices, start=1):
        number = f"{place}." if len(paper.appendices) > 1 else ""
        called = ("附件：" if place == 1 else "　　　") + number + name
        line(document, called, "Normal").paragraph_format.keep_with_next = True


def _end(document: DocxDocument, paper: OfficialPaper) -> None:
    """Write the lines to sign on, the issuer and the date; they stay on one page."""
    on = ending_date(paper)
    if not on:
        return
    # A line of its own follows each table.
    is_form = bool(paper.blocks) and isinstance(paper.blocks[-1], Grid) and not paper.head
    if not is_form:
        line(document, "", "落款")
    _signers(document, paper)
    if paper.signers and not is_form:
        line(document, "", "落款")
    for text, indent in zip((paper.issuer, on), ending_indents(paper.issuer, on), strict=True):
        ending = line(document, text, "落款")
        signs = f"{indent * 100:.0f}"
        twips = f"{indent * PITCH_TWIPS:.0f}"
        ending._p.get_or_add_pPr().append(element("ind", rightChars=signs, right=twips))
    ending.paragraph_format.keep_with_next = False
    if paper.copies:
        copies = line(document, f"抄送：{'、'.join(paper.copies)}。", "版记")
        place_at_foot(copies, has_rules=not paper.is_letter)


def _signers(document: DocxDocument, paper: OfficialPaper) -> None:
    """Write the lines to sign on, of a form two beside each other."""
    if paper.head:
        for signer in paper.signers:
            line(document, f"{signer}：＿＿＿＿＿＿＿＿", "签名")
        return
    cells = [f"{each}：" + "＿" * max(4, 12 - ceil(width_of(each))) for each in paper.signers]
    for place in range(0, len(cells), 2):
        line(document, "　".join(cells[place : place + 2]), "并列签名")


def _add(document: DocxDocument, block: Block) -> None:
    if isinstance(block, Heading):
        line(document, block.text, _STYLE_OF_LEVEL[block.level])
    elif isinstance(block, Paragraph):
        line(document, block.text, "正文顶格" if block.is_flush else "Normal")
    elif isinstance(block, Fine):
        line(document, "\n".join(block.lines), "小字")
    elif isinstance(block, QrMark):
        picture = BytesIO(qr_picture(block.text))
        document.add_paragraph(style="图").add_run().add_picture(picture, width=Mm(45))
    elif isinstance(block, Grid):
        _grid(document, block)
    else:
        document.add_paragraph(style="正文顶格").add_run().add_break(WD_BREAK.PAGE)


def _grid(document: DocxDocument, block: Grid) -> None:
    # By hand: the library goes through all of a table for each of its cells.
    widths = _widths(block.shares)
    rows = [_row(block.headings, widths, "表头")] if block.headings else []
    rows += [_row(row, widths, "表格" if block.headings else "表单") for row in block.rows]
    after = line(document, "", "正文顶格")
    after._p.addprevious(element("tbl", *_frame(widths), *rows))


def _widths(shares: tuple[int, ...]) -> list[int]:
    whole = sum(shares)
    return [_WIDTH_TWIPS * share // whole for share in shares]


def _frame(widths: list[int]) -> tuple[Any, Any]:
    """Give the rules of a table and the widths of its columns, in the order of the schema."""
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    rules = [element(side, val="single", sz="4", space="0", color="000000") for side in sides]
    sizes = (("top", "57"), ("left", "57"), ("bottom", "57"), ("right", "57"))
    margins = [element(side, w=size, type="dxa") for side, size in sizes]
    properties = element(
        "tblPr",
        element("tblW", w=str(sum(widths)), type="dxa"),
        element("jc", val="center"),
        element("tblBorders", *rules),
        element("tblLayout", type="fixed"),
        element("tblCellMar", *margins),
    )
    return properties, element("tblGrid", *(element("gridCol", w=str(width)) for width in widths))


def _row(texts: tuple[str, ...], widths: list[int], style: str) -> Any:
    """Give a row; the headings stand on every page, and no row is broken by one."""
    marks = [element("cantSplit")]
    marks += [element("tblHeader")] if style == "表头" else []
    cells = [_cell(text, width, style) for text, width in zip(texts, widths, strict=True)]
    return element("tr", element("trPr", *marks), *cells)


def _cell(text: str, width: int, style: str) -> Any:
    parts: list[Any] = []
    for place, part in enumerate(fit(text).split("\n")):
        parts += [element("br")] if place else []
        said = element("t", **{"xml:space": "preserve"})
        said.text = part
        parts.append(said)
    paragraph = element(
        "p",
        element("pPr", element("pStyle", val=IDS[style])),
        element("r", *parts),
    )
    size = element("tcW", w=str(width), type="dxa")
    return element("tc", element("tcPr", size, element("vAlign", val="center")), paragraph)


def _packed(document: DocxDocument) -> bytes:
    """Write the package so that nothing in it tells of the machine and the time of writing."""
    written, packed = BytesIO(), BytesIO()
    document.save(written)
    with ZipFile(written) as source, ZipFile(packed, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            entry = ZipInfo(name, _DATE)
            entry.compress_type, entry.create_system, entry.external_attr = ZIP_DEFLATED, 0, 0
            target.writestr(entry, source.read(name))
    return packed.getvalue()
