"""The record of what was changed in a case, and how it is kept: of one case or of many."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from workflows.domain.records import (
    About,
    Attachment,
    Effects,
    FactChange,
    JsonValue,
    Payload,
    Record,
    RecordKind,
    StreamKind,
    TriggerKind,
    TriggerRef,
)
from workflows.domain.steps import FactValue
from workflows.services.incidents import raise_incident
from workflows.services.journal import Act, Entry, Head, RecordForm, append, sealed_entry
from workflows.services.recused import refuse_recused
from workflows.services.secrecy.informant_guard import guard_texts, texts_of
from workflows.services.steps.changes import Changes
from workflows.services.steps.locked import LiveRow, LockedCase, nearest_due, settle_overdue
from workflows.services.supervised import END, SUPERVISE, refuse_supervisor
from workflows.store.caserows import fact_row, update_cases, write_facts

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
class Written:
    """A record of a case, sealed, with the rows that go with it."""

    entry: Entry
    case_row: Mapping[str, Any]
    fact_rows: Sequence[Mapping[str, Any]]
    incidents: Sequence[tuple[str, str]]
    recorded_at: datetime


def write_record(
    session: Session,
    case: LockedCase,
    act: Act,
    cause: Cause,
    changes: Changes,
    facts_before: Mapping[str, FactValue],
    from_hash: str | None,
) -> int:
    """Append the record of what was changed and write the case's own row and facts.

    ``from_hash`` equal to the case's marking says that the marking did not move; a
    record that is no step then leaves it out.
    """
    keep(session, [make_record(session, case, act, cause, changes, facts_before, from_hash)])
    return case.head.seq


def write_intervention(
    session: Session,
    case: LockedCase,
    act: Act,
    name: str,
    ref: str,
    *,
    reason: str | None = None,
    form: Mapping[str, JsonValue] | None = None,
    changes: Changes | None = None,
) -> int:
    """Append the record of what somebody did beside the steps of a case; it moves no marking.

    Without ``changes`` it changes nothing else in the case either.
    """
    cause = Cause(
        kind=RecordKind.INTERVENED,
        trigger=TriggerRef(TriggerKind.OFFICER, name, ref),
        form=form or {},
        reason=reason,
    )
    changes = changes or Changes()
    return write_record(session, case, act, cause, changes, case.facts, case.marking_hash)


def make_record(
    session: Session,
    case: LockedCase,
    act: Act,
    cause: Cause,
    changes: Changes,
    facts_before: Mapping[str, FactValue],
    from_hash: str | None,
    trace: tuple[tuple[str, bool], ...] = (),
    operands: Mapping[str, Any] | None = None,
    forms: dict[Hashable, RecordForm] | None = None,
) -> Written:
    """Make the record of what was changed, and bring the locked case up to it.

    ``forms`` are those of a batch: records that are alike are written out once.

    Raises:
        Recused, RecusalPending: Who acts keeps out of the case, or who it is done for.
        Supervises: Who acts supervises the case for the discipline line.
    """
    _refuse_recused(session, case, act)
    _refuse_supervisor(session, case, act, cause)
    _guard_informant(session, case, act, cause)
    recorded_at = case.head.recorded_at(act.now)
    calendar = case.calendar.version if changes.armed or changes.moved else None
    made = _form if forms is None else partial(_known_form, forms)
    form = made(case, act, cause, changes.effects(), from_hash, trace, recorded_at, calendar)
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
    closed = case.definition.pack.closed_fields
    entry = sealed_entry(session, form, case.id, case.head.hash, payload, case.key_id, closed)
    settle_overdue(case, cause.fired)
    seen, case.head = case.head, Head(case.head.seq + 1, entry.hash, recorded_at)
    return Written(
        entry,
        _case_row(case, seen.seq),
        [fact_row(case.id, name, value) for name, value in changes.facts.items()],
        changes.incidents,
        recorded_at,
    )


def _guard_informant(session: Session, case: LockedCase, act: Act, cause: Cause) -> None:
    """Let nobody write who reported the matter into a record of its cases; jobs write no text."""
    if act.actor.is_job or not (cause.form or cause.reason):
        return
    texts = texts_of([dict(cause.form), cause.reason or "", dict(cause.facts)])
    seq = case.head.seq + 1
    matter = case.matter_id
    guard_texts(session, act.actor, act.now, act.role, matter, case.id, seq, texts)


def _refuse_recused(session: Session, case: LockedCase, act: Act) -> None:
    """Let nobody who is recused write a record, whatever he does; jobs are nobody."""
    accounts = {each for each in (act.actor.account_id, act.acting_for) if each}
    if not act.actor.is_job:
        persons = {each for each in (act.actor.person_id, act.performed_by) if each}
        refuse_recused(session, case.id, accounts, persons)


def _refuse_supervisor(session: Session, case: LockedCase, act: Act, cause: Cause) -> None:
    """Let nobody who supervises a case act in it; his supervising is a record of it too."""
    is_supervising = cause.trigger.name in (SUPERVISE, END)
    if not is_supervising and not act.actor.is_job:
        refuse_supervisor(session, case.id, act.actor, act.role)


def _known_form(
    forms: dict[Hashable, RecordForm],
    case: LockedCase,
    act: Act,
    cause: Cause,
    effects: Effects,
    from_hash: str | None,
    trace: tuple[tuple[str, bool], ...],
    recorded_at: datetime,
    calendar: str | None,
) -> RecordForm:
    """Give the form of a record that is alike in all that a form holds, or make it."""
    alike = (
        (case.definition, case.head.seq, from_hash, case.marking_hash, trace, calendar),
        (cause.kind, cause.trigger, cause.about, recorded_at, act.occurred_at),
        (act.actor.account_id, act.role, act.office, act.performed_by, act.source),
        (act.acting_for, act.delegation),
        effects,
    )
    form = forms.get(alike)
    if form is None:
        form = forms[alike] = _form(
            case, act, cause, effects, from_hash, trace, recorded_at, calendar
        )
    return form


def _form(
    case: LockedCase,
    act: Act,
    cause: Cause,
    effects: Effects,
    from_hash: str | None,
    trace: tuple[tuple[str, bool], ...],
    recorded_at: datetime,
    calendar: str | None,
) -> RecordForm:
    moved = from_hash != case.marking_hash or cause.kind in _STEPS
    record = Record(
        stream=StreamKind.CASE,
        id=case.id,
        seq=case.head.seq + 1,
        prev=case.head.hash,
        kind=cause.kind,
        recorded_at=recorded_at,
        occurred_at=act.occurred_at,
        actor=act.actor.account_id,
        role=act.role,
        office=act.office,
        acting_for=act.acting_for,
        delegation=act.delegation,
        performed_by=act.performed_by,
        source=act.source,
        about=cause.about,
        definition=f"{case.definition.pack.hash}/{case.definition.process_id}",
        from_marking=from_hash,
        to_marking=case.marking_hash if moved else None,
        trigger=cause.trigger,
        effects=effects,
        trace=trace,
        calendar=calendar,
    )
    return RecordForm.of(record)


def keep(session: Session, written: Sequence[Written]) -> None:
    """Store records of different cases and all that goes with them, table by table.

    Raises:
        Conflict: Somebody else wrote one of the cases meanwhile.
    """
    append(session, [each.entry for each in written])
    write_facts(session, [row for each in written for row in each.fact_rows])
    update_cases(session, [each.case_row for each in written])
    for each in written:
        for kind, detail in each.incidents:
            raise_incident(session, each.case_row["case_id"], kind, detail, each.recorded_at)


def _case_row(case: LockedCase, seen_version: int) -> dict[str, Any]:
    """Give the columns that a record writes, of the others those that it changed."""
    may_change = {
        "marking_hash": case.marking_hash,
        "state": case.state,
        "outcome": case.outcome,
        "rung": case.rung,
        "due_on": nearest_due(case),
        "overdue_scope": case.overdue.scope if case.overdue else None,
        "overdue_on": case.overdue.due_on if case.overdue else None,
        "awaited": case.awaited,
        "ended_at": case.ended_at,
    }
    stored, case.stored = case.stored, may_change
    return {
        "case_id": case.id,
        "seen_version": seen_version,
        "version": case.head.seq,
        "head": case.head.hash,
        "head_at": case.head.at,
        "last_acted_at": case.head.at,
        **{n: value for n, value in may_change.items() if n not in stored or stored[n] != value},
    }


def _carried_out(changes: Changes) -> dict[str, JsonValue]:
    return {"carried_out": changes.carried_out} if changes.carried_out else {}


def _json(value: FactValue) -> JsonValue:
    return list(value) if isinstance(value, list) else value
