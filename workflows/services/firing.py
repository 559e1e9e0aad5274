"""Firing one clock: what a timer may do, done by no person (DOMAIN 8.1)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from workflows.domain.clocks import ClockState, is_overdue
from workflows.domain.records import RecordKind, TriggerKind, TriggerRef
from workflows.domain.steps import Trigger, TriggerType
from workflows.engine import step
from workflows.engine.errors import InvalidMarking, NotStanding
from workflows.services.access import SYSTEM
from workflows.services.advance import Advanced, Cause, advance
from workflows.services.changes import place_of
from workflows.services.journal import Act
from workflows.services.locked import load_locked
from workflows.services.opening import OPERATIONS


def fire(session: Session, case_id: str, path: str, n: int, now: datetime) -> Advanced | None:
    """Fire a clock if, under the case's lock, it is still due; else do nothing.

    A firing happens when it happens: what it opens counts from today, and how late it
    was stands in the record. So nobody loses days because a sweep was missed.

    Raises:
        InvalidMarking: The case does not stand where this clock runs.
    """
    case = load_locked(session, case_id)
    clock = case.clocks.get(path)
    if (
        case.state != "open"
        or clock is None
        or clock.n != n
        or not is_overdue(clock.due_at, ClockState(clock.state), now)
    ):
        return None
    try:
        fired = step(case.definition, case.marking, Trigger(TriggerType.CLOCK, path), case.facts)
    except NotStanding as error:
        # Under the lock nobody was faster: the rows are wrong, and that needs a person.
        reason = f"no clock {path}#{n} runs there"
        raise InvalidMarking(process=case.definition.process_id, reason=reason) from error
    cause = Cause(
        kind=RecordKind.CLOCK_FIRED,
        trigger=TriggerRef(TriggerKind.CLOCK, clock.rule, place_of(clock)),
        form={"late_seconds": int((now - clock.due_at).total_seconds())},
        fired=clock,
    )
    act = Act(SYSTEM["sweep"], now, now)
    return advance(session, case, fired, act, cause, OPERATIONS)
