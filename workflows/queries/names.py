"""Names of people, accounts and organisations by their ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from workflows.domain.levels import CLUES
from workflows.store.base import table_of
from workflows.store.tables import Account, Case, Organisation, Person

_KINDS = {
    "u_": (Account.id, Account.display_name),
    "p_": (Person.id, Person.name),
    "o_": (Organisation.id, Organisation.name),
}


def names_of(session: Session, ids: Iterable[str | None]) -> Mapping[str, str]:
    """Read the names behind ids of any of the three kinds, one statement a kind."""
    wanted: dict[str, set[str]] = {}
    for each in ids:
        if each is not None and each[:2] in _KINDS:
            wanted.setdefault(each[:2], set()).add(each)
    found: dict[str, str] = {}
    for kind, keys in wanted.items():
        key, name = _KINDS[kind]
        rows = session.execute(select(key, name).where(key.in_(keys)))
        found.update((row[0], row[1]) for row in rows)
    return found


def case_numbers(session: Session, case_ids: Iterable[str]) -> dict[str, str]:
    """Read the numbers of cases that the session's scope shows, by their ids."""
    statement = select(Case.id, Case.number).where(Case.id.in_(set(case_ids)))
    return dict(session.execute(statement).all())


def sealed_cases() -> Select[tuple[str]]:
    """Give the statement for the sealed cases, which lists that cover every case leave out."""
    case = table_of(Case)
    return select(case.c.id).where(case.c.level == CLUES)
