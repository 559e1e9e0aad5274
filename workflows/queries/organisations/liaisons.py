"""Who looks after an organisation as its liaison (包联)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflows.domain.organisations import paths_down_to
from workflows.domain.roles import Role
from workflows.store.tables import Account, Grant, Organisation


@dataclass(frozen=True, slots=True)
class Liaison:
    """Somebody with what he looks after, which is the organisation or lies above it."""

    name: str
    organisation_id: str
    organisation: str
    from_on: date


def liaisons_of(session: Session, organisation: Organisation, today: date) -> tuple[Liaison, ...]:
    """Read the liaisons of an organisation today, the nearest first."""
    statement = (
        select(Account.display_name, Organisation.id, Organisation.name, Grant.from_on)
        .join(Account, Account.id == Grant.account_id)
        .join(Organisation, Organisation.id == Grant.organisation_id)
        .where(
            Grant.role == Role.LIAISON.value,
            Grant.org_path.in_(paths_down_to(organisation.path)),
            Grant.from_on <= today,
            or_(Grant.until_on.is_(None), Grant.until_on >= today),
        )
        .order_by(Grant.org_path.desc(), Grant.from_on, Grant.id)
    )
    return tuple(Liaison(*row) for row in session.execute(statement))
