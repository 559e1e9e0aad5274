"""Posts and duties as rows of the tables in which they are read."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.subjects import CATEGORY_WORDS, SubjectCategory
from workflows.store.scope import as_system
from workflows.store.tables import Duty, Organisation, Person, Tenure

_JOB = "import"


def tenure_rows(session: Session) -> Iterator[tuple[str, ...]]:
    """Give who held which post of an organisation in force, by place, then post and day."""
    statement = (
        select(Tenure, Person, Organisation)
        .join(Person, Person.id == Tenure.person_id)
        .join(Organisation, Organisation.id == Tenure.organisation_id)
        .where(Organisation.until_on.is_(None))
        .order_by(Organisation.path, Tenure.post, Tenure.from_on, Tenure.id)
    )
    with as_system(session, _JOB):
        rows = session.execute(statement).all()
    for tenure, person, place in rows:
        yield (
            person.name,
            person.staff_code or "",
            tenure.post,
            place.name,
            place.code,
            tenure.from_on.isoformat(),
            tenure.until_on.isoformat() if tenure.until_on else "",
            CATEGORY_WORDS[SubjectCategory(tenure.subject_category)][0],
            tenure.document,
        )


def duty_rows(session: Session) -> Iterator[tuple[str, ...]]:
    """Give the responsibility list in force, by place and post."""
    statement = (
        select(Duty, Organisation)
        .join(Organisation, Organisation.id == Duty.organisation_id)
        .where(Organisation.until_on.is_(None), Duty.until_on.is_(None))
        .order_by(Organisation.path, Duty.post, Duty.id)
    )
    with as_system(session, _JOB):
        rows = session.execute(statement).all()
    for duty, place in rows:
        yield duty.content, duty.post, place.name, place.code, duty.basis
