"""Person-level cases whose ground has gone: they stop, and their approver decides (DESIGN 6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.errors import NotAllowed
from workflows.domain.records import RecordKind, TriggerKind, TriggerRef
from workflows.domain.roles import Actor
from workflows.services.access import role_over
from workflows.services.incidents import raise_incident, resolve_incident
from workflows.services.journal import Act
from workflows.services.offices import office_for
from workflows.services.steps.advance import Stage
from workflows.services.steps.changes import Changes, place_of
from workflows.services.steps.locked import LockedCase, load_locked
from workflows.services.steps.operations import pause_clock, resume_clock
from workflows.services.steps.recording import Cause, write_intervention, write_record
from workflows.services.steps.referrals import is_handled_elsewhere
from workflows.services.steps.tasks import CaseNotOpen, refuse_own_case
from workflows.store.caserows import close_tasks, end_clocks
from workflows.store.casework import pauses
from workflows.store.effects import standing_effects
from workflows.store.scope import as_system
from workflows.store.tables import Incident

STOPPED = "ground_withdrawn"
# Said of a case whose matter another procedure has; which one is not for the case to say.
ELSEWHERE = "handled_elsewhere"
_REASONS = frozenset({STOPPED, ELSEWHERE})
WITHDRAWN = "withdrawn"
_STOPPED_INCIDENT = "stopped_for_approver"
_ENDED_INCIDENT = "ended_without_ground"


class EffectsStarted(NotAllowed):
    """The measure has taken effect: only its revocation can end the case {number}."""

    code: ClassVar[str] = "effects_started"


class HandledElsewhere(NotAllowed):
    """Another procedure has the matter of case {number}: it cannot go on."""

    code: ClassVar[str] = "handled_elsewhere"


def stop_without_ground(
    session: Session, origin: LockedCase, act: Act, opened: Sequence[str]
) -> None:
    """Stop cases that baseless escalations led to; a machine undoes nothing there.

    Their clocks stand still. Where one has ended already, its approver is told.
    """
    # Who confirms a late entry need not be cleared for the person's case that it stops.
    with as_system(session, "stopping"):
        for case_id in opened:
            case = load_locked(session, case_id)
            if case.state == "ended":
                raise_incident(session, case.id, _ENDED_INCIDENT, origin.number, act.now)
            elif case.state == "open":
                _stop(session, case, Act(act.actor, act.now, act.now), STOPPED, origin.id)


def stop_for_another(session: Session, case_id: str, act: Act) -> bool:
    """Stop a case because another procedure has its matter; say whether it ran."""
    case = load_locked(session, case_id)
    if case.state != "open":
        return False
    _stop(session, case, act, ELSEWHERE, case.id)
    return True


def _stop(session: Session, case: LockedCase, act: Act, reason: str, ref: str) -> None:
    changes = Changes()
    for row in list(case.clocks.values()):
        if row.state == "running":
            stage = Stage(session, case, act, changes)
            pause_clock(stage, row, reason, act.actor.account_id)
    case.state = "stopped"
    write_intervention(session, case, act, "stop", ref, reason=reason, changes=changes)
    office = office_for(session, "banner_organisation", case.place)
    raise_incident(session, case.id, _STOPPED_INCIDENT, office.name, act.now)


def decide_stopped(
    session: Session, actor: Actor, now: datetime, case_id: str, go_on: bool, reason: str
) -> None:
    """Let a stopped case go on, or end it, as its approver decides.

    Raises:
        CaseNotOpen: The case is not stopped.
        RoleMissing, OwnCase: This actor may not.
        HandledElsewhere: It cannot go on, because another procedure has it.
        EffectsStarted: It cannot end so, because its measure has taken effect.
    """
    case = load_locked(session, case_id)
    if case.state != "stopped":
        raise CaseNotOpen(number=case.number, state=case.state)
    office = office_for(session, "banner_organisation", case.place)
    act = Act(actor, now, now, role_over(actor, ("R06",), office.path), office.id)
    refuse_own_case(case, actor, act)
    changes = Changes()
    if go_on:
        if is_handled_elsewhere(session, case.subject_person_id):
            raise HandledElsewhere(number=case.number)
        _go_on(session, case, act, changes)
    else:
        _end(session, case, act, changes)
    cause = Cause(
        kind=RecordKind.INTERVENED if go_on else RecordKind.CASE_CLOSED,
        trigger=TriggerRef(TriggerKind.OFFICER, "go_on" if go_on else "end", case.id),
        reason=reason,
    )
    write_record(session, case, act, cause, changes, case.facts, case.marking_hash)
    _resolve(session, case, act, reason)


def _go_on(session: Session, case: LockedCase, act: Act, changes: Changes) -> None:
    """Let the clocks that stood still with the case run on with what they had left."""
    stopped = {
        place_of(pause)
        for pause in pauses(session, case.id)
        if pause.to_on is None and pause.reason in _REASONS
    }
    for row in list(case.clocks.values()):
        if place_of(row) in stopped:
            resume_clock(Stage(session, case, act, changes), row)
    case.state = "open"


def _end(session: Session, case: LockedCase, act: Act, changes: Changes) -> None:
    if standing_effects(session, case.id):
        raise EffectsStarted(number=case.number)
    tasks, clocks = list(case.tasks.values()), list(case.clocks.values())
    by = act.actor.account_id
    close_tasks(session, [row.id for row in tasks], state="closed", at=act.now, by=by)
    end_clocks(session, [row.id for row in clocks], state="cancelled", seq=case.head.seq + 1)
    changes.closed.extend(map(place_of, tasks))
    changes.cancelled.extend(map(place_of, clocks))
    changes.ended = True
    case.tasks, case.clocks, case.awaited = {}, {}, []
    case.state, case.ended_at = "ended", act.now
    case.outcome = changes.carried_out["outcome"] = WITHDRAWN


def _resolve(session: Session, case: LockedCase, act: Act, reason: str) -> None:
    statement = select(Incident.id).where(
        Incident.case_id == case.id,
        Incident.kind == _STOPPED_INCIDENT,
        Incident.resolved_at.is_(None),
    )
    for incident_id in session.execute(statement).scalars().all():
        resolve_incident(session, act.actor, act.now, incident_id, reason)
