"""Late entries: an act before a deadline that has fired, typed in after it (DESIGN 6, 补录).

One officer enters the act with its paper, a second one confirms. On confirmation the
escalations that it makes baseless are withdrawn, then the act is done on its own day.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.clocks import SHANGHAI
from workflows.domain.errors import InvalidInput, NotAllowed, NotFound
from workflows.domain.records import RecordKind, TriggerKind, TriggerRef
from workflows.domain.roles import Actor
from workflows.domain.steps import Trigger, TriggerType
from workflows.engine import step
from workflows.services.access import role_serving
from workflows.services.advance import Cause, advance, write_record
from workflows.services.asif import AsIf, as_if, fired_after
from workflows.services.changes import Changes, split_place
from workflows.services.forms import read_form
from workflows.services.incidents import raise_incident
from workflows.services.journal import Act
from workflows.services.locked import LockedCase, load_locked
from workflows.services.offices import office_by_id, office_for
from workflows.services.opening import OPERATIONS
from workflows.services.paper import OFFICER_ROLES, PaperAct, act_on_paper
from workflows.services.tasks import Completed, completed
from workflows.services.withdrawing import withdraw
from workflows.store.tables import Case, LateEntry

CONFIRMING_ROLES = ("R03", "R05", "R06", "R16")
_NOON = time(12)


class SecondPersonNeeded(NotAllowed):
    """A late entry is confirmed by another person than the one who entered it."""

    code: ClassVar[str] = "second_person_needed"


class NothingLate(InvalidInput):
    """No deadline fired after {on} that this act would have met: enter it as an ordinary act."""

    code: ClassVar[str] = "nothing_late"


class NotOpenThen(InvalidInput):
    """The task {task} was not open on {on}."""

    code: ClassVar[str] = "not_open_then"


def enter_late(
    session: Session,
    actor: Actor,
    now: datetime,
    case_id: str,
    task: str,
    values: Mapping[str, Any],
    paper: PaperAct,
) -> int:
    """Keep an act that came in time, until a second person confirms it.

    Returns:
        The number of the entry.

    Raises:
        NothingLate: It changes nothing that a clock did.
        NotOpenThen: Its task was not open on that day.
    """
    case = load_locked(session, case_id)
    role_serving(actor, OFFICER_ROLES, case.place.org_path)
    occurred_at = _noon(paper)
    _plan(session, case, task, values, occurred_at)
    entry = LateEntry(
        case_id=case_id,
        task=task,
        occurred_at=occurred_at,
        performed_by=paper.performed_by,
        document=paper.document,
        values=dict(values),
        entered_by=actor.account_id,
        entered_at=now,
        state="waiting",
    )
    session.add(entry)
    session.flush()
    trigger = TriggerRef(TriggerKind.OFFICER, "enter_late", task)
    cause = Cause(kind=RecordKind.INTERVENED, trigger=trigger, form=dict(values))
    act = Act(actor, now, now)
    write_record(session, case, act, cause, Changes(), case.facts, case.marking_hash)
    return entry.id


def confirm_late(session: Session, actor: Actor, now: datetime, entry_id: int) -> Completed:
    """Confirm a late entry: withdraw what it makes baseless, then do the act on its day.

    Raises:
        SecondPersonNeeded: The same officer entered it.
        NotFound: No such entry waits.
    """
    entry = session.get(LateEntry, entry_id)
    if entry is None or entry.state != "waiting":
        raise NotFound(what="late entry", key=str(entry_id))
    if entry.entered_by == actor.account_id:
        raise SecondPersonNeeded
    case = load_locked(session, entry.case_id)
    role = role_serving(actor, CONFIRMING_ROLES, case.place.org_path)
    plan = _plan(session, case, entry.task, entry.values, entry.occurred_at)
    withdraw(session, case, Act(actor, now, now, role), plan, entry.document)
    _stop_person_cases(session, case, actor, now, plan)
    entry.state, entry.decided_by = "confirmed", actor.account_id
    paper = PaperAct(entry.performed_by or "", entry.occurred_at.date(), entry.document)
    return _do(session, case, actor, now, entry, paper)


def refuse_late(session: Session, actor: Actor, now: datetime, entry_id: int, reason: str) -> None:
    """Refuse a late entry with a reason; the case stays as it is."""
    entry = session.get(LateEntry, entry_id)
    if entry is None or entry.state != "waiting":
        raise NotFound(what="late entry", key=str(entry_id))
    case = load_locked(session, entry.case_id)
    role = role_serving(actor, CONFIRMING_ROLES, case.place.org_path)
    entry.state, entry.decided_by = "refused", actor.account_id
    trigger = TriggerRef(TriggerKind.OFFICER, "refuse_late", entry.task)
    cause = Cause(kind=RecordKind.INTERVENED, trigger=trigger, reason=reason)
    act = Act(actor, now, now, role)
    write_record(session, case, act, cause, Changes(), case.facts, case.marking_hash)


def _noon(paper: PaperAct) -> datetime:
    return datetime.combine(paper.acted_on, _NOON, SHANGHAI)


def _plan(
    session: Session,
    case: LockedCase,
    task: str,
    values: Mapping[str, Any],
    occurred_at: datetime,
) -> AsIf:
    path = split_place(task)[0]
    activity = case.definition.activity(path)
    facts, _ = read_form(case.definition, activity.form, values, case.facts)
    fired = fired_after(session, case.id, occurred_at)
    if not fired:
        raise NothingLate(on=occurred_at.date())
    plan = as_if(session, case, fired[0], Trigger(TriggerType.TASK, path), facts)
    if not plan.was_open:
        raise NotOpenThen(task=activity.name, on=occurred_at.date())
    if not plan.baseless:
        raise NothingLate(on=occurred_at.date())
    return plan


def _do(
    session: Session,
    case: LockedCase,
    actor: Actor,
    now: datetime,
    entry: LateEntry,
    paper: PaperAct,
) -> Completed:
    path = split_place(entry.task)[0]
    row = case.tasks[path]
    activity = case.definition.activity(path)
    office = office_by_id(session, row.office_id)
    act = act_on_paper(session, case, activity, office, actor, now, paper)
    facts, form = read_form(case.definition, activity.form, entry.values, case.facts)
    known = {**case.facts, **facts}
    done = step(case.definition, case.marking, Trigger(TriggerType.TASK, path), known)
    cause = Cause(
        kind=RecordKind.TASK_COMPLETED,
        trigger=TriggerRef(TriggerKind.TASK, activity.id, f"{path}#{row.n}"),
        form={**form, **paper.noted(), "entered_late": True},
        facts=facts,
    )
    return completed(session, case, actor, advance(session, case, done, act, cause, OPERATIONS))


def _stop_person_cases(
    session: Session, case: LockedCase, actor: Actor, now: datetime, plan: AsIf
) -> None:
    """Stop person-level cases that were opened meanwhile; their approver decides on them."""
    children = select(Case.id).where(Case.parent_case_id == case.id, Case.state == "open")
    for child_id in session.execute(children).scalars().all():
        child = load_locked(session, child_id)
        child.state = "stopped"
        trigger = TriggerRef(TriggerKind.OFFICER, "stop", case.id)
        cause = Cause(
            kind=RecordKind.INTERVENED,
            trigger=trigger,
            reason=f"withdrawn: {len(plan.baseless)}",
        )
        act = Act(actor, now, now)
        write_record(session, child, act, cause, Changes(), child.facts, child.marking_hash)
        office = office_for(session, "banner_committee", child.place)
        raise_incident(session, child_id, "stopped_for_approver", office.name, now)
