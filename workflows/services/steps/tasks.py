"""What people do with tasks: take, give back, hand on, do (DESIGN 2, 7).

Each function runs inside the caller's transaction: it locks the case, reads it
afresh, checks, steps and writes. Two officers on one task cannot both win.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import Conflict, InvalidInput, NotFound
from workflows.domain.records import Assigned, Attachment, RecordKind, TriggerKind, TriggerRef
from workflows.domain.reviews import REVIEW
from workflows.domain.roles import Actor
from workflows.domain.steps import FactValue, Trigger, TriggerType
from workflows.engine import Activity, step
from workflows.services.access import OwnCase, load_actor, role_serving
from workflows.services.journal import Act
from workflows.services.offices import office_by_id
from workflows.services.separation import Doer, refuse_origin
from workflows.services.steps.advance import Advanced, advance
from workflows.services.steps.asif import done_in_time
from workflows.services.steps.attribution import refuse_unheld
from workflows.services.steps.beside_first import refuse_held
from workflows.services.steps.changes import Changes, place_of, split_place
from workflows.services.steps.eligibility import Sought, standing_of, standing_on_paper
from workflows.services.steps.forms import read_form
from workflows.services.steps.locked import LiveRow, LockedCase, load_locked
from workflows.services.steps.opening import OPERATIONS
from workflows.services.steps.paper import LateEntryNeeded, PaperAct, act_on_paper
from workflows.services.steps.recording import Cause, write_record
from workflows.services.steps.signing import Waits, sign_or_wait
from workflows.store.base import table_of
from workflows.store.caserows import assign_task
from workflows.store.tables import Task

HANDING_ROLES = ("R03", "R05", "R06", "R16")


class TaskAlreadyDone(Conflict):
    """The task was closed on {at} by {by}."""

    code: ClassVar[str] = "task_already_done"


class TaskHeld(Conflict):
    """The task is taken by {by}."""

    code: ClassVar[str] = "task_held"


class CaseNotOpen(Conflict):
    """The case {number} is {state}; nothing can be done in it."""

    code: ClassVar[str] = "case_not_open"


class ReviewedApart(InvalidInput):
    """A review of consequences moves no case: it ends with a finding."""

    code: ClassVar[str] = "reviewed_apart"


@dataclass(frozen=True, slots=True)
class Completed:
    """What completing a task led to."""

    opened: tuple[str, ...]
    next_tasks_for_actor: tuple[str, ...]
    opened_cases: tuple[str, ...]
    waiting_for_second_signature: bool
    waiting_for_principal: bool = False
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Filled:
    """What was filled in for a task: the facts among it, and all of it as the payload keeps it."""

    facts: Mapping[str, FactValue]
    form: Mapping[str, Any]


def complete(
    session: Session,
    actor: Actor,
    now: datetime,
    case_id: str,
    task: str,
    values: Mapping[str, Any],
    *,
    paper: PaperAct | None = None,
    attachments: Sequence[Attachment] = (),
    pair_reason: str = "",
) -> Completed:
    """Do a task: check who and what, step, write.

    With ``paper`` the act was somebody else's, on paper, on a day that has passed. With
    ``pair_reason`` one person does what two should: then the principal signs too.

    Raises:
        TaskAlreadyDone: Somebody closed it before; it says who and when.
        TaskHeld: Somebody else has taken it.
        ValidationFailed: Naming every field that needs another value.
        LateEntryNeeded: The paper shows an act before a deadline that fired without ground.
        RoleMissing, RolesForbidden, SamePerson, OwnCase: This actor may not.
        PairNeedsReason: He may with a reason, and with the principal's signature.
        HeldByBeside: Something is under way beside the case whose end the task waits for.
    """
    case = load_locked(session, case_id)
    row = open_task_of(session, case, task)
    if row.path == REVIEW:
        raise ReviewedApart
    activity = case.definition.activity(row.path)
    refuse_held(session, case.id, activity)
    act = act_for(session, case, row, actor, now, paper)
    if paper is None and row.claimant not in (None, actor.account_id, act.acting_for):
        raise TaskHeld(by=row.claimant)
    if paper is not None and not several_sign(activity):
        _refuse_in_time(session, case, task, values, act)
    values, waits = sign_or_wait(session, case, row, activity, act, values, pair_reason)
    filled = read_filled(session, case, activity, act, values)
    if waits is not None:
        return Completed((), (), (), waits is Waits.SECOND, waits is Waits.PRINCIPAL)
    noted = paper.noted() if paper else {}
    return completed(
        session, case, actor, take(session, case, row, act, filled, noted, attachments)
    )


def read_filled(
    session: Session, case: LockedCase, activity: Activity, act: Act, values: Mapping[str, Any]
) -> Filled:
    """Read what was filled in for a task, and check it against the case and its people.

    Raises:
        ValidationFailed: Naming every field that needs another value.
        SamePerson: It names somebody who must be apart.
    """
    facts, form = read_form(case.definition, activity.form, values, case.facts)
    schema = case.definition.pack.forms.get(activity.form or "")
    refuse_unheld(session, schema, form, case.subject_person_id, local_date(act.occurred_at))
    named = Doer(frozenset(), frozenset(_named(case, activity, form)))
    refuse_origin(session, case.id, activity, named)
    return Filled(facts, form)


def take(
    session: Session,
    case: LockedCase,
    row: LiveRow,
    act: Act,
    filled: Filled,
    noted: Mapping[str, Any],
    attachments: Sequence[Attachment] = (),
) -> Advanced:
    """Take the step of a task that was filled in, signed and checked."""
    known = {**case.facts, **filled.facts}
    done = step(case.definition, case.marking, Trigger(TriggerType.TASK, row.path), known)
    activity = case.definition.activity(row.path)
    cause = Cause(
        kind=RecordKind.TASK_COMPLETED,
        trigger=TriggerRef(TriggerKind.TASK, activity.id, place_of(row)),
        form={**filled.form, **noted},
        facts=filled.facts,
        attachments=tuple(attachments),
    )
    return advance(session, case, done, act, cause, OPERATIONS)


def _named(case: LockedCase, activity: Activity, form: Mapping[str, Any]) -> set[str]:
    """Give the people that a form names."""
    schema = case.definition.pack.forms.get(activity.form or "")
    pickers = {each.key for each in (schema.fields if schema else ()) if each.picker == "person"}
    several = (value if isinstance(value, list) else [value] for value in map(form.get, pickers))
    return {each for values in several for each in values if each}


def several_sign(activity: Activity) -> bool:
    """Say whether a task needs more than one signature."""
    return activity.signatures > 1


def _refuse_in_time(
    session: Session, case: LockedCase, task: str, values: Mapping[str, Any], act: Act
) -> None:
    """Keep an act that a deadline fired too early for to the way of late entries.

    Raises:
        LateEntryNeeded: A second person has to confirm it.
    """
    plan = done_in_time(session, case, task, values, act.occurred_at)
    if plan is not None and plan.was_open and plan.baseless:
        raise LateEntryNeeded(on=local_date(act.occurred_at))


def completed(session: Session, case: LockedCase, actor: Actor, advanced: Advanced) -> Completed:
    """Sum up an act, with the open tasks that the same actor may do next."""
    mine = []
    for path, row in case.tasks.items():
        place = f"{path}#{row.n}"
        if place not in advanced.opened:
            continue
        if actor.holds(row.roles.split(), office_by_id(session, row.office_id).path):
            mine.append(place)
    return Completed(
        advanced.opened, tuple(mine), advanced.opened_cases, False, ended=advanced.ended
    )


def act_for(
    session: Session,
    case: LockedCase,
    row: LiveRow,
    actor: Actor,
    now: datetime,
    paper: PaperAct | None,
) -> Act:
    """Check that somebody may do a task, himself or on paper, and give his act.

    Raises:
        RoleMissing, RolesForbidden, SamePerson, OwnCase: This actor may not.
    """
    sought = Sought.of(session, case, row)
    if paper is None:
        standing = standing_of(session, sought, actor)
        return Act(
            actor,
            now,
            now,
            standing.role,
            sought.office.id,
            acting_for=standing.acting_for,
            delegation=standing.delegation,
            pair=standing.pair,
        )
    act = act_on_paper(session, case, sought.activity, sought.office, actor, now, paper)
    refuse_own_case(case, actor, act)
    standing = standing_on_paper(session, sought, act.role or "", paper.performed_by, actor)
    return replace(act, pair=standing.pair)


def refuse_own_case(case: LockedCase, actor: Actor, act: Act) -> None:
    """Keep a person out of the case about him, save for his own acts on paper (R15)."""
    if case.subject_person_id is None:
        return
    if actor.person_id == case.subject_person_id:
        raise OwnCase
    if act.performed_by == case.subject_person_id and act.role != "R15":
        raise OwnCase


def open_task_of(session: Session, case: LockedCase, task: str) -> LiveRow:
    """Find an open task, or say who closed it and when.

    Raises:
        CaseNotOpen: Nothing can be done in it but a review of consequences.
        TaskAlreadyDone, NotFound: It is not open.
    """
    path, n = split_place(task)
    if case.state != "open" and path != REVIEW:
        raise CaseNotOpen(number=case.number, state=case.state)
    row = case.tasks.get(path)
    if row is not None and row.n == n:
        return row
    table = table_of(Task)
    statement = select(table.c.closed_by, table.c.closed_at).where(
        table.c.case_id == case.id, table.c.path == path, table.c.n == n
    )
    closed = session.connection().execute(statement).one_or_none()
    if closed is None:
        raise NotFound(what="task", key=task)
    raise TaskAlreadyDone(by=closed.closed_by, at=closed.closed_at)


def claim(session: Session, actor: Actor, now: datetime, case_id: str, task: str) -> None:
    """Take a task, so that others see that somebody has it.

    Raises:
        TaskHeld: Somebody else has it.
    """
    case = load_locked(session, case_id)
    row = open_task_of(session, case, task)
    if row.claimant == actor.account_id:
        return
    act = act_for(session, case, row, actor, now, None)
    if row.claimant not in (None, act.acting_for):
        raise TaskHeld(by=row.claimant)
    _assign(session, case, row, act, RecordKind.TASK_CLAIMED, actor.account_id)


def release(session: Session, actor: Actor, now: datetime, case_id: str, task: str) -> None:
    """Give a task back to its office.

    Raises:
        TaskHeld: Somebody else has it.
    """
    case = load_locked(session, case_id)
    row = open_task_of(session, case, task)
    if row.claimant is None:
        return
    if row.claimant != actor.account_id:
        raise TaskHeld(by=row.claimant)
    act = Act(actor, now, now, office=row.office_id)
    _assign(session, case, row, act, RecordKind.TASK_RELEASED, None)


def reassign(
    session: Session,
    actor: Actor,
    now: datetime,
    case_id: str,
    task: str,
    *,
    account_id: str,
    reason: str,
) -> None:
    """Give a task to a colleague who may do it, with a reason.

    Raises:
        NotAllowed: The actor leads no office above the task's, or the colleague may not do it.
    """
    case = load_locked(session, case_id)
    row = open_task_of(session, case, task)
    office = office_by_id(session, row.office_id)
    role = role_serving(actor, HANDING_ROLES, case.place.org_path)
    colleague = load_actor(session, account_id, local_date(now))
    act_for(session, case, row, colleague, now, None)
    act = Act(actor, now, now, role, office.id)
    refuse_own_case(case, actor, act)
    _assign(session, case, row, act, RecordKind.TASK_REASSIGNED, account_id, reason)


def _assign(
    session: Session,
    case: LockedCase,
    row: LiveRow,
    act: Act,
    kind: RecordKind,
    claimant: str | None,
    reason: str | None = None,
) -> None:
    move_task(session, case, row, act, kind, claimant, row.office_id, reason)


def move_task(
    session: Session,
    case: LockedCase,
    row: LiveRow,
    act: Act,
    kind: RecordKind,
    claimant: str | None,
    office_id: str,
    reason: str | None,
) -> None:
    """Write who has a task and which office, with the record of it."""
    assign_task(session, row.id, claimant=claimant, office_id=office_id)
    changes = Changes(assigned=[Assigned(place_of(row), claimant, office_id)])
    trigger = TriggerRef(TriggerKind.OFFICER, kind.value, place_of(row))
    cause = Cause(kind=kind, trigger=trigger, reason=reason)
    write_record(session, case, act, cause, changes, case.facts, case.marking_hash)
