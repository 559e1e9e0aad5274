"""Carrying out steps: rows, effects, operations and one record each (DESIGN 4.2, 6).

What a step changes is computed as plain rows first and written then, table by table:
of the one case that somebody acts on, or of the many that a sweep has claimed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from workflows.domain.calendars import Calendar
from workflows.domain.clocks import local_date
from workflows.domain.errors import DubanError
from workflows.domain.records import Opened
from workflows.domain.steps import ArmedClock, FactValue, OpenedTask, OperationCall, Step
from workflows.domain.terms import DueDates, arm
from workflows.services.journal import Act, RecordForm
from workflows.services.offices import know_offices, office_for
from workflows.services.steps.changes import Changes, place_of
from workflows.services.steps.locked import Fresh, LockedCase
from workflows.services.steps.recording import Cause, Written, keep, make_record
from workflows.services.vault import vault_of
from workflows.store.caserows import (
    closed_row,
    ended_row,
    insert_clocks,
    insert_clocks_of_many,
    insert_tasks,
    insert_tasks_of_many,
    keep_markings,
    write_closed,
    write_dates,
    write_ended,
)
from workflows.store.casework import Counts, Terms, terms_counted, times_entered


@dataclass(frozen=True, slots=True)
class Stage:
    """What an operation works on: the case under its lock, whose act it is, what changes."""

    session: Session
    case: LockedCase
    act: Act
    changes: Changes


Operation = Callable[[Stage, OperationCall], None]


@dataclass(slots=True)
class Move:
    """A step that a locked case takes: whose act it is, why, and what it changes."""

    case: LockedCase
    step: Step
    act: Act
    cause: Cause
    changes: Changes = field(init=False)
    facts_before: Mapping[str, FactValue] = field(init=False)

    def __post_init__(self) -> None:
        step, links = self.step, dict(self.cause.links)
        self.changes = Changes(ended=step.ended, links=links, thrown=list(step.thrown))
        self.facts_before = dict(self.case.facts)

    @property
    def seq(self) -> int:
        """Give the number of the record that the step will have."""
        return self.case.head.seq + 1


@dataclass(frozen=True, slots=True)
class Advanced:
    """What a record did to its case."""

    seq: int
    opened: tuple[str, ...]
    opened_cases: tuple[str, ...]
    ended: bool


@dataclass(frozen=True, slots=True)
class _Past:
    """How often cases have entered tasks and clocks, and how many terms a series has had.

    ``dates`` are those of terms that were worked out for a case before.
    """

    tasks: Counts
    clocks: Counts
    terms: Terms
    dates: dict[tuple[str, str], DueDates] = field(default_factory=dict)

    def dates_under(self, calendar: Calendar) -> DueDates:
        """Give the dates under a calendar."""
        key = (calendar.version, calendar.region)
        if key not in self.dates:
            self.dates[key] = DueDates(calendar)
        return self.dates[key]


def advance(
    session: Session,
    case: LockedCase,
    step: Step,
    act: Act,
    cause: Cause,
    operations: Mapping[str, Operation],
) -> Advanced:
    """Write what a step changes, with its record, and bring the locked case up to it."""
    move = Move(case, step, act, cause)
    _change(session, move, _past_of(session, [move]))
    _write_for_ids(session, move)
    for call in step.operations:
        operations[call.name](Stage(session, case, move.act, move.changes), call)
    written = _land(session, move)
    keep_markings(session, {step.marking_hash: step.marking})
    keep(session, [written])
    return _advanced(move)


def advance_all(session: Session, moves: Sequence[Move]) -> dict[str, Advanced]:
    """Carry out steps of different cases together, with the same rows and records.

    The steps call no operations: these read what stands in the tables. A case whose step
    cannot be carried out is left out, untouched in the tables, for `advance` to say why.

    Returns:
        What was done, by the case's id.
    """
    past = _past_of(session, moves)
    places = [move.case.place for move in moves if move.step.opened]
    know_offices(session, {place.subject_organisation_id for place in places})
    vault_of(session).know(session, {move.case.key_id for move in moves if move.case.key_id})
    ready: list[Move] = []
    written: list[Written] = []
    forms: dict[Hashable, RecordForm] = {}
    for move in moves:
        try:
            _change(session, move, past)
            written.append(_land(session, move, forms))
        except DubanError:
            continue
        ready.append(move)
    if ready:
        _write_rows(session, [move.changes for move in ready])
        keep_markings(session, {move.step.marking_hash: move.step.marking for move in ready})
        keep(session, written)
    return {move.case.id: _advanced(move) for move in ready}


def _advanced(move: Move) -> Advanced:
    changes = move.changes
    opened = tuple(opened.task for opened in changes.opened)
    return Advanced(move.case.head.seq, opened, tuple(changes.opened_cases), move.step.ended)


def _past_of(session: Session, moves: Sequence[Move]) -> _Past:
    """Read what the numbers of new tasks and clocks depend on."""
    tasks = {task.path for move in moves for task in move.step.opened}
    armed = [clock for move in moves for clock in move.step.armed]
    series = {clock.path for clock in armed if clock.series}
    ids = [move.case.id for move in moves]
    entered = times_entered(session, ids, tasks, {clock.path for clock in armed})
    return _Past(*entered, terms_counted(session, ids, series))


def _change(session: Session, move: Move, past: _Past) -> None:
    """Compute what a step changes, and bring the locked case's tasks, clocks and facts to it."""
    case, step, changes = move.case, move.step, move.changes
    move.act = move.act.after(case.head)
    known = {**move.cause.facts, **step.facts_written}
    changes.facts.update((n, value) for n, value in known.items() if case.facts.get(n) != value)
    case.facts.update(changes.facts)
    _close(move)
    _end_clocks(move)
    for task in step.opened:
        n = past.tasks.get((case.id, task.path), 0) + 1
        open_task(session, case, move.act, task, n, move.seq, changes)
    for clock in step.armed:
        _arm_clock(move, clock, past)
    case.tasks.update((row["path"], Fresh(row)) for row in changes.task_rows)
    case.clocks.update((row["path"], Fresh(row)) for row in changes.clock_rows)


def _land(session: Session, move: Move, forms: dict[Hashable, RecordForm] | None = None) -> Written:
    """Bring the locked case to where the step led, and make its record."""
    case, step, changes = move.case, move.step, move.changes
    case.rung = step.rung if step.rung is not None else case.rung
    if step.outcome:
        case.outcome = changes.carried_out["outcome"] = step.outcome
    case.awaited = list(step.awaited)
    if step.ended:
        case.state, case.ended_at = "ended", move.act.now
    from_hash = case.marking_hash or None
    case.marking, case.marking_hash = step.marking, step.marking_hash
    trace = tuple((entry.expression, entry.value) for entry in step.trace)
    operands = {entry.expression: dict(entry.operands) for entry in step.trace if entry.operands}
    act, cause, before = move.act, move.cause, move.facts_before
    return make_record(
        session, case, act, cause, changes, before, from_hash, trace, operands, forms
    )


def _close(move: Move) -> None:
    act, changes = move.act, move.changes
    for path in move.step.closed:
        task = move.case.tasks.pop(path)
        changes.closed.append(place_of(task))
        changes.closed_rows.append(closed_row(task.id, "closed", act.now, act.actor.account_id))


def _end_clocks(move: Move) -> None:
    clocks, changes, fired = move.case.clocks, move.changes, move.cause.fired
    if fired is not None:
        clocks.pop(fired.path)
        changes.fired.append(place_of(fired))
        changes.ended_rows.append(ended_row(fired.id, "fired", move.seq))
    for path in move.step.cancelled:
        clock = clocks.pop(path)
        changes.cancelled.append(place_of(clock))
        changes.ended_rows.append(ended_row(clock.id, "cancelled", move.seq))


def open_task(
    session: Session,
    case: LockedCase,
    act: Act,
    task: OpenedTask,
    n: int,
    seq: int,
    changes: Changes,
) -> None:
    """Open a task at the office that its lane resolves to today."""
    activity = case.definition.activity(task.path)
    office = office_for(session, activity.office_rule or "subject", case.place)
    if not office.is_resolved:
        detail = f"{activity.office_rule} → {office.name}: {task.path}"
        changes.incidents.append(("office_unresolved", detail))
    changes.opened.append(
        Opened(f"{task.path}#{n}", task.activity, activity.rung or 0, office.id, activity.roles)
    )
    changes.task_rows.append(
        {
            "case_id": case.id,
            "org_path": case.place.org_path,
            "path": task.path,
            "n": n,
            "activity": task.activity,
            "rung": activity.rung,
            "level": case.level,
            "line": activity.line,
            "office_id": office.id,
            "roles": " ".join(activity.roles),
            "claimant": None,
            "state": "open",
            "opened_at": act.now,
            "due_on": None,
            "due_at": None,
            "is_milestone": False,
            "opened_seq": seq,
        }
    )


def _arm_clock(move: Move, clock: ArmedClock, past: _Past) -> None:
    case, changes = move.case, move.changes
    n = past.clocks.get((case.id, clock.path), 0) + 1
    terms = _terms_before(case, clock, past)
    on = local_date(move.act.occurred_at)
    term, due = arm(clock, terms + 1, case.facts, on, past.dates_under(case.calendar))
    changes.arm(
        {
            "case_id": case.id,
            "path": clock.path,
            "n": n,
            "rule": clock.rule,
            "kind": term.kind.value,
            "due_of": _date_owner(case, clock, due, changes),
            "anchor_on": term.anchor_on,
            "budget": term.budget.amount,
            "unit": term.budget.unit,
            "due_on": due.due_on,
            "due_at": due.due_at,
            "provisional": due.provisional,
            "calendar": case.calendar.version,
            "state": "running",
            "armed_seq": move.seq,
            "attempts": 0,
            "extension_days": 0,
        }
    )


def _terms_before(case: LockedCase, clock: ArmedClock, past: _Past) -> int:
    """Count the terms of a series that were counted from the same anchor before."""
    anchor = case.facts.get(clock.anchor)
    if not clock.series or not isinstance(anchor, str):
        return 0
    return past.terms.get((case.id, clock.path, date.fromisoformat(anchor)), 0)


def _date_owner(case: LockedCase, clock: ArmedClock, due: Any, changes: Changes) -> str | None:
    """Give the task or scope whose due date a clock is, and write the date on the task."""
    if clock.due_of is None:
        return None
    for row in changes.task_rows:
        if row["path"] == clock.due_of:
            row["due_on"], row["due_at"] = due.due_on, due.due_at
            row["is_milestone"] = clock.series
            return f"{row['path']}#{row['n']}"
    task = case.tasks.get(clock.due_of)
    if task is None:
        return clock.due_of
    changes.dated_rows.append({"row_id": task.id, "on": due.due_on, "at": due.due_at})
    return place_of(task)


def _write_for_ids(session: Session, move: Move) -> None:
    """Write the rows of one case's tasks and clocks; the new ones get their ids."""
    changes = move.changes
    write_closed(session, changes.closed_rows)
    write_ended(session, changes.ended_rows)
    write_dates(session, changes.dated_rows)
    keep_fresh(changes.task_rows, insert_tasks(session, changes.task_rows))
    keep_fresh(changes.clock_rows, insert_clocks(session, changes.clock_rows))


def keep_fresh(rows: Sequence[dict[str, Any]], ids: Mapping[str, int]) -> None:
    """Give rows that were written the ids that they got."""
    for row in rows:
        row["id"] = ids[row["path"]]


def _write_rows(session: Session, changes: Sequence[Changes]) -> None:
    """Write the rows of many cases' tasks and clocks."""
    write_closed(session, [row for each in changes for row in each.closed_rows])
    write_ended(session, [row for each in changes for row in each.ended_rows])
    write_dates(session, [row for each in changes for row in each.dated_rows])
    insert_tasks_of_many(session, [row for each in changes for row in each.task_rows])
    insert_clocks_of_many(session, [row for each in changes for row in each.clock_rows])
