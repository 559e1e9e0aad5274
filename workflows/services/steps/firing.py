"""Firing clocks: what a timer may do, done by no person (DOMAIN 8.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy.orm import Session

from workflows.domain.clocks import ClockState, is_overdue
from workflows.domain.errors import DubanError
from workflows.domain.records import RecordKind, TriggerKind, TriggerRef
from workflows.domain.steps import Facts, Step, Trigger, TriggerType
from workflows.engine import Definition, step
from workflows.engine.errors import InvalidMarking, NotStanding
from workflows.engine.memory import StepMemory
from workflows.services.access import SYSTEM
from workflows.services.journal import Act
from workflows.services.steps.advance import Advanced, Move, advance, advance_all
from workflows.services.steps.changes import place_of
from workflows.services.steps.locked import LockedCase, load_claimed, load_locked
from workflows.services.steps.opening import OPERATIONS
from workflows.services.steps.recording import Cause

_Stepping: TypeAlias = Callable[[Definition, str, Trigger, Facts], Step]


@dataclass(slots=True)
class Fired:
    """What became of clocks that were fired together.

    ``advanced`` has None where a clock was due no more; ``alone`` are clocks to be fired
    by themselves: their step fails, or calls operations.
    """

    advanced: list[tuple[Any, Advanced | None]] = field(default_factory=list)
    alone: list[Any] = field(default_factory=list)


def fire(session: Session, case_id: str, path: str, n: int, now: datetime) -> Advanced | None:
    """Fire a clock if, under the case's lock, it is still due; else do nothing.

    A firing happens when it happens: what it opens counts from today, and how late it
    was stands in the record. So nobody loses days because a sweep was missed.

    Raises:
        InvalidMarking: The case does not stand where this clock runs.
    """
    move = _move(load_locked(session, case_id), path, n, now, step)
    if move is None:
        return None
    return advance(session, move.case, move.step, move.act, move.cause, OPERATIONS)


def fire_together(session: Session, clocks: Sequence[Any], now: datetime) -> Fired:
    """Fire clocks of different cases, all of which the session has locked, as `fire` does."""
    fired, moving = Fired(), dict[str, tuple[Any, Move]]()
    cases = load_claimed(session, [clock.case_id for clock in clocks])
    remembered = StepMemory().step
    for clock in clocks:
        try:
            move = _move(cases[clock.case_id], clock.path, clock.n, now, remembered)
        except DubanError:
            fired.alone.append(clock)
            continue
        if move is None:
            fired.advanced.append((clock, None))
        elif move.step.operations:
            fired.alone.append(clock)
        else:
            moving[clock.case_id] = clock, move
    advanced = advance_all(session, [move for _, move in moving.values()])
    fired.advanced += [(moving[case_id][0], done) for case_id, done in advanced.items()]
    fired.alone += [clock for case_id, (clock, _) in moving.items() if case_id not in advanced]
    return fired


def _move(case: LockedCase, path: str, n: int, now: datetime, take: _Stepping) -> Move | None:
    """Take the step of a clock that is still due."""
    clock = case.clocks.get(path)
    if (
        case.state != "open"
        or clock is None
        or clock.n != n
        or not is_overdue(clock.due_at, ClockState(clock.state), now)
    ):
        return None
    try:
        fired = take(case.definition, case.marking, Trigger(TriggerType.CLOCK, path), case.facts)
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
    return Move(case, fired, Act(SYSTEM["sweep"], now, now), cause)
