"""Finding a Chinese name by what one types of its pinyin: hongqi, hong qi, hq and hongq.

A name is kept *spelt*: its syllables apart by blanks, all readings of a character side by side
(``chao/zhao lu``), so that whoever reads a name otherwise than we do finds it too. What is typed
becomes one regular expression over that, which SQLite, PostgreSQL and Python read alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache

MAX_SPELT = 300
MAX_TYPED = 40
_MOST_READINGS = 4
_APART = re.compile(r"[\s'’·-]+")
_TYPED = re.compile(r"[a-z0-9]+")
# A syllable begins at the first of its readings or behind the sign between two of them.
_BEGIN = r"([^ /]+/)*"
_NEXT = rf"[^ ]* {_BEGIN}"


def spell(name: str) -> str:
    """Spell a name in lower case; letters and digits stand as syllables of their own."""
    syllables = [syllable for character in name if (syllable := _syllable(character))]
    whole = " ".join(syllables)
    return whole if len(whole) <= MAX_SPELT else whole[:MAX_SPELT].rpartition(" ")[0]


def pattern_of(typed: str, *, anywhere: bool = False) -> str | None:
    """Give the expression that finds spelt names by what was typed; None if it is no pinyin.

    Each letter goes on in its syllable or begins the next one; a blank demands the next one.

    Args:
        typed: Syllables or their beginnings, joined or apart, in letters of any width.
        anywhere: Begin at any syllable of the name, not only at its first.
    """
    plain = unicodedata.normalize("NFKC", typed).lower().replace("ü", "v").strip()[:MAX_TYPED]
    words = [word for word in _APART.split(plain) if word]
    if not words or not all(map(_TYPED.fullmatch, words)):
        return None
    start = f"(^|[ ]){_BEGIN}" if anywhere else f"^{_BEGIN}"
    return start + _NEXT.join(f"({_NEXT})?".join(word) for word in words)


def finder(typed: str) -> Callable[[str], bool] | None:
    """Give what tells whether a name is meant, at any of its syllables; None if it is no pinyin."""
    pattern = pattern_of(typed, anywhere=True)
    if pattern is None:
        return None
    found = re.compile(pattern).search
    return lambda name: found(spell(name)) is not None


@cache
def _syllable(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character).lower()
    if plain.isascii():
        return " ".join(letter for letter in plain if letter.isalnum())
    from pypinyin import Style, pinyin

    found = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")
    readings = found[0][:_MOST_READINGS] if found else []
    spelt = [each for reading in readings for each in _as_typed(reading)]
    return "/".join(dict.fromkeys(spelt))


def _as_typed(reading: str) -> tuple[str, ...]:
    """Give a reading as keyboards have it: 吕 is typed lv, and lu by many."""
    plain = unicodedata.normalize("NFC", reading).replace("ü", "v")
    return (plain, plain.replace("v", "u")) if "v" in plain else (plain,)
