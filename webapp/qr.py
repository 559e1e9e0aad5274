"""Codes to photograph, drawn into the page."""

from __future__ import annotations

from dataclasses import dataclass

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
    code = segno.make(text, error="m", micro=False)
    return QrCode(code.svg_inline(scale=3, border=4, omitsize=True, svgclass="qr", lineclass=None))
