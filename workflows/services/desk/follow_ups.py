"""Days on which somebody wants to look at a case again (再看日期); his alone, no record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import InvalidInput, NotFound
from workflows.domain.roles import Actor
from workflows.domain.texts import whole
from workflows.store.base import table_of, upsert
from workflows.store.tables import Case, FollowUp, Organisation, Person

MOST_DUE = 20
MOST_CHARACTERS = 100


class FollowUpPast(InvalidInput):
    """The day to look again lies ahead, at most two years."""

    code: ClassVar[str] = "follow_up_past"


_MOST_DAYS = 731


@dataclass(frozen=True, slots=True)
class DueFollowUp:
    """A case that somebody wanted to look at again by today."""

    case_id: str
    number: str
    subject: str
    look_on: date
    note: str


def follow_up_of(session: Session, actor: Actor, case_id: str) -> FollowUp | None:
    """Give the day on which somebody wants to look at a case again."""
    return session.get(FollowUp, (case_id, actor.account_id))


def follow_up(
    session: Session, actor: Actor, now: datetime, case_id: str, look_on: date, note: str
) -> None:
    """Keep the day on which somebody wants to look at a case again; the last one counts.

    Raises:
        NotFound: There is no such case in the session's scope.
        FollowUpPast: The day is not ahead, or too far.
        TextTooLong: More was written than is kept.
    """
    if session.execute(select(Case.id).where(Case.id == case_id)).first() is None:
        raise NotFound(what="case", key=case_id)
    if not 0 < (look_on - local_date(now)).days <= _MOST_DAYS:
        raise FollowUpPast
    statement = upsert(session.connection(), FollowUp).values(
        case_id=case_id,
        account_id=actor.account_id,
        look_on=look_on,
        note=whole(note, MOST_CHARACTERS),
        set_at=now,
    )
    changes = {name: statement.excluded[name] for name in ("look_on", "note", "set_at")}
    session.connection().execute(
        statement.on_conflict_do_update(index_elements=["case_id", "account_id"], set_=changes)
    )


def forget_follow_up(session: Session, actor: Actor, case_id: str) -> None:
    """Forget that somebody wanted to look at a case again."""
    table = table_of(FollowUp)
    statement = delete(table).where(
        table.c.case_id == case_id, table.c.account_id == actor.account_id
    )
    session.connection().execute(statement)


def due_follow_ups(session: Session, actor: Actor, today: date) -> tuple[DueFollowUp, ...]:
    """Give the cases to look at again by today, the longest due first; as far as scope shows."""
    statement = (
        select(FollowUp, Case.number, Organisation.name, Person.name)
        .join(Case, Case.id == FollowUp.case_id)
        .join(Organisation, Organisation.id == Case.subject_organisation_id)
        .outerjoin(Person, Person.id == Case.subject_person_id)
        .where(FollowUp.account_id == actor.account_id, FollowUp.look_on <= today)
        .order_by(FollowUp.look_on, FollowUp.case_id)
        .limit(MOST_DUE)
    )
    return tuple(
        DueFollowUp(row.case_id, number, person or organisation, row.look_on, row.note)
        for row, number, organisation, person in session.execute(statement)
    )
