r"""Patterns of form fields: a small part of regular expressions that cannot run away.

The part means the same here and in a browser: characters, ``\d \w \s``, classes,
groups, ``|``, ``? * + {m,n}``, ``^`` and ``$``. Before a pattern is used, the ways
in which it could match a text are counted; a pattern with too many is refused,
because a backtracking matcher may have to try each of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from workflows.domain.errors import InvalidInput

MAX_PATTERN_LENGTH = 200
MAX_MATCHED_LENGTH = 200
MAX_WAYS = 100_000
MAX_GROUP_DEPTH = 5

_ESCAPES = frozenset("dwsDWS.-+*?()[]{}|^$\\/")
_SPECIAL = frozenset("?*+{}[]()|^$\\.")
_BOUNDS = re.compile(r"\{(\d{1,3})(?:(,)(\d{1,3})?)?\}")
# Python keeps these for sets of characters, browsers do not.
_SET_OPERATION = re.compile(r"--|&&|~~|\|\|")


class PatternRefused(InvalidInput):
    """The pattern “{pattern}” is refused: {reason}"""

    code = "pattern_refused"
    pattern: str
    reason: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """A checked pattern; like a browser's, it matches anywhere unless it has anchors."""

    text: str

    def __post_init__(self) -> None:
        """Refuse what is not of the part, or could take long."""
        _Reader(self.text).check()

    def matches(self, value: str) -> bool:
        """Tell whether a text of at most 200 characters holds the pattern."""
        if len(value) > MAX_MATCHED_LENGTH:
            return False
        return re.search(self.text, value, re.ASCII) is not None


class _Reader:
    """Counts the ways while it reads."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0

    def _refuse(self, reason: str, cause: Exception | None = None) -> NoReturn:
        raise PatternRefused(pattern=self._text[:80], reason=reason) from cause

    def check(self) -> None:
        if not 0 < len(self._text) <= MAX_PATTERN_LENGTH:
            self._refuse(f"it has 1 to {MAX_PATTERN_LENGTH} characters")
        ways = self._alternatives()
        if self._at < len(self._text):
            self._refuse(f"“{self._text[self._at]}” is one too many")
        if ways > MAX_WAYS:
            self._refuse("it can match in too many ways; use fixed counts and fewer repetitions")

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self) -> str:
        taken = self._peek()
        self._at += 1
        return taken

    def _alternatives(self) -> int:
        ways = self._sequence()
        while self._peek() == "|":
            self._take()
            ways += self._sequence()
        return _clip(ways)

    def _sequence(self) -> int:
        ways = 1
        while self._peek() not in ("", "|", ")"):
            ways = _clip(ways * self._repeated())
        return ways

    def _repeated(self) -> int:
        ways = self._atom()
        bounds = self._bounds()
        if bounds is None:
            return ways
        fewest, most = bounds
        if most < fewest:
            self._refuse("a repetition ends before it begins")
        if ways == 1:
            return most - fewest + 1
        total = 0
        for count in range(fewest, most + 1):
            total = _clip(total + ways ** min(count, 20))
        return total

    def _bounds(self) -> tuple[int, int] | None:
        sign = self._peek()
        known = {"?": (0, 1), "*": (0, MAX_MATCHED_LENGTH), "+": (1, MAX_MATCHED_LENGTH)}
        if sign in known:
            self._take()
            bounds = known[sign]
        elif sign == "{":
            found = _BOUNDS.match(self._text, self._at)
            if found is None:
                self._refuse("a repetition is written {n}, {n,} or {n,m}")
            self._at = found.end()
            fewest = int(found[1])
            open_end = MAX_MATCHED_LENGTH if found[2] else fewest
            bounds = (fewest, int(found[3]) if found[3] else open_end)
        else:
            return None
        if self._peek() and self._peek() in "?*+{":
            self._refuse("a repetition is repeated")
        return bounds

    def _atom(self) -> int:
        sign = self._take()
        if sign == "(":
            return self._group()
        if sign == "[":
            self._class()
        elif sign == "\\":
            self._escape()
        elif sign in ("^", "$"):
            if self._peek() and self._peek() in "?*+{":
                self._refuse("an anchor is repeated")
        elif sign in _SPECIAL - {"."}:
            self._refuse(f"“{sign}” has nothing before it; write \\{sign} for the character")
        return 1

    def _group(self) -> int:
        self._depth += 1
        if self._depth > MAX_GROUP_DEPTH:
            self._refuse("groups nest too deeply")
        if self._text.startswith("?:", self._at):
            self._at += 2
        elif self._peek() == "?":
            self._refuse("of groups with “?” only (?:…) is known")
        ways = self._alternatives()
        if self._take() != ")":
            self._refuse("a group is not closed")
        self._depth -= 1
        return ways

    def _escape(self) -> None:
        if self._take() not in _ESCAPES:
            self._refuse("after \\ stands one of d w s D W S or a sign")

    def _class(self) -> None:
        if self._peek() == "^":
            self._take()
        start = self._at
        while self._peek() != "]" or self._at == start:
            sign = self._take()
            if sign == "\\":
                self._escape()
            elif sign in ("", "[", "]"):
                self._refuse("a class in square brackets is not closed or empty")
        self._take()
        if _SET_OPERATION.search(self._text, start, self._at):
            self._refuse("in square brackets a sign stands twice")
        try:
            re.compile(self._text[start - 1 : self._at])
        except re.error as error:
            self._refuse("a range in square brackets runs backwards", error)


def _clip(ways: int) -> int:
    """Keep the count small: beyond the limit its size does not matter."""
    return min(ways, MAX_WAYS + 1)
