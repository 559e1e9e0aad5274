"""A paper of the office as values: what it says, in its order; how it looks is said elsewhere.

The sizes and places that GB/T 9704-2012 asks for stand in `docx` and in typst/official.typ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias
from unicodedata import east_asian_width

from webapp.dates import local
from workflows.domain.written_days import day_zh, weekday_zh

_NUMERALS = "零一二三四五六七八九"
_TEN = 10
_WIDE = frozenset("WFA")
# The name of the office in red, in points: its size, how far apart its signs are set, and the
# width of the type area, 156 mm.
_HEAD, HEAD_WIDER, _HEAD_ROOM = 26.0, 2.0, 442.0


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading with its number; level 1 is 一、, level 2 （一）, level 3 1."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, its first line two characters in; ``is_flush`` leaves it at the edge."""

    text: str
    is_flush: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table, with or without headings; ``shares`` say how wide its columns are."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shares: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Fine:
    """Lines in small type for what is compared, not read: hashes and notes of the log."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QrMark:
    """A text as a QR code."""

    text: str


@dataclass(frozen=True, slots=True)
class NewPage:
    """The rest begins on a page of its own."""


Block: TypeAlias = Heading | Paragraph | Grid | Fine | QrMark | NewPage


@dataclass(frozen=True, slots=True)
class OfficialPaper:
    """A paper from its title to its signatures.

    ``number`` is like 督〔2026〕3号. ``signers`` are what stands before each line to sign on.
    ``issuer`` and ``issued_on`` stand at the end, or room for a date that is not known yet; a
    paper that nobody issues, as a collection of others, has neither. ``appendices`` are the
    names of what comes with it. ``head`` is the name of the office in red above a red rule,
    ``copies`` are who else gets it. ``watermark`` is for what is no real paper. ``is_letter``
    sets it in the format of letters (信函格式).
    """

    title: str
    blocks: tuple[Block, ...]
    issuer: str = ""
    issued_on: date | None = None
    number: str = ""
    secrecy: str = ""
    addressee: str = ""
    signers: tuple[str, ...] = ()
    appendices: tuple[str, ...] = field(default=())
    watermark: str = ""
    head: str = ""
    copies: tuple[str, ...] = ()
    is_letter: bool = False


def numbered(headings: Iterable[tuple[int, str]]) -> Iterator[Heading]:
    """Number headings in their order: 一、, under it （一）, under that 1."""
    counts = [0, 0, 0]
    for level, text in headings:
        counts = [*counts[: level - 1], counts[level - 1] + 1, *[0] * (3 - level)]
        yield Heading(level, number_before(level, counts[level - 1]) + text)


def number_before(level: int, count: int) -> str:
    """Give the number that stands before a heading."""
    if level == 1:
        return f"{numeral(count)}、"
    return f"（{numeral(count)}）" if level == 2 else f"{count}."


def numeral(count: int) -> str:
    """Write a number from 1 to 99 as headings have it: 九, 十, 十一, 二十."""
    tens, ones = divmod(count, _TEN)
    if not tens:
        return _NUMERALS[ones]
    return ("" if tens == 1 else _NUMERALS[tens]) + "十" + (_NUMERALS[ones] if ones else "")


def date_in_full(on: date) -> str:
    """Write the date of a paper: 2026年3月9日."""
    return day_zh(on)


def ending_date(paper: OfficialPaper) -> str:
    """Write the date at the end of a paper, or room for it; nothing where nobody issues it."""
    if paper.issued_on is not None:
        return date_in_full(paper.issued_on)
    return "　　　　年　　月　　日" if paper.issuer else ""


def date_with_weekday(on: date) -> str:
    """Write the date of a paper with its day of the week: 2026年3月9日（周一）."""
    return weekday_zh(on)


def moment_in_full(at: datetime) -> str:
    """Write a moment to the minute, on the clock of the place: 2026年3月9日14时05分."""
    there = local(at)
    return f"{date_in_full(there.date())}{there.hour}时{there.minute:02}分"


def width_of(text: str) -> float:
    """Give how wide a text is, in Chinese characters."""
    return sum(1.0 if east_asian_width(sign) in _WIDE else 0.5 for sign in text)


def head_points(head: str) -> float:
    """Give how large the name of the office is set: 26 pt, or what lets it stand on one line."""
    return min(_HEAD, _HEAD_ROOM / max(width_of(head), 1.0) - HEAD_WIDER)


def ending_indents(issuer: str, on: str) -> tuple[float, float]:
    """Give how far issuer and date stand from the right edge, in characters.

    GB/T 9704-2012, 7.3.5.2, for papers without a seal: the issuer two characters in, the date
    beginning two characters right of it; where the date is the longer one, it is two in.
    """
    longer = width_of(issuer) - 2 - width_of(on)
    return (2.0, 2.0 + longer) if longer >= 0 else (2.0 - longer, 2.0)
