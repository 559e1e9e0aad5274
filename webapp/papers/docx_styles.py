"""How papers of the office look in docx: page, grid, fonts and styles of GB/T 9704-2012.

The fonts of the standard are named first; programs that lack one take the next, from the
table of fonts. Sizes are in half points, places in twips (twentieths of a point).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from docx.document import Document as DocxDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.section import Section
from docx.shared import Mm
from lxml import etree

LINE_TWIPS = 579
# A sign of 16 pt set 0.25 pt closer: 28 of them are 156 mm wide.
CLOSER_TWIPS, PITCH_TWIPS = -5, 315
FANG, HEI, KAI, SONG = "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
TITLE = "方正小标宋简体"
RED = "C80000"
LATIN, MONO = "Times New Roman", "Courier New"
# What is taken where a font is missing, best first.
FALLBACKS = {
    FANG: ("仿宋", "FangSong", "华文仿宋", "宋体"),
    HEI: ("SimHei", "微软雅黑", "Noto Sans CJK SC"),
    KAI: ("楷体", "KaiTi", "华文楷体", "宋体"),
    TITLE: ("小标宋", "华文中宋", "宋体"),
    SONG: ("SimSun", "Noto Serif CJK SC"),
}
_WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PAGE_NUMBER = 28


@dataclass(frozen=True, slots=True)
class Look:
    """A style of paragraphs.

    ``line`` is the exact height of a line, 0 as much as it needs; ``indent`` that of the
    first line in characters; ``outline`` the level in a table of contents, from 1. One that
    ``is_ruled`` has a red rule under it.
    """

    id: str
    name: str
    font: str = FANG
    size: int = 32
    align: str = "both"
    indent: int = 0
    line: int = LINE_TWIPS
    closer: int = CLOSER_TWIPS
    latin: str = LATIN
    outline: int = 0
    keeps: bool = False
    colour: str = ""
    is_ruled: bool = False


BODY = Look("Normal", "Normal", indent=2)
LOOKS = (
    BODY,
    Look("PaperTitle", "公文标题", TITLE, 44, "center", line=660, closer=0, keeps=True),
    Look("PaperNumber", "发文字号", align="center"),
    Look("PaperSecrecy", "密级", HEI),
    Look("PaperHead", "发文机关标志", TITLE, 52, "center", line=0, keeps=True, colour=RED),
    Look("LetterHead", "信函机关标志", TITLE, 52, "center", line=0, closer=0, colour=RED),
    Look("LetterNumber", "信函文号", align="left"),
    Look("RuledNumber", "文件字号", align="center", keeps=True, is_ruled=True),
    Look("Copies", "版记", FANG, 28, "left", line=0, closer=0),
    Look("Flush", "正文顶格"),
    Look("Level1", "一级标题", HEI, indent=2, outline=1, keeps=True),
    Look("Level2", "二级标题", KAI, indent=2, outline=2, keeps=True),
    Look("Level3", "三级标题", indent=2, outline=3, keeps=True),
    Look("GridHead", "表头", HEI, 21, "center", line=0, closer=0, keeps=True),
    Look("GridCell", "表格", FANG, 21, "left", line=0, closer=0),
    Look("FormCell", "表单", FANG, 24, "left", line=0, closer=0),
    Look("Fine", "小字", FANG, 18, "left", line=0, closer=0, latin=MONO),
    Look("Picture", "图", line=0),
    Look("Sign", "签名", indent=2, keeps=True),
    Look("SignPair", "并列签名", keeps=True),
    Look("Ending", "落款", align="right", keeps=True),
)
IDS = {look.name: look.id for look in LOOKS}


def element(tag: str, *children: Any, **attributes: str) -> Any:
    """Make an element of WordprocessingML; its attributes are of the same language."""
    made = OxmlElement(tag if ":" in tag else f"w:{tag}")
    for name, value in attributes.items():
        made.set(qn(name if ":" in name else f"w:{name}"), value)
    made.extend(children)
    return made


def set_styles(document: DocxDocument) -> None:
    """Put our styles in the place of the library's, and the table of fonts."""
    styles = document.styles.element
    kept = {"DefaultParagraphFont", "TableNormal", "NoList"}
    for child in list(styles):
        if child.get(qn("w:styleId")) not in kept:
            styles.remove(child)
    styles.insert(0, _defaults())
    styles.extend(_style(look) for look in LOOKS)
    _set_fonts(document)


def _defaults() -> Any:
    language = element("lang", val="en-US", eastAsia="zh-CN")
    run = element("rPrDefault", element("rPr", _fonts(FANG, LATIN), language))
    return element("docDefaults", run, element("pPrDefault"))


def _fonts(font: str, latin: str) -> Any:
    return element("rFonts", ascii=latin, hAnsi=latin, eastAsia=font, cs=latin)


def _style(look: Look) -> Any:
    made = element("style", type="paragraph", styleId=look.id, customStyle="1")
    if look is BODY:
        made = element("style", type="paragraph", styleId=look.id, default="1")
    made.append(element("name", val=look.name))
    if look is not BODY:
        made.append(element("basedOn", val=BODY.id))
    made.append(element("qFormat"))
    made.append(_paragraph(look))
    colour = [element("color", val=look.colour)] if look.colour else []
    made.append(
        element(
            "rPr",
            _fonts(look.font, look.latin),
            *colour,
            element("spacing", val=str(look.closer)),
            element("sz", val=str(look.size)),
            element("szCs", val=str(look.size)),
        )
    )
    return made


def _paragraph(look: Look) -> Any:
    """Give the properties of a style's paragraphs, in the order of the schema."""
    height = {"line": str(look.line), "lineRule": "exact"}
    if not look.line:
        height = {"line": "240", "lineRule": "auto"}
    indent = {
        "firstLineChars": str(look.indent * 100),
        "firstLine": str(look.indent * PITCH_TWIPS),
    }
    made = element("pPr")
    if look.keeps:
        made.append(element("keepNext"))
    made.append(element("widowControl", val="0"))
    if look.is_ruled:
        under = element("bottom", val="single", sz="12", space="11", color=RED)
        made.append(element("pBdr", under))
    for plain in ("autoSpaceDE", "autoSpaceDN"):
        made.append(element(plain, val="0"))
    made.append(element("snapToGrid", val="1" if look.line == LINE_TWIPS else "0"))
    made.append(element("spacing", before="0", after="0", **height))
    made.append(element("ind", **indent))
    made.append(element("jc", val=look.align))
    if look.outline:
        made.append(element("outlineLvl", val=str(look.outline - 1)))
    return made


def _set_fonts(document: DocxDocument) -> None:
    """Say which font to take where one is missing."""
    table = element("fonts")
    for name, others in FALLBACKS.items():
        table.append(
            element(
                "font",
                element("altName", val=",".join(others)),
                element("charset", val="86"),
                element("family", val="roman"),
                element("pitch", val="variable"),
                name=name,
            )
        )
    part = document.part.part_related_by(RELATIONSHIP_TYPE.FONT_TABLE)
    part._blob = etree.tostring(table, xml_declaration=True, encoding="UTF-8", standalone=True)


def lay_out(document: DocxDocument, watermark: str) -> None:
    """Set paper, margins, the grid of lines, and the page's number on the outer side."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(15), Mm(23)
    properties = section._sectPr
    for old in properties.findall(qn("w:docGrid")):
        properties.remove(old)
    properties.append(element("docGrid", type="lines", linePitch=str(LINE_TWIPS)))
    document.settings.odd_and_even_pages_header_footer = True
    _number_pages(section)
    if watermark:
        _mark(section, watermark)


def _number_pages(section: Section) -> None:
    """Write — 1 — at the outer side of each page, a character in."""
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]._p
        for child in list(paragraph):
            paragraph.remove(child)
        indent = element("ind", **{f"{side}Chars": "100", side: "280", "firstLine": "0"})
        plain = element("spacing", line="240", lineRule="auto")
        jc = element("jc", val=side)
        paragraph.append(element("pPr", element("snapToGrid", val="0"), plain, indent, jc))
        paragraph.append(_run("— "))
        paragraph.append(element("fldSimple", _run("1"), instr=" PAGE "))
        paragraph.append(_run(" —"))


def _run(text: str) -> Any:
    said = element("t", **{"xml:space": "preserve"})
    said.text = text
    look = element(
        "rPr",
        element("rFonts", ascii=SONG, hAnsi=SONG, eastAsia=SONG),
        element("spacing", val="0"),
        element("sz", val=str(_PAGE_NUMBER)),
    )
    return element("r", look, said)


def _mark(section: Section, text: str) -> None:
    """Say on each page that this is no real paper."""
    headers = [section.header, section.even_page_header]
    if section.different_first_page_header_footer:
        headers.append(section.first_page_header)
    for header in headers:
        header.is_linked_to_previous = False
        said = header.paragraphs[0].add_run(text)
        header.paragraphs[0].style = "表头"
        said.font.size = Mm(6)
