"""Words that tell of state secrets, which have no place here (DOMAIN 3.5, out of system)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class WordKind(StrEnum):
    """What a word does: refuses, asks for a declaration, or is harmless though it holds one."""

    HARD = "hard"
    WARN = "warn"
    HARMLESS = "harmless"


# The markings of 保守国家秘密法 (2024), art. 14, and what mostly stands beside them.
DEFAULTS: Mapping[str, WordKind] = {
    "绝密": WordKind.HARD,
    "机密": WordKind.HARD,
    "秘密★": WordKind.HARD,
    "秘密": WordKind.WARN,
    "涉密": WordKind.WARN,
    "密级": WordKind.WARN,
    "密件": WordKind.WARN,
    "手机密": WordKind.HARMLESS,
    "司机密": WordKind.HARMLESS,
    "主机密": WordKind.HARMLESS,
    "机密码": WordKind.HARMLESS,
    "不含国家秘密": WordKind.HARMLESS,
}
# Signs that part the letters of a word without a reader seeing two words; no line ends.
_BETWEEN = re.compile(r"[ \t\u3000\u00a0\u200b-\u200f\u2060\ufeff]+")


@dataclass(frozen=True, slots=True)
class Found:
    """The words that a text holds."""

    hard: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WordList:
    """The words of an installation."""

    words: Mapping[str, WordKind]

    def of(self, kind: WordKind) -> list[str]:
        """Give the words of a kind, the longest first."""
        found = (word for word, each in self.words.items() if each is kind)
        return sorted(found, key=lambda word: (-len(word), word))

    def look(self, texts: Iterable[str]) -> Found:
        """Say which words stand in some texts, however they are spaced out."""
        whole = "\n".join(plain(text) for text in texts)
        for word in self.of(WordKind.HARMLESS):
            whole = whole.replace(word, "\n")
        hard = tuple(word for word in self.of(WordKind.HARD) if word in whole)
        return Found(hard, tuple(word for word in self.of(WordKind.WARN) if word in whole))


def plain(text: str) -> str:
    """Give a text in one width, without gaps inside its lines."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", text))
