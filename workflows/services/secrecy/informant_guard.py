"""Who reported has no place in a case: texts are held against the vault before they are kept.

The comparison tells nothing to anybody: the error names no word, nothing is logged. Who works
on the matter is refused, and that he tried is kept for the principal and the auditor, so that
nobody finds out by trying. Those from whom an informant is protected are not refused: what
they write is kept, and a leak is registered at once (X20).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import InvalidInput
from workflows.domain.informants import Identity
from workflows.domain.roles import Actor, Role
from workflows.domain.secret_words import plain
from workflows.services.incidents import raise_incident
from workflows.services.secrecy.informants import read_identity
from workflows.store.base import table_of
from workflows.store.tables import Case, Informant, InformantLeak, Person

LEAK = "informant_leak"
_ATTEMPTS = "duban_informant_attempts"
# From them who reported is kept secret, so that no answer may tell them whether it was he.
_OUTSIDE = frozenset({Role.RECTIFIER, Role.LIAISON, Role.PERSON_CONCERNED})
_SHORTEST_NAME, _SHORTEST_NUMBER = 2, 7
_ENTRIES = select(table_of(Informant).c.id).where(
    table_of(Informant).c.matter_id == bindparam("matter"),
    table_of(Informant).c.sealed.is_not(None),
)


class InformantNamed(InvalidInput):
    """The text or a file holds what has no place in a case: leave out who reported."""

    code: ClassVar[str] = "informant_named"


@dataclass(frozen=True, slots=True)
class Attempt:
    """That somebody tried to write who reported into a case, and was refused."""

    informant_id: str
    case_id: str | None
    account_id: str
    now: datetime


def refuse_identity(identity: Identity | None, texts: Iterable[str]) -> None:
    """Refuse a registration whose own text names who reported.

    Raises:
        InformantNamed: It does.
    """
    if identity is not None and holds(identity, texts):
        raise InformantNamed


def guard_texts(
    session: Session,
    actor: Actor,
    now: datetime,
    role: str | None,
    matter_id: str,
    case_id: str,
    seq: int | None,
    texts: Iterable[str],
) -> None:
    """Hold texts that are about to be kept in a case against who reported its matter.

    Raises:
        InformantNamed: They name him, and who writes is one of those who work on it.
    """
    keys = session.connection().execute(_ENTRIES, {"matter": matter_id}).scalars().all()
    written = list(texts) if keys else []
    for key in keys:
        entry = session.get_one(Informant, key)
        identity = read_identity(session, entry)
        if _is_subject(session, matter_id, identity.name) or not holds(identity, written):
            continue
        if role in _OUTSIDE:
            _note_written(session, actor, now, key, case_id, seq)
            continue
        attempt = Attempt(key, case_id, actor.account_id, now)
        session.info.setdefault(_ATTEMPTS, []).append(attempt)
        raise InformantNamed


def _is_subject(session: Session, matter_id: str, name: str) -> bool:
    """Say whether the name is also that of somebody whom the matter is about."""
    case, person = table_of(Case), table_of(Person)
    statement = (
        select(person.c.id)
        .join(case, case.c.subject_person_id == person.c.id)
        .where(case.c.matter_id == matter_id, person.c.name == name)
    )
    return session.connection().execute(statement).first() is not None


def holds(identity: Identity, texts: Iterable[str]) -> bool:
    """Say whether texts hold a name or a contact, however they are spaced out."""
    name, numbers = plain(identity.name), _digits(identity.contact)
    for text in texts:
        shown = plain(text)
        if len(name) >= _SHORTEST_NAME and name in shown:
            return True
        if len(numbers) >= _SHORTEST_NUMBER and numbers in _digits(shown):
            return True
    return False


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdecimal())


def texts_of(value: Any) -> Iterator[str]:
    """Give all texts in what a form holds."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from texts_of(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from texts_of(each)


def _note_written(
    session: Session, actor: Actor, now: datetime, informant_id: str, case_id: str, seq: int | None
) -> None:
    session.add(
        InformantLeak(
            informant_id=informant_id,
            case_id=case_id,
            seq=seq,
            kind="written",
            account_id=actor.account_id,
            noted_on=local_date(now),
        )
    )
    session.flush()
    raise_incident(session, None, LEAK, "", now)


def attempts_of(marks: Mapping[Any, Any]) -> list[Attempt]:
    """Give the attempts that were refused within a session, by what it carries."""
    return list(marks.get(_ATTEMPTS, ()))


def keep_attempts(session: Session, attempts: Iterable[Attempt]) -> None:
    """Keep, in a transaction of its own, that somebody was refused."""
    for each in attempts:
        session.add(
            InformantLeak(
                informant_id=each.informant_id,
                case_id=each.case_id,
                kind="refused",
                account_id=each.account_id,
                noted_on=local_date(each.now),
            )
        )
    session.flush()
