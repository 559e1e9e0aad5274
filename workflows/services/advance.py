"""Carrying out a step: rows, effects, operations and one record (DESIGN 4.2, 6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.records import (
    About,
    Armed,
    Attachment,
    BudgetUnit,
    FactChange,
    JsonValue,
    Opened,
    Payload,
    Record,
    RecordKind,
    StreamKind,
    TriggerRef,
)
from workflows.domain.steps import ArmedClock, FactValue, OpenedTask, OperationCall, Step
from workflows.domain.terms import DueDates, arm
from workflows.services.changes import Changes, place_of
from workflows.services.incidents import raise_incident
from workflows.services.journal import Act, append
from workflows.services.locked import Fresh, LiveRow, LockedCase, nearest_due, settle_overdue
from workflows.services.offices import office_for
from workflows.store.casework import (
    close_tasks,
    date_task,
    end_clocks,
    insert_clocks,
    insert_tasks,
    keep_marking,
    terms_counted,
    times_entered,
    update_case,
    write_facts,
)


@dataclass(frozen=True, slots=True)
class Stage:
    """What an operation works on: the case under its lock, whose act it is, what changes."""

    session: Session
    case: LockedCase
    act: Act
    changes: Changes


Operation = Callable[[Stage, OperationCall], None]


# A step always says where it led, be it to where the case stood before.
_STEPS = frozenset(
    {
        RecordKind.CASE_OPENED,
        RecordKind.TASK_COMPLETED,
        RecordKind.CLOCK_FIRED,
        RecordKind.MESSAGE_RECEIVED,
        RecordKind.CASE_MIGRATED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why a record is written: its kind and trigger, and what its payload carries."""

    kind: RecordKind
    trigger: TriggerRef
    form: Mapping[str, JsonValue] = field(default_factory=dict)
    facts: Mapping[str, FactValue] = field(default_factory=dict)
    reason: str | None = None
    links: Mapping[str, str | list[str]] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    about: About | None = None
    fired: LiveRow | None = None


@dataclass(frozen=True, slots=True)
class Advanced:
    """What a record did to its case."""

    seq: int
    opened: tuple[str, ...]
    opened_cases: tuple[str, ...]
    ended: bool


def advance(
    session: Session,
    case: LockedCase,
    step: Step,
    act: Act,
    cause: Cause,
    operations: Mapping[str, Operation],
) -> Advanced:
    """Write what a step changes, with its record, and bring the locked case up to it."""
    changes = Changes(ended=step.ended, links=dict(cause.links), thrown=list(step.thrown))
    act, seq = act.after(case.head), case.head.seq + 1
    changes.facts.update(_changed(case, {**cause.facts, **step.facts_written}))
    facts_before = dict(case.facts)
    case.facts.update(changes.facts)
    _close(session, case, step, act, changes)
    _end_clocks(session, case, step, cause, seq, changes)
    _open(session, case, step, act, seq, changes)
    _keep_rows(session, case, changes)
    for call in step.operations:
        operations[call.name](Stage(session, case, act, changes), call)
    case.rung = step.rung if step.rung is not None else case.rung
    if step.outcome:
        case.outcome = changes.carried_out["outcome"] = step.outcome
    case.awaited = list(step.awaited)
    if step.ended:
        case.state, case.ended_at = "ended", act.now
    keep_marking(session, step.marking_hash, step.marking)
    from_hash = case.marking_hash or None
    case.marking, case.marking_hash = step.marking, step.marking_hash
    trace = tuple((entry.expression, entry.value) for entry in step.trace)
    operands = {entry.expression: dict(entry.operands) for entry in step.trace if entry.operands}
    write_record(session, case, act, cause, changes, facts_before, from_hash, trace, operands)
    return Advanced(
        seq,
        tuple(opened.task for opened in changes.opened),
        tuple(changes.opened_cases),
        step.ended,
    )


def write_record(
    session: Session,
    case: LockedCase,
    act: Act,
    cause: Cause,
    changes: Changes,
    facts_before: Mapping[str, FactValue],
    from_hash: str | None,
    trace: tuple[tuple[str, bool], ...] = (),
    operands: Mapping[str, Any] | None = None,
) -> int:
    """Append the record of what was changed and write the case's own row and facts.

    ``from_hash`` equal to the case's marking says that the marking did not move; a
    record that is no step then leaves it out.
    """
    seq = case.head.seq + 1
    moved = from_hash != case.marking_hash or cause.kind in _STEPS
    record = Record(
        stream=StreamKind.CASE,
        id=case.id,
        seq=seq,
        prev=case.head.hash,
        kind=cause.kind,
        recorded_at=case.head.recorded_at(act.now),
        occurred_at=act.occurred_at,
        actor=act.actor.account_id,
        role=act.role,
        office=act.office,
        performed_by=act.performed_by,
        source=act.source,
        about=cause.about,
        definition=f"{case.definition.pack.hash}/{case.definition.process_id}",
        from_marking=from_hash,
        to_marking=case.marking_hash if moved else None,
        trigger=cause.trigger,
        effects=changes.effects(),
        trace=trace,
        calendar=case.calendar.version if changes.armed or changes.moved else None,
    )
    payload = Payload(
        facts={
            name: FactChange(_json(facts_before.get(name)), _json(value))
            for name, value in changes.facts.items()
        },
        form={**cause.form, **_carried_out(changes)},
        trace_values=operands or {},
        reason=cause.reason,
        links=changes.links,
        attachments=cause.attachments,
    )
    record_hash = append(session, record, payload, case.subject_id)
    settle_overdue(case, cause.fired)
    write_facts(session, case.id, changes.facts)
    _write_case(session, case, seq, record_hash, record)
    return seq


def _carried_out(changes: Changes) -> dict[str, JsonValue]:
    return {"carried_out": changes.carried_out} if changes.carried_out else {}


def _write_case(
    session: Session, case: LockedCase, seq: int, record_hash: str, record: Record
) -> None:
    seen = case.head.seq
    case.head = type(case.head)(seq, record_hash, record.recorded_at)
    update_case(
        session,
        case.id,
        seen,
        {
            "marking_hash": case.marking_hash,
            "state": case.state,
            "outcome": case.outcome,
            "rung": case.rung,
            "due_on": nearest_due(case),
            "overdue_scope": case.overdue.scope if case.overdue else None,
            "overdue_on": case.overdue.due_on if case.overdue else None,
            "version": seq,
            "head": record_hash,
            "head_at": record.recorded_at,
            "awaited": case.awaited,
            "ended_at": case.ended_at,
            "last_acted_at": record.recorded_at,
        },
    )


def _json(value: FactValue) -> JsonValue:
    return list(value) if isinstance(value, list) else value


def _changed(case: LockedCase, facts: Mapping[str, FactValue]) -> dict[str, FactValue]:
    return {name: value for name, value in facts.items() if case.facts.get(name) != value}


def _close(session: Session, case: LockedCase, step: Step, act: Act, changes: Changes) -> None:
    done = [case.tasks.pop(path) for path in step.closed]
    changes.closed.extend(place_of(task) for task in done)
    close_tasks(
        session, [task.id for task in done], state="closed", at=act.now, by=act.actor.account_id
    )


def _end_clocks(
    session: Session, case: LockedCase, step: Step, cause: Cause, seq: int, changes: Changes
) -> None:
    if cause.fired is not None:
        case.clocks.pop(cause.fired.path)
        changes.fired.append(place_of(cause.fired))
        end_clocks(session, [cause.fired.id], state="fired", seq=seq)
    ended = [case.clocks.pop(path) for path in step.cancelled]
    changes.cancelled.extend(place_of(clock) for clock in ended)
    end_clocks(session, [clock.id for clock in ended], state="cancelled", seq=seq)


def _open(
    session: Session, case: LockedCase, step: Step, act: Act, seq: int, changes: Changes
) -> None:
    tasks, clocks = times_entered(
        session,
        case.id,
        [task.path for task in step.opened],
        [clock.path for clock in step.armed],
    )
    for task in step.opened:
        open_task(session, case, act, task, tasks.get(task.path, 0) + 1, seq, changes)
    for clock in step.armed:
        _arm_clock(session, case, act, clock, clocks.get(clock.path, 0) + 1, seq, changes)


def open_task(
    session: Session,
    case: LockedCase,
    act: Act,
    task: OpenedTask,
    n: int,
    seq: int,
    changes: Changes,
) -> None:
    """Open a task at the office that its lane resolves to today."""
    activity = case.definition.activity(task.path)
    office = office_for(session, activity.office_rule or "subject", case.place)
    if not office.is_resolved:
        detail = f"{activity.office_rule} → {office.name}: {task.path}"
        raise_incident(session, case.id, "office_unresolved", detail, act.now)
    changes.opened.append(
        Opened(f"{task.path}#{n}", task.activity, activity.rung or 0, office.id, activity.roles)
    )
    changes.task_rows.append(
        {
            "case_id": case.id,
            "org_path": case.place.org_path,
            "path": task.path,
            "n": n,
            "activity": task.activity,
            "rung": activity.rung,
            "level": case.level,
            "line": activity.line,
            "office_id": office.id,
            "roles": " ".join(activity.roles),
            "claimant": None,
            "state": "open",
            "opened_at": act.now,
            "due_on": None,
            "due_at": None,
            "is_milestone": False,
            "opened_seq": seq,
        }
    )


def _arm_clock(
    session: Session,
    case: LockedCase,
    act: Act,
    clock: ArmedClock,
    n: int,
    seq: int,
    changes: Changes,
) -> None:
    terms = _terms_before(session, case, clock)
    on, dates = local_date(act.occurred_at), DueDates(case.calendar)
    term, due = arm(clock, terms + 1, case.facts, on, dates)
    due_of = _date_owner(session, case, clock, due, changes)
    changes.armed.append(
        Armed(
            clock=f"{clock.path}#{n}",
            rule=clock.rule,
            task=due_of if due_of and "#" in due_of else None,
            anchor_on=term.anchor_on,
            budget=term.budget.amount,
            unit=BudgetUnit(term.budget.unit),
            due_on=due.due_on,
            due_at=due.due_at,
            provisional=due.provisional,
        )
    )
    changes.clock_rows.append(
        {
            "case_id": case.id,
            "path": clock.path,
            "n": n,
            "rule": clock.rule,
            "kind": term.kind.value,
            "due_of": due_of,
            "anchor_on": term.anchor_on,
            "budget": term.budget.amount,
            "unit": term.budget.unit,
            "due_on": due.due_on,
            "due_at": due.due_at,
            "provisional": due.provisional,
            "calendar": case.calendar.version,
            "state": "running",
            "armed_seq": seq,
        }
    )


def _terms_before(session: Session, case: LockedCase, clock: ArmedClock) -> int:
    """Count the terms of a series that were counted from the same anchor before."""
    anchor = case.facts.get(clock.anchor)
    if not clock.series or not isinstance(anchor, str):
        return 0
    return terms_counted(session, case.id, clock.path, date.fromisoformat(anchor))


def _date_owner(
    session: Session, case: LockedCase, clock: ArmedClock, due: Any, changes: Changes
) -> str | None:
    """Give the task or scope whose due date a clock is, and write the date on the task."""
    if clock.due_of is None:
        return None
    for row in changes.task_rows:
        if row["path"] == clock.due_of:
            row["due_on"], row["due_at"] = due.due_on, due.due_at
            row["is_milestone"] = clock.series
            return f"{row['path']}#{row['n']}"
    task = case.tasks.get(clock.due_of)
    if task is None:
        return clock.due_of
    date_task(session, task.id, due.due_on, due.due_at)
    return place_of(task)


def _keep_rows(session: Session, case: LockedCase, changes: Changes) -> None:
    ids = insert_tasks(session, changes.task_rows)
    case.tasks.update(
        (row["path"], Fresh({**row, "id": ids[row["path"]]})) for row in changes.task_rows
    )
    ids = insert_clocks(session, changes.clock_rows)
    case.clocks.update(
        (row["path"], Fresh({**row, "id": ids[row["path"]], "extension_days": 0}))
        for row in changes.clock_rows
    )
