"""Roles for a while and within bounds: B acts for A, or joins one case (DOMAIN 5.7.6, 8).

Both end by themselves on their last day and can be taken back before. A delegation lends
what its lender holds himself on the day of the act; nothing that was lent is lent on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import InvalidInput, NotAllowed, NotFound
from workflows.domain.ids import new_id
from workflows.domain.records import JsonValue
from workflows.domain.roles import ADMINISTRATORS, Actor, Role
from workflows.domain.texts import whole
from workflows.services.access import OwnCase, is_concerned, load_actor, role_over
from workflows.services.journal import append_house
from workflows.services.numbers import next_number
from workflows.services.offices import office_by_id
from workflows.services.separation import refuse_kept_out
from workflows.services.steps.locked import load_locked
from workflows.services.steps.tasks import open_task_of
from workflows.store.tables import Delegation, Organisation

BORROWING_ROLES = (Role.REVIEWER, Role.PRINCIPAL)
LONGEST_DAYS = 366
LONGEST_INSTRUMENT = 120
_SHEET = "交接"


class DelegationInvalid(InvalidInput):
    """A delegation needs its paper, another person, and days from today of at most a year."""

    code: ClassVar[str] = "delegation_invalid"


class NotHeld(NotAllowed):
    """Only roles that the lender holds himself there can be lent: not {roles}."""

    code: ClassVar[str] = "not_held"


class NotLent(NotAllowed):
    """A delegation is made or taken back by its lender or by the principal over the place."""

    code: ClassVar[str] = "not_lent"


class SecondAdministrator(NotAllowed):
    """A borrowing is approved by the security administrator, who has no part in it."""

    code: ClassVar[str] = "second_administrator"


@dataclass(frozen=True, slots=True)
class Bounds:
    """From when until when, on which paper, and for which steps; none means all."""

    from_on: date
    until_on: date
    instrument: str
    activities: Sequence[str] = ()


def lend_roles(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    lender_id: str,
    account_id: str,
    roles: Iterable[str],
    organisation_id: str,
    bounds: Bounds,
) -> str:
    """Let somebody act for somebody else; the lender does it, or the principal over the place.

    Raises:
        DelegationInvalid: The paper is missing, the days are wrong, or both are one person.
        NotHeld: The lender does not hold one of the roles there himself.
        NotLent: The actor is neither the lender nor the principal over the place.
    """
    place = session.get(Organisation, organisation_id)
    if place is None:
        raise NotFound(what="organisation", key=organisation_id)
    today = local_date(now)
    lender, substitute = (
        load_actor(session, lender_id, today),
        load_actor(session, account_id, today),
    )
    _check(today, bounds, lender, substitute)
    wanted = tuple(dict.fromkeys(roles))
    lacking = [role for role in wanted if not _lends(lender, role, place.path)]
    if lacking or not wanted:
        raise NotHeld(roles=", ".join(lacking))
    if lender.account_id != actor.account_id:
        if actor.holds((Role.PRINCIPAL,), place.path) is None:
            raise NotLent
        if substitute.account_id == actor.account_id:
            raise NotLent
    row = _row(actor, now, "delegation", substitute, wanted, place, bounds)
    row.from_account_id = lender.account_id
    session.add(row)
    session.flush()
    _note(session, actor, now, "delegation_made", row)
    return row.id


def sheet_number(session: Session, actor: Actor, now: datetime) -> str:
    """Take the number of a hand-over sheet, which is the paper of the delegation made with it."""
    year = local_date(now).year
    number = next_number(session, f"{_SHEET} {(actor.office_id or actor.account_id)[-16:]}", year)
    return f"{_SHEET}〔{year}〕{number}号"


def borrow(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    case_id: str,
    task: str,
    account_id: str,
    bounds: Bounds,
) -> str:
    """Ask for a member from elsewhere for steps of one case; it waits for approval.

    The task's roles are lent at its office, for its step alone unless bounds name others.

    Raises:
        RoleMissing: The actor is neither reviewer nor principal over the task's office.
        OwnCase: The case is about the actor or about the member.
        Recused, RecusalPending: One of them keeps out of the case.
        DelegationInvalid: The paper is missing, the days are wrong, or it is himself.
    """
    case = load_locked(session, case_id)
    row = open_task_of(session, case, task)
    office = office_by_id(session, row.office_id)
    role_over(actor, BORROWING_ROLES, office.path)
    today = local_date(now)
    member = load_actor(session, account_id, today)
    for each in (actor, member):
        if is_concerned(each, case.subject_person_id):
            raise OwnCase
    for each in (actor, member):
        refuse_kept_out(session, each, (case_id,))
    _check(today, bounds, actor, member)
    place = session.get_one(Organisation, office.id)
    steps = tuple(bounds.activities) or (row.activity,)
    narrowed = Bounds(bounds.from_on, bounds.until_on, bounds.instrument, steps)
    found = _row(actor, now, "borrowing", member, tuple(row.roles.split()), place, narrowed)
    found.case_id = case_id
    session.add(found)
    session.flush()
    _note(session, actor, now, "borrowing_asked", found)
    return found.id


def approve_borrowing(session: Session, actor: Actor, now: datetime, key: str) -> None:
    """Put a borrowing in force; the security administrator's act.

    Raises:
        SecondAdministrator: Somebody else, or one who has a part in it.
        Recused, RecusalPending: He keeps out of the case.
    """
    row = _live(session, key)
    if row.kind != "borrowing" or not any(
        grant.role == Role.SECURITY_ADMIN for grant in actor.grants
    ):
        raise SecondAdministrator
    if actor.account_id in (row.made_by, row.account_id):
        raise SecondAdministrator
    refuse_kept_out(session, actor, (row.case_id or "",))
    row.approved_by = actor.account_id
    session.flush()
    _note(session, actor, now, "borrowing_approved", row)


def revoke(session: Session, actor: Actor, now: datetime, key: str) -> None:
    """Take back a delegation or borrowing at once.

    Raises:
        NotLent: The actor is not the lender, not who made it, no principal over the place
            and no security administrator.
    """
    row = _live(session, key)
    own = actor.account_id in (row.from_account_id, row.made_by)
    over = actor.holds((Role.PRINCIPAL,), row.org_path) is not None
    security = any(grant.role == Role.SECURITY_ADMIN for grant in actor.grants)
    if not (own or over or security):
        raise NotLent
    row.revoked_at, row.revoked_by = now, actor.account_id
    session.flush()
    _note(session, actor, now, "delegation_revoked", row)


def _check(today: date, bounds: Bounds, one: Actor, other: Actor) -> None:
    days = (bounds.until_on - bounds.from_on).days
    same = one.account_id == other.account_id or (
        one.person_id is not None and one.person_id == other.person_id
    )
    administers = any(grant.role in ADMINISTRATORS for grant in other.grants)
    in_time = bounds.until_on >= today and 0 <= days <= LONGEST_DAYS
    if not bounds.instrument.strip() or not in_time or same or administers:
        raise DelegationInvalid


def _lends(lender: Actor, role: str, path: str) -> bool:
    return role not in ADMINISTRATORS and lender.holds((role,), path) is not None


def _row(
    actor: Actor,
    now: datetime,
    kind: str,
    substitute: Actor,
    roles: Sequence[str],
    place: Organisation,
    bounds: Bounds,
) -> Delegation:
    return Delegation(
        id=new_id("d"),
        kind=kind,
        account_id=substitute.account_id,
        roles=" ".join(roles),
        organisation_id=place.id,
        org_path=place.path,
        activities=list(bounds.activities),
        from_on=bounds.from_on,
        until_on=bounds.until_on,
        instrument=whole(bounds.instrument, LONGEST_INSTRUMENT),
        made_by=actor.account_id,
        made_at=now,
    )


def _live(session: Session, key: str) -> Delegation:
    row = session.scalar(
        select(Delegation).where(Delegation.id == key, Delegation.revoked_at.is_(None))
    )
    if row is None:
        raise NotFound(what="delegation", key=key)
    return row


def _note(session: Session, actor: Actor, now: datetime, name: str, row: Delegation) -> None:
    """Record it in the house; the sealed payload names a case, the record itself none."""
    form: dict[str, JsonValue] = {
        "account": row.account_id,
        "roles": tuple(row.roles.split()),
        "organisation": row.organisation_id,
        "from_on": row.from_on.isoformat(),
        "until_on": row.until_on.isoformat(),
        "instrument": row.instrument,
        "activities": tuple(row.activities),
        "acting_for": row.from_account_id,
        "case": row.case_id,
    }
    append_house(session, actor, now, name, row.id, form=form)
