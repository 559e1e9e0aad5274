"""Flask-Babel's functions with the type that they have: text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

import flask_babel

from webapp.dates import day, day_if, moment
from webapp.figures import said as figure_said
from workflows.store.erasing import ERASED_NAME


def gettext(text: str, **values: object) -> str:
    """Give a text in the page's language; days, moments and numbers are written as people do."""
    return str(flask_babel.gettext(text, **_written(values)))


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """Give a text for a number in the page's language."""
    plural = flask_babel.get_domain().get_translations().ungettext(one, many, num)
    return str(plural % _written({"num": num, **values}))


def _written(values: Mapping[str, object]) -> dict[str, object]:
    """Write days, moments and numbers as people read them, so that none stands as records do."""
    return {name: said(value) for name, value in values.items()}


def named(value: object) -> object:
    """Give what a page puts out as it is; the name of somebody who was erased is a word."""
    return gettext("已删除") if type(value) is str and value == ERASED_NAME else value


def said(value: object) -> object:
    """Write a value of a sentence as people do: a day, a moment, a number, an erased name."""
    match value:
        case datetime():
            return moment(value)
        case date():
            return day(value)
        case str():
            return named(value) if value == ERASED_NAME else day_if(value)
    return figure_said(value)


def listed(parts: Iterable[str]) -> str:
    """Put parts in a row, as a list is written in the page's language."""
    return gettext("、").join(parts)


def bracketed(text: str, more: str) -> str:
    """Put what tells a name from others behind it in brackets of the page's language."""
    return f"{text}{gettext('（')}{more}{gettext('）')}"
