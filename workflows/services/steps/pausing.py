"""Stopping a clock and letting it go on: no extension (DOMAIN 5.1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.clocks import ClockKind, local_date
from workflows.domain.errors import Conflict, NotAllowed, NotFound
from workflows.domain.pauses import Certificate, Grounds, PauseGround
from workflows.domain.records import JsonValue
from workflows.domain.roles import Actor
from workflows.services.journal import Act
from workflows.services.steps.advance import Stage
from workflows.services.steps.changes import Changes, split_place
from workflows.services.steps.leading import role_leading
from workflows.services.steps.locked import LiveRow, LockedCase, load_locked
from workflows.services.steps.operations import pause_clock, resume_clock
from workflows.services.steps.recording import write_intervention
from workflows.services.steps.tasks import CaseNotOpen, refuse_own_case
from workflows.store.base import table_of
from workflows.store.tables import Clock

_CLOCK = table_of(Clock)


class ClockMovedOn(Conflict):
    """This deadline passed, was met, stopped or went on since it was shown."""

    code: ClassVar[str] = "clock_moved_on"


class PeriodNeverStops(NotAllowed):
    """A period of effect or observation runs by the calendar: nobody stops it."""

    code: ClassVar[str] = "period_never_stops"


def pause(
    session: Session,
    actor: Actor,
    now: datetime,
    case_id: str,
    clock: str,
    *,
    reason: str,
    approver: str,
    ground: PauseGround = PauseGround.OTHER,
    certificate: Certificate | None = None,
) -> None:
    """Stop a running clock with a ground, a reason and an approver (DOMAIN 5.1).

    What attests the ground stands in the record and in the derivation of the date.

    Raises:
        RoleMissing: Only a deputy leader or a principal of a body that decides in it may.
        PeriodNeverStops: It is a period of effect or observation.
        CertificateNeeded, CertificateUnfit: The ground is not attested for today.
    """
    case, row, act = clock_for(session, actor, now, case_id, clock, "running")
    refuse_period(row)
    grounds = Grounds(ground, reason, certificate)
    grounds.check(local_date(now))
    changes = Changes()
    pause_clock(Stage(session, case, act, changes), row, grounds.text, approver)
    write_intervention(
        session,
        case,
        act,
        "pause",
        clock,
        reason=grounds.text,
        form=_form(grounds),
        changes=changes,
    )


def _form(grounds: Grounds) -> dict[str, JsonValue]:
    paper = grounds.certificate
    if paper is None:
        return {} if grounds.ground is PauseGround.OTHER else {"ground": grounds.ground.value}
    certificate: dict[str, JsonValue] = {
        "kind": paper.kind,
        "number": paper.number,
        "issuer": paper.issuer,
        "from_on": paper.from_on.isoformat(),
        "until_on": paper.until_on.isoformat(),
    }
    return {"ground": grounds.ground.value, "certificate": certificate}


def resume(
    session: Session, actor: Actor, now: datetime, case_id: str, clock: str, *, reason: str
) -> None:
    """Let a paused clock go on with what is left of its budget."""
    case, row, act = clock_for(session, actor, now, case_id, clock, "paused")
    changes = Changes()
    resume_clock(Stage(session, case, act, changes), row)
    write_intervention(session, case, act, "resume", clock, reason=reason, changes=changes)


def clock_for(
    session: Session, actor: Actor, now: datetime, case_id: str, clock: str, state: str
) -> tuple[LockedCase, LiveRow, Act]:
    """Lock a case and find one of its clocks that is in a state, for whoever may stop it.

    Raises:
        CaseNotOpen, NotFound: There is no such clock.
        ClockMovedOn: It is not in this state any more.
        RoleMissing, OwnCase: The actor may not.
    """
    case = load_locked(session, case_id)
    if case.state != "open":
        raise CaseNotOpen(number=case.number, state=case.state)
    role = role_leading(session, actor, case.definition, case.place)
    path, n = split_place(clock)
    row = case.clocks.get(path)
    if row is None or row.n != n or row.state != state:
        raise _gone(session, case_id, path, n)
    act = Act(actor, now, now, role)
    refuse_own_case(case, actor, act)
    return case, row, act


def refuse_period(row: Any) -> None:
    """Refuse to stop what is no deadline for an act.

    Raises:
        PeriodNeverStops: It is a period of effect or observation.
    """
    if row.kind != ClockKind.ACT:
        raise PeriodNeverStops


def _gone(session: Session, case_id: str, path: str, n: int) -> Conflict | NotFound:
    """Say why a clock is not in the state that it was shown in."""
    was = select(_CLOCK.c.id).where(
        _CLOCK.c.case_id == case_id, _CLOCK.c.path == path, _CLOCK.c.n == n
    )
    if session.connection().execute(was).first() is not None:
        return ClockMovedOn()
    return NotFound(what="clock", key=f"{path}#{n}")
