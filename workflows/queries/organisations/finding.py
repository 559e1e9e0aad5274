"""Finding people and organisations for pickers, by name or by its pinyin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from workflows.domain.organisations import Kind, Level, paths_down_to
from workflows.queries.organisations.posts import post_at
from workflows.store.pinyin import finder, pattern_of
from workflows.store.scope import within
from workflows.store.tables import Account, Grant, Organisation, Person, Tenure

MOST_LIKELY = 40
MOST_FOUND = 20
_MOST_READ = 4000
_BANNER = 3
# Matters are about Party organisations; departments of a unit hold roles only.
_SHOWN = (Kind.UNIT, Kind.BRANCH, Kind.COMMITTEE)


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody or something to choose, with a second line that tells it from others."""

    id: str
    name: str
    about: str

    @property
    def label(self) -> str:
        """Write both in one line."""
        return f"{self.name}（{self.about}）" if self.about else self.name


def likely_people(
    session: Session, org_path: str, today: date, also: Iterable[str] = ()
) -> tuple[Found, ...]:
    """Give those most likely meant at a place: its own people first, then the units above.

    Args:
        session: Carries the scope; tenures outside it are not offered.
        org_path: The place of the case.
        today: Who is in post on this day.
        also: People to offer whatever their post, such as those chosen before.
    """
    parts = org_path.split(".")[:-1]
    above = ["".join(f"{part}." for part in parts[:end]) for end in range(_BANNER, len(parts) + 1)]
    near = [_of_unit(path) for path in above]
    statement = _posts(today).where(or_(*near)).order_by(Tenure.org_path.desc(), Tenure.id)
    found = _distinct(session, statement.limit(MOST_LIKELY * 2))[:MOST_LIKELY]
    known = {each.id for each in found}
    missing = [each for each in also if each not in known]
    if missing:
        rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(missing)))
        found = (*found, *(Found(key, name, "") for key, name in rows))
    return found


def _of_unit(path: str) -> ColumnElement[bool]:
    """Say that a post is of a unit or of a body directly below it, not of the units below."""
    return within(Tenure.org_path, (path,)) & (
        Tenure.organisation_id.in_(
            select(Organisation.id).where(
                or_(
                    Organisation.path == path,
                    Organisation.parent_id
                    == select(Organisation.id).where(Organisation.path == path).scalar_subquery(),
                )
            )
        )
    )


def people_like(session: Session, text: str, org_path: str, today: date) -> tuple[Found, ...]:
    """Find people in post in the banner of a place, by a part of the name or its pinyin."""
    wanted = text.strip().lower()
    if not wanted:
        return likely_people(session, org_path, today)
    banner = "".join(f"{part}." for part in org_path.split(".")[:-1][:_BANNER])
    statement = _posts(today).where(within(Tenure.org_path, (banner,)))
    is_meant = finder(wanted)
    if is_meant is None:
        statement = statement.where(Person.name.contains(wanted, autoescape=True))
        return _distinct(session, statement.limit(MOST_FOUND * 2))[:MOST_FOUND]
    everybody = _distinct(session, statement.limit(_MOST_READ))
    return tuple(each for each in everybody if is_meant(each.name))[:MOST_FOUND]


def _posts(today: date) -> Any:
    return (
        select(Person.id, Person.name, Organisation.name, Tenure.post)
        .join(Tenure, Tenure.person_id == Person.id)
        .join(Organisation, Organisation.id == Tenure.organisation_id)
        .where(Tenure.from_on <= today, or_(Tenure.until_on.is_(None), Tenure.until_on >= today))
    )


def _distinct(session: Session, statement: Any) -> tuple[Found, ...]:
    found: dict[str, Found] = {}
    for key, name, place, post in session.execute(statement):
        found.setdefault(key, Found(key, name, post_at(place, post)))
    return tuple(found.values())


def organisation_by_id(session: Session, organisation_id: str) -> Organisation | None:
    """Give one organisation."""
    return session.get(Organisation, organisation_id)


def organisations_at(session: Session, paths: Iterable[str]) -> tuple[Organisation, ...]:
    """Give the organisations at some paths, from the top down."""
    statement = select(Organisation).where(Organisation.path.in_(tuple(paths)))
    return tuple(session.scalars(statement.order_by(Organisation.path)))


def branches_of(session: Session, units: Iterable[Organisation]) -> dict[str, Organisation]:
    """Give the Party branches of units of the lowest level, by the unit's id."""
    ids = [unit.id for unit in units if unit.level == Level.GACHA and unit.kind == Kind.UNIT]
    statement = select(Organisation).where(
        Organisation.parent_id.in_(ids),
        Organisation.kind == Kind.BRANCH,
        Organisation.until_on.is_(None),
    )
    return {str(branch.parent_id): branch for branch in session.scalars(statement)}


def organisations_below(session: Session, path: str) -> tuple[Organisation, ...]:
    """Give what lies directly below an organisation; the topmost ones for an empty path."""
    statement = select(Organisation).where(
        Organisation.until_on.is_(None), Organisation.kind.in_(_SHOWN)
    )
    if path:
        above = select(Organisation.id).where(Organisation.path == path).scalar_subquery()
        statement = statement.where(Organisation.parent_id == above)
    else:
        statement = statement.where(Organisation.parent_id.is_(None))
    return tuple(session.scalars(statement.order_by(Organisation.path).limit(400)))


def organisations_found(
    session: Session, text: str, paths: Iterable[str]
) -> tuple[Organisation, ...]:
    """Find organisations within some subtrees by code, by part of the name, or by its pinyin.

    Those whose pinyin begins so are given alone; where there are none, those that have it inside.
    """
    wanted = text.strip()
    if not wanted:
        return ()
    match = or_(Organisation.code == wanted, Organisation.name.contains(wanted, autoescape=True))
    at_first, inside = pattern_of(wanted), pattern_of(wanted, anywhere=True)
    if at_first is None or inside is None:
        return _places(session, match, paths)
    begun = _places(session, or_(match, Organisation.spelt.regexp_match(at_first)), paths)
    return begun or _places(session, Organisation.spelt.regexp_match(inside), paths)


def _places(
    session: Session, match: ColumnElement[bool], paths: Iterable[str]
) -> tuple[Organisation, ...]:
    statement = (
        select(Organisation)
        .where(
            match,
            Organisation.until_on.is_(None),
            Organisation.kind.in_(_SHOWN),
            within(Organisation.path, paths),
        )
        .order_by(Organisation.level.desc(), Organisation.path)
        .limit(MOST_FOUND)
    )
    return tuple(session.scalars(statement))


def colleagues_for(
    session: Session, roles: Iterable[str], office_path: str, today: date
) -> tuple[Found, ...]:
    """Give the accounts that hold one of the roles over an office today."""
    statement = (
        select(Account.id, Account.display_name, Organisation.name)
        .join(Grant, Grant.account_id == Account.id)
        .outerjoin(Organisation, Organisation.id == Account.office_id)
        .where(
            Grant.role.in_(tuple(roles)),
            Grant.org_path.in_(paths_down_to(office_path)),
            Account.is_active,
            Grant.from_on <= today,
            or_(Grant.until_on.is_(None), Grant.until_on >= today),
        )
        .order_by(Account.display_name)
        .limit(MOST_LIKELY)
    )
    found: dict[str, Found] = {}
    for key, name, place in session.execute(statement):
        found.setdefault(key, Found(key, name, place or ""))
    return tuple(found.values())
