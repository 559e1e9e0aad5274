"""What helps to write a task's form: phrases for its fields, and the words of the last case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from webapp.case.cards import TaskCard
from webapp.sayings import gettext
from webapp.words.packs import PackWords
from webapp.work import Work
from workflows.engine.forms import FormSchema
from workflows.services.desk.phrases import (
    forget_phrase,
    keep_phrase,
    phrases_for,
    worded_fields,
    words_of_last_case,
)
from workflows.store.tables import Phrase

KEEP, FORGET = "_keep_phrase", "_forget_phrase"


@dataclass(frozen=True, slots=True)
class Worded:
    """A field that is filled with words, and the phrases that are kept for it."""

    key: str
    label: str
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """The fields of a form that are filled with words, and the way to those of the last case."""

    fields: tuple[Worded, ...]
    last_url: str


def wording_of(
    work: Work, speak: PackWords, schema: FormSchema | None, card: TaskCard
) -> Wording | None:
    """Read what helps to write a form; forms without words have nothing."""
    keys = worded_fields(schema)
    if schema is None or not keys:
        return None
    kept = phrases_for(work.session, work.actor, schema.id)
    fields = tuple(Worded(key, speak.field(schema.id, key), kept.get(key, ())) for key in keys)
    return Wording(fields, url_for("cases.task", **card.address, like="last"))


def change_phrases(work: Work, schema: FormSchema | None, typed: dict[str, Any]) -> str:
    """Keep what stands in a field as a phrase, or forget one; say what was done, or nothing."""
    if schema is None:
        return ""
    key = request.form.get(KEEP, "")
    if key in worded_fields(schema):
        keep_phrase(work.session, work.actor, schema.id, key, str(typed.get(key) or ""))
        return gettext("已存为常用语。")
    if FORGET in request.form:
        forget_phrase(work.session, work.actor, request.form.get(FORGET, 0, type=int))
        return gettext("常用语已删除。")
    return ""


def is_about_phrases() -> bool:
    """Say whether the form came in only to keep or forget a phrase."""
    return KEEP in request.form or FORGET in request.form


def last_words(
    work: Work, case_id: str, activity: str, schema: FormSchema | None
) -> dict[str, str]:
    """Give what the visitor wrote when he last did the same task in another case."""
    return dict(words_of_last_case(work.session, work.actor, case_id, activity, schema))
