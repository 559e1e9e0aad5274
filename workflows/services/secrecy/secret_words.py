"""The installation's words against state secrets: the shipped list and what it changed."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.errors import InvalidInput
from workflows.domain.roles import Actor, Role
from workflows.domain.secret_words import DEFAULTS, WordKind, WordList, plain
from workflows.services.access import role_deciding
from workflows.services.journal import append_house
from workflows.store.tables import SecretWord

LONGEST_WORD = 20
OFF = "off"


class SecretWordInvalid(InvalidInput):
    """A word has two to {longest} signs."""

    code: ClassVar[str] = "secret_word_invalid"


def word_list(session: Session) -> WordList:
    """Give the words in force."""
    words = dict(DEFAULTS)
    for row in session.scalars(select(SecretWord)):
        if row.kind == OFF:
            words.pop(row.word, None)
        else:
            words[row.word] = WordKind(row.kind)
    return WordList(words)


def set_word(
    session: Session, actor: Actor, now: datetime, word: str, kind: WordKind | None
) -> None:
    """Put a word on the list, change what it does, or take it away, as security administrator.

    Raises:
        RoleMissing: Somebody else tries.
        SecretWordInvalid: It is no word.
    """
    role_deciding(actor, (Role.SECURITY_ADMIN,))
    word = plain(word).strip()
    if not 2 <= len(word) <= LONGEST_WORD:
        raise SecretWordInvalid(longest=LONGEST_WORD)
    row = session.get(SecretWord, word)
    if row is None:
        row = SecretWord(word=word)
        session.add(row)
    row.kind = OFF if kind is None else kind.value
    row.changed_by, row.changed_at = actor.account_id, now
    session.flush()
    form = {"word": word, "kind": row.kind}
    append_house(session, actor, now, "secret_word_set", row.kind, form=form)
