"""Initials of pinyin, by which officers find an organisation: 阿日善图嘎查 is arstgc."""

from __future__ import annotations

from functools import cache

MAX_INITIALS = 60
# Common characters of names whose initial depends on the word they stand in; only for
# them is the name looked up as words, which costs eighty times as much.
_DEPENDS_ON_WORD = frozenset("长朝乐重行单曾")


def initials_of(name: str) -> str:
    """Give the first letters of a name's syllables in lower case; digits and letters stay."""
    is_plain = _DEPENDS_ON_WORD.isdisjoint(name)
    letters = "".join(map(_initial, name)) if is_plain else _by_words(name)
    return letters.lower()[:MAX_INITIALS]


@cache
def _initial(character: str) -> str:
    if character.isascii():
        return character if character.isalnum() else ""
    return _by_words(character)


def _by_words(name: str) -> str:
    from pypinyin import Style, lazy_pinyin

    syllables = lazy_pinyin(name, style=Style.FIRST_LETTER, errors=_keep_ascii)
    return "".join(syllables)


def _keep_ascii(text: str) -> str:
    return "".join(character for character in text if character.isascii() and character.isalnum())
