"""A post changes hands (C09 of the officers' cases): its work goes on with whoever holds it now.

Duties and tasks belong to posts and offices, so nothing of a case lapses. What the one who
left had taken goes to his successor's account, or back to the office where he has none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from workflows.domain.clocks import Budget, local_date
from workflows.domain.errors import Conflict, DubanError, InvalidInput, NotFound
from workflows.domain.ids import new_id
from workflows.domain.records import Assigned
from workflows.domain.roles import Actor, Role
from workflows.domain.tenures import ONE_DAY, Period
from workflows.domain.terms import Term
from workflows.domain.texts import whole
from workflows.services.access import load_actor, role_serving
from workflows.services.calendars import current_calendar
from workflows.services.journal import Act, append_house
from workflows.services.packs import current_pack
from workflows.services.steps.changes import Changes, place_of
from workflows.services.steps.eligibility import Sought, standing_of
from workflows.services.steps.locked import LiveRow, LockedCase, load_locked
from workflows.services.steps.paper import PaperInFuture, PaperNeeded
from workflows.services.steps.recording import write_intervention
from workflows.store.base import table_of
from workflows.store.caserows import assign_task
from workflows.store.scope import as_system
from workflows.store.tables import Account, Draft, Handover, Organisation, Person, Task, Tenure

HANDING_OVER_ROLES = (Role.HANDLER, Role.DEPUTY, Role.PRINCIPAL)
HANDED_OVER, RULE = "handed_over", "R_HAND"
_LONGEST, _LONGEST_REMARK, _LONGEST_NAME = 120, 2000, 60


class TenureOver(Conflict):
    """{post} is not held any more by this person: he left on {on}."""

    code: ClassVar[str] = "tenure_over"


class BeforeAppointment(InvalidInput):
    """{first_on} is not after the appointment of {from_on}."""

    code: ClassVar[str] = "before_appointment"


class HeldAlready(Conflict):
    """This person holds {post} there since {from_on}."""

    code: ClassVar[str] = "held_already"


class HandoverSigned(Conflict):
    """The hand-over was signed on {on}."""

    code: ClassVar[str] = "handover_signed"


def hand_over(
    session: Session,
    actor: Actor,
    now: datetime,
    tenure_id: int,
    *,
    first_on: date,
    to_person_id: str | None,
    document: str,
    remark: str = "",
) -> Handover:
    """Let a post pass to somebody from a day on, by the paper of his appointment.

    The one before him holds it to the day before; what he had taken goes on with the post.

    Raises:
        NotFound: There is no such tenure in the session's scope, or no such person.
        RoleMissing: The actor may not.
        TenureOver, BeforeAppointment, HeldAlready, PaperNeeded, PaperInFuture: Not so.
    """
    tenure = _tenure(session, tenure_id)
    role = role_serving(actor, HANDING_OVER_ROLES, tenure.org_path)
    _refuse(session, tenure, first_on, to_person_id, document, local_date(now))
    row = Handover(
        id=new_id("x"),
        organisation_id=tenure.organisation_id,
        org_path=tenure.org_path,
        post=tenure.post,
        from_person_id=tenure.person_id,
        to_person_id=to_person_id,
        first_on=first_on,
        document=whole(document, _LONGEST),
        remark=whole(remark, _LONGEST_REMARK),
        noted_by=actor.account_id,
        noted_at=now,
        due_on=_due_on(session, tenure.org_path, first_on, now),
    )
    tenure.until_on = first_on - ONE_DAY
    if to_person_id is not None:
        session.add(_next(tenure, to_person_id, first_on, row.document))
    session.add(row)
    session.flush()
    row.moved = _move_tasks(session, row, Act(actor, now, now, role))
    session.flush()
    _note(session, actor, now, "post_handed_over", row)
    return row


def sign_handover(
    session: Session,
    actor: Actor,
    now: datetime,
    handover_id: str,
    *,
    signed_on: date,
    document: str,
    witness: str,
) -> Handover:
    """Note that both signed the hand-over, and who saw it.

    Raises:
        NotFound: There is none in the session's scope.
        RoleMissing, HandoverSigned, PaperNeeded, PaperInFuture, BeforeAppointment: Not so.
    """
    row = session.scalar(
        select(Handover)
        .where(Handover.id == handover_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound(what="handover", key=handover_id)
    role_serving(actor, HANDING_OVER_ROLES, row.org_path)
    if row.signed_on is not None:
        raise HandoverSigned(on=row.signed_on)
    if not document.strip() or not witness.strip():
        raise PaperNeeded
    if signed_on > local_date(now):
        raise PaperInFuture(on=signed_on)
    row.signed_on, row.signed_document = signed_on, whole(document, _LONGEST)
    row.witness, row.signed_by, row.signed_at = whole(witness, _LONGEST_NAME), actor.account_id, now
    session.flush()
    _note(session, actor, now, "handover_signed", row)
    return row


def taken_tasks(session: Session, organisation_id: str, person_id: str) -> Sequence[Task]:
    """Give the open tasks of an organisation that somebody has taken, in the order of cases."""
    statement = (
        select(Task)
        .join(Account, Account.id == Task.claimant)
        .where(
            Task.office_id.in_(_offices(session, organisation_id)),
            Task.state.in_(("open", "held")),
            Account.person_id == person_id,
        )
        .order_by(Task.case_id, Task.id)
    )
    return session.scalars(statement).all()


def _tenure(session: Session, tenure_id: int) -> Tenure:
    found = session.scalar(
        select(Tenure)
        .where(Tenure.id == tenure_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound(what="tenure", key=str(tenure_id))
    return found


def _refuse(
    session: Session,
    tenure: Tenure,
    first_on: date,
    to_person_id: str | None,
    document: str,
    today: date,
) -> None:
    if tenure.until_on is not None:
        raise TenureOver(post=tenure.post, on=tenure.until_on)
    if not document.strip():
        raise PaperNeeded
    if first_on > today:
        raise PaperInFuture(on=first_on)
    if first_on <= tenure.from_on:
        raise BeforeAppointment(first_on=first_on, from_on=tenure.from_on)
    if to_person_id is None:
        return
    if session.get(Person, to_person_id) is None:
        raise NotFound(what="person", key=to_person_id)
    _refuse_held(session, tenure, to_person_id, first_on)


def _refuse_held(session: Session, tenure: Tenure, person_id: str, first_on: date) -> None:
    """Nobody holds a post twice, the one who leaves it included."""
    statement = select(Tenure).where(
        Tenure.person_id == person_id,
        Tenure.organisation_id == tenure.organisation_id,
        Tenure.post == tenure.post,
    )
    for each in session.scalars(statement):
        if Period(each.from_on, each.until_on).meets(Period(first_on, None)):
            raise HeldAlready(post=each.post, from_on=each.from_on)


def _next(tenure: Tenure, person_id: str, first_on: date, document: str) -> Tenure:
    return Tenure(
        person_id=person_id,
        organisation_id=tenure.organisation_id,
        org_path=tenure.org_path,
        post=tenure.post,
        subject_category=tenure.subject_category,
        from_on=first_on,
        until_on=None,
        document=document,
    )


def _due_on(session: Session, org_path: str, first_on: date, now: datetime) -> date:
    """Give until when the paper is signed: so many workdays from the first day on."""
    parameter = current_pack(session, local_date(now)).parameters[RULE]
    if parameter.amount is None or parameter.kind is None:
        raise NotFound(what="parameter", key=RULE)
    calendar = current_calendar(session).for_region(org_path)
    budget = Budget.of(parameter.amount.value, parameter.amount.unit)
    return Term(first_on, budget, parameter.kind).due(calendar).due_on


def _offices(session: Session, organisation_id: str) -> Sequence[str]:
    """Give an organisation with its bodies: a place's secretary works in its branch."""
    statement = select(Organisation.id).where(
        (Organisation.id == organisation_id)
        | ((Organisation.parent_id == organisation_id) & (Organisation.kind != "unit"))
    )
    return session.scalars(statement).all()


def _move_tasks(session: Session, row: Handover, act: Act) -> int:
    """Give on what the one before had taken, one record a case, in the order of their ids.

    Who notes a hand-over need not be cleared for every case that it touches.
    """
    moved = 0
    with as_system(session, "handing_over"):
        by_case: dict[str, list[str]] = defaultdict(list)
        for task in taken_tasks(session, row.organisation_id, row.from_person_id):
            by_case[task.case_id].append(task.path)
        accounts = _accounts(session, row.from_person_id)
        for case_id, paths in sorted(by_case.items()):
            moved += _move_in(session, row, act, case_id, paths, accounts)
    return moved


def _move_in(
    session: Session,
    row: Handover,
    act: Act,
    case_id: str,
    paths: Sequence[str],
    accounts: Collection[str],
) -> int:
    case = load_locked(session, case_id)
    taken = [case.tasks[path] for path in paths if path in case.tasks]
    taken = [task for task in taken if task.claimant in accounts]
    if not taken:
        return 0
    changes = Changes(assigned=list(_assigned(session, case, taken, row, act)))
    draft = table_of(Draft)
    own = delete(draft).where(draft.c.case_id == case_id, draft.c.account_id.in_(accounts))
    session.connection().execute(own)
    form = {"post": row.post, "first_on": row.first_on.isoformat()}
    write_intervention(
        session, case, act, HANDED_OVER, row.id, reason=row.document, form=form, changes=changes
    )
    return len(taken)


def _assigned(
    session: Session, case: LockedCase, taken: Sequence[LiveRow], row: Handover, act: Act
) -> Iterator[Assigned]:
    for task in taken:
        claimant = _successor(session, case, task, row.to_person_id, act.now)
        assign_task(session, task.id, claimant=claimant, office_id=task.office_id)
        yield Assigned(place_of(task), claimant, task.office_id)


def _successor(
    session: Session, case: LockedCase, task: LiveRow, person_id: str | None, now: datetime
) -> str | None:
    """Give the account of the new holder that may do a task, if there is one."""
    for account_id in sorted(_accounts(session, person_id)) if person_id else ():
        try:
            standing_of(
                session,
                Sought.of(session, case, task),
                load_actor(session, account_id, local_date(now)),
            )
        except DubanError:
            continue
        return account_id
    return None


def _accounts(session: Session, person_id: str) -> frozenset[str]:
    statement = select(Account.id).where(Account.person_id == person_id, Account.is_active)
    return frozenset(session.scalars(statement))


def _note(session: Session, actor: Actor, now: datetime, name: str, row: Handover) -> None:
    form = {
        "organisation": row.organisation_id,
        "post": row.post,
        "from": row.from_person_id,
        "to": row.to_person_id,
        "first_on": row.first_on.isoformat(),
        "due_on": row.due_on.isoformat(),
        "signed_on": row.signed_on.isoformat() if row.signed_on else None,
    }
    append_house(session, actor, now, name, row.id, form=form, reason=row.document)
