"""Logging in, and who may give accounts and roles to whom (the three administrators).

The system administrator (R18) makes accounts and hands out one-time passwords; an account
opens only when the security administrator (R19) approves it, and only he grants roles. So
nobody alone can make himself, or anybody else, able to work on cases.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from workflows.domain.errors import InvalidInput, NotAllowed, NotFound
from workflows.domain.ids import new_id
from workflows.domain.roles import ADMINISTRATORS, Actor, Role
from workflows.services.journal import append_house
from workflows.services.outside.feeds import end_feed
from workflows.services.staff.passwords import (
    check_new_password,
    hash_password,
    needs_rehash,
    one_time_password,
    verify_password,
)
from workflows.store.tables import Account, Grant, LoginFailure, Organisation

MOST_FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)
_USERNAME_LENGTH = 60


class UsernameTaken(InvalidInput):
    """There is an account named {username} already."""

    code: ClassVar[str] = "username_taken"


class PasswordWrong(InvalidInput):
    """The present password is not right."""

    code: ClassVar[str] = "password_wrong"


class RolesExclude(NotAllowed):
    """Role {role} does not go together with {other} in one account."""

    code: ClassVar[str] = "roles_exclude"


class OwnAccount(NotAllowed):
    """Nobody approves or grants anything to himself."""

    code: ClassVar[str] = "own_account"


class GrantExists(InvalidInput):
    """This account holds role {role} there already."""

    code: ClassVar[str] = "grant_exists"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A counted try to log in; ``account_id`` is None for a name that nobody has."""

    username: str
    account_id: str | None
    password_hash: str | None
    locked_until: datetime | None

    def matches(self, password: str) -> bool:
        """Compare the password; slow on purpose, so call it outside the transaction."""
        return verify_password(password, self.password_hash) and self.locked_until is None


@dataclass(frozen=True, slots=True)
class OneTimePassword:
    """A password to hand over once; it must be changed at the first login."""

    account_id: str
    username: str
    password: str


def new_token() -> str:
    """Make the token that ties sessions to a password."""
    return secrets.token_urlsafe(32)


def begin_login(session: Session, now: datetime, username: str) -> Attempt:
    """Count a try before its password is compared, so that parallel tries cannot slip past.

    Known and unknown names are counted and locked alike.
    """
    name = username.strip()[:_USERNAME_LENGTH]
    failures = session.get(LoginFailure, name, with_for_update=True)
    if failures is None:
        failures = LoginFailure(username=name, count=0, last_at=now)
        session.add(failures)
    locked_until = failures.locked_until
    if locked_until is not None and locked_until <= now:
        locked_until, failures.locked_until, failures.count = None, None, 0
    if locked_until is None:
        failures.count += 1
        failures.last_at = now
        if failures.count >= MOST_FAILURES:
            failures.locked_until = now + LOCKED_FOR
    account = session.scalar(select(Account).where(Account.username == name, Account.is_active))
    if account is None:
        return Attempt(name, None, None, locked_until)
    return Attempt(name, account.id, account.password_hash, locked_until)


def finish_login(
    session: Session, now: datetime, account_id: str, password: str | None = None
) -> Account:
    """Forget the failures of an account that logged in, and record the login."""
    account = _account(session, account_id)
    if password is not None and needs_rehash(account.password_hash):
        account.password_hash = hash_password(password)
    session.execute(delete(LoginFailure).where(LoginFailure.username == account.username))
    account.last_login_at = now
    append_house(session, _oneself(account), now, "login", account.id)
    return account


def change_password(
    session: Session, now: datetime, account_id: str, *, old: str, new: str
) -> Account:
    """Replace a password; every session that was open ends.

    Raises:
        PasswordWrong: The present one is not right.
        PasswordWeak: The new one is not good enough.
    """
    account = _account(session, account_id)
    if not verify_password(old, account.password_hash):
        raise PasswordWrong
    check_new_password(new, username=account.username, old_hash=account.password_hash)
    account.password_hash = hash_password(new)
    account.token = new_token()
    account.must_change_password = False
    append_house(session, _oneself(account), now, "password_changed", account.id)
    return account


def end_sessions(session: Session, now: datetime, account_id: str) -> Account:
    """End every session of an account, on all machines."""
    account = _account(session, account_id)
    account.token = new_token()
    append_house(session, _oneself(account), now, "sessions_ended", account.id)
    return account


def set_language(session: Session, account_id: str, language: str) -> None:
    """Remember which language somebody reads."""
    _account(session, account_id).language = language


def create_account(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    username: str,
    display_name: str,
    office_id: str | None,
) -> OneTimePassword:
    """Make an account that waits for the security administrator's approval.

    Raises:
        UsernameTaken: The name is in use.
    """
    _require(actor, Role.SYSTEM_ADMIN)
    if session.scalar(select(Account.id).where(Account.username == username)) is not None:
        raise UsernameTaken(username=username)
    password = one_time_password()
    account = Account(
        id=new_id("u"),
        username=username,
        display_name=display_name,
        password_hash=hash_password(password),
        token=new_token(),
        office_id=office_id,
        is_active=False,
        must_change_password=True,
        created_at=now,
    )
    session.add(account)
    session.flush()
    append_house(session, actor, now, "account_created", account.id, form={"username": username})
    return OneTimePassword(account.id, username, password)


def reset_password(
    session: Session, actor: Actor, now: datetime, account_id: str
) -> OneTimePassword:
    """Give a new one-time password; the account closes until it is approved again.

    Whoever holds a one-time password could log in with it: the second person's approval
    keeps the system administrator from becoming somebody else.
    """
    _require(actor, Role.SYSTEM_ADMIN)
    account = _account(session, account_id)
    password = one_time_password()
    account.password_hash = hash_password(password)
    account.token = new_token()
    account.must_change_password = True
    account.is_active = False
    end_feed(session, account.id)
    append_house(session, actor, now, "password_reset", account.id)
    return OneTimePassword(account.id, account.username, password)


def approve_account(session: Session, actor: Actor, now: datetime, account_id: str) -> Account:
    """Open an account that was made, reset or withdrawn; the security administrator's act."""
    _require(actor, Role.SECURITY_ADMIN)
    _refuse_oneself(actor, account_id)
    account = _account(session, account_id)
    account.is_active = True
    append_house(session, actor, now, "account_approved", account.id)
    return account


def withdraw_account(session: Session, actor: Actor, now: datetime, account_id: str) -> Account:
    """Close an account at once; its sessions end and its roles stay for the record."""
    _require(actor, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)
    _refuse_oneself(actor, account_id)
    account = _account(session, account_id)
    account.is_active = False
    account.token = new_token()
    end_feed(session, account.id)
    append_house(session, actor, now, "account_withdrawn", account.id)
    return account


def release_name(session: Session, actor: Actor, now: datetime, username: str) -> None:
    """Forget the failures of a name, so that it can log in before its lock runs out."""
    _require(actor, Role.SECURITY_ADMIN)
    session.execute(delete(LoginFailure).where(LoginFailure.username == username))
    append_house(session, actor, now, "login_released", "login", form={"username": username})


def grant_role(
    session: Session,
    actor: Actor,
    now: datetime,
    account_id: str,
    *,
    role: Role,
    organisation_id: str,
    from_on: date,
    until_on: date | None = None,
) -> Grant:
    """Give a role on an organisation and everything below it.

    Raises:
        RolesExclude: An administrator would get a second administrator's or a case role.
        GrantExists: The account holds this role there already.
    """
    _require(actor, Role.SECURITY_ADMIN)
    _refuse_oneself(actor, account_id)
    account = _account(session, account_id)
    if until_on is not None and until_on < from_on:
        raise InvalidInput(reason="until_on before from_on")
    _refuse_exclusive(account, role, from_on)
    place = session.get(Organisation, organisation_id)
    if place is None:
        raise NotFound(what="organisation", key=organisation_id)
    if any(_holds(grant, role, place.id, from_on) for grant in account.grants):
        raise GrantExists(role=role.value)
    grant = Grant(
        account=account,
        role=role.value,
        organisation_id=place.id,
        org_path=place.path,
        from_on=from_on,
        until_on=until_on,
    )
    session.add(grant)
    session.flush()
    append_house(
        session,
        actor,
        now,
        "role_granted",
        account.id,
        form={"role": role.value, "organisation": place.id, "from_on": from_on.isoformat()},
    )
    return grant


def revoke_grant(session: Session, actor: Actor, now: datetime, grant_id: int, today: date) -> str:
    """End a grant as of yesterday, and say whose it was; the row stays for the record."""
    _require(actor, Role.SECURITY_ADMIN)
    grant = session.get(Grant, grant_id)
    if grant is None:
        raise NotFound(what="grant", key=grant_id)
    _refuse_oneself(actor, grant.account_id)
    grant.until_on = today - timedelta(days=1)
    append_house(
        session,
        actor,
        now,
        "role_revoked",
        grant.account_id,
        form={"role": grant.role, "organisation": grant.organisation_id},
    )
    return grant.account_id


def _account(session: Session, account_id: str) -> Account:
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound(what="account", key=account_id)
    return account


def _oneself(account: Account) -> Actor:
    return Actor(account.id, account.display_name, (), account.person_id, account.office_id)


def _require(actor: Actor, *roles: Role) -> None:
    if not any(grant.role in roles for grant in actor.grants):
        raise NotAllowed(reason=", ".join(role.value for role in roles))


def _refuse_oneself(actor: Actor, account_id: str) -> None:
    if actor.account_id == account_id:
        raise OwnAccount


def _refuse_exclusive(account: Account, role: Role, on: date) -> None:
    held = {Role(grant.role) for grant in account.grants if _in_force(grant, on)} - {role}
    others = held if role in ADMINISTRATORS else held & ADMINISTRATORS
    if others:
        raise RolesExclude(role=role.value, other=min(others).value)


def _in_force(grant: Grant, on: date) -> bool:
    return grant.until_on is None or grant.until_on >= on


def _holds(grant: Grant, role: Role, organisation_id: str, on: date) -> bool:
    same = grant.role == role and grant.organisation_id == organisation_id
    return same and _in_force(grant, on)
