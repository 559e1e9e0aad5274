"""Flask-Babel's functions with the type that they have: text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

import flask_babel

from webapp.dates import day, day_if, moment


def gettext(text: str, **values: object) -> str:
    """Give a text in the page's language, filled with values; days and moments are written out."""
    return str(flask_babel.gettext(text, **_written(values)))


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """Give a text for a number in the page's language."""
    return str(flask_babel.ngettext(one, many, num, **_written(values)))


def _written(values: Mapping[str, object]) -> dict[str, object]:
    """Write days and moments as people read them, so that none stands as records keep it."""
    return {name: _said(value) for name, value in values.items()}


def _said(value: object) -> object:
    match value:
        case datetime():
            return moment(value)
        case date():
            return day(value)
        case str():
            return day_if(value)
    return value


def listed(parts: Iterable[str]) -> str:
    """Put parts in a row, as a list is written in the page's language."""
    return gettext("、").join(parts)


def bracketed(text: str, more: str) -> str:
    """Put what tells a name from others behind it in brackets of the page's language."""
    return f"{text}{gettext('（')}{more}{gettext('）')}"
