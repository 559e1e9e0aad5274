"""Accounts, their roles and what locks them, for the administration and the demo's login."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, not_, or_, select
from sqlalchemy.orm import Session

from workflows.store.pinyin import finder, pattern_of
from workflows.store.tables import (
    Account,
    Grant,
    Heartbeat,
    Installation,
    LoginFailure,
    Organisation,
)


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A role on a place, from when until when."""

    id: int
    role: str
    organisation_id: str
    organisation: str
    from_on: date
    until_on: date | None


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account with what it holds."""

    id: str
    username: str
    display_name: str
    office: str | None
    is_active: bool
    must_change_password: bool
    created_at: datetime
    last_login_at: datetime | None
    grants: tuple[GrantRow, ...]


@dataclass(frozen=True, slots=True)
class AccountPage:
    """One page of accounts, and how many there are in all."""

    rows: tuple[AccountRow, ...]
    total: int


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody made up, to come in as."""

    account_id: str
    display_name: str
    place: str


@dataclass(frozen=True, slots=True)
class DemoRole:
    """The demo's people of a role."""

    role: str
    people: tuple[DemoPerson, ...]


@dataclass(frozen=True, slots=True)
class InstallationPage:
    """What is installed, and which jobs ran when."""

    installation: Installation
    heartbeats: tuple[Heartbeat, ...]
    locked: tuple[LoginFailure, ...]


def accounts_named(session: Session, text: str) -> list[str]:
    """Find accounts by a part of their name or login name, or by the pinyin of the name."""
    fits = or_(
        Account.display_name.contains(text, autoescape=True),
        Account.username.contains(text, autoescape=True),
    )
    found = list(session.scalars(select(Account.id).where(fits)))
    is_meant = finder(text)
    if is_meant is None:
        return found
    names = session.execute(select(Account.id, Account.display_name).where(not_(fits)))
    return [*found, *(key for key, name in names if is_meant(name))]


def accounts_page(session: Session, wanted: str, page: int, size: int) -> AccountPage:
    """Read accounts whose name contains what was searched, by name."""
    found = select(Account)
    if wanted:
        found = found.where(Account.id.in_(accounts_named(session, wanted)))
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    accounts = session.scalars(
        found.order_by(Account.username).offset((page - 1) * size).limit(size)
    ).all()
    places = _place_names(session, accounts)
    return AccountPage(tuple(_row(account, places) for account in accounts), total)


def account_row(session: Session, account_id: str) -> AccountRow | None:
    """Read one account."""
    account = session.get(Account, account_id)
    return None if account is None else _row(account, _place_names(session, [account]))


def display_names(session: Session, account_ids: Iterable[str]) -> dict[str, str]:
    """Read the names of accounts by their ids."""
    statement = select(Account.id, Account.display_name).where(Account.id.in_(set(account_ids)))
    return dict(session.execute(statement).all())


def demo_people(session: Session) -> tuple[DemoRole, ...]:
    """Read who can be played in a demo, by role; accounts without a role are left out."""
    rows = session.execute(
        select(Grant.role, Account.id, Account.display_name, Organisation.name)
        .join(Account, Grant.account_id == Account.id)
        .join(Organisation, Grant.organisation_id == Organisation.id)
        .where(Account.is_active)
        .order_by(Grant.role, Organisation.level, Organisation.path, Account.username)
    )
    by_role: dict[str, list[DemoPerson]] = {}
    for role, account_id, name, place in rows:
        by_role.setdefault(role, []).append(DemoPerson(account_id, name, place))
    return tuple(DemoRole(role, tuple(people)) for role, people in by_role.items())


def installation_page(session: Session, now: datetime) -> InstallationPage:
    """Read what the administration shows of the installation."""
    return InstallationPage(
        installation=session.get_one(Installation, 1),
        heartbeats=tuple(session.scalars(select(Heartbeat).order_by(Heartbeat.job))),
        locked=tuple(
            session.scalars(
                select(LoginFailure)
                .where(LoginFailure.locked_until > now)
                .order_by(LoginFailure.locked_until)
                .limit(100)
            )
        ),
    )


def organisations_like(session: Session, text: str, limit: int = 10) -> tuple[Organisation, ...]:
    """Find organisations by their code, their whole name, a part of it, or its pinyin."""
    exact = session.scalars(
        select(Organisation)
        .where(or_(Organisation.code == text, Organisation.name == text))
        .limit(limit)
    ).all()
    if exact:
        return tuple(exact)
    fits, pinyin = Organisation.name.contains(text, autoescape=True), pattern_of(text)
    if pinyin is not None:
        fits = or_(fits, Organisation.spelt.regexp_match(pinyin))
    return tuple(
        session.scalars(
            select(Organisation)
            .where(fits)
            .order_by(Organisation.level, Organisation.path)
            .limit(limit)
        )
    )


def _place_names(session: Session, accounts: Iterable[Account]) -> dict[str, str]:
    wanted: set[str] = set()
    for account in accounts:
        wanted.update(grant.organisation_id for grant in account.grants)
        if account.office_id:
            wanted.add(account.office_id)
    statement = select(Organisation.id, Organisation.name).where(Organisation.id.in_(wanted))
    return dict(session.execute(statement).all())


def _row(account: Account, places: dict[str, str]) -> AccountRow:
    grants = sorted(account.grants, key=lambda grant: (grant.role, grant.org_path, grant.from_on))
    return AccountRow(
        id=account.id,
        username=account.username,
        display_name=account.display_name,
        office=places.get(account.office_id) if account.office_id else None,
        is_active=account.is_active,
        must_change_password=account.must_change_password,
        created_at=account.created_at,
        last_login_at=account.last_login_at,
        grants=tuple(
            GrantRow(
                grant.id,
                grant.role,
                grant.organisation_id,
                places[grant.organisation_id],
                grant.from_on,
                grant.until_on,
            )
            for grant in grants
        ),
    )
