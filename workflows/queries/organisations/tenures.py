"""Who held a post on a day or in a period, and what somebody held."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.tenures import Period, Share, shares_of
from workflows.store.tables import Tenure


def period_of(tenure: Tenure) -> Period:
    """Give the days of a tenure."""
    return Period(tenure.from_on, tenure.until_on)


def tenures_of_post(session: Session, organisation_id: str, post: str) -> Sequence[Tenure]:
    """Read who held a post, the first one first, as far as the scope shows it."""
    statement = (
        select(Tenure)
        .where(Tenure.organisation_id == organisation_id, Tenure.post == post)
        .order_by(Tenure.from_on, Tenure.id)
    )
    return session.scalars(statement).all()


def tenures_of_person(
    session: Session, person_id: str, from_on: date, until_on: date
) -> Sequence[Tenure]:
    """Read what somebody held on any day of a period, wherever it was."""
    wanted = Period(from_on, until_on)
    statement = select(Tenure).where(Tenure.person_id == person_id).order_by(Tenure.from_on)
    return [each for each in session.scalars(statement) if period_of(each).meets(wanted)]


def shares_of_post(
    session: Session, organisation_id: str, post: str, from_on: date, until_on: date
) -> tuple[Share, ...]:
    """Split a period among those who held a post in it, and the days on which nobody did."""
    tenures = tenures_of_post(session, organisation_id, post)
    return shares_of(((each.person_id, period_of(each)) for each in tenures), from_on, until_on)
