"""What changes about an organisation: posts that pass to others, units that are merged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from workflows.queries.names import names_of
from workflows.store.scope import within
from workflows.store.tables import (
    Account,
    Case,
    Grant,
    Handover,
    Matter,
    Organisation,
    Person,
    Tenure,
)

MOST = 200


@dataclass(frozen=True, slots=True)
class HeldPost:
    """A post as it is held now."""

    tenure: Tenure
    person: str
    place: str


@dataclass(frozen=True, slots=True)
class HandoverLine:
    """A hand-over with the names, and the accounts of the one who left that still hold roles."""

    row: Handover
    place: str
    left: str
    came: str
    noted_by: str
    still_granted: tuple[str, ...]


def bodies_with(session: Session, organisation: Organisation) -> Sequence[str]:
    """Give an organisation with its bodies."""
    statement = select(Organisation.id).where(
        or_(
            Organisation.id == organisation.id,
            (Organisation.parent_id == organisation.id) & (Organisation.kind != "unit"),
        )
    )
    return session.scalars(statement).all()


def held_posts(session: Session, organisation: Organisation) -> tuple[HeldPost, ...]:
    """Read who holds which post of an organisation and its bodies, as far as the scope shows."""
    statement = (
        select(Tenure, Person.name, Organisation.name)
        .join(Person, Person.id == Tenure.person_id)
        .join(Organisation, Organisation.id == Tenure.organisation_id)
        .where(
            Tenure.organisation_id.in_(bodies_with(session, organisation)),
            Tenure.until_on.is_(None),
        )
        .order_by(Organisation.path, Tenure.post, Tenure.id)
        .limit(MOST)
    )
    return tuple(HeldPost(*row) for row in session.execute(statement))


def handovers_of(session: Session, organisation: Organisation) -> tuple[HandoverLine, ...]:
    """Read how posts of an organisation changed hands, the newest first."""
    came = aliased(Person)
    rows = session.execute(
        select(Handover, Organisation.name, Person.name, came.name)
        .join(Organisation, Organisation.id == Handover.organisation_id)
        .join(Person, Person.id == Handover.from_person_id)
        .outerjoin(came, came.id == Handover.to_person_id)
        .where(Handover.organisation_id.in_(bodies_with(session, organisation)))
        .order_by(Handover.first_on.desc(), Handover.noted_at.desc())
        .limit(MOST)
    ).all()
    names = names_of(session, {row.noted_by for row, *_ in rows})
    return tuple(
        HandoverLine(
            row,
            place,
            left,
            new or "",
            names.get(row.noted_by, ""),
            _still_granted(session, row),
        )
        for row, place, left, new in rows
    )


def _still_granted(session: Session, row: Handover) -> tuple[str, ...]:
    """Give the roles that accounts of the one who left hold there: the grants end apart."""
    statement = (
        select(Grant.role)
        .join(Account, Account.id == Grant.account_id)
        .where(
            Account.person_id == row.from_person_id,
            Account.is_active,
            Grant.organisation_id == row.organisation_id,
            or_(Grant.until_on.is_(None), Grant.until_on >= row.first_on),
        )
        .distinct()
    )
    return tuple(sorted(session.scalars(statement)))


def possible_successors(session: Session, unit: Organisation) -> tuple[Organisation, ...]:
    """Give the other units of the same level in the same banner that still exist."""
    banner = "".join(f"{part}." for part in unit.path.split(".")[:3])
    statement = (
        select(Organisation)
        .where(
            Organisation.kind == "unit",
            Organisation.level == unit.level,
            Organisation.id != unit.id,
            Organisation.until_on.is_(None),
            within(Organisation.path, (banner,)),
        )
        .order_by(Organisation.path)
        .limit(MOST * 2)
    )
    return tuple(session.scalars(statement))


def successor_of(session: Session, organisation: Organisation) -> Organisation | None:
    """Give who took the place of an organisation."""
    if organisation.successor_id is None:
        return None
    return session.get(Organisation, organisation.successor_id)


def predecessors_of(session: Session, organisation: Organisation) -> tuple[Organisation, ...]:
    """Give whose place an organisation took."""
    statement = select(Organisation).where(Organisation.successor_id == organisation.id)
    return tuple(session.scalars(statement.order_by(Organisation.until_on, Organisation.code)))


def former_name(session: Session, case: Case, matter: Matter) -> str:
    """Name the organisation where a matter was found if the case passed to another, else nothing.

    A case about a person is of another organisation for other reasons.
    """
    if case.level != "L1" or matter.organisation_id == case.subject_organisation_id:
        return ""
    wanted = select(Organisation.name).where(Organisation.id == matter.organisation_id)
    return session.scalar(wanted) or ""


def with_former(name: str, former: str) -> str:
    """Name an organisation as papers do, whose language is Chinese."""
    return f"{name}（原{former}）" if former else name
