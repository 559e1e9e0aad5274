"""Words against state secrets: found where a reader would, in files as in texts."""

import io
import zipfile

import pylopdf_fonts_zh_cn
import pytest
import typst
from docx import Document
from xlsxwriter import Workbook

from workflows.domain.secret_words import DEFAULTS, Found, WordKind, WordList
from workflows.services.imports.file_texts import text_in

WORDS = WordList(DEFAULTS)


@pytest.mark.parametrize(
    "text",
    ["本件机密", "机 密", "机\u200b密", "机\u3000密★", "绝密★1年", "秘密★", "秘密 ★"],
)
def test_a_marking_is_found_however_it_is_spaced(text: str) -> None:
    assert WORDS.look([text]).hard


@pytest.mark.parametrize(
    "text", ["手机密码忘了", "与司机密切联系", "主机密钥", "查询机\n密林", "不含国家秘密", "支委会"]
)
def test_what_only_looks_like_one_is_not(text: str) -> None:
    assert WORDS.look([text]) == Found()


def test_words_of_warning_do_not_refuse() -> None:
    assert WORDS.look(["涉密人员管理", "商业秘密"]) == Found((), ("涉密", "秘密"))


def test_the_list_decides() -> None:
    assert WordList({"草原": WordKind.HARD}).look(["草原，机密"]) == Found(("草原",), ())


def _docx() -> bytes:
    document, out = Document(), io.BytesIO()
    paragraph = document.add_paragraph("会议")
    paragraph.add_run("纪要（机")
    paragraph.add_run("密）").bold = True
    document.save(out)
    return out.getvalue()


def _xlsx() -> bytes:
    out = io.BytesIO()
    book = Workbook(out)
    book.add_worksheet().write(3, 2, "机密")
    book.close()
    return out.getvalue()


def _zip(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr(name, content)
    return out.getvalue()


def _pdf() -> bytes:
    fonts = typst.Fonts(
        include_system_fonts=False, font_paths=[pylopdf_fonts_zh_cn.serif_path().parent]
    )
    return typst.compile("本件 机密".encode(), font_paths=fonts, format="pdf")


FILES = {
    "pdf": _pdf(),
    "docx": _docx(),
    "xlsx": _xlsx(),
    "docx in zip": _zip("附件.docx", _docx()),
    "utf-8": "机密".encode(),
    "gbk": "本件机密".encode("gb18030"),
    "utf-16": "机密".encode("utf-16"),
    "old doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 505 + "机密文件".encode("utf-16-le"),
    "entities": _zip("word/document.xml", b"<w:p><w:t>&#26426;</w:t><w:t>&#23494;</w:t></w:p>"),
    "odt": _zip("content.xml", "<text:p>机密</text:p>".encode()),
}


@pytest.mark.parametrize("kind", sorted(FILES))
def test_the_text_of_a_file_is_searched(kind: str) -> None:
    assert WORDS.look([text_in(FILES[kind])]).hard == ("机密",)


def test_cells_and_paragraphs_do_not_make_a_word_together() -> None:
    assert not WORDS.look([text_in(_zip("x.xml", "<w:p>机</w:p><w:p>密</w:p>".encode()))]).hard


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04broken",
        b"\x89PNG\r\n\x1a\n\0\0",
        b"%PDF-1.7 made up",
        _zip("a", b"0" * 9_000),
    ],
)
def test_what_has_no_text_gives_none_and_nothing_breaks(content: bytes) -> None:
    assert WORDS.look([text_in(content)]) == Found()
