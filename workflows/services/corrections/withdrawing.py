"""Withdrawing firings that turn out to be baseless (DESIGN 6, late entries).

Each gets a record of its own, the newest first; the last of them brings the case to
where it would stand. What they opened is closed as withdrawn, their clocks run again,
and the facts are those that would be known.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from workflows.domain.records import (
    About,
    Moved,
    MoveReason,
    RecordKind,
    TriggerKind,
    TriggerRef,
)
from workflows.domain.reviews import REVIEW
from workflows.domain.steps import FactValue
from workflows.services.journal import Act
from workflows.services.steps.asif import AsIf
from workflows.services.steps.changes import Changes, place_of
from workflows.services.steps.locked import Fresh, LockedCase
from workflows.services.steps.recording import Cause, write_record
from workflows.services.steps.replaying import Replay
from workflows.services.steps.resettling import (
    cancel_live,
    clock_at,
    close_open,
    for_another_run,
    insert_armed,
    insert_opened,
    keep_pauses,
    next_numbers,
    open_again,
    stand_at,
)
from workflows.store.base import table_of
from workflows.store.caserows import date_task
from workflows.store.tables import Clock, Task

_CLOCK = table_of(Clock)


def withdraw(session: Session, case: LockedCase, act: Act, plan: AsIf, reason: str) -> None:
    """Write the records that take baseless firings back.

    Acts on branches that only these firings opened are named in the last record as void.
    """
    for seq in reversed(plan.baseless):
        act, changes = act.after(case.head), Changes()
        fired = _clock_fired_by(session, case.id, seq)
        opened = sorted(path for path, row in case.tasks.items() if row.opened_seq == seq)
        close_open(session, case, act, changes, opened, "withdrawn")
        armed = sorted(path for path, row in case.clocks.items() if row.armed_seq == seq)
        cancel_live(session, case, changes, armed)
        _run_again(session, case, changes, fired)
        before, facts_before = case.marking_hash, dict(case.facts)
        if seq == plan.baseless[0]:
            _settle(session, case, act, changes, plan.target)
            _know(case, changes, plan.target)
            _move_to(session, case, changes, plan)
        cause = Cause(
            kind=RecordKind.WITHDRAWN,
            trigger=TriggerRef(TriggerKind.OFFICER, "withdraw", place_of(fired)),
            reason=reason,
            about=About(case.id, seq),
        )
        write_record(session, case, act, cause, changes, facts_before, before)


def _move_to(session: Session, case: LockedCase, changes: Changes, plan: AsIf) -> None:
    stand_at(session, case, plan.target.marking)
    if case.state == "ended" and not plan.target.ended:
        case.state, case.ended_at = "open", None
    if case.outcome != plan.target.outcome:
        case.outcome = changes.carried_out["outcome"] = plan.target.outcome
    if plan.void:
        changes.links["void"] = [str(seq) for seq in plan.void]


def _know(case: LockedCase, changes: Changes, target: Replay) -> None:
    """Bring the facts to what would be known; one that nobody would have given is null."""
    for name in sorted({*case.facts, *target.facts}):
        value: FactValue = target.facts.get(name)
        if case.facts.get(name) != value:
            changes.facts[name] = value
    case.facts.update(changes.facts)


def _settle(session: Session, case: LockedCase, act: Act, changes: Changes, target: Replay) -> None:
    """Close what would not be open, and open again what would."""
    known_clocks = {path: clock.place for path, clock in target.clocks.items()}
    # A review of consequences stands on no diagram, so no replay knows of it; it stays.
    on_diagram = {path: row for path, row in case.tasks.items() if path != REVIEW}
    strange = _strange(on_diagram, target.tasks)
    close_open(session, case, act, changes, strange, "withdrawn")
    cancel_live(session, case, changes, _strange(case.clocks, known_clocks))
    lost_tasks = sorted(set(target.tasks) - set(case.tasks))
    open_again(session, case, act, changes, lost_tasks)
    insert_opened(session, case, changes)
    lost_clocks = sorted(set(target.clocks) - set(case.clocks))
    for path, n in next_numbers(session, case, lost_clocks).items():
        _arm_again(session, case, changes, target, path, n)
    insert_armed(session, case, changes)
    _keep_pauses(session, case, changes, known_clocks)
    for clock in list(case.clocks.values()):
        _date_owner(session, case, clock)


def _strange(mine: dict[str, Any], wanted: dict[str, str | None]) -> list[str]:
    """Give the paths where something else is open than would be."""
    return sorted(path for path, row in mine.items() if wanted.get(path) != place_of(row))


def _arm_again(
    session: Session, case: LockedCase, changes: Changes, target: Replay, path: str, n: int
) -> None:
    """Let a clock that a baseless firing cancelled run with its old term."""
    clock, seq = target.clocks[path], case.head.seq + 1
    if clock.place is None:
        row = _new_clock(case, target, path)
    else:
        row = for_another_run(clock_at(session, case.id, clock.place))
        changes.note("rearmed", f"{path}#{n}", clock.place)
    state = "paused" if clock.is_paused else "running"
    row |= {"n": n, "due_of": _owner(case, row["due_of"]), "state": state, "armed_seq": seq}
    changes.arm(row)


def _new_clock(case: LockedCase, target: Replay, path: str) -> dict[str, Any]:
    """Give a clock that history never had."""
    clock = target.clocks[path]
    due = clock.due
    return {
        "case_id": case.id,
        "path": path,
        "rule": clock.rule,
        "kind": clock.term.kind.value,
        "due_of": case.definition.timer(path).due_of,
        "anchor_on": clock.term.anchor_on,
        "budget": clock.term.budget.amount,
        "unit": clock.term.budget.unit,
        "due_on": due.due_on,
        "due_at": due.due_at,
        "provisional": due.provisional,
        "calendar": case.calendar.version,
        "extension_days": clock.term.extension_days,
    }


def _keep_pauses(
    session: Session, case: LockedCase, changes: Changes, known: dict[str, str | None]
) -> None:
    """Let clocks that run again under a new number keep the pauses that they had."""
    numbers = {
        place: (row["path"], row["n"])
        for row in changes.clock_rows
        if (place := known[row["path"]]) is not None
    }
    for pause in keep_pauses(session, case.id, numbers) if numbers else ():
        if pause.to_on is None:
            path, n = numbers[place_of(pause)]
            changes.note_pause(f"{path}#{n}", pause.reason, pause.approver, pause.until_on)


def _owner(case: LockedCase, due_of: str | None) -> str | None:
    """Give whose date a clock is under the number that it has now."""
    path = (due_of or "").partition("#")[0]
    return place_of(case.tasks[path]) if path in case.tasks else due_of


def _date_owner(session: Session, case: LockedCase, clock: Any) -> None:
    """Write a clock's date on its task, where that was opened again."""
    due_of = _owner(case, clock.due_of)
    task = case.tasks.get((due_of or "").partition("#")[0])
    if task is None or (task.due_at == clock.due_at and due_of == clock.due_of):
        return
    date_task(session, task.id, clock.due_on, clock.due_at)
    is_milestone = case.definition.timer(clock.path).series
    session.connection().execute(
        update(table_of(Task))
        .where(table_of(Task).c.id == task.id)
        .values(is_milestone=is_milestone)
    )
    _write(session, case, clock, {"due_of": due_of})


def _write(session: Session, case: LockedCase, clock: Any, values: dict[str, Any]) -> None:
    session.connection().execute(update(_CLOCK).where(_CLOCK.c.id == clock.id).values(values))
    columns = clock.values() if isinstance(clock, Fresh) else clock._asdict()
    case.clocks[clock.path] = Fresh({**columns, **values})


def _clock_fired_by(session: Session, case_id: str, seq: int) -> Any:
    statement = select(_CLOCK).where(
        _CLOCK.c.case_id == case_id, _CLOCK.c.ended_seq == seq, _CLOCK.c.state == "fired"
    )
    return session.connection().execute(statement).one()


def _run_again(session: Session, case: LockedCase, changes: Changes, fired: Any) -> None:
    """Let the fired clock run with the date that it had."""
    other = case.clocks.get(fired.path)
    if other is not None:
        cancel_live(session, case, changes, [fired.path])
    case.clocks[fired.path] = Fresh(fired._asdict())
    _write(session, case, case.clocks[fired.path], {"state": "running", "ended_seq": None})
    changes.moved.append(
        Moved(
            place_of(fired),
            fired.due_on,
            fired.due_at,
            fired.provisional,
            MoveReason.WITHDRAWAL,
        )
    )
