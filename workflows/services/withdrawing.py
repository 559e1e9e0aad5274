"""Withdrawing firings that turn out to be baseless (DESIGN 6, late entries).

Each gets a record of its own, the newest first; the last of them brings the case to
where it would stand. What they opened is closed as withdrawn, their clocks run again.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from workflows.domain.records import (
    About,
    Armed,
    BudgetUnit,
    Moved,
    MoveReason,
    RecordKind,
    TriggerKind,
    TriggerRef,
)
from workflows.domain.steps import OpenedTask
from workflows.engine import Standing, standing
from workflows.services.advance import Cause, open_task, write_record
from workflows.services.asif import AsIf
from workflows.services.changes import Changes, place_of
from workflows.services.journal import Act
from workflows.services.locked import Fresh, LockedCase, rung_at
from workflows.store.base import table_of
from workflows.store.casework import (
    close_tasks,
    end_clocks,
    insert_clocks,
    insert_tasks,
    keep_marking,
    times_entered,
)
from workflows.store.tables import Clock, Task

_CLOCK = table_of(Clock)
_OF_ONE_RUN = ("id", "ended_seq", "attempts", "retry_at")


def withdraw(session: Session, case: LockedCase, act: Act, plan: AsIf, reason: str) -> None:
    """Write the records that take baseless firings back."""
    target = standing(case.definition, plan.marking)
    for seq in reversed(plan.baseless):
        act, changes = act.after(case.head), Changes()
        fired = _clock_fired_by(session, case.id, seq)
        _close(session, case, act, changes, _opened_by(session, case.id, seq))
        _cancel(session, case, changes, _armed_by(session, case.id, seq))
        _run_again(session, case, changes, fired)
        before = case.marking_hash
        if seq == plan.baseless[0]:
            _settle(session, case, act, changes, target)
            _move_to(session, case, plan)
        trigger = TriggerRef(TriggerKind.OFFICER, "withdraw", place_of(fired))
        cause = Cause(
            kind=RecordKind.WITHDRAWN,
            trigger=trigger,
            reason=reason,
            about=About(case.id, seq),
        )
        write_record(session, case, act, cause, changes, case.facts, before)


def _move_to(session: Session, case: LockedCase, plan: AsIf) -> None:
    from workflows.engine.marking import hash_of

    case.marking, case.marking_hash = plan.marking, hash_of(plan.marking)
    keep_marking(session, case.marking_hash, case.marking)
    target = standing(case.definition, plan.marking)
    case.awaited = list(target.messages)
    case.rung = rung_at(case.definition, target) or case.rung
    if case.state == "ended":
        case.state, case.ended_at, case.outcome = "open", None, None


def _settle(
    session: Session, case: LockedCase, act: Act, changes: Changes, target: Standing
) -> None:
    """Close what would not be open, and open again what would."""
    _close(session, case, act, changes, set(case.tasks) - set(target.tasks))
    _cancel(session, case, changes, set(case.clocks) - set(target.clocks))
    lost_tasks = sorted(set(target.tasks) - set(case.tasks))
    lost_clocks = sorted(set(target.clocks) - set(case.clocks))
    tasks, clocks = times_entered(session, case.id, lost_tasks, lost_clocks)
    seq = case.head.seq + 1
    for path in lost_tasks:
        opened = OpenedTask(path, path.rpartition("/")[2])
        open_task(session, case, act, opened, tasks.get(path, 0) + 1, seq, changes)
    for path in lost_clocks:
        _arm_again(session, case, changes, path, clocks.get(path, 0) + 1, seq)
    ids = insert_tasks(session, changes.task_rows)
    case.tasks.update(
        (row["path"], Fresh({**row, "id": ids[row["path"]]})) for row in changes.task_rows
    )
    ids = insert_clocks(session, changes.clock_rows)
    case.clocks.update(
        (row["path"], Fresh({**row, "id": ids[row["path"]]})) for row in changes.clock_rows
    )


def _arm_again(
    session: Session, case: LockedCase, changes: Changes, path: str, n: int, seq: int
) -> None:
    """Let a clock that was cancelled by a baseless firing run with its old term."""
    statement = (
        select(_CLOCK)
        .where(_CLOCK.c.case_id == case.id, _CLOCK.c.path == path)
        .order_by(_CLOCK.c.n.desc())
        .limit(1)
    )
    old = session.connection().execute(statement).one()._asdict()
    due_of = _owner_now(old["due_of"], changes)
    for row in changes.task_rows:
        if due_of == f"{row['path']}#{row['n']}":
            row["due_on"], row["due_at"] = old["due_on"], old["due_at"]
            row["is_milestone"] = case.definition.timer(path).series
    kept = {name: value for name, value in old.items() if name not in _OF_ONE_RUN}
    changes.clock_rows.append(
        {**kept, "n": n, "due_of": due_of, "state": "running", "armed_seq": seq}
    )
    changes.armed.append(
        Armed(
            clock=f"{path}#{n}",
            rule=old["rule"],
            task=due_of if due_of and "#" in due_of else None,
            anchor_on=old["anchor_on"],
            budget=old["budget"],
            unit=BudgetUnit(old["unit"]),
            due_on=old["due_on"],
            due_at=old["due_at"],
            provisional=old["provisional"],
        )
    )


def _owner_now(due_of: str | None, changes: Changes) -> str | None:
    path = (due_of or "").partition("#")[0]
    for row in changes.task_rows:
        if row["path"] == path:
            return f"{path}#{row['n']}"
    return due_of


def _opened_by(session: Session, case_id: str, seq: int) -> set[str]:
    task = table_of(Task)
    statement = select(task.c.path).where(task.c.case_id == case_id, task.c.opened_seq == seq)
    return set(session.connection().execute(statement).scalars())


def _armed_by(session: Session, case_id: str, seq: int) -> set[str]:
    statement = select(_CLOCK.c.path).where(_CLOCK.c.case_id == case_id, _CLOCK.c.armed_seq == seq)
    return set(session.connection().execute(statement).scalars())


def _clock_fired_by(session: Session, case_id: str, seq: int) -> Any:
    statement = select(_CLOCK).where(
        _CLOCK.c.case_id == case_id, _CLOCK.c.ended_seq == seq, _CLOCK.c.state == "fired"
    )
    return session.connection().execute(statement).one()


def _close(session: Session, case: LockedCase, act: Act, changes: Changes, paths: set[str]) -> None:
    rows = [case.tasks.pop(path) for path in sorted(paths) if path in case.tasks]
    changes.closed.extend(place_of(row) for row in rows)
    ids = [row.id for row in rows]
    close_tasks(session, ids, state="withdrawn", at=act.now, by=act.actor.account_id)


def _cancel(session: Session, case: LockedCase, changes: Changes, paths: set[str]) -> None:
    rows = [case.clocks.pop(path) for path in sorted(paths) if path in case.clocks]
    changes.cancelled.extend(place_of(row) for row in rows)
    end_clocks(session, [row.id for row in rows], state="cancelled", seq=case.head.seq + 1)


def _run_again(session: Session, case: LockedCase, changes: Changes, fired: Any) -> None:
    """Let the fired clock run with the date that it had."""
    statement = update(_CLOCK).where(_CLOCK.c.id == fired.id)
    session.connection().execute(statement.values(state="running", ended_seq=None))
    case.clocks[fired.path] = Fresh({**fired._asdict(), "state": "running", "ended_seq": None})
    changes.moved.append(
        Moved(
            place_of(fired),
            fired.due_on,
            fired.due_at,
            fired.provisional,
            MoveReason.WITHDRAWAL,
        )
    )
