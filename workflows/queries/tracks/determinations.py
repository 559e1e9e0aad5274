"""Matters that a batch determination may be about, with what may be made of them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.weak_lax import FOLLOWING, Determination
from workflows.store.tables import Case, Matter, Organisation

MOST = 200


@dataclass(frozen=True, slots=True)
class Candidate:
    """A matter, its organisation, and the results that may follow."""

    matter: Matter
    organisation: str
    following: tuple[Determination, ...]


def candidates(session: Session) -> tuple[Candidate, ...]:
    """Read the matters in the session's scope with an open case, or with the label on them."""
    opened = select(Case.id).where(
        Case.matter_id == Matter.id, Case.state == "open", Case.level == "L1"
    )
    statement = (
        select(Matter, Organisation.name)
        .join(Organisation, Organisation.id == Matter.organisation_id)
        .where(
            opened.exists() | (Matter.determination == Determination.DETERMINED.value),
        )
        .order_by(Matter.org_path, Matter.registered_at)
        .limit(MOST)
    )
    return tuple(
        Candidate(matter, name, FOLLOWING[matter.determination])
        for matter, name in session.execute(statement)
    )
