"""Corrections: a record says what a value should have been; both stand (AUDIT.md).

A correction changes what is known, never where the case stands and never a date. Where a
judgement that rested on the old value would now be another one, it opens a review. What is
about a person takes two people.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.entries import path_at
from workflows.domain.records import (
    About,
    JsonValue,
    RecordKind,
    TriggerKind,
    TriggerRef,
)
from workflows.domain.reviews import REVIEW
from workflows.domain.roles import Actor
from workflows.domain.steps import FactValue, OpenedTask
from workflows.services.corrections.corrigible import (
    CaseMoved,
    Correctable,
    Corrected,
    CorrectionWaits,
    NothingToCorrect,
    Plan,
    ReasonNeeded,
    Wanted,
    acting,
    checked,
    fact_fields,
    load_recorded,
    on_paper,
    planned,
    read_corrected,
    record_about,
    refuse_unread,
)
from workflows.services.corrections.late_entries import decide_entry, keep_entry
from workflows.services.corrections.origins import origins_of, recorded
from workflows.services.journal import Act
from workflows.services.steps.advance import open_task
from workflows.services.steps.changes import Changes
from workflows.services.steps.locked import LockedCase
from workflows.services.steps.recording import Cause, keep, make_record
from workflows.services.steps.resettling import insert_opened
from workflows.services.steps.tasks import Completed
from workflows.store.casework import times_entered
from workflows.store.tables import LateEntry, Matter

__all__ = [
    "CONFIRMING_ROLES",
    "confirm_correction",
    "correct",
    "correctable",
    "corrected_seq",
    "is_correction",
    "plan_correction",
]

CONFIRMING_ROLES = ("R03", "R05", "R06")
PROPOSED = "correct"
_PLACE = "correction"
_OF_MATTER = ("problem_type", "source")
_LONGEST_REASON = 500


def correctable(
    session: Session, actor: Actor, now: datetime, case_id: str, seq: int
) -> Correctable:
    """Read what of a record this actor may correct.

    Raises:
        NotFound, CaseNotOpen, ContentErased, NothingToCorrect: It cannot be corrected.
        RoleMissing, RolesForbidden, OwnCase, NotAllowed: This actor may not.
    """
    case, entries = load_recorded(session, case_id, locks=False)
    about = record_about(case, entries, seq)
    acting(session, case, about, actor, now)
    origins = origins_of(entries)
    fields, rewritten = [], {}
    for each in fact_fields(about):
        if about.typed.get(each.key) is None:
            continue
        if origins.get(each.key) == seq:
            fields.append(each)
        else:
            rewritten[each.key] = origins.get(each.key, 0)
    if not fields and not rewritten:
        raise NothingToCorrect(seq=seq)
    values = {each.key: case.facts.get(each.key) for each in fields}
    return Correctable(about, tuple(fields), values, case.head.seq, rewritten)


def plan_correction(
    session: Session, actor: Actor, now: datetime, case_id: str, wanted: Wanted
) -> Plan:
    """Say what a correction would do, and write nothing; refuses what `correct` refuses."""
    case, entries = load_recorded(session, case_id, locks=False)
    about = record_about(case, entries, wanted.seq)
    acting(session, case, about, actor, now)
    return planned(session, case, entries, about, read_corrected(case, entries, about, wanted))


def correct(
    session: Session, actor: Actor, now: datetime, case_id: str, wanted: Wanted
) -> Corrected:
    """Correct facts that a record wrote, or keep that until a second person confirms it.

    Raises:
        ReasonNeeded: There is none, or it is too long.
        CaseMoved: Something was recorded since the form was read.
        FactNotSet, FactUnchanged, FactComputed, FactRewritten, ContentErased: See there.
        CorrectionWaits: One waits already.
        ValidationFailed: Naming every field that needs another value.
        RoleMissing, RolesForbidden, OwnCase, NotAllowed: This actor may not.
    """
    if not 0 < len(wanted.reason.strip()) <= _LONGEST_REASON:
        raise ReasonNeeded(longest=_LONGEST_REASON)
    case, entries = load_recorded(session, case_id)
    about = record_about(case, entries, wanted.seq)
    act = acting(session, case, about, actor, now, wanted.document)
    if wanted.seen != case.head.seq:
        raise CaseMoved(number=case.number, seq=case.head.seq)
    plan = planned(session, case, entries, about, read_corrected(case, entries, about, wanted))
    if plan.needs_second:
        return Corrected(None, _propose(session, case, act, plan, wanted))
    return _write(session, case, act, plan, wanted.reason.strip(), wanted.document)


def is_correction(entry: LateEntry) -> bool:
    """Say whether what waits for a second person is a correction."""
    return path_at(entry.task) == _PLACE


def corrected_seq(entry: LateEntry) -> int:
    """Give the record that a waiting correction is about."""
    return int(entry.task.rpartition("#")[2])


def confirm_correction(
    session: Session, actor: Actor, now: datetime, case: LockedCase, entry: LateEntry
) -> Completed:
    """Confirm a correction as its second person; the case may have gone on meanwhile.

    Raises:
        SecondPersonNeeded: The same officer entered it.
        FactUnchanged, FactRewritten, ContentErased: It does not fit any more.
    """
    act = decide_entry(session, case, entry, actor, now, CONFIRMING_ROLES, "confirmed")
    entries = list(recorded(session, case.id))
    about = record_about(case, entries, corrected_seq(entry))
    refuse_unread(case, about, actor)
    known = case.definition.pack.facts
    new: Any = {name: value for name, value in entry.values.items() if name in known}
    plan = planned(session, case, entries, about, checked(case, entries, about, new))
    if entry.document:
        act = on_paper(act)
    told = {"entered_by": entry.entered_by}
    _write(session, case, act, plan, str(entry.values.get("_reason", "")), entry.document, told)
    return Completed((), (), (), waiting_for_second_signature=False)


def _propose(session: Session, case: LockedCase, act: Act, plan: Plan, wanted: Wanted) -> int:
    """Keep a correction until a second person confirms it."""
    statement = select(LateEntry).where(LateEntry.case_id == case.id, LateEntry.state == "waiting")
    if any(is_correction(each) for each in session.scalars(statement)):
        raise CorrectionWaits(number=case.number)
    entry = LateEntry(
        case_id=case.id,
        task=f"{_PLACE}#{wanted.seq}",
        occurred_at=act.occurred_at,
        performed_by=None,
        document=wanted.document,
        values={**plan.corrected, "_reason": wanted.reason.strip()},
        entered_by=act.actor.account_id,
        entered_at=act.now,
        state="waiting",
    )
    return keep_entry(session, case, act, entry, PROPOSED)


def _write(
    session: Session,
    case: LockedCase,
    act: Act,
    plan: Plan,
    reason: str,
    document: str,
    told: Mapping[str, JsonValue] | None = None,
) -> Corrected:
    """Write the record of a correction; where judgements would differ, open the review."""
    act, before = act.after(case.head), dict(case.facts)
    changes = Changes(facts=plan.corrected)
    case.facts.update(plan.corrected)
    if plan.consequences and REVIEW not in case.tasks:
        _open_review(session, case, act, changes)
    seq, record = plan.about.entry.seq, plan.about.entry.record
    form: dict[str, JsonValue] = {
        "consequences": [each.to_json() for each in plan.consequences],
        **({"paper_document": document} if document else {}),
        **(told or {}),
    }
    cause = Cause(
        kind=RecordKind.CORRECTED,
        trigger=TriggerRef(TriggerKind.OFFICER, PROPOSED, record["trigger"]["ref"]),
        form=form,
        reason=reason,
        about=About(case.id, seq),
    )
    operands = {
        f"{each.seq}:{each.name}": dict(each.operands)
        for each in plan.consequences
        if each.operands
    }
    hash_ = case.marking_hash
    written = make_record(session, case, act, cause, changes, before, hash_, operands=operands)
    keep(session, [written])
    if seq == 1:
        _tell_matter(session, case, plan.corrected)
    return Corrected(case.head.seq, has_review=bool(plan.consequences))


def _open_review(session: Session, case: LockedCase, act: Act, changes: Changes) -> None:
    entered, _ = times_entered(session, [case.id], [REVIEW], [])
    n = entered.get((case.id, REVIEW), 0) + 1
    open_task(session, case, act, OpenedTask(REVIEW, REVIEW), n, case.head.seq + 1, changes)
    insert_opened(session, case, changes)


def _tell_matter(session: Session, case: LockedCase, new: Mapping[str, FactValue]) -> None:
    """Let the matter's row say what its registering says now."""
    if case.subject_person_id is not None:
        return
    matter = session.get_one(Matter, case.matter_id)
    for name in _OF_MATTER:
        if name in new:
            setattr(matter, name, str(new[name]))
    if "description" in new:
        matter.summary = str(new["description"])
    found_on = new.get("found_on")
    if isinstance(found_on, str):
        matter.found_on = date.fromisoformat(found_on)
    session.flush()
