"""Holding a clock for some days before tonight's sweep: once, with a reason, never for good.

A hold is a pause that knows its last day: the sweep ends it by itself. It stands among the
exceptions of its case like every pause that an officer decided.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflows.domain.clocks import due_at_of, local_date
from workflows.domain.errors import Conflict, InvalidInput, NotAllowed
from workflows.domain.pauses import HOLD_OVER
from workflows.domain.roles import Actor, Role
from workflows.services.access import SYSTEM
from workflows.services.journal import Act
from workflows.services.steps.advance import Stage
from workflows.services.steps.changes import Changes, place_of
from workflows.services.steps.locked import load_locked
from workflows.services.steps.operations import pause_clock, resume_clock
from workflows.services.steps.pausing import ClockMovedOn, clock_for, refuse_period
from workflows.services.steps.recording import write_intervention
from workflows.store.base import table_of
from workflows.store.tables import Case, ClockPause, JournalRecord

MOST_WORKDAYS = 5
_MOMENT = timedelta(seconds=1)
_PAUSE, _RECORD = table_of(ClockPause), table_of(JournalRecord)


class HoldTooLong(InvalidInput):
    """A hold lasts from one to {most} working days."""

    code: ClassVar[str] = "hold_too_long"


class HeldBefore(Conflict):
    """A clock is held once, and this one was."""

    code: ClassVar[str] = "held_before"


class HandlerHolds(NotAllowed):
    """Whoever handles a case does not hold its clocks."""

    code: ClassVar[str] = "handler_holds"


def hold(
    session: Session,
    actor: Actor,
    now: datetime,
    case_id: str,
    clock: str,
    *,
    reason: str,
    workdays: int = MOST_WORKDAYS,
) -> date:
    """Hold a running clock for some working days from tomorrow on; give the last of them.

    Raises:
        HoldTooLong: Not for so many days.
        RoleMissing: Only a deputy leader or a principal may.
        HandlerHolds: He handles the case.
        HeldBefore: The clock was held before.
        ClockMovedOn: It passed, was met or stands still; a sweep that is late changes nothing.
        PeriodNeverStops: It is a period of effect or observation.
    """
    if not 1 <= workdays <= MOST_WORKDAYS:
        raise HoldTooLong(most=MOST_WORKDAYS)
    case, row, act = clock_for(session, actor, now, case_id, clock, "running")
    if case_id in handled_by(session, actor, [case_id]):
        raise HandlerHolds
    if (case_id, place_of(row)) in held_before(session, [case_id]):
        raise HeldBefore
    refuse_period(row)
    if row.due_on < local_date(now):
        raise ClockMovedOn
    until_on = case.calendar.add_workdays(local_date(now), workdays)
    changes = Changes()
    stage = Stage(session, case, act, changes)
    pause_clock(stage, row, reason, actor.account_id, until_on)
    form = {"hold_until": until_on.isoformat()}
    write_intervention(
        session, case, act, "pause", clock, reason=reason, form=form, changes=changes
    )
    return until_on


def held_before(session: Session, case_ids: list[str]) -> set[tuple[str, str]]:
    """Give the clocks of cases in scope that were held, by case and path#n."""
    statement = select(_PAUSE.c.case_id, _PAUSE.c.path, _PAUSE.c.n).where(
        _PAUSE.c.case_id.in_(case_ids), _PAUSE.c.until_on.is_not(None)
    )
    rows = session.connection().execute(statement)
    return {(row.case_id, place_of(row)) for row in rows}


def handled_by(session: Session, actor: Actor, case_ids: list[str]) -> set[str]:
    """Give the cases in which somebody has acted as the handler, himself or on paper."""
    doer = [_RECORD.c.actor == actor.account_id, _RECORD.c.acting_for == actor.account_id]
    if actor.person_id is not None:
        doer.append(_RECORD.c.performed_by == actor.person_id)
    statement = select(_RECORD.c.stream_id).where(
        _RECORD.c.stream_id.in_(case_ids), _RECORD.c.role == Role.HANDLER.value, or_(*doer)
    )
    return set(session.connection().execute(statement).scalars())


def holds_to_end(session: Session, today: date) -> list[Any]:
    """Find the holds whose last day has passed, where the case is still open."""
    case = table_of(Case)
    statement = (
        select(_PAUSE.c.case_id, _PAUSE.c.path, _PAUSE.c.n, _PAUSE.c.until_on)
        .join(case, case.c.id == _PAUSE.c.case_id)
        .where(_PAUSE.c.to_on.is_(None), _PAUSE.c.until_on < today, case.c.state == "open")
        .order_by(_PAUSE.c.case_id, _PAUSE.c.id)
    )
    return list(session.connection().execute(statement))


def end_hold(session: Session, now: datetime, expired: Any) -> bool:
    """Let a held clock go on from its last day on; say whether it stood still yet.

    The hold ended at the end of that day, whenever the sweep comes to it.
    """
    case = load_locked(session, expired.case_id)
    row = case.clocks.get(expired.path)
    if row is None or row.n != expired.n or row.state != "paused":
        return False
    ended_at = due_at_of(expired.until_on) - _MOMENT
    act, changes = Act(SYSTEM["sweep"], now, ended_at), Changes()
    resume_clock(Stage(session, case, act, changes), row)
    write_intervention(
        session, case, act, "resume", place_of(row), reason=HOLD_OVER, changes=changes
    )
    return True
