"""What somebody writes again and again: phrases for a field, and his words of the last case."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from workflows.domain.errors import InvalidInput
from workflows.domain.levels import INTERNAL
from workflows.domain.roles import Actor
from workflows.engine.forms import FieldKind, FormSchema
from workflows.queries.short_ways import off_index
from workflows.services.packs import pack_of
from workflows.services.secrecy.clearance import levels_of
from workflows.services.secrecy.leaks import closed_records
from workflows.services.vault import PayloadErased, read_payload
from workflows.store.base import table_of
from workflows.store.journal import read_record
from workflows.store.tables import Case, JournalRecord, Phrase

MOST_PHRASES = 20
MOST_CHARACTERS = 500
_MOST_LOOKED_AT = 200
_WORDS = frozenset({FieldKind.TEXTFIELD, FieldKind.TEXTAREA})
_RECORD = table_of(JournalRecord)


class PhraseEmpty(InvalidInput):
    """A phrase has from one to {longest} characters."""

    code: ClassVar[str] = "phrase_empty"


class TooManyPhrases(InvalidInput):
    """Nobody keeps more than {most} phrases for a field."""

    code: ClassVar[str] = "too_many_phrases"


def worded_fields(schema: FormSchema | None) -> tuple[str, ...]:
    """Give the fields of a form that are filled with words about no person, by key."""
    return tuple(
        each.key
        for each in (schema.fields if schema else ())
        if each.kind in _WORDS
        and each.picker is None
        and not each.is_closed
        and (each.fact is None or each.fact.level.value == INTERNAL)
    )


def phrases_for(session: Session, actor: Actor, form: str) -> Mapping[str, tuple[Phrase, ...]]:
    """Give somebody's phrases for the fields of a form, oldest first; nobody else sees them."""
    statement = (
        select(Phrase)
        .where(Phrase.account_id == actor.account_id, Phrase.form == form)
        .order_by(Phrase.id)
    )
    found: dict[str, tuple[Phrase, ...]] = {}
    for row in session.scalars(statement):
        found[row.field] = (*found.get(row.field, ()), row)
    return found


def keep_phrase(session: Session, actor: Actor, form: str, field: str, text: str) -> None:
    """Keep a phrase for a field; one that is kept already stays once.

    Raises:
        PhraseEmpty: It says nothing, or too much.
        TooManyPhrases: There are too many for the field.
    """
    text = text.strip()
    if not 0 < len(text) <= MOST_CHARACTERS:
        raise PhraseEmpty(longest=MOST_CHARACTERS)
    known = phrases_for(session, actor, form).get(field, ())
    if any(each.text == text for each in known):
        return
    if len(known) >= MOST_PHRASES:
        raise TooManyPhrases(most=MOST_PHRASES)
    session.add(Phrase(account_id=actor.account_id, form=form, field=field, text=text))
    session.flush()


def forget_phrase(session: Session, actor: Actor, phrase_id: int) -> None:
    """Forget one of one's own phrases; another's stays."""
    table = table_of(Phrase)
    mine = delete(table).where(table.c.id == phrase_id, table.c.account_id == actor.account_id)
    session.connection().execute(mine)


def words_of_last_case(
    session: Session, actor: Actor, case_id: str, activity: str, schema: FormSchema | None
) -> Mapping[str, str]:
    """Give what somebody wrote when he last did the same task in another case that he sees.

    Only words are given, never a choice, a number or a day, and none of a case about a
    person: what is judged is judged for each case.
    """
    wanted = worded_fields(schema)
    for case, row in _last_acts(session, actor, case_id, activity) if wanted else ():
        try:
            payload = read_payload(session, row.key_id, case.id, row.seq, row.sealed)
        except PayloadErased:
            continue
        if (case.id, row.seq) in closed_records(session, [case.id]):
            continue
        if levels_of(pack_of(session, case.pack_hash), payload) != {INTERNAL}:
            continue
        form = payload["form"]
        found = {key: str(form[key]) for key in wanted if isinstance(form.get(key), str)}
        if found:
            return found
    return {}


def _last_acts(
    session: Session, actor: Actor, case_id: str, activity: str
) -> Iterator[tuple[Case, Any]]:
    """Read the last records in which somebody did a task, as far as the session's scope shows.

    Each comes with its case, and as `read_stream` gives it.
    """
    recent = (
        select(_RECORD.c.stream_id, _RECORD.c.seq, _RECORD.c.body)
        .where(
            _RECORD.c.actor == actor.account_id,
            off_index(session, _RECORD.c.kind) == "task_completed",
            _RECORD.c.stream_id != case_id,
        )
        .order_by(_RECORD.c.recorded_at.desc())
        .limit(_MOST_LOOKED_AT)
    )
    for row in session.connection().execute(recent).all():
        if json.loads(row.body)["trigger"]["name"] != activity:
            continue
        case = session.scalars(
            select(Case).where(Case.id == row.stream_id, Case.level == INTERNAL)
        ).one_or_none()
        if case is not None:
            yield case, read_record(session, case.id, row.seq)
