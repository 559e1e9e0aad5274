"""From a lane's rule to the office that has a task (DESIGN 4.2, lanes)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.store.tables import Organisation

_CACHE = "duban_offices"
# Rule → level of the ancestor unit and the kind of its body.
_BODIES = {
    "parent_committee": (4, "committee"),
    "banner_organisation": (3, "organisation"),
    "banner_discipline": (3, "discipline"),
    "banner_committee": (3, "committee"),
    "league_organisation": (2, "organisation"),
    "league_discipline": (2, "discipline"),
    "league_committee": (2, "committee"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """What lanes are resolved against: the case's subject and who registered its matter."""

    subject_organisation_id: str
    org_path: str
    matter_office_id: str


@dataclass(frozen=True, slots=True)
class Office:
    """The office of a task; where the tree has none its unit stands in, not ``is_resolved``."""

    id: str
    path: str
    name: str
    is_resolved: bool = True


def office_for(session: Session, rule: str, place: Place) -> Office:
    """Resolve a lane's rule on the tree of today.

    Where the tree has no such body, the nearest unit above stands in, so that only
    those with a role over the whole unit can act, and the caller raises an incident.
    """
    cache: dict[tuple[str, Place], Office] = session.info.setdefault(_CACHE, {})
    known = cache.get((rule, place))
    if known is None:
        known = cache[rule, place] = _resolve(session, rule, place)
    return known


def _resolve(session: Session, rule: str, place: Place) -> Office:
    if rule == "matter_office":
        return office_by_id(session, place.matter_office_id)
    if rule in _BODIES:
        level, kind = _BODIES[rule]
        unit_path = _ancestor(place.org_path, level)
        found = session.execute(
            select(Organisation.id, Organisation.path, Organisation.name)
            .where(
                Organisation.parent_id
                == select(Organisation.id).where(Organisation.path == unit_path).scalar_subquery(),
                Organisation.kind == kind,
                Organisation.until_on.is_(None),
            )
            .order_by(Organisation.code)
            .limit(1)
        ).one_or_none()
        return Office(*found) if found else _stand_in(session, unit_path, place)
    return office_by_id(session, place.subject_organisation_id)


def office_by_id(session: Session, organisation_id: str) -> Office:
    """Give an organisation as an office."""
    statement = select(Organisation.id, Organisation.path, Organisation.name)
    return Office(*session.execute(statement.where(Organisation.id == organisation_id)).one())


def _ancestor(org_path: str, level: int) -> str:
    """Give the path of the unit of a level above a path; levels are counted from the root."""
    return "".join(f"{code}." for code in org_path.split(".")[:level])


def _stand_in(session: Session, unit_path: str, place: Place) -> Office:
    statement = select(Organisation.id, Organisation.path, Organisation.name)
    found = session.execute(statement.where(Organisation.path == unit_path)).one_or_none()
    if found is None:
        found = session.execute(
            statement.where(Organisation.id == place.subject_organisation_id)
        ).one()
    return Office(*found, is_resolved=False)
