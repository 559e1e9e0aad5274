"""From a lane's rule to the office that has a task (DESIGN 4.2, lanes)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from workflows.domain.organisations import is_unit_code
from workflows.store.base import table_of
from workflows.store.tables import Organisation

_CACHE = "duban_offices"
_UNIT = table_of(Organisation)
_PARENT = _UNIT.alias()
_OFFICE = select(_UNIT.c.id, _UNIT.c.path, _UNIT.c.name)
_BY_ID = _OFFICE.where(_UNIT.c.id == bindparam("id"))
_BY_IDS = _OFFICE.where(_UNIT.c.id.in_(bindparam("ids", expanding=True)))
_BY_PATH = _OFFICE.where(_UNIT.c.path == bindparam("path"))
_BODY = (
    _OFFICE.join_from(_UNIT, _PARENT, _PARENT.c.id == _UNIT.c.parent_id)
    .where(
        _PARENT.c.path == bindparam("unit_path"),
        _UNIT.c.kind == bindparam("kind"),
        _UNIT.c.until_on.is_(None),
    )
    .order_by(_UNIT.c.code)
    .limit(1)
)
_LEAGUE = 2
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
    known = _known(session).get((rule, place))
    if known is None:
        known = _known(session)[rule, place] = _resolve(session, rule, place)
        # What stands in for a body is an office like any other when asked for by its id.
        _known(session).setdefault(known.id, Office(known.id, known.path, known.name))
    return known


def _known(session: Session) -> dict[object, Any]:
    """Give what this transaction has read: the tree of today, which it does not change."""
    known: dict[object, Any] = session.info.setdefault(_CACHE, {})
    return known


def _resolve(session: Session, rule: str, place: Place) -> Office:
    if rule == "matter_office":
        return office_by_id(session, place.matter_office_id)
    if rule in _BODIES:
        level, kind = _BODIES[rule]
        unit_path = _ancestor(place.org_path, level)
        return _body(session, unit_path, kind) or _stand_in(session, unit_path, place)
    if rule == "superior_organisation":
        unit_path = _ancestor(place.org_path, max(_level(place.org_path) - 1, _LEAGUE))
        found = _body(session, unit_path, "organisation")
        return found or _stand_in(session, unit_path, place)
    return office_by_id(session, place.subject_organisation_id)


def _level(org_path: str) -> int:
    """Give the level of the unit of a path: a body's own code does not count."""
    codes = org_path.strip(".").split(".")
    return len(codes) - (not is_unit_code(codes[-1]))


def _body(session: Session, unit_path: str, kind: str) -> Office | None:
    """Find a unit's body of a kind, once for all cases below the unit."""
    known = _known(session)
    if (unit_path, kind) not in known:
        wanted = {"unit_path": unit_path, "kind": kind}
        found = session.connection().execute(_BODY, wanted).one_or_none()
        known[unit_path, kind] = Office(*found) if found else None
    body: Office | None = known[unit_path, kind]
    return body


def office_by_id(session: Session, organisation_id: str) -> Office:
    """Give an organisation as an office."""
    known = _known(session).get(organisation_id)
    if known is None:
        found = session.connection().execute(_BY_ID, {"id": organisation_id}).one()
        known = _known(session)[organisation_id] = Office(*found)
    return known


def know_offices(session: Session, ids: Iterable[str]) -> None:
    """Read organisations that will be asked for, in one statement."""
    known = _known(session)
    missing = [each for each in ids if each not in known]
    if missing:
        for found in session.connection().execute(_BY_IDS, {"ids": missing}):
            known[found.id] = Office(*found)


def _ancestor(org_path: str, level: int) -> str:
    """Give the path of the unit of a level above a path; levels are counted from the root."""
    return "".join(f"{code}." for code in org_path.split(".")[:level])


def _stand_in(session: Session, unit_path: str, place: Place) -> Office:
    found = session.connection().execute(_BY_PATH, {"path": unit_path}).one_or_none()
    if found is not None:
        return Office(*found, is_resolved=False)
    return replace(office_by_id(session, place.subject_organisation_id), is_resolved=False)
