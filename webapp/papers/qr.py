"""Codes to photograph, drawn into the page."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import segno


@dataclass(frozen=True, slots=True)
class QrCode:
    """A text as a QR code; ``svg`` needs no style from elsewhere."""

    svg: str

    def __html__(self) -> str:
        """Give the drawing to a template: numbers of the library, nothing of the text."""
        return self.svg


def qr_code(text: str) -> QrCode:
    """Draw a text as a QR code."""
    code = _made(text)
    return QrCode(code.svg_inline(scale=3, border=4, omitsize=True, svgclass="qr", lineclass=None))


def qr_file(text: str) -> str:
    """Draw a text as a QR code that is an SVG file of its own, for papers."""
    drawn = BytesIO()
    _made(text).save(drawn, kind="svg", scale=3, border=4, xmldecl=False)
    return drawn.getvalue().decode()


def qr_picture(text: str) -> bytes:
    """Draw a text as a QR code that is a PNG file, for papers that take no SVG."""
    drawn = BytesIO()
    _made(text).save(drawn, kind="png", scale=6, border=4)
    return drawn.getvalue()


def _made(text: str) -> segno.QRCode:
    return segno.make(text, error="m", micro=False)
