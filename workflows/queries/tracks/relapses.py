"""What of a matter came back, of which one it is the relapse, and who was late in that one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.relapse import MISSED
from workflows.store.tables import Case, CaseFact, Matter


@dataclass(frozen=True, slots=True)
class Relapses:
    """The matters before and after one, as far as the scope shows them.

    ``letters_missed`` counts the letters (督办单) that the supervising side did not issue
    in time in the earlier matter: its delay, never the organisation's.
    ``is_unlinked`` says that a look-back found a relapse which no matter follows yet.
    """

    earlier: Matter | None
    later: tuple[Matter, ...]
    letters_missed: int
    is_unlinked: bool


def relapses_of(session: Session, matter: Matter) -> Relapses:
    """Read what a matter is the relapse of and what relapsed from it, the oldest first."""
    earlier = session.scalar(select(Matter).where(Matter.id == matter.relapse_of_id))
    later = session.scalars(
        select(Matter).where(Matter.relapse_of_id == matter.id).order_by(Matter.registered_at)
    ).all()
    missed = letters_missed(session, earlier.id) if earlier else 0
    return Relapses(earlier, tuple(later), missed, not later and _is_found(session, matter.id))


def letters_missed(session: Session, matter_id: str) -> int:
    """Count the letters of a matter's organisation cases that were not issued in time."""
    statement = (
        select(CaseFact.value)
        .join(Case, Case.id == CaseFact.case_id)
        .where(Case.matter_id == matter_id, Case.level == "L1", CaseFact.name == MISSED)
    )
    return sum(int(value) for value in session.scalars(statement))


def _is_found(session: Session, matter_id: str) -> bool:
    statement = select(Case.id).where(
        Case.matter_id == matter_id, Case.level == "L1", Case.outcome == "relapsed"
    )
    return session.scalars(statement.limit(1)).first() is not None
