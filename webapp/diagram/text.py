"""Fitting names into shapes: Chinese breaks anywhere, Latin between words."""

from __future__ import annotations

import re
import unicodedata
from itertools import accumulate

# CJK with its own punctuation and the full-width forms.
_WIDE = "\u2e80-\u9fff\uff00-\uffef"
_PIECES = re.compile(rf"[{_WIDE}]|[^\s{_WIDE}]+|\s+")
# These never begin a line.
_CLOSING = frozenset("\u3001\u3002\uff0c\uff1b\uff1a\uff01\uff1f\uff09\u300b\u300d%,.;:!?)")


def width_of(text: str, size: float) -> float:
    """Estimate how wide a text is; wide characters take a whole square."""
    return sum(
        size if unicodedata.east_asian_width(char) in "WFA" else size * 0.56 for char in text
    )


def wrap(text: str, width: float, size: float, most: int) -> list[str]:
    """Break a text into lines of a width; what goes beyond the last line ends with an ellipsis."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(text, width, size):
        if line and width_of(line + piece.rstrip(), size) > width and piece not in _CLOSING:
            lines.append(line.strip())
            line = ""
        line += piece if line or piece.strip() else ""
    if line.strip():
        lines.append(line.strip())
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1].rstrip()[:-1] + "…"]
    return lines


def fit(text: str, width: float, height: float, sizes: tuple[int, ...]) -> tuple[list[str], int]:
    """Find the largest size in which a text fits into a box uncut, and its lines."""
    for size in sizes:
        if _longest_word(text, size) > width:
            continue
        lines = wrap(text, width, size, 99)
        if len(lines) * size * 1.25 <= height:
            return _balanced(text, width, size, lines), size
    size = sizes[-1]
    return wrap(text, width, size, max(1, int(height / (size * 1.25)))), size


def _balanced(text: str, width: float, size: float, lines: list[str]) -> list[str]:
    """Even out lines, so that no single character stands alone on the last."""
    narrowest = max(_longest_word(text, size), width_of(text, size) / max(1, len(lines)))
    for step in range(8):
        tried = wrap(text, narrowest + step * size / 2, size, 99)
        if len(tried) == len(lines) and narrowest + step * size / 2 <= width:
            return tried
    return lines


def _longest_word(text: str, size: float) -> float:
    return max((width_of(piece, size) for piece in _PIECES.findall(text)), default=0)


def _pieces(text: str, width: float, size: float) -> list[str]:
    """Cut a text where it may break; a word wider than the line is cut as it must be."""
    pieces: list[str] = []
    for found in _PIECES.findall(text):
        rest = found
        while width_of(rest, size) > width and len(rest) > 1:
            sums = accumulate(width_of(char, size) for char in rest)
            cut = max(1, sum(1 for total in sums if total <= width))
            pieces.append(rest[:cut])
            rest = rest[cut:]
        pieces.append(rest)
    return pieces
