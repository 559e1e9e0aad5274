"""What is owed to those a matter came from, one by one, whatever becomes of the matter."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import Conflict, InvalidInput, NotFound
from workflows.domain.merging import Towards
from workflows.domain.roles import Actor, Role
from workflows.domain.texts import whole
from workflows.services.access import role_serving
from workflows.services.journal import append_house
from workflows.services.steps.paper import PaperInFuture, PaperNeeded
from workflows.store.tables import FeedbackDuty, Matter, Organisation

NOTING_ROLES = (Role.INTAKE, Role.HANDLER)
_LONGEST = 120
_SOON, _MOST = timedelta(days=10), 100


class FeedbackInvalid(InvalidInput):
    """Choose to whom the result is owed, with the paper that asks for it."""

    code: ClassVar[str] = "feedback_invalid"


class FeedbackGiven(Conflict):
    """This feedback was given on {on}."""

    code: ClassVar[str] = "feedback_given"


def note_duty(
    session: Session,
    actor: Actor,
    now: datetime,
    matter_id: str,
    *,
    towards: str,
    document: str,
    due_on: date | None,
) -> FeedbackDuty:
    """Note that the result of a matter is owed to somebody outside, by which paper, by when.

    Raises:
        NotFound: There is no such matter in the session's scope.
        RoleMissing: The actor may not.
        FeedbackInvalid: It names nobody, or no paper.
    """
    matter = _matter(session, matter_id)
    role_serving(actor, NOTING_ROLES, matter.org_path)
    if towards not in list(Towards) or not document.strip():
        raise FeedbackInvalid
    row = FeedbackDuty(
        matter_id=matter.id,
        towards=towards,
        document=whole(document, _LONGEST),
        due_on=due_on,
        noted_by=actor.account_id,
        noted_at=now,
    )
    session.add(row)
    session.flush()
    due = due_on.isoformat() if due_on else None
    form = {"matter": matter.id, "towards": towards, "document": row.document, "due_on": due}
    append_house(session, actor, now, "feedback_owed", str(row.id), form=form)
    return row


def give_feedback(
    session: Session, actor: Actor, now: datetime, duty_id: int, *, given_on: date, document: str
) -> FeedbackDuty:
    """Note that somebody was told the result, on which day and by which paper.

    Raises:
        NotFound: There is no such duty in the session's scope.
        RoleMissing, FeedbackGiven, PaperNeeded, PaperInFuture: Not this actor, or not so.
    """
    row = session.get(FeedbackDuty, duty_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(what="feedback", key=str(duty_id))
    matter = _matter(session, row.matter_id)
    role_serving(actor, NOTING_ROLES, matter.org_path)
    if row.given_on is not None:
        raise FeedbackGiven(on=row.given_on)
    if not document.strip():
        raise PaperNeeded
    if given_on > local_date(now):
        raise PaperInFuture(on=given_on)
    row.given_on, row.given_document = given_on, whole(document, _LONGEST)
    row.given_by, row.given_at = actor.account_id, now
    session.flush()
    form = {"matter": matter.id, "given_on": given_on.isoformat(), "document": row.given_document}
    append_house(session, actor, now, "feedback_given", str(row.id), form=form)
    return row


def duties_of(session: Session, matter_ids: Collection[str]) -> Sequence[FeedbackDuty]:
    """Give what is owed for some matters, the earliest day first."""
    statement = (
        select(FeedbackDuty)
        .where(FeedbackDuty.matter_id.in_(matter_ids))
        .order_by(FeedbackDuty.due_on.asc().nulls_last(), FeedbackDuty.id)
    )
    return session.scalars(statement).all()


@dataclass(frozen=True, slots=True)
class Owed:
    """A feedback that is due soon or late, with the number and place of its matter."""

    row: FeedbackDuty
    number: str
    organisation: str


def owed_soon(session: Session, actor: Actor, today: date) -> tuple[Owed, ...]:
    """Give what whoever notes feedback owes within ten days, or is late with, earliest first.

    It covers the matters of the session's scope at places that he serves so.
    """
    statement = (
        select(FeedbackDuty, Matter.number, Matter.org_path, Organisation.name)
        .join(Matter, Matter.id == FeedbackDuty.matter_id)
        .join(Organisation, Organisation.id == Matter.organisation_id)
        .where(FeedbackDuty.given_on.is_(None), FeedbackDuty.due_on <= today + _SOON)
        .order_by(FeedbackDuty.due_on, FeedbackDuty.id)
        .limit(_MOST)
    )
    if not any(grant.role in NOTING_ROLES for grant in actor.grants):
        return ()
    return tuple(
        Owed(row, number, name)
        for row, number, path, name in session.execute(statement)
        if actor.serves(NOTING_ROLES, path) is not None
    )


def _matter(session: Session, matter_id: str) -> Matter:
    matter = session.scalar(select(Matter).where(Matter.id == matter_id))
    if matter is None:
        raise NotFound(what="matter", key=matter_id)
    return matter
