"""Papers of the office: what GB/T 9704-2012 asks for, twice from one content."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.support.papers import WORDS, docx_parts, docx_text, pdf_codes, pdf_pages, pdf_text
from webapp.papers import typesetting
from webapp.papers.docx import official_docx
from webapp.papers.glyphs import missing_signs
from webapp.papers.official import (
    Block,
    Fine,
    Grid,
    Heading,
    NewPage,
    OfficialPaper,
    Paragraph,
    QrMark,
    ending_indents,
    numbered,
    numeral,
    width_of,
)
from webapp.papers.pdf import official_pdf

AT = datetime(2026, 11, 30, 2, tzinfo=UTC)
RARE = "堃喆昇玥镕"
BLOCKS: tuple[Block, ...] = (
    Heading(1, "一、范围"),
    Paragraph(f"检查了{RARE}嘎查党支部。"),
    Heading(2, "（一）细目"),
    Paragraph("顶格的一段。", is_flush=True),
    Grid(("案号", "单位"), (("督〔2026〕1号-1", f"{RARE}嘎查\n某人"), ("二", "三")), (1, 2)),
    Fine(("规模 7", "a" * 64)),
    QrMark("某处 (test)\n7\nroot=\n"),
    NewPage(),
    Paragraph("第二页。"),
)
PAPER = OfficialPaper(
    title=f"关于{RARE}旗督办案件办理情况的说明",
    blocks=BLOCKS,
    issuer="中共某旗委员会组织部",
    issued_on=date(2026, 11, 30),
    number="督〔2026〕3号",
    secrecy="内部资料",
    addressee="盟委巡察办",
    signers=("检查人员", "检查人员（昇堃）"),
    appendices=("案件清单", "存证点"),
    watermark="演示数据·虚构",
)


def part(name: str) -> Any:
    return etree.fromstring(docx_parts(official_docx(PAPER, AT))[name])


def value(root: Any, path: str, name: str) -> str | None:
    found = root.find(path.replace("w:", WORDS))
    assert found is not None, path
    got: str | None = found.get(f"{WORDS}{name}")
    return got


def texts(blocks: tuple[Block, ...]) -> list[str]:
    told: list[str] = []
    for block in blocks:
        if isinstance(block, Heading | Paragraph):
            told.append(block.text)
        elif isinstance(block, Grid):
            told += [*block.headings, *(cell for row in block.rows for cell in row)]
        elif isinstance(block, Fine):
            told += block.lines
    return told


def test_both_renderings_say_all_of_the_paper() -> None:
    said = [PAPER.title, PAPER.number, PAPER.secrecy, PAPER.addressee, PAPER.issuer]
    said += [*PAPER.signers, *PAPER.appendices, *texts(BLOCKS), "2026年11月30日"]
    in_docx = docx_text(official_docx(PAPER, AT)).replace(" ", "")
    in_pdf = pdf_text(official_pdf(PAPER, AT))
    for each in said:
        wanted = "".join(each.split())
        assert wanted in in_docx, each
        assert wanted in in_pdf.replace("\u200b", ""), each


def test_the_qr_code_on_the_page_says_its_text() -> None:
    assert pdf_codes(official_pdf(PAPER, AT)) == ["某处 (test)\n7\nroot=\n"]


def test_the_same_paper_at_the_same_moment_gives_the_same_bytes() -> None:
    assert official_docx(PAPER, AT) == official_docx(PAPER, AT)
    assert official_pdf(PAPER, AT) == official_pdf(PAPER, AT)


def test_the_page_has_the_margins_and_the_grid_of_the_standard() -> None:
    root = part("word/document.xml")
    size, margins = root.find(f".//{WORDS}pgSz"), root.find(f".//{WORDS}pgMar")

    def twips(millimetres: float) -> float:
        return millimetres / 25.4 * 1440

    asked = {"top": 37, "bottom": 35, "left": 28, "right": 26}
    for side, millimetres in asked.items():
        assert int(margins.get(f"{WORDS}{side}")) == pytest.approx(twips(millimetres), abs=1)
    assert int(size.get(f"{WORDS}w")) == pytest.approx(twips(210), abs=1)
    assert int(size.get(f"{WORDS}h")) == pytest.approx(twips(297), abs=1)
    assert value(root, ".//w:docGrid", "type") == "lines"
    pitch = int(value(root, ".//w:docGrid", "linePitch") or 0)
    assert pitch == 579
    assert 22 * pitch <= twips(225) < 23 * pitch, "22 lines fill the type area"


def test_28_characters_fill_a_line() -> None:
    styles = part("word/styles.xml")
    normal = styles.find(f".//{WORDS}style[@{WORDS}styleId='Normal']")
    size = int(value(normal, ".//w:sz", "val") or 0) / 2
    closer = int(value(normal, "w:rPr/w:spacing", "val") or 0) / 20
    assert size == 16
    width = 156 / 25.4 * 72
    assert 28 * (size + closer) <= width < 29 * (size + closer)
    line = OfficialPaper("题", (Paragraph("国" * 57, is_flush=True),), "办", date(2026, 1, 1))
    assert pdf_lines(line)[1:4] == ["国" * 28, "国" * 28, "国"]


def pdf_lines(paper: OfficialPaper) -> list[str]:
    import pypdfium2

    page = pypdfium2.PdfDocument(official_pdf(paper, AT))[0]
    return [line.strip() for line in page.get_textpage().get_text_bounded().splitlines()]


@pytest.mark.parametrize(
    "style, font, half_points",
    [
        ("Normal", "仿宋_GB2312", "32"),
        ("PaperTitle", "方正小标宋简体", "44"),
        ("Level1", "黑体", "32"),
        ("Level2", "楷体_GB2312", "32"),
        ("Level3", "仿宋_GB2312", "32"),
    ],
)
def test_each_level_has_the_font_of_the_standard(style: str, font: str, half_points: str) -> None:
    found = part("word/styles.xml").find(f".//{WORDS}style[@{WORDS}styleId='{style}']")
    assert value(found, ".//w:rFonts", "eastAsia") == font
    assert value(found, ".//w:sz", "val") == half_points
    names = part("word/fontTable.xml").findall(f"{WORDS}font")
    others = {each.get(f"{WORDS}name"): value(each, "w:altName", "val") for each in names}
    assert others[font], "a program without the font knows what to take"


def test_pages_are_numbered_at_the_outer_side_between_dashes() -> None:
    parts = docx_parts(official_docx(PAPER, AT))
    assert b"evenAndOddHeaders" in parts["word/settings.xml"]
    feet = [etree.fromstring(each) for name, each in parts.items() if "footer" in name]
    sides = {value(foot, ".//w:jc", "val") for foot in feet}
    assert sides == {"left", "right"}
    for foot in feet:
        assert "".join(foot.itertext()).strip() == "— 1 —"
        assert (value(foot, ".//w:fldSimple", "instr") or "").strip() == "PAGE"
    assert "—1—" in pdf_text(official_pdf(PAPER, AT))


def test_the_docx_holds_no_macro_no_link_outside_and_nothing_of_its_making() -> None:
    parts = docx_parts(official_docx(PAPER, AT))
    assert not [name for name in parts if "vba" in name.lower() or name.endswith(".bin")]
    assert not [name for name in parts if "thumbnail" in name or "customXml" in name]
    for name, content in parts.items():
        if name.endswith(".rels"):
            assert b'TargetMode="External"' not in content, name
    assert b"python-docx" not in b"".join(parts.values())


def test_properties_stand_in_the_order_that_word_demands() -> None:
    order = (
        *(
            "pStyle",
            "keepNext",
            "keepLines",
            "framePr",
            "widowControl",
            "pBdr",
            "tabs",
            "autoSpaceDE",
        ),
        *("autoSpaceDN", "snapToGrid", "spacing", "ind", "jc", "outlineLvl"),
    )
    seen = 0
    for is_letter in (False, True):
        paper = replace(PAPER, head="旗委组织部", copies=("抄送单位",), is_letter=is_letter)
        for name, part in docx_parts(official_docx(paper, AT)).items():
            if not name.startswith(("word/document", "word/styles", "word/footer")):
                continue
            for properties in etree.fromstring(part).iter(f"{WORDS}pPr"):
                tags = [etree.QName(child).localname for child in properties]
                assert set(tags) <= set(order), tags
                assert tags == sorted(tags, key=order.index)
                seen += bool(tags)
    assert seen > 40


LETTER = replace(PAPER, head="苏布德旗委组织部", is_letter=True, watermark="", blocks=(BLOCKS[1],))


def pdf_places(paper: OfficialPaper, *found: str) -> list[tuple[float, float, float, float]]:
    """Give where texts stand on the first page, from its left and upper edges in millimetres."""
    import pypdfium2

    page = pypdfium2.PdfDocument(official_pdf(paper, AT))[0]
    text = page.get_textpage()
    places = []
    for each in found:
        at = text.search(each).get_next()
        assert at is not None, each
        boxes = [text.get_charbox(at[0] + n) for n in range(at[1])]
        left, right = boxes[0][0], boxes[-1][2]
        upper, lower = max(box[3] for box in boxes), min(box[1] for box in boxes)
        height = page.get_height()
        places.append(tuple(n / 72 * 25.4 for n in (left, height - upper, right, height - lower)))
    return places


def test_a_letter_has_its_head_and_number_where_the_standard_wants_them() -> None:
    head, number, secrecy = pdf_places(LETTER, LETTER.head, LETTER.number, LETTER.secrecy)
    assert head[1] == pytest.approx(30, abs=1), "30 mm below the edge of the paper"
    assert (head[0] + head[2]) / 2 == pytest.approx(105, abs=1), "in the middle of it"
    assert number[2] == pytest.approx(210 - 26, abs=1), "at the right edge of the type area"
    assert 43 + 4 < number[1] < 43 + 8, "7/8 of a sign under the rules"
    assert secrecy[0] == pytest.approx(28, abs=1)
    assert secrecy[1] == pytest.approx(number[1], abs=1), "on one line"


def test_a_letter_has_no_number_on_its_first_page() -> None:
    long = replace(LETTER, blocks=(Paragraph("国" * 900),))
    for paper, numbers in ((LETTER, set()), (long, {"—2—"})):
        said = pdf_text(official_pdf(paper, AT))
        assert {each for each in ("—1—", "—2—") if each in said} == numbers
    root = etree.fromstring(docx_parts(official_docx(LETTER, AT))["word/document.xml"])
    assert root.find(f".//{WORDS}titlePg") is not None
    assert not part("word/document.xml").findall(f".//{WORDS}titlePg"), "other papers have one"


def test_the_rules_of_a_letter_are_170_mm_long_and_have_their_place_on_the_page() -> None:
    parts = docx_parts(official_docx(LETTER, AT))
    frames: dict[str, list[float]] = {}
    for name, content in parts.items():
        if name.startswith(("word/document", "word/footer")):
            for frame in etree.fromstring(content).iter(f"{WORDS}framePr"):
                rule = frame.getparent().find(f"{WORDS}pBdr/{WORDS}bottom")
                kind = "" if rule is None else rule.get(f"{WORDS}val")
                sizes = [int(frame.get(f"{WORDS}{each}")) / 1440 * 25.4 for each in ("y", "w")]
                frames[kind] = sizes
    assert frames[""] == pytest.approx([30, 170], abs=0.5)
    assert frames["thickThinSmallGap"] == pytest.approx([30 + 9.2 + 4, 170], abs=1)
    assert frames["thinThickSmallGap"] == pytest.approx([297 - 20, 170], abs=1)


def test_a_long_name_of_an_office_stands_on_one_line() -> None:
    long = "中共鄂尔多斯市伊金霍洛旗委员会组织部办公室"
    for is_letter in (False, True):
        paper = replace(LETTER, head=long, is_letter=is_letter)
        (place,) = pdf_places(paper, long)
        assert place[3] - place[1] < 10
        assert place[2] - place[0] <= 156


def test_the_last_lines_stand_on_the_page_of_the_signature() -> None:
    import pypdfium2

    for lines in range(6, 18):
        paper = replace(LETTER, blocks=(*(Paragraph("行") for _ in range(lines)),))
        pages = [
            page.get_textpage().get_text_bounded()
            for page in pypdfium2.PdfDocument(official_pdf(paper, AT))
        ]
        (last,) = [page for page in pages if "2026年11月30日" in page]
        assert "行" in last, lines


def test_a_long_table_repeats_its_head_and_breaks_no_row() -> None:
    rows = tuple((f"督〔2026〕{n}号-1", RARE * 12) for n in range(1, 201))
    grid = Grid(("案号", "单位"), rows, (1, 2))
    paper = OfficialPaper("题", (grid,), "办", date(2026, 1, 1))
    root = etree.fromstring(docx_parts(official_docx(paper, AT))["word/document.xml"])
    assert len(root.findall(f".//{WORDS}tr")) == 201
    assert len(root.findall(f".//{WORDS}cantSplit")) == 201
    assert len(root.findall(f".//{WORDS}tblHeader")) == 1
    content = official_pdf(paper, AT)
    assert pdf_text(content).count("案号单位") == pdf_pages(content) > 3


def test_what_was_typed_is_never_read_as_code_and_breaks_no_file() -> None:
    typed = '"]} #panic("boom") <w:p> & [*x*] $y$ \\u{41} \x00\x0b\ufffe // `'
    paper = OfficialPaper(typed, (Paragraph(typed), Grid((typed,), ((typed,),), (1,))), typed, AT)
    told = docx_text(official_docx(paper, AT))
    assert '#panic("boom") <w:p> &' in told
    assert "\x0b" not in told
    assert "#panic" in pdf_text(official_pdf(paper, AT))


def test_headings_are_numbered_level_by_level() -> None:
    found = numbered([(1, "甲"), (2, "乙"), (3, "丙"), (3, "丁"), (2, "戊"), (1, "己"), (2, "庚")])
    assert [each.text for each in found] == [
        "一、甲", "（一）乙", "1.丙", "2.丁", "（二）戊", "二、己", "（一）庚",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "count, said", [(1, "一"), (9, "九"), (10, "十"), (11, "十一"), (20, "二十"), (42, "四十二")]
)
def test_numbers_are_written_as_headings_have_them(count: int, said: str) -> None:
    assert numeral(count) == said


@pytest.mark.parametrize("issuer", ["办", "盟委组织部", "中共某某自治旗委员会组织部办公室"])
def test_the_date_begins_two_characters_right_of_the_issuer(issuer: str) -> None:
    on = "2026年11月30日"
    first, second = ending_indents(issuer, on)
    begins = {"issuer": first + width_of(issuer), "date": second + width_of(on)}
    assert begins["issuer"] - begins["date"] == 2
    assert min(first, second) == 2


def test_the_last_row_of_a_form_stands_on_the_page_of_its_signatures() -> None:
    import pypdfium2

    for rows in range(14, 24):
        grid = Grid((), tuple((f"栏{n}", f"格{n}") for n in range(1, rows + 1)), (1, 3))
        form = replace(
            PAPER, blocks=(grid,), signers=("承办人", "审批人", "主要负责人"), appendices=()
        )
        pages = [
            page.get_textpage().get_text_bounded()
            for page in pypdfium2.PdfDocument(official_pdf(form, AT))
        ]
        (last,) = [page for page in pages if "审批人" in page]
        assert f"格{rows}" in last, rows
        assert "2026年11月30日" in last
    table = etree.fromstring(docx_parts(official_docx(form, AT))["word/document.xml"])
    (*_, row) = table.iter(f"{WORDS}tr")
    assert len(row.findall(f".//{WORDS}keepNext")) == 2
    assert "承办人：＿＿＿＿＿＿＿＿＿　审批人：" in docx_text(official_docx(form, AT))


def test_a_form_whose_day_is_not_known_yet_has_room_for_it() -> None:
    form = replace(PAPER, issued_on=None)
    room = "　　　　年　　月　　日"
    assert room in docx_text(official_docx(form, AT))
    assert "年月日" in pdf_text(official_pdf(form, AT))
    assert "年月日" not in pdf_text(official_pdf(replace(form, issuer=""), AT))


# A letter of the Mongolian script and a sign of a unit's own: neither is in any font of ours.
MONGOLIAN, OWN = "\u1828", "\ue863"


def test_signs_without_a_picture_are_found_once_each_wherever_they_stand() -> None:
    grid = Grid(("甲",), ((f"乙{MONGOLIAN}",),), (1,))
    paper = replace(
        LETTER, addressee=f"某{OWN}", blocks=(grid, Paragraph(f"{RARE}𬭎㛃{MONGOLIAN}"))
    )
    assert missing_signs(paper) == (MONGOLIAN, OWN)
    assert missing_signs({"a": [f"{RARE}\u200b\n①☑", 7, None], "b": (MONGOLIAN,)}) == (MONGOLIAN,)


@pytest.mark.parametrize("template", ["official", "case_file", "package_case_file"])
def test_each_template_says_which_signs_it_lacks(template: str) -> None:
    source = (Path(typesetting.__file__).parent / "typst" / f"{template}.typ").read_text("utf-8")
    assert '#import "missing.typ": missing\n' in source
    assert re.search(r"header: missing,|^    #missing$", source, re.MULTILINE)


def test_no_box_is_printed_in_silence() -> None:
    long = replace(LETTER, blocks=(Paragraph(f"{'国' * 900}{MONGOLIAN}"),))
    content = official_pdf(long, AT)
    told = pdf_text(content).count("缺字，字体中没有，印成方框：U+1828")
    assert told == pdf_pages(content) > 1
    assert "缺字" not in pdf_text(official_pdf(LETTER, AT))
