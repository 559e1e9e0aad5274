"""The three administrators with whom an installation begins; nobody of them sees a case."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.ids import new_id
from workflows.domain.organisations import Kind, Level, child_path
from workflows.domain.roles import Role
from workflows.services.access import SYSTEM
from workflows.services.journal import append_house
from workflows.services.staff.accounts import OneTimePassword, new_token
from workflows.services.staff.passwords import hash_password, one_time_password
from workflows.store.tables import Account, Grant, Organisation

HOUSE_CODE = "HOUSE"
_ADMINISTRATORS = (
    ("xitong", "系统管理员", Role.SYSTEM_ADMIN),
    ("anquan", "安全管理员", Role.SECURITY_ADMIN),
    ("shenji", "安全审计员", Role.AUDIT_ADMIN),
)


def make_administrators(session: Session, now: datetime, title: str) -> tuple[OneTimePassword, ...]:
    """Make one account for each of the three administrators, to be handed to three people.

    They belong to the installation itself, which stands beside the organisation tree.

    Returns:
        The passwords, to be shown once; each must be changed at the first login.
    """
    house = Organisation(
        id=new_id("o"),
        code=HOUSE_CODE,
        name=title,
        kind=Kind.UNIT.value,
        level=Level.REGION,
        path=child_path("", HOUSE_CODE),
    )
    session.add(house)
    session.flush()
    return tuple(
        _administrator(session, now, house, username, name, role)
        for username, name, role in _ADMINISTRATORS
    )


def _administrator(
    session: Session, now: datetime, house: Organisation, username: str, name: str, role: Role
) -> OneTimePassword:
    password = one_time_password()
    account = Account(
        id=new_id("u"),
        username=username,
        display_name=name,
        password_hash=hash_password(password),
        token=new_token(),
        office_id=house.id,
        must_change_password=True,
        created_at=now,
    )
    account.grants = [
        Grant(
            role=role.value,
            organisation_id=house.id,
            org_path=house.path,
            from_on=local_date(now),
        )
    ]
    session.add(account)
    session.flush()
    form = {"username": username, "role": role.value}
    append_house(session, SYSTEM["init"], now, "account_created", account.id, form={**form})
    return OneTimePassword(account.id, username, password)
