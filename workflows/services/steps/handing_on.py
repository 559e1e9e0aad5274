"""A task goes to another section or up to the superior, where its office has nobody for it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.errors import NotAllowed
from workflows.domain.organisations import Kind
from workflows.domain.records import RecordKind
from workflows.domain.roles import Actor
from workflows.services.access import role_over
from workflows.services.journal import Act
from workflows.services.offices import office_by_id
from workflows.services.steps.locked import LiveRow, LockedCase, load_locked
from workflows.services.steps.tasks import move_task, open_task_of, refuse_own_case
from workflows.store.tables import Organisation

# Over the office that the task leaves: a township does not give away the banner's work.
MOVING_ROLES = ("R03", "R05", "R06")


class NoSuperior(NotAllowed):
    """There is no office above {office} that the task could go to."""

    code: ClassVar[str] = "no_superior"


class NotASection(NotAllowed):
    """The task goes to another body of the same unit, or to its superior."""

    code: ClassVar[str] = "not_a_section"


def hand_up(
    session: Session, actor: Actor, now: datetime, case_id: str, task: str, reason: str
) -> Organisation:
    """Hand a task to the same body of the unit above, with a reason; give that body.

    Raises:
        NoSuperior: There is none.
        RoleMissing, OwnCase: This actor may not.
    """
    case = load_locked(session, case_id)
    row = open_task_of(session, case, task)
    office = session.get_one(Organisation, row.office_id)
    above = superior_of(session, office)
    if above is None:
        raise NoSuperior(office=office.name)
    _move(session, case, row, actor, now, above, reason)
    return above


def to_section(
    session: Session,
    actor: Actor,
    now: datetime,
    case_id: str,
    task: str,
    organisation_id: str,
    reason: str,
) -> Organisation:
    """Hand a task to another body of the same unit, with a reason; give that body.

    Raises:
        NotASection: It is no such body.
        RoleMissing, OwnCase: This actor may not.
    """
    case = load_locked(session, case_id)
    row = open_task_of(session, case, task)
    office = session.get_one(Organisation, row.office_id)
    wanted = session.get(Organisation, organisation_id)
    if wanted is None or wanted.id not in {each.id for each in sections_beside(session, office)}:
        raise NotASection
    _move(session, case, row, actor, now, wanted, reason)
    return wanted


def superior_of(session: Session, office: Organisation) -> Organisation | None:
    """Give the same body of the unit above, or that unit where it has no such body."""
    unit = office if office.kind == Kind.UNIT else session.get(Organisation, office.parent_id)
    above = session.get(Organisation, unit.parent_id) if unit and unit.parent_id else None
    if above is None or office.kind == Kind.UNIT:
        return above
    same = select(Organisation).where(
        Organisation.parent_id == above.id,
        Organisation.kind == office.kind,
        Organisation.until_on.is_(None),
    )
    return session.scalars(same.order_by(Organisation.code).limit(1)).one_or_none() or above


def sections_beside(session: Session, office: Organisation) -> tuple[Organisation, ...]:
    """Give the other bodies of the unit of an office."""
    if office.kind == Kind.UNIT:
        return ()
    statement = select(Organisation).where(
        Organisation.parent_id == office.parent_id,
        Organisation.kind != Kind.UNIT,
        Organisation.id != office.id,
        Organisation.until_on.is_(None),
    )
    return tuple(session.scalars(statement.order_by(Organisation.code)))


def _move(
    session: Session,
    case: LockedCase,
    row: LiveRow,
    actor: Actor,
    now: datetime,
    office: Organisation,
    reason: str,
) -> None:
    leaving = office_by_id(session, row.office_id)
    role = role_over(actor, MOVING_ROLES, leaving.path)
    act = Act(actor, now, now, role, leaving.id)
    refuse_own_case(case, actor, act)
    move_task(session, case, row, act, RecordKind.TASK_REASSIGNED, None, office.id, reason)
