"""Signs that no font of the papers has: printed they are a box, so it is said before."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import typst

# Where fonts are looked for that have what the shipped ones lack: that of Debian's package
# fonts-hanazono, and one for fonts of the site.
FOLDERS = (Path("/usr/share/fonts/truetype/hanazono"), Path("/usr/local/share/fonts/duban"))
_PROBE = b"""#set document(title: "probe", author: ())
#set text(font: ("Noto Serif SC", "Noto Sans SC"), lang: "zh", region: "cn")
#sys.inputs.sign"""
_MOST = 4096
_PRIVATE = "Co"
# Ends of lines, marks of direction, variants: they print nothing by themselves.
_UNSEEN = ("Cc", "Cf", "Mn")


@cache
def paper_fonts() -> typst.Fonts:
    """Find the fonts once: the shipped ones first, system fonts not at all."""
    shipped = pylopdf_fonts_zh_cn.serif_path().parent
    others = [folder for folder in FOLDERS if folder.is_dir()]
    return typst.Fonts(include_system_fonts=False, font_paths=[shipped, *others])


def missing_signs(values: Any) -> tuple[str, ...]:
    """Give the signs in the texts of values that no font has, each once, in their order."""
    signs = dict.fromkeys(sign for text in _texts(values) for sign in text if not _is_plain(sign))
    return tuple(sign for sign in signs if not _has_glyph(sign))


def code_points(signs: tuple[str, ...]) -> str:
    """Write signs as their numbers: U+20BB7、U+1828."""
    return "、".join(f"U+{ord(sign):04X}" for sign in signs)


def _texts(values: Any) -> Iterator[str]:
    if isinstance(values, str):
        yield values
    elif isinstance(values, Mapping):
        for each in values.values():
            yield from _texts(each)
    elif isinstance(values, list | tuple):
        for each in values:
            yield from _texts(each)
    elif is_dataclass(values):
        for each in fields(values):
            yield from _texts(getattr(values, each.name))


def _is_plain(sign: str) -> bool:
    """Say whether a sign is one of the 7 445 that every Chinese font has."""
    try:
        return bool(sign.encode("gb2312"))
    except UnicodeEncodeError:
        return unicodedata.category(sign) in _UNSEEN


@lru_cache(_MOST)
def _has_glyph(sign: str) -> bool:
    """Let typst set a sign as PDF/A, which may have no sign without its picture.

    In an area for private use each font has another sign in the same place.
    """
    if unicodedata.category(sign) == _PRIVATE:
        return False
    try:
        typst.compile(
            _PROBE,
            font_paths=paper_fonts(),
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards="a-2b",
            sys_inputs={"sign": sign},
            timestamp=0,
        )
    except typst.TypstError:
        return False
    return True
