"""Late entries: an act before a deadline that has fired, typed in after it (DESIGN 6, 补录).

One officer enters the act with its paper, a second one confirms. On confirmation the
escalations that it makes baseless are withdrawn, then the act is done on its own day.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import NotAllowed, NotFound
from workflows.domain.records import RecordKind, Source, TriggerKind, TriggerRef
from workflows.domain.roles import Actor
from workflows.domain.steps import Trigger, TriggerType
from workflows.engine import step
from workflows.services.corrections.correcting import confirm_correction, is_correction
from workflows.services.corrections.late_entries import (
    NothingLate,
    NotOpenThen,
    SecondPersonNeeded,
    decide_entry,
    keep_entry,
    lateness,
    lock_entry,
    noon_of,
)
from workflows.services.corrections.latepauses import confirm_pause, is_pause
from workflows.services.corrections.withdrawing import withdraw
from workflows.services.journal import Act
from workflows.services.steps.advance import advance
from workflows.services.steps.asif import AsIf, cases_opened_by, done_in_time
from workflows.services.steps.changes import split_place
from workflows.services.steps.forms import read_form
from workflows.services.steps.locked import LiveRow, LockedCase, load_locked
from workflows.services.steps.opening import OPERATIONS
from workflows.services.steps.paper import PaperAct
from workflows.services.steps.recording import Cause, write_intervention
from workflows.services.steps.signing import refuse_unsigned_pair
from workflows.services.steps.stopping import stop_without_ground
from workflows.services.steps.tasks import (
    CaseNotOpen,
    Completed,
    TaskAlreadyDone,
    act_for,
    completed,
    several_sign,
)
from workflows.store.base import table_of
from workflows.store.tables import LateEntry, Task

__all__ = [
    "NotOpenThen",
    "NothingLate",
    "SecondPersonNeeded",
    "SeveralSign",
    "confirm_late",
    "enter_late",
    "refuse_late",
]

CONFIRMING_ROLES = ("R03", "R05", "R06")


class SeveralSign(NotAllowed):
    """Several people sign {task} themselves: it cannot be entered late by one paper."""

    code: ClassVar[str] = "several_sign"


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
        SeveralSign: The task needs more than one signature.
    """
    case = load_locked(session, case_id)
    row = _past_task(session, case, task)
    act = act_for(session, case, row, actor, now, paper)
    refuse_unsigned_pair(act)
    occurred_at = noon_of(paper.acted_on)
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
    return keep_entry(session, case, Act(actor, now, now), entry, "enter_late")


def confirm_late(session: Session, actor: Actor, now: datetime, entry_id: int) -> Completed:
    """Confirm a late entry: withdraw what it makes baseless, then do the act on its day.

    A correction that waits for its second person is confirmed in the same way.

    Raises:
        SecondPersonNeeded: The same officer entered it.
        NotFound: No such entry waits.
        NothingLate, NotOpenThen, TaskAlreadyDone: The case has gone on meanwhile.
    """
    entry, case = lock_entry(session, entry_id)
    if is_correction(entry):
        return confirm_correction(session, actor, now, case, entry)
    if is_pause(case, entry):
        return confirm_pause(session, actor, now, case, entry)
    act = decide_entry(session, case, entry, actor, now, CONFIRMING_ROLES, "confirmed")
    plan = _plan(session, case, entry.task, entry.values, entry.occurred_at)
    stop_without_ground(session, case, act, cases_opened_by(session, case, plan))
    withdraw(session, case, act, plan, entry.document)
    return _do(session, case, act, entry)


def refuse_late(session: Session, actor: Actor, now: datetime, entry_id: int, reason: str) -> None:
    """Refuse a late entry or a correction with a reason; the case stays as it is."""
    entry, case = lock_entry(session, entry_id)
    act = decide_entry(session, case, entry, actor, now, CONFIRMING_ROLES, "refused")
    name = "refuse_correction" if is_correction(entry) else "refuse_late"
    write_intervention(session, case, act, name, entry.task, reason=reason)


def _past_task(session: Session, case: LockedCase, task: str) -> LiveRow:
    """Find a task that is or was open.

    Raises:
        NotFound: There never was one.
        CaseNotOpen: The case waits for its approver.
    """
    if case.state == "stopped":
        raise CaseNotOpen(number=case.number, state=case.state)
    path, n = split_place(task)
    table = table_of(Task)
    found = session.connection().execute(
        select(table).where(table.c.case_id == case.id, table.c.path == path, table.c.n == n)
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound(what="task", key=task)
    return row


def _plan(
    session: Session,
    case: LockedCase,
    task: str,
    values: Mapping[str, Any],
    occurred_at: datetime,
) -> AsIf:
    path, _ = split_place(task)
    activity = case.definition.activity(path)
    on, row = local_date(occurred_at), _past_task(session, case, task)
    plan = done_in_time(session, case, task, values, occurred_at)
    is_open = row.state == "open"
    if several_sign(activity) and not is_open:
        raise SeveralSign(task=activity.name)
    if plan is None or several_sign(activity):
        raise NothingLate(on=on)
    if not plan.was_open:
        raise NothingLate(on=on) if is_open else NotOpenThen(task=activity.name, on=on)
    if not plan.baseless:
        raise NothingLate(on=on)
    if not plan.is_open:
        raise TaskAlreadyDone(by=row.closed_by, at=row.closed_at)
    return plan


def _do(session: Session, case: LockedCase, act: Act, entry: LateEntry) -> Completed:
    """Do the act on its own day, as an act on paper that the second person brings in."""
    path, _ = split_place(entry.task)
    row = case.tasks[path]
    activity = case.definition.activity(path)
    on_paper = Act(
        act.actor,
        act.now,
        entry.occurred_at,
        activity.roles[0] if activity.roles else None,
        row.office_id,
        entry.performed_by,
        Source.PAPER,
    )
    facts, form = read_form(case.definition, activity.form, entry.values, case.facts)
    known = {**case.facts, **facts}
    done = step(case.definition, case.marking, Trigger(TriggerType.TASK, path), known)
    cause = Cause(
        kind=RecordKind.TASK_COMPLETED,
        trigger=TriggerRef(TriggerKind.TASK, activity.id, f"{path}#{row.n}"),
        form={**form, **lateness(entry)},
        facts=facts,
    )
    advanced = advance(session, case, done, on_paper, cause, OPERATIONS)
    return completed(session, case, act.actor, advanced)
