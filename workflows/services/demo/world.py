"""Putting the demo's made-up world into a new installation."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.demo_world import (
    DemoAccount,
    demo_accounts,
    demo_duties,
    demo_posts,
    demo_units,
)
from workflows.domain.ids import new_id
from workflows.services.access import SYSTEM
from workflows.services.imports.orgs import UnitRow, import_units
from workflows.services.journal import append_house
from workflows.services.staff.accounts import new_token
from workflows.services.staff.passwords import hash_password
from workflows.store.tables import Account, Duty, Grant, Organisation, Person, Tenure

IN_POST_SINCE = timedelta(days=3 * 365)
_SOURCE = "demo world"


def build_world(session: Session, now: datetime, password: str) -> int:
    """Write the tree, people, posts, duties and accounts of the demo.

    Args:
        session: The session of a demo installation's first transaction.
        now: When the demo's story begins.
        password: One password for all accounts; the login page lets visitors in without.

    Returns:
        How many accounts there are.
    """
    rows = [UnitRow(*unit, line) for line, unit in enumerate(demo_units(), start=2)]
    import_units(session, rows, _SOURCE)
    places = {place.code: place for place in session.scalars(select(Organisation))}
    since = local_date(now) - IN_POST_SINCE
    people = _people(session, places, since)
    for duty in demo_duties():
        place = places[duty.organisation]
        session.add(
            Duty(
                organisation_id=place.id,
                org_path=place.path,
                post=duty.post,
                content=duty.content,
                basis=duty.basis,
                from_on=since,
            )
        )
    hashed = hash_password(password)
    accounts = demo_accounts()
    for account in accounts:
        _account(session, account, places, people[account.staff_code], now, hashed)
    session.flush()
    form = {"accounts": len(accounts), "people": len(people), "organisations": len(places)}
    append_house(session, SYSTEM["init"], now, "demo_world_built", "demo", form={**form})
    return len(accounts)


def _people(session: Session, places: dict[str, Organisation], since: date) -> dict[str, Person]:
    people = {}
    for post in demo_posts():
        place = places[post.organisation]
        person = Person(id=new_id("p"), name=post.name, staff_code=post.staff_code)
        people[post.staff_code] = person
        session.add(person)
        session.add(
            Tenure(
                person_id=person.id,
                organisation_id=place.id,
                org_path=place.path,
                post=post.post,
                subject_category=post.category.value,
                from_on=since,
                document="演示任字〔虚构〕1号",
            )
        )
    session.flush()
    return people


def _account(
    session: Session,
    made: DemoAccount,
    places: dict[str, Organisation],
    person: Person,
    now: datetime,
    hashed: str,
) -> None:
    account = Account(
        id=new_id("u"),
        username=made.username,
        display_name=person.name,
        password_hash=hashed,
        token=new_token(),
        person_id=person.id,
        office_id=places[made.office].id,
        created_at=now,
    )
    over = places[made.over]
    account.grants = [
        Grant(
            role=role.value,
            organisation_id=over.id,
            org_path=over.path,
            from_on=local_date(now),
        )
        for role in made.roles
    ]
    session.add(account)
