"""Who somebody is today, what he may see and what he may do."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import ClassVar

from sqlalchemy import exists, literal_column, or_, select
from sqlalchemy.orm import Session

from workflows.domain.errors import NotAllowed, NotFound
from workflows.domain.levels import CLUES, PERSONAL
from workflows.domain.roles import (
    ADMINISTRATORS,
    CASE_ROLES,
    PERSON_LEVEL_ROLES,
    Actor,
    BoundedGrant,
    Role,
    RoleGrant,
)
from workflows.services.recused import closed_cases
from workflows.store.base import table_of
from workflows.store.scope import Scope, within
from workflows.store.tables import (
    Account,
    Case,
    Delegation,
    Grant,
    JournalRecord,
    Organisation,
    Task,
)

# Person-level cases are decided at the banner or above, never in the person's own township.
_DECIDING_LEVEL = 3
SYSTEM = {
    name: Actor(f"system:{name}", name)
    for name in ("init", "sweep", "sequencer", "check", "migration", "calendar", "packs")
}


class RolesForbidden(NotAllowed):
    """Nobody may act as {role} in a case in which he acted as {other} ({at}, record {seq})."""

    code: ClassVar[str] = "roles_forbidden"


class OwnCase(NotAllowed):
    """Nobody may act in a case about himself."""

    code: ClassVar[str] = "own_case"


class RoleMissing(NotAllowed):
    """This needs one of the roles {roles} over {office}."""

    code: ClassVar[str] = "role_missing"


def load_actor(session: Session, account_id: str, today: date) -> Actor:
    """Give an account with the roles that it holds on a day.

    Raises:
        NotFound: There is no such account, or it is switched off.
    """
    account = session.get(Account, account_id)
    if account is None or not account.is_active:
        raise NotFound(what="account", key=account_id)
    statement = (
        select(Grant.role, Grant.org_path, Organisation.kind)
        .join(Organisation, Organisation.id == Grant.organisation_id)
        .where(
            Grant.account_id == account_id,
            Grant.from_on <= today,
            or_(Grant.until_on.is_(None), Grant.until_on >= today),
        )
    )
    grants = tuple(
        RoleGrant(role, path, path if kind == "unit" else unit_path(path))
        for role, path, kind in session.execute(statement)
    )
    return Actor(
        account.id,
        account.display_name,
        grants,
        account.person_id,
        account.office_id,
        tuple(each for _, each in bounded_grants(session, today, account.id)),
    )


def bounded_grants(
    session: Session, today: date, account_id: str | None = None
) -> Iterator[tuple[str, BoundedGrant]]:
    """Give the delegations and borrowings in force on a day, each with who uses it.

    A delegation lends what its lender holds on that day himself, never what was lent to him.
    """
    statement = (
        select(Delegation, Organisation.kind)
        .join(Organisation, Organisation.id == Delegation.organisation_id)
        .where(
            Delegation.from_on <= today,
            Delegation.until_on >= today,
            Delegation.revoked_at.is_(None),
            or_(Delegation.kind == "delegation", Delegation.approved_by.is_not(None)),
        )
    )
    if account_id is not None:
        statement = statement.where(Delegation.account_id == account_id)
    rows = session.execute(statement.order_by(Delegation.made_at, Delegation.id)).all()
    held = _held_by(session, {row.from_account_id for row, _ in rows if row.from_account_id}, today)
    for row, kind in rows:
        roles = tuple(row.roles.split())
        if row.from_account_id is not None:
            own = held.get(row.from_account_id, ())
            roles = tuple(
                role
                for role in roles
                if any(each == role and row.org_path.startswith(path) for each, path in own)
            )
        if roles:
            yield (
                row.account_id,
                BoundedGrant(
                    row.id,
                    roles,
                    row.org_path,
                    row.org_path if kind == "unit" else unit_path(row.org_path),
                    row.until_on,
                    row.from_account_id,
                    row.case_id,
                    tuple(row.activities),
                ),
            )


def _held_by(
    session: Session, accounts: Collection[str], today: date
) -> dict[str, list[tuple[str, str]]]:
    """Give what accounts that are not switched off hold themselves: roles and places."""
    statement = (
        select(Grant.account_id, Grant.role, Grant.org_path)
        .join(Account, Account.id == Grant.account_id)
        .where(
            Grant.account_id.in_(accounts),
            Account.is_active,
            Grant.from_on <= today,
            or_(Grant.until_on.is_(None), Grant.until_on >= today),
        )
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for account_id, role, path in session.execute(statement) if accounts else ():
        found.setdefault(account_id, []).append((role, path))
    return found


def scope_for(actor: Actor) -> Scope:
    """Give what an actor may see: business roles only; nobody the case about himself."""
    seen = CASE_ROLES | {Role.CASE_SUPERVISOR, Role.ASSESSOR}
    personal = PERSON_LEVEL_ROLES | {Role.HANDLER, Role.DEPUTY}
    return Scope(
        paths=_served(actor, seen),
        person_paths=tuple(
            path for path in _served(actor, personal) if path.count(".") <= _DECIDING_LEVEL
        ),
        own_person=actor.person_id,
    )


def scope_in(session: Session, actor: Actor) -> Scope:
    """Give what an actor may see, with the person-level cases that he works on one by one.

    He works on a case where he has acted or has a task. It stays his only while he still
    serves its place in some role: who has left sees nothing more, nor who is recused. Of
    sealed cases he sees no other, but where a task waits for him as the principal of its office.
    """
    scope = scope_for(actor)
    borrowed = tuple(each.case_id for each in actor.bounded if each.case_id is not None)
    closed = closed_cases(session, actor.account_id, actor.person_id)
    scope = replace(scope, case_ids=borrowed, closed_cases=closed)
    uncovered = [path for path in scope.paths if not path.startswith(scope.person_paths)]
    worked_on = (
        *borrowed,
        *_worked_on(session, actor, PERSONAL, uncovered),
        *_worked_on(session, actor, CLUES, scope.paths),
        *_waiting_for_principal(session, actor),
    )
    return replace(scope, case_ids=tuple(dict.fromkeys(worked_on)))


def _worked_on(
    session: Session, actor: Actor, level: str, paths: Collection[str]
) -> Collection[str]:
    """Give the cases of a level in some subtrees that somebody works on."""
    if not paths:
        return ()
    case, record, task = table_of(Case), table_of(JournalRecord), table_of(Task)
    acted = exists().where(record.c.stream_id == case.c.id, record.c.actor == actor.account_id)
    has_task = exists().where(
        task.c.case_id == case.c.id,
        task.c.state == "open",
        task.c.claimant == actor.account_id,
    )
    statement = select(case.c.id).where(
        case.c.level == literal_column(f"'{level}'"),  # as the partial index has it
        case.c.subject_person_id.is_distinct_from(actor.person_id),
        within(case.c.org_path, paths),
        or_(acted, has_task),
    )
    return session.connection().execute(statement).scalars().all()


def _waiting_for_principal(session: Session, actor: Actor) -> Iterator[str]:
    """Give the sealed cases with a task for the principal of an office that somebody leads."""
    led = {grant.org_path for grant in actor.grants if grant.role == Role.PRINCIPAL}
    if not led:
        return
    task, office, case = table_of(Task), table_of(Organisation), table_of(Case)
    statement = (
        select(task.c.case_id, task.c.roles, office.c.path)
        .join(office, office.c.id == task.c.office_id)
        .join(case, case.c.id == task.c.case_id)
        .where(
            task.c.state == literal_column("'open'"),
            case.c.level == literal_column(f"'{CLUES}'"),
            case.c.subject_person_id.is_distinct_from(actor.person_id),
        )
    )
    for case_id, roles, path in session.connection().execute(statement):
        if Role.PRINCIPAL in roles.split() and not led.isdisjoint((path, unit_path(path))):
            yield case_id


def _served(actor: Actor, roles: Iterable[str]) -> tuple[str, ...]:
    """Give the units that somebody serves, in his own roles and in those lent to him."""
    wanted = frozenset(roles)
    own = {grant.unit_path for grant in actor.grants if grant.role in wanted}
    lent = {
        each.unit_path
        for each in actor.bounded
        if each.case_id is None and not wanted.isdisjoint(each.roles)
    }
    return tuple(sorted(own | lent))


def unit_path(body_path: str) -> str:
    """Give the path of the unit that a body belongs to."""
    return body_path[: body_path.rstrip(".").rfind(".") + 1]


def role_serving(actor: Actor, roles: Iterable[str], org_path: str) -> str:
    """Give the role by which an actor serves the place of a case or matter.

    Raises:
        RoleMissing: He holds none of them there.
    """
    wanted = tuple(roles)
    role = actor.serves(wanted, org_path)
    if role is None:
        raise RoleMissing(roles=", ".join(wanted), office=org_path)
    return role


def role_over(actor: Actor, roles: Iterable[str], office_path: str) -> str:
    """Give the role by which an actor may act for an office.

    A role granted on an office, its unit or anything above counts.

    Raises:
        RoleMissing: He holds none of them there.
    """
    wanted = tuple(roles)
    role = actor.holds(wanted, office_path)
    if role is None:
        raise RoleMissing(roles=", ".join(wanted), office=office_path)
    return role


def role_deciding(actor: Actor, roles: Iterable[str]) -> str:
    """Give the role by which an actor decides for the whole installation.

    Administrators hold theirs beside the tree, anybody else at the banner or above.

    Raises:
        RoleMissing: He holds none of them there.
    """
    wanted = tuple(roles)
    for grant in actor.grants:
        is_high = grant.unit_path.count(".") <= _DECIDING_LEVEL
        if grant.role in wanted and (is_high or grant.role in ADMINISTRATORS):
            return grant.role
    raise RoleMissing(roles=", ".join(wanted), office="the installation")


def is_concerned(actor: Actor, subject_person_id: str | None) -> bool:
    """Tell whether a case is about the actor himself."""
    return subject_person_id is not None and actor.person_id == subject_person_id


def is_same_person(session: Session, actor: Actor, account_id: str) -> bool:
    """Tell whether an account is the actor's own, or another account of the same person."""
    if account_id == actor.account_id:
        return True
    person = session.scalar(select(Account.person_id).where(Account.id == account_id))
    return person is not None and person == actor.person_id
