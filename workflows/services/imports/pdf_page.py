"""Run as a process of its own: reads a PDF from standard input and draws one of its pages.

It writes the number of pages, a line feed, and the page as PNG. A PDF may carry scripts, forms
and links; a picture of it carries none.
"""

from __future__ import annotations

import struct
import sys
import zlib

import pypdfium2

from workflows.services.imports.sheet_reader import limit_this_process

# Pixels: enough to read a sheet of A4 on a screen and on paper, whatever size a page says it has.
_WIDEST, _TALLEST = 1240, 1754
# The noise of a scan is most of its bytes: 64 shades of each colour are enough to read by.
_COARSE = bytes(shade | 3 for shade in range(256))


def main(number: str) -> None:
    """Draw a page, counted from one; nothing is written where it cannot be read."""
    content = sys.stdin.buffer.read()
    limit_this_process()
    try:
        document = pypdfium2.PdfDocument(content)
        picture = _drawn(document[int(number) - 1])
    except (pypdfium2.PdfiumError, MemoryError, ValueError, IndexError):
        return
    sys.stdout.buffer.write(b"%d\n" % len(document) + picture)


def _drawn(page: pypdfium2.PdfPage) -> bytes:
    width, height = page.get_size()
    scale = min(_WIDEST / max(width, 1), _TALLEST / max(height, 1))
    drawn = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=False)
    row = drawn.width * drawn.n_channels
    pixels = bytes(drawn.buffer).translate(_COARSE)
    lines = (pixels[start : start + row] for start in range(0, len(pixels), drawn.stride))
    return _png(
        drawn.width, drawn.height, drawn.n_channels, b"".join(b"\0" + each for each in lines)
    )


def _png(width: int, height: int, channels: int, lines: bytes) -> bytes:
    """Write a picture of eight bits a channel: grey, or red, green and blue."""
    colours = {1: 0, 3: 2, 4: 6}[channels]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colours, 0, 0, 0)),
            _chunk(b"IDAT", zlib.compress(lines)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


if __name__ == "__main__":
    main(sys.argv[1])
