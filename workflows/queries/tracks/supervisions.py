"""The cases that somebody's discipline office supervises, and what a case's page says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.domain.roles import Actor
from workflows.services.supervised import discipline_offices
from workflows.services.tracks.supervising import SUPERVISING_ROLES
from workflows.store.tables import Case, Look, Matter, Organisation, Supervision

MOST = 200


@dataclass(frozen=True, slots=True)
class Supervised:
    """A supervised case as the queue shows it; ``looked_at`` is when somebody last read it."""

    row: Supervision
    case: Case
    matter: Matter
    organisation: str
    looked_at: datetime | None

    def is_overdue(self, today: date) -> bool:
        """Say whether a day of the case has passed."""
        due_on = self.case.due_on
        return self.case.state == "open" and due_on is not None and due_on < today


def works_for_discipline(session: Session, actor: Actor) -> bool:
    """Say whether somebody may put cases under supervision anywhere."""
    return bool(discipline_offices(session, actor, SUPERVISING_ROLES))


def supervised_cases(
    session: Session, actor: Actor, *, is_running: bool = True
) -> tuple[Supervised, ...]:
    """Read the cases of somebody's discipline offices, nearest due first; the scope shows them."""
    offices = discipline_offices(session, actor, [grant.role for grant in actor.grants])
    if not offices:
        return ()
    looked = (
        select(func.max(Look.looked_at))
        .where(Look.case_id == Supervision.case_id, Look.looked_at >= Supervision.begun_at)
        .correlate(Supervision)
        .scalar_subquery()
    )
    ends = Supervision.ended_at.is_(None) if is_running else Supervision.ended_at.is_not(None)
    order = (Case.due_on.is_(None), Case.due_on) if is_running else (Supervision.ended_at.desc(),)
    statement = (
        select(Supervision, Case, Matter, Organisation.name, looked)
        .join(Case, Case.id == Supervision.case_id)
        .join(Matter, Matter.id == Case.matter_id)
        .join(Organisation, Organisation.id == Case.subject_organisation_id)
        .where(Supervision.office_id.in_(offices.values()), ends)
        .order_by(*order, Supervision.id)
        .limit(MOST)
    )
    return tuple(Supervised(*row) for row in session.execute(statement))


def running_in(session: Session, case_id: str) -> Sequence[tuple[Supervision, str]]:
    """Give the supervisions that run in a case, each with the name of its office."""
    statement = (
        select(Supervision, Organisation.name)
        .join(Organisation, Organisation.id == Supervision.office_id)
        .where(Supervision.case_id == case_id, Supervision.ended_at.is_(None))
        .order_by(Supervision.id)
    )
    return [(row, name) for row, name in session.execute(statement)]
