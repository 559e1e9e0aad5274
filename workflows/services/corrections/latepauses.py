"""Pauses that are proved later: X32 of the officers' cases (DESIGN 6, DOMAIN 5.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import InvalidInput, NotFound
from workflows.domain.pauses import Certificate, Grounds, PauseGround
from workflows.domain.roles import Actor
from workflows.services.access import role_serving
from workflows.services.corrections.late_entries import (
    NothingLate,
    decide_entry,
    keep_entry,
    lateness,
    noon_of,
)
from workflows.services.corrections.withdrawing import withdraw
from workflows.services.journal import Act
from workflows.services.steps.advance import Stage
from workflows.services.steps.asif import AsIf, Past, cases_opened_by
from workflows.services.steps.changes import Changes, split_place
from workflows.services.steps.leading import LEADING_ROLES, role_leading
from workflows.services.steps.locked import LockedCase, load_locked
from workflows.services.steps.operations import pause_clock, resume_clock
from workflows.services.steps.paper import OFFICER_ROLES, PaperNeeded
from workflows.services.steps.pausing import refuse_period
from workflows.services.steps.recording import write_intervention
from workflows.services.steps.replaying import Replay
from workflows.services.steps.stopping import stop_without_ground
from workflows.services.steps.tasks import CaseNotOpen, Completed, refuse_own_case
from workflows.store.base import table_of
from workflows.store.tables import Clock, LateEntry


class PauseImpossible(InvalidInput):
    """A pause from {from_on} does not fit this clock: it began to run on {anchor_on}."""

    code: ClassVar[str] = "pause_impossible"


def pause_from(
    session: Session,
    actor: Actor,
    now: datetime,
    case_id: str,
    clock: str,
    *,
    from_on: date,
    reason: str,
    document: str,
    to_on: date | None = None,
    ground: PauseGround = PauseGround.OTHER,
    certificate: Certificate | None = None,
) -> int:
    """Keep a pause that began in the past, with its paper, until an approver confirms it.

    Returns:
        The number of the late entry.

    Raises:
        PauseImpossible: It begins in the future, before the clock did, or ends before it begins.
        NothingLate: The clock had run out before, or would have run out all the same.
        NotFound: There is no such clock that runs or has fired.
        PeriodNeverStops: It is a period of effect or observation.
        CertificateNeeded, CertificateUnfit: The ground is not attested for its first day.
    """
    case = load_locked(session, case_id)
    if case.state == "stopped":
        raise CaseNotOpen(number=case.number, state=case.state)
    role = role_serving(actor, (*OFFICER_ROLES, *LEADING_ROLES), case.place.org_path)
    refuse_own_case(case, actor, Act(actor, now, now, role))
    if not document.strip():
        raise PaperNeeded
    row = _clock(session, case, clock)
    refuse_period(row)
    today = local_date(now)
    is_past = row.anchor_on <= from_on <= today
    if not is_past or (to_on is not None and not from_on < to_on <= today):
        raise PauseImpossible(from_on=from_on, anchor_on=row.anchor_on)
    grounds = Grounds(ground, reason, certificate)
    grounds.check(from_on)
    _plan(session, case, row, from_on, to_on)
    entry = LateEntry(
        case_id=case_id,
        task=clock,
        occurred_at=noon_of(from_on),
        performed_by=None,
        document=document,
        values={"reason": grounds.text, "to_on": to_on.isoformat() if to_on else None},
        entered_by=actor.account_id,
        entered_at=now,
        state="waiting",
    )
    return keep_entry(session, case, Act(actor, now, now), entry, "pause_from")


def is_pause(case: LockedCase, entry: LateEntry) -> bool:
    """Say whether a late entry stops a clock; the others complete a task."""
    element = case.definition.place(split_place(entry.task)[0]).element
    return element.kind in ("boundaryEvent", "intermediateCatchEvent")


def confirm_pause(
    session: Session, actor: Actor, now: datetime, case: LockedCase, entry: LateEntry
) -> Completed:
    """Confirm a pause: withdraw what fired inside it, then stop the clock from its day on."""
    role_leading(session, actor, case.definition, case.place)
    act = decide_entry(session, case, entry, actor, now, LEADING_ROLES, "confirmed")
    row = _clock(session, case, entry.task)
    from_on, ends = local_date(entry.occurred_at), entry.values["to_on"]
    to_on = date.fromisoformat(str(ends)) if ends else None
    plan = _plan(session, case, row, from_on, to_on)
    if plan is not None:
        stop_without_ground(session, case, act, cases_opened_by(session, case, plan))
        withdraw(session, case, act, plan, entry.document)
    _stop(session, case, replace(act, occurred_at=entry.occurred_at), row.path, entry)
    if to_on is not None:
        _go_on(session, case, replace(act, occurred_at=noon_of(to_on)), row.path, entry)
    return Completed((), (), (), waiting_for_second_signature=False)


def _stop(session: Session, case: LockedCase, act: Act, path: str, entry: LateEntry) -> None:
    changes, reason = Changes(), str(entry.values["reason"])
    stage = Stage(session, case, act, changes)
    pause_clock(stage, case.clocks[path], reason, act.actor.account_id)
    _write(session, case, act, "pause", changes, entry)


def _go_on(session: Session, case: LockedCase, act: Act, path: str, entry: LateEntry) -> None:
    changes = Changes()
    resume_clock(Stage(session, case, act, changes), case.clocks[path])
    _write(session, case, act, "resume", changes, entry)


def _write(
    session: Session, case: LockedCase, act: Act, name: str, changes: Changes, entry: LateEntry
) -> None:
    reason, form = str(entry.values["reason"]), lateness(entry)
    write_intervention(
        session, case, act, name, entry.task, reason=reason, form=form, changes=changes
    )


def _clock(session: Session, case: LockedCase, clock: str) -> Any:
    """Find a clock that runs or has fired.

    Raises:
        NotFound: There is none; one that people ended needs no pause.
    """
    path, n = split_place(clock)
    table = table_of(Clock)
    found = session.connection().execute(
        select(table).where(
            table.c.case_id == case.id,
            table.c.path == path,
            table.c.n == n,
            table.c.state.in_(("running", "fired")),
        )
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound(what="clock", key=clock)
    return row


def _plan(
    session: Session, case: LockedCase, row: Any, from_on: date, to_on: date | None
) -> AsIf | None:
    """Say what the pause would have spared the case; null where the clock has not fired.

    Raises:
        NothingLate: It would have fired all the same.
    """
    if row.due_on < from_on:
        raise NothingLate(on=from_on)
    if row.state == "running":
        return None
    place = f"{row.path}#{row.n}"

    def insert(replay: Replay) -> bool:
        return replay.stop(place, from_on, to_on)

    plan = Past.of(session, case).as_if(row.ended_seq, insert)
    if row.ended_seq not in plan.baseless:
        raise NothingLate(on=from_on)
    return plan
