"""Reading papers back: their text, the QR codes on their pages, and the parts of a docx."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pypdfium2
import zxingcpp
from lxml import etree

WORDS = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def pdf_text(content: bytes) -> str:
    """Give the text of a PDF, without the ends of its lines."""
    document = pypdfium2.PdfDocument(content)
    pages = [page.get_textpage().get_text_bounded() for page in document]
    return "".join("".join(pages).split())


def pdf_pages(content: bytes) -> int:
    """Count the pages of a PDF."""
    return len(pypdfium2.PdfDocument(content))


def pdf_codes(content: bytes) -> list[str]:
    """Photograph the pages of a PDF and read the QR codes on them."""
    return [text for page in pypdfium2.PdfDocument(content) for text in _codes(page)]


def _codes(page: Any) -> list[str]:
    picture = page.render(scale=3, grayscale=True)
    pixels, width, height = bytes(picture.buffer), picture.width, picture.height
    rows = (pixels[at : at + width] for at in range(0, height * picture.stride, picture.stride))
    seen = memoryview(b"".join(rows)).cast("B", (height, width))
    return [found.text for found in zxingcpp.read_barcodes(seen)]


def docx_parts(content: bytes) -> dict[str, bytes]:
    """Give the parts of a docx."""
    with ZipFile(BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def docx_text(content: bytes) -> str:
    """Give what a docx says, without the ends of its lines."""
    root = etree.fromstring(docx_parts(content)["word/document.xml"])
    return "".join("".join(each.itertext()) for each in root.iter(f"{WORDS}t"))
