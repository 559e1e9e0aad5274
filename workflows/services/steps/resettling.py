"""Bringing a locked case elsewhere without a step: its rows, and where it stands then.

Late entries do it, which take firings back, and migrations. What is done to rows is noted
in the changes of the record that the caller writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from workflows.domain.steps import OpenedTask
from workflows.engine import marking_hash, standing
from workflows.services.journal import Act
from workflows.services.steps.advance import keep_fresh, open_task
from workflows.services.steps.changes import Changes, place_of, split_place
from workflows.services.steps.locked import Fresh, LockedCase, rung_at
from workflows.store.base import table_of
from workflows.store.caserows import (
    close_tasks,
    end_clocks,
    insert_clocks,
    insert_pause,
    insert_tasks,
    keep_marking,
)
from workflows.store.casework import pauses, times_entered
from workflows.store.scope import require_scope
from workflows.store.tables import Clock

_CLOCK = table_of(Clock)
_OF_ONE_RUN = ("id", "ended_seq", "attempts", "retry_at")


def close_open(
    session: Session, case: LockedCase, act: Act, changes: Changes, paths: Iterable[str], state: str
) -> None:
    """Close the open tasks at these paths."""
    rows = [case.tasks.pop(path) for path in paths]
    changes.closed.extend(map(place_of, rows))
    ids = [row.id for row in rows]
    close_tasks(session, ids, state=state, at=act.now, by=act.actor.account_id)


def cancel_live(session: Session, case: LockedCase, changes: Changes, paths: Iterable[str]) -> None:
    """Cancel the live clocks at these paths."""
    rows = [case.clocks.pop(path) for path in paths]
    changes.cancelled.extend(map(place_of, rows))
    end_clocks(session, [row.id for row in rows], state="cancelled", seq=case.head.seq + 1)


def open_again(
    session: Session, case: LockedCase, act: Act, changes: Changes, paths: Sequence[str]
) -> None:
    """Open tasks under their next numbers; `insert_opened` writes them."""
    entered, _ = times_entered(session, [case.id], paths, [])
    for path in paths:
        task = OpenedTask(path, path.rpartition("/")[2])
        n = entered.get((case.id, path), 0) + 1
        open_task(session, case, act, task, n, case.head.seq + 1, changes)


def insert_opened(session: Session, case: LockedCase, changes: Changes) -> None:
    """Write the tasks that the changes open."""
    keep_fresh(changes.task_rows, insert_tasks(session, changes.task_rows))
    case.tasks.update((row["path"], Fresh(row)) for row in changes.task_rows)


def insert_armed(session: Session, case: LockedCase, changes: Changes) -> None:
    """Write the clocks that the changes arm."""
    keep_fresh(changes.clock_rows, insert_clocks(session, changes.clock_rows))
    case.clocks.update((row["path"], Fresh(row)) for row in changes.clock_rows)


def next_numbers(session: Session, case: LockedCase, paths: Sequence[str]) -> dict[str, int]:
    """Give the numbers under which clocks at these paths are armed next."""
    _, entered = times_entered(session, [case.id], [], paths)
    return {path: entered.get((case.id, path), 0) + 1 for path in paths}


def clock_at(session: Session, case_id: str, place: str) -> Row[Any]:
    """Read a clock, live or ended, by its ``path#n``."""
    path, n = split_place(place)
    statement = select(_CLOCK).where(
        _CLOCK.c.case_id == case_id, _CLOCK.c.path == path, _CLOCK.c.n == n
    )
    return require_scope(session).execute(statement).one()


def for_another_run(clock: Row[Any]) -> dict[str, Any]:
    """Give the row of a clock without what belongs to the run that ended."""
    return {name: value for name, value in clock._asdict().items() if name not in _OF_ONE_RUN}


def keep_pauses(
    session: Session, case_id: str, numbers: Mapping[str, tuple[str, int]]
) -> list[Row[Any]]:
    """Let clocks have the pauses of those that they continue; give these pauses.

    Args:
        session: In the case's transaction.
        case_id: The case.
        numbers: The path and number of each clock, by the ``path#n`` that it continues.
    """
    kept = [pause for pause in pauses(session, case_id) if place_of(pause) in numbers]
    for pause in kept:
        path, n = numbers[place_of(pause)]
        row = {name: value for name, value in pause._asdict().items() if name != "id"}
        insert_pause(session, {**row, "path": path, "n": n})
    return kept


def stand_at(session: Session, case: LockedCase, marking: str) -> None:
    """Let a locked case stand at a marking of the definition that it has now.

    Where nothing there is on a rung, it keeps the one that it had.
    """
    case.marking, case.marking_hash = marking, marking_hash(marking)
    keep_marking(session, case.marking_hash, marking)
    places = standing(case.definition, marking)
    case.awaited = list(places.messages)
    rung = rung_at(case.definition, places)
    case.rung = case.rung if rung is None else rung
