"""What is said of an error: what happened, and what to do.

The sentences stand in webapp/sentences, found by the error's code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import gettext

from webapp.dates import day, moment
from webapp.sayings import listed
from webapp.sentences import SENTENCES
from webapp.sentences.shared import Sentence
from webapp.words import labels
from webapp.work import reading_sessions
from workflows.domain.errors import DubanError
from workflows.queries.staff.accounts import display_names
from workflows.store.transaction import transaction

_ROLES = re.compile(r"R\d\d(, R\d\d)*")


def sentence_for(error: DubanError) -> Sentence:
    """Find the sentence of an error: its own, or that of the nearest class above it."""
    for kind in type(error).__mro__:
        code = vars(kind).get("code")
        if code in SENTENCES:
            return SENTENCES[code]
    return SENTENCES["error"]


def explain(error: DubanError) -> str:
    """Say in the page's language what happened, for a message beside a form or in a list."""
    return filled(sentence_for(error).happened, error.attributes)


def explain_code(code: str, attributes: Mapping[str, object]) -> str:
    """Say what an error of a job was that kept its code, and what to do."""
    sentence = SENTENCES.get(code, SENTENCES["error"])
    return f"{filled(sentence.happened, attributes)} {filled(sentence.to_do, attributes)}"


def filled(text: Any, attributes: Mapping[str, object]) -> str:
    """Write a sentence with the attributes of its error, as people read them."""
    return str(text) % _shown(attributes) if attributes else str(text)


def _shown(attributes: Mapping[str, object]) -> dict[str, object]:
    """Write attributes in words: names for accounts and roles, local times."""
    people = {str(value) for value in attributes.values() if str(value).startswith("u_")}
    names: Mapping[str, str] = {}
    if people:
        with transaction(reading_sessions()) as session:
            names = display_names(session, people)
    return {name: _written(value, names) for name, value in attributes.items()}


def _written(value: object, names: Mapping[str, str]) -> object:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if not isinstance(value, str):
        return value
    if _ROLES.fullmatch(value):
        return listed(labels.role(code) for code in value.split(", "))
    if value.startswith("system:"):
        return gettext("系统")
    return names.get(value, value)
