"""A year's holidays are announced (X15): provisional dates are counted anew.

A date that comes later moves by itself, because it favours whoever has to act; one that
comes earlier waits for the handler, who tells those concerned (DOMAIN 5.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.clocks import Due
from workflows.domain.errors import NotAllowed
from workflows.domain.records import MoveReason, RecordKind, TriggerKind, TriggerRef
from workflows.domain.roles import Actor, Role
from workflows.services.access import SYSTEM, role_serving
from workflows.services.advance import Stage
from workflows.services.changes import Changes, place_of
from workflows.services.clockwork import pauses_of, term_of
from workflows.services.incidents import raise_incident, resolve_incident
from workflows.services.journal import Act
from workflows.services.locked import LiveRow, LockedCase, load_locked
from workflows.services.operations import count_again
from workflows.services.recording import Cause, write_record
from workflows.services.tasks import CaseNotOpen
from workflows.store.casework import pauses
from workflows.store.tables import Clock, Incident

EARLIER, CALENDAR = "calendar_earlier", "calendar"
CONFIRMING_ROLES = (Role.HANDLER,)


class NothingEarlier(NotAllowed):
    """No date of the case {number} would come earlier by the calendar in force."""

    code: ClassVar[str] = "nothing_earlier"


def cases_to_recompute(session: Session) -> Sequence[str]:
    """Give the cases with a running clock whose date is provisional, in their order."""
    statement = select(Clock.case_id).where(Clock.state == "running", Clock.provisional)
    return session.scalars(statement.distinct().order_by(Clock.case_id)).all()


def recompute(session: Session, now: datetime, case_id: str) -> int:
    """Count the provisional dates of a case anew; give how many were written.

    One that would come earlier is left, with an incident for the handler.
    """
    case = load_locked(session, case_id)
    if case.state != "open":
        return 0
    changes, act = Changes(), Act(SYSTEM["calendar"], now, now)
    for clock, due in _recounted(session, case):
        if due.due_on < clock.due_on:
            raise_incident(session, case.id, EARLIER, _told(clock, due), now)
        elif due.due_on > clock.due_on or not due.provisional:
            count_again(Stage(session, case, act, changes), clock, MoveReason.CALENDAR)
    return _write(session, case, act, changes, "")


def confirm_earlier(
    session: Session, actor: Actor, now: datetime, case_id: str, reason: str
) -> int:
    """Let dates come earlier as the announced year has it; those concerned have been told.

    Raises:
        NotFound: There is no such case in the session's scope.
        CaseNotOpen, RoleMissing, NothingEarlier: Not now, or not this actor.
    """
    case = load_locked(session, case_id)
    if case.state != "open":
        raise CaseNotOpen(number=case.number, state=case.state)
    role = role_serving(actor, CONFIRMING_ROLES, case.place.org_path)
    changes, act = Changes(), Act(actor, now, now, role)
    for clock, due in _recounted(session, case):
        if due.due_on < clock.due_on:
            count_again(Stage(session, case, act, changes), clock, MoveReason.CALENDAR)
    if not changes.moved:
        raise NothingEarlier(number=case.number)
    waiting = select(Incident.id).where(
        Incident.case_id == case.id, Incident.kind == EARLIER, Incident.resolved_at.is_(None)
    )
    for incident_id in session.scalars(waiting).all():
        resolve_incident(session, actor, now, incident_id, reason)
    return _write(session, case, act, changes, reason)


def _recounted(session: Session, case: LockedCase) -> list[tuple[LiveRow, Due]]:
    """Give the running provisional clocks with the dates under the calendar in force."""
    stops = pauses(session, case.id)
    return [
        (clock, term_of(clock).due(case.calendar, pauses_of(stops, clock.path, clock.n)))
        for clock in case.clocks.values()
        if clock.state == "running" and clock.provisional
    ]


def _told(clock: LiveRow, due: Due) -> str:
    return f"{place_of(clock)}：{clock.due_on.isoformat()} → {due.due_on.isoformat()}"


def _write(session: Session, case: LockedCase, act: Act, changes: Changes, reason: str) -> int:
    if not changes.moved:
        return 0
    cause = Cause(
        kind=RecordKind.INTERVENED,
        trigger=TriggerRef(TriggerKind.OFFICER, CALENDAR, case.calendar.version),
        reason=reason or None,
    )
    write_record(session, case, act, cause, changes, case.facts, case.marking_hash)
    return len(changes.moved)
