"""Cases that stand still while their matter is handled in another one, and go on afterwards.

Their clocks are paused and their tasks held in one record: nothing is closed, so that the
case goes on exactly where it stood, each clock with what it had left.
"""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from workflows.domain.merging import MERGE, MERGED_IN, TAKEN_OUT, UNMERGE
from workflows.domain.pauses import MERGED
from workflows.services.journal import Act
from workflows.services.steps.advance import Stage
from workflows.services.steps.changes import Changes, place_of
from workflows.services.steps.locked import LockedCase
from workflows.services.steps.operations import pause_clock, resume_clock
from workflows.services.steps.recording import write_intervention
from workflows.store.base import table_of
from workflows.store.casework import pauses
from workflows.store.tables import Matter, Task


def hold(session: Session, case: LockedCase, act: Act, into: Matter, reason: str) -> None:
    """Let a case stand still: its clocks keep what they have left, its tasks wait."""
    changes = Changes()
    for row in list(case.clocks.values()):
        if row.state == "running":
            pause_clock(Stage(session, case, act, changes), row, MERGED, act.actor.account_id)
    _set_tasks(session, case, "open", "held")
    case.state = "merged"
    _write(session, case, act, MERGE, into, reason, changes)


def release(session: Session, case: LockedCase, act: Act, into: Matter, reason: str) -> None:
    """Let a case that stood still go on; clocks that were paused before stay so."""
    held = {
        place_of(pause)
        for pause in pauses(session, case.id)
        if pause.to_on is None and pause.reason == MERGED
    }
    changes = Changes()
    for row in list(case.clocks.values()):
        if place_of(row) in held:
            resume_clock(Stage(session, case, act, changes), row)
    _set_tasks(session, case, "held", "open")
    case.state = "open"
    _write(session, case, act, UNMERGE, into, reason, changes)


def note_merged(session: Session, case: LockedCase, act: Act, other: Matter, reason: str) -> None:
    """Note in the case that goes on that another matter is handled in it."""
    _write(session, case, act, MERGED_IN, other, reason, Changes())


def note_taken_out(
    session: Session, case: LockedCase, act: Act, other: Matter, reason: str
) -> None:
    """Note in the case that goes on that another matter is handled apart again."""
    _write(session, case, act, TAKEN_OUT, other, reason, Changes())


def _write(
    session: Session,
    case: LockedCase,
    act: Act,
    name: str,
    other: Matter,
    reason: str,
    changes: Changes,
) -> None:
    form = {"matter_number": other.number}
    write_intervention(
        session, case, act, name, other.id, reason=reason, form=form, changes=changes
    )


def _set_tasks(session: Session, case: LockedCase, before: str, after: str) -> None:
    task = table_of(Task)
    statement = update(task).where(task.c.case_id == case.id, task.c.state == before)
    session.connection().execute(statement.values(state=after))
