"""Flask-Babel's functions with the type that they have: text."""

from __future__ import annotations

from collections.abc import Iterable

import flask_babel


def gettext(text: str, **values: object) -> str:
    """Give a text in the page's language, filled with values."""
    return str(flask_babel.gettext(text, **values))


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """Give a text for a number in the page's language."""
    return str(flask_babel.ngettext(one, many, num, **values))


def listed(parts: Iterable[str]) -> str:
    """Put parts in a row, as a list is written in the page's language."""
    return gettext("、").join(parts)
