"""Delegations and borrowings as pages list them, and what a task without anybody offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from workflows.domain.organisations import Kind
from workflows.domain.roles import ADMINISTRATORS, Actor, Role
from workflows.queries.case.offices import sought_task, stand_ins
from workflows.queries.case.page import CasePage, TaskLine
from workflows.queries.organisations.finding import Found, colleagues_for
from workflows.services.access import load_actor
from workflows.services.steps.eligibility import refusal_of
from workflows.services.steps.handing_on import sections_beside, superior_of
from workflows.store.tables import Account, Case, Delegation, Grant, Organisation

MOST_LISTED = 200
_ON_PAPER = frozenset({Role.RECTIFIER.value, Role.PERSON_CONCERNED.value})
_BODIES_ON_PAPER = frozenset({Kind.BRANCH, Kind.COMMITTEE})


@dataclass(frozen=True, slots=True)
class Lent:
    """A delegation or borrowing with the names on it; the case is named where it is visible."""

    row: Delegation
    substitute: str
    lender: str | None
    place: str
    case_number: str | None

    @property
    def roles(self) -> list[str]:
        """Give the roles that are lent."""
        return self.row.roles.split()

    @property
    def waits(self) -> bool:
        """Say whether it waits for the security administrator."""
        row = self.row
        return row.kind == "borrowing" and row.approved_by is None and row.revoked_at is None


@dataclass(frozen=True, slots=True)
class Offers:
    """What there is for a task that nobody of its office can do, in the order to try it."""

    sections: tuple[Organisation, ...]
    members: tuple[Found, ...]
    superior: Organisation | None


def delegations_of(session: Session, actor: Actor, key: str | None = None) -> tuple[Lent, ...]:
    """Read what somebody lends, uses, made or may take back; administrators read all.

    With ``key`` only that one.
    """
    substitute, lender, place = aliased(Account), aliased(Account), aliased(Organisation)
    statement = (
        select(Delegation, substitute.display_name, lender.display_name, place.name, Case.number)
        .join(substitute, substitute.id == Delegation.account_id)
        .outerjoin(lender, lender.id == Delegation.from_account_id)
        .join(place, place.id == Delegation.organisation_id)
        .outerjoin(Case, Case.id == Delegation.case_id)
        .order_by(Delegation.until_on.desc(), Delegation.id)
        .limit(MOST_LISTED)
    )
    if key is not None:
        statement = statement.where(Delegation.id == key)
    if not any(grant.role in ADMINISTRATORS for grant in actor.grants):
        me = actor.account_id
        over = [grant.org_path for grant in actor.grants if grant.role == Role.PRINCIPAL]
        mine = (Delegation.account_id == me, Delegation.from_account_id == me)
        led = (Delegation.org_path.startswith(path, autoescape=True) for path in over)
        statement = statement.where(or_(*mine, Delegation.made_by == me, *led))
    return tuple(Lent(*row) for row in session.execute(statement))


def in_force_for(session: Session, actor: Actor, today: date) -> tuple[Lent, ...]:
    """Give the delegations in force today in which somebody acts or is acted for, soonest over."""
    me = actor.account_id
    return tuple(
        each
        for each in reversed(delegations_of(session, actor))
        if each.row.kind == "delegation"
        and me in (each.row.account_id, each.row.from_account_id)
        and each.row.revoked_at is None
        and each.row.from_on <= today <= each.row.until_on
    )


def substitutes_at(session: Session, paths: Sequence[str], but: str) -> tuple[Found, ...]:
    """Give accounts with an office or a role within some places, to choose a substitute from."""
    if not paths:
        return ()
    within = [Organisation.path.startswith(path, autoescape=True) for path in paths]
    statement = (
        select(Account.id, Account.display_name, Organisation.name)
        .join(Organisation, Organisation.id == Account.office_id)
        .where(Account.is_active, Account.id != but, or_(*within))
        .order_by(Account.display_name)
        .limit(MOST_LISTED)
    )
    return tuple(Found(*row) for row in session.execute(statement))


def offers_for(session: Session, page: CasePage, line: TaskLine, today: date) -> Offers | None:
    """Give what a task offers that nobody could do today, or None where somebody can."""
    office = session.get(Organisation, line.row.office_id)
    if office is None or page.case.state != "open" or _is_on_paper(line, office):
        return None
    if _somebody_can(session, page, line, today):
        return None
    roles = line.row.roles.split()
    sections = tuple(
        each
        for each in sections_beside(session, office)
        if colleagues_for(session, roles, each.path, today)
    )
    members = _members(session, page, line, roles, today)
    return Offers(sections, members, superior_of(session, office))


def _is_on_paper(line: TaskLine, office: Organisation) -> bool:
    """Say whether officers of the case enter what was done without an account."""
    return office.kind in _BODIES_ON_PAPER or not _ON_PAPER.isdisjoint(line.row.roles.split())


def _somebody_can(session: Session, page: CasePage, line: TaskLine, today: date) -> bool:
    sought = sought_task(page, line)
    offered = colleagues_for(session, line.row.roles.split(), line.office_path, today)
    lent = stand_ins(session, line, page.case.id, today, {each.id for each in offered})
    return any(
        refusal_of(session, sought, load_actor(session, each.id, today)) is None
        for each in (*offered, *lent)
    )


def _members(
    session: Session, page: CasePage, line: TaskLine, roles: Sequence[str], today: date
) -> tuple[Found, ...]:
    """Give people of the league and below who work on cases elsewhere, to be borrowed."""
    league = "".join(f"{part}." for part in page.case.org_path.split(".")[:2])
    concerned = page.case.subject_person_id
    statement = (
        select(Account.id, Account.display_name, Organisation.name)
        .join(Grant, Grant.account_id == Account.id)
        .outerjoin(Organisation, Organisation.id == Account.office_id)
        .where(
            Account.is_active,
            Grant.role.not_in(ADMINISTRATORS),
            Grant.org_path.startswith(league, autoescape=True),
            Grant.from_on <= today,
            or_(Grant.until_on.is_(None), Grant.until_on >= today),
        )
        .distinct()
        .order_by(Account.display_name)
        .limit(MOST_LISTED)
    )
    if concerned is not None:
        statement = statement.where(Account.person_id.is_distinct_from(concerned))
    at_office = {each.id for each in colleagues_for(session, roles, line.office_path, today)}
    found = (Found(key, name, place or "") for key, name, place in session.execute(statement))
    return tuple(each for each in found if each.id not in at_office)
