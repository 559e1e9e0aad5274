"""Who and what stands behind the ids of a bundle, as its own house record keeps it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.records import JsonValue
from workflows.domain.recusals import RecusalState
from workflows.domain.roles import Actor
from workflows.services.journal import append_house
from workflows.store.base import table_of
from workflows.store.tables import (
    Account,
    Case,
    Delegation,
    Grant,
    Organisation,
    Person,
    Recusal,
    Tenure,
)

_AT_ONCE = 400
_INTERNAL = "L1"
_ID = re.compile(rb"[upo]_[a-z2-7]{26}")
DIRECTORY_STATED = "directory_stated"
Line: TypeAlias = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Stated:
    """The lines of directory.jsonl, grants.jsonl and organisations.jsonl."""

    directory: tuple[Line, ...]
    grants: tuple[Line, ...]
    organisations: tuple[Line, ...]

    def to_json(self) -> dict[str, JsonValue]:
        """Give what the payload of the house record holds."""
        return {
            "directory": self.directory,
            "grants": self.grants,
            "organisations": self.organisations,
        }


def ids_in(content: bytes) -> set[str]:
    """Find the accounts, people and organisations that a text names."""
    return {found.decode() for found in _ID.findall(content)}


def state_directory(
    session: Session, actor: Actor, now: datetime, stated: Stated, levels: Collection[str]
) -> int:
    """Commit to the names of a bundle before it is made; give the seq of the house record.

    Names out of person-level content make the record one of that level.
    """
    form: dict[str, JsonValue] = {**stated.to_json(), "levels": tuple(sorted(levels))}
    return append_house(session, actor, now, DIRECTORY_STATED, "bundle", form=form)


def everybody(session: Session) -> Stated:
    """State all accounts, people and organisations."""
    return Stated(
        (*_accounts(session, None), *_people(session, None)),
        (*_grants(session, None, ""), *_lent(session, None, ""), *_recused(session, None, "")),
        tuple(_organisations(session, None)),
    )


def those_named(
    session: Session, ids: Collection[str], paths: Collection[str], org_path: str
) -> Stated:
    """State those whom a narrower bundle names, and what is above and at its cases.

    The session's scope says whose posts are shown. Of roles only those count that lie
    above or below the place of the bundle.
    """
    accounts = sorted(each for each in ids if each.startswith("u_"))
    people = sorted(each for each in ids if each.startswith("p_"))
    found = (*_accounts(session, accounts), *_people(session, people))
    offices = {each for each in ids if each.startswith("o_")}
    offices |= {str(line["office"]) for line in found if line["office"]}
    above = {path[: end + 1] for path in paths for end, sign in enumerate(path) if sign == "."}
    places = [*_organisations(session, sorted(above), by_path=True)]
    known = {line["id"] for line in places}
    places += _organisations(session, sorted(offices - known))
    return Stated(
        found,
        (
            *_grants(session, accounts, org_path),
            *_lent(session, accounts, org_path),
            *_recused(session, accounts, org_path),
        ),
        tuple(sorted(places, key=lambda line: str(line["code"]))),
    )


def _rows(
    session: Session, statement: Any, column: Any, ids: Sequence[str] | None
) -> Iterator[Any]:
    """Read all rows, or those of some ids, in parts."""
    if ids is None:
        yield from session.execute(statement)
        return
    for start in range(0, len(ids), _AT_ONCE):
        part = ids[start : start + _AT_ONCE]
        yield from session.execute(statement.where(column.in_(part)))


def _accounts(session: Session, ids: Sequence[str] | None) -> Iterator[Line]:
    columns = (Account.id, Account.display_name, Account.person_id, Account.office_id)
    statement = select(*columns).order_by(Account.id)
    for row in _rows(session, statement, Account.id, ids):
        yield _line(row.id, row.display_name, row.person_id, None, row.office_id, None, None)


def _people(session: Session, ids: Sequence[str] | None) -> Iterator[Line]:
    """Give each person with each post that the session's scope shows, or with none."""
    posts = (Tenure.person_id, Tenure.post, Tenure.organisation_id, Tenure.from_on, Tenure.until_on)
    statement = select(*posts).order_by(Tenure.person_id, Tenure.from_on, Tenure.id)
    held: dict[str, list[Any]] = {}
    for row in _rows(session, statement, Tenure.person_id, ids):
        held.setdefault(row.person_id, []).append(row)
    names = select(Person.id, Person.name).order_by(Person.id)
    for person in _rows(session, names, Person.id, ids):
        for post in held.get(person.id, ()):
            office, from_on = post.organisation_id, post.from_on
            yield _line(person.id, person.name, None, post.post, office, from_on, post.until_on)
        if person.id not in held:
            yield _line(person.id, person.name, None, None, None, None, None)


def _line(
    id_: str, name: str, person: str | None, post: str | None, office: str | None, *days: Any
) -> Line:
    from_on, until_on = (day.isoformat() if day else None for day in days)
    return {
        "id": id_,
        "name": name,
        "person": person,
        "post": post,
        "office": office,
        "from": from_on,
        "until": until_on,
    }


def _grants(session: Session, accounts: Sequence[str] | None, org_path: str) -> Iterator[Line]:
    statement = select(Grant).order_by(Grant.account_id, Grant.role, Grant.id)
    for (grant,) in _rows(session, statement, Grant.account_id, accounts):
        if grant.org_path.startswith(org_path) or org_path.startswith(grant.org_path):
            yield {
                "account": grant.account_id,
                "role": grant.role,
                "organisation": grant.organisation_id,
                "from": grant.from_on.isoformat(),
                "until": grant.until_on.isoformat() if grant.until_on else None,
            }


def _lent(session: Session, accounts: Sequence[str] | None, org_path: str) -> Iterator[Line]:
    """Give delegations and borrowings; the case of a borrowing is not named."""
    statement = select(Delegation).order_by(Delegation.made_at, Delegation.id)
    for (lent,) in _rows(session, statement, Delegation.account_id, accounts):
        if lent.org_path.startswith(org_path) or org_path.startswith(lent.org_path):
            for role in lent.roles.split():
                yield {
                    "account": lent.account_id,
                    "role": role,
                    "organisation": lent.organisation_id,
                    "from": lent.from_on.isoformat(),
                    "until": lent.until_on.isoformat(),
                    "kind": lent.kind,
                    "delegation": lent.id,
                    "acting_for": lent.from_account_id,
                    "instrument": lent.instrument,
                    "revoked": lent.revoked_at is not None,
                }


def _recused(session: Session, accounts: Sequence[str] | None, org_path: str) -> Iterator[Line]:
    """Give the recusals in force; the case is named only where it is about an organisation."""
    case = table_of(Case)
    columns = (Recusal, case.c.level, case.c.org_path)
    statement = select(*columns).join(case, case.c.id == Recusal.case_id)
    statement = statement.where(Recusal.state == RecusalState.GRANTED)
    ordered = statement.order_by(Recusal.decided_at, Recusal.id)
    for row, level, path in _rows(session, ordered, Recusal.account_id, accounts):
        if path.startswith(org_path) or org_path.startswith(path):
            yield {
                "account": row.account_id,
                "role": None,
                "organisation": row.office_id,
                "from": local_date(row.decided_at).isoformat(),
                "until": None,
                "kind": "recusal",
                "recusal": row.id,
                "case": row.case_id if level == _INTERNAL else None,
            }


def _organisations(
    session: Session, wanted: Sequence[str] | None, *, by_path: bool = False
) -> Iterator[Line]:
    statement = select(Organisation).order_by(Organisation.path)
    column = Organisation.path if by_path else Organisation.id
    for (unit,) in _rows(session, statement, column, wanted):
        yield {
            "id": unit.id,
            "code": unit.code,
            "name": unit.name,
            "kind": unit.kind,
            "parent": unit.parent_id,
        }
