"""What a small form gave: read whole and as what it has to be, or refused.

A form of its own class checks itself; these are for those that stand in a page by themselves
(ADR 0083). What is refused here comes back in its form, with what is wrong at its field.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import ClassVar

from flask import request

from webapp.dates import read_day
from workflows.domain.errors import InvalidInput
from workflows.domain.texts import whole

LONGEST_REASON = 200
_MOST_QUOTED = 20


class DateMissing(InvalidInput):
    """A date is needed here, and {text} is none."""

    code: ClassVar[str] = "date_missing"


class ChoiceUnknown(InvalidInput):
    """What was chosen is not offered here: {given}"""

    code: ClassVar[str] = "choice_unknown"


class NumberUnfit(InvalidInput):
    """A whole number from {least} to {most} is needed here."""

    code: ClassVar[str] = "number_unfit"


def given_text(name: str, longest: int = LONGEST_REASON) -> str:
    """Read a text; empty where there is none.

    Raises:
        TextTooLong: It has more characters than are kept.
    """
    return whole(request.form.get(name, ""), longest)


def given_day(name: str) -> date | None:
    """Read a day; nothing where the field is empty.

    Raises:
        DateMissing: What stands there is no day.
    """
    text = request.form.get(name, "").strip()
    found = read_day(text) if text else None
    if text and found is None:
        raise DateMissing(text=text[:_MOST_QUOTED])
    return found


def needed_day(name: str) -> date:
    """Read a day that has to be given.

    Raises:
        DateMissing: There is none.
    """
    found = given_day(name)
    if found is None:
        raise DateMissing(text="")
    return found


def given_choice(name: str, offered: Collection[str]) -> str:
    """Read which of what is offered was chosen.

    Raises:
        ChoiceUnknown: None of it.
    """
    given = request.form.get(name, "")
    if given not in offered:
        raise ChoiceUnknown(given=given[:_MOST_QUOTED])
    return given


def given_number(name: str, least: int, most: int) -> int:
    """Read a whole number that has to be given.

    Raises:
        NumberUnfit: It is missing, none, or outside of both ends.
    """
    found = given_number_if(name, least, most)
    if found is None:
        raise NumberUnfit(least=least, most=most)
    return found


def given_number_if(name: str, least: int, most: int) -> int | None:
    """Read a whole number; nothing where the field is empty.

    Raises:
        NumberUnfit: What stands there is none, or outside of both ends.
    """
    text = request.form.get(name, "").strip()
    if not text:
        return None
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(most))
    if not is_number or not least <= int(text) <= most:
        raise NumberUnfit(least=least, most=most)
    return int(text)
