"""The calendar changed (X15): dates that it moves are counted anew.

A date that comes later moves by itself, because it favours whoever has to act; one that
comes earlier waits for the handler, who tells those concerned (DOMAIN 5.2).
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import datetime
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.clocks import Due
from workflows.domain.errors import NotAllowed
from workflows.domain.records import MoveReason
from workflows.domain.roles import Actor, Role
from workflows.services.access import SYSTEM, role_serving
from workflows.services.calendars import current_calendar
from workflows.services.incidents import raise_incident, resolve_incident
from workflows.services.journal import Act
from workflows.services.steps.advance import Stage
from workflows.services.steps.changes import Changes, place_of
from workflows.services.steps.clockwork import pauses_of, term_of
from workflows.services.steps.locked import LiveRow, LockedCase, load_locked
from workflows.services.steps.operations import count_again
from workflows.services.steps.recording import write_intervention
from workflows.services.steps.tasks import CaseNotOpen
from workflows.services.versions.calendar_changes import moved_dates
from workflows.store.casework import pauses
from workflows.store.tables import Clock, Incident

EARLIER, CALENDAR = "calendar_earlier", "calendar"
CONFIRMING_ROLES = (Role.HANDLER,)


class NothingEarlier(NotAllowed):
    """No date of the case {number} would come earlier by the calendar in force."""

    code: ClassVar[str] = "nothing_earlier"


def cases_to_recompute(session: Session) -> Sequence[str]:
    """Give the cases with a running clock that is provisional or dated otherwise by now."""
    statement = select(Clock.case_id).where(Clock.state == "running", Clock.provisional)
    moved = moved_dates(session, current_calendar(session))
    return sorted({*session.scalars(statement), *(each.case_id for each in moved)})


def recompute(session: Session, now: datetime, case_id: str) -> int:
    """Count the dates of a case anew; give how many were written.

    One that would come earlier is left, with an incident for the handler; an incident
    about one that no longer would is closed.
    """
    case = load_locked(session, case_id)
    if case.state != "open":
        return 0
    changes, act = Changes(), Act(SYSTEM["calendar"], now, now)
    told = set()
    for clock, due in _recounted(session, case):
        if due.due_on < clock.due_on:
            told.add(_told(clock, due))
        elif due.due_on > clock.due_on or due.provisional != clock.provisional:
            count_again(Stage(session, case, act, changes), clock, MoveReason.CALENDAR)
    _tell(session, case.id, told, now)
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
    for incident in _waiting(session, case.id):
        resolve_incident(session, actor, now, incident.id, reason)
    return _write(session, case, act, changes, reason)


def _tell(session: Session, case_id: str, told: Set[str], now: datetime) -> None:
    """Open an incident for each date that would come earlier, close those that say another."""
    for incident in _waiting(session, case_id):
        if incident.detail not in told:
            incident.resolved_at, incident.resolved_by = now, SYSTEM["calendar"].account_id
    for detail in sorted(told):
        raise_incident(session, case_id, EARLIER, detail, now)


def _waiting(session: Session, case_id: str) -> Sequence[Incident]:
    return session.scalars(
        select(Incident).where(
            Incident.case_id == case_id, Incident.kind == EARLIER, Incident.resolved_at.is_(None)
        )
    ).all()


def _recounted(session: Session, case: LockedCase) -> list[tuple[LiveRow, Due]]:
    """Give the running clocks with their dates under the calendar in force.

    One that was counted under it and rests on no expected day stands as it is.
    """
    stops = pauses(session, case.id)
    return [
        (clock, term_of(clock).due(case.calendar, pauses_of(stops, clock.path, clock.n)))
        for clock in case.clocks.values()
        if clock.state == "running"
        and (clock.provisional or clock.calendar != case.calendar.version)
    ]


def _told(clock: LiveRow, due: Due) -> str:
    return f"{place_of(clock)}：{clock.due_on.isoformat()} → {due.due_on.isoformat()}"


def _write(session: Session, case: LockedCase, act: Act, changes: Changes, reason: str) -> int:
    if not changes.moved:
        return 0
    write_intervention(
        session, case, act, CALENDAR, case.calendar.version, reason=reason or None, changes=changes
    )
    return len(changes.moved)
