"""Bringing one case to another version of its pack, and back (DESIGN 4.5).

One record says what became of its tasks and clocks. A clock that changes is ended and
armed again under the next number with the anchor, pauses and extension that it had.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

import orjson
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import Conflict
from workflows.domain.records import About, RecordKind, TriggerKind, TriggerRef
from workflows.domain.terms import EVENT, DueDates, arm
from workflows.engine import Definition
from workflows.engine.migration import Carried, Renames
from workflows.engine.run import Run
from workflows.services.calendars import calendar_in
from workflows.services.journal import Act
from workflows.services.packs import definition_of, split_definition
from workflows.services.steps.changes import Changes, place_of, split_place
from workflows.services.steps.locked import Fresh, LockedCase, marking_text
from workflows.services.steps.recording import Cause, write_record
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
from workflows.services.versions.migration_dates import NewTerm, Versions, new_terms
from workflows.store.caserows import (
    date_task,
)
from workflows.store.casework import pauses
from workflows.store.journal import read_stream
from workflows.store.projections import update_case_row

MIGRATE, RETURN = "migrate", "return"


class SomethingFollowed(Conflict):
    """The case {number} went on after it was brought to the new version, so it stays there."""

    code: ClassVar[str] = "something_followed"


@dataclass(frozen=True, slots=True)
class _Arming:
    """A clock to be armed: its row but for its number, and the live or ended one it continues."""

    row: dict[str, Any]
    of: Any = None


def terms_of(
    session: Session, case: LockedCase, versions: Versions, carried: Carried, now: datetime
) -> list[NewTerm]:
    """Compute which clocks of a locked case the new version would change.

    Raises:
        TermUnknown: A term of the new version cannot be told from the case's facts.
    """
    return new_terms(
        versions,
        carried,
        case.facts,
        case.clocks.values(),
        pauses(session, case.id),
        partial(calendar_in, session, case.place.org_path),
        local_date(now),
    )


def migrate_case(
    session: Session,
    case: LockedCase,
    act: Act,
    to: Definition,
    carried: Carried,
    terms: Sequence[NewTerm],
    renames: Renames,
    ref: str,
) -> int:
    """Bring a locked case to the new version; give the seq of its record.

    ``terms`` are those of `terms_of`.

    Raises:
        TermUnknown, AnchorMissing: A clock that only the new version has has no date on
            the case's facts.
    """
    act = act.after(case.head)
    changed = [term for term in terms if not term.is_same]
    arming = [_Arming(_continued(case, term), term.clock) for term in changed]
    arming += [_Arming(_begun(case, to, path, act)) for path in carried.started]
    others = [task for task in carried.tasks if not task.is_same]
    return _move(
        session,
        case,
        act,
        to=to,
        marking=carried.marking,
        closing=[task.old for task in others],
        opening=[task.new for task in others],
        cancelling=[*(term.clock.path for term in changed), *carried.stopped],
        arming=arming,
        trigger=TriggerRef(TriggerKind.OFFICER, MIGRATE, ref),
        renames=renames,
    )


def return_case(
    session: Session, case: LockedCase, act: Act, seq: int, renames: Renames, ref: str
) -> int:
    """Bring a locked case back to the version that a record took it from.

    ``renames`` are those by which it came.

    Raises:
        SomethingFollowed: The record is not the case's last one.
    """
    if case.head.seq != seq:
        raise SomethingFollowed(number=case.number)
    before, migrated = (orjson.loads(row.body) for row in read_stream(session, case.id, seq - 1))
    effects = migrated["effects"]
    ended = [clock_at(session, case.id, place) for place in effects["cancelled"]]
    stops = {place_of(pause) for pause in pauses(session, case.id) if pause.to_on is None}
    return _move(
        session,
        case,
        act.after(case.head),
        to=definition_of(session, *split_definition(before["definition"])),
        marking=marking_text(session, migrated["from"]),
        closing=_paths(opened["task"] for opened in effects["opened"]),
        opening=_paths(effects["closed"]),
        cancelling=_paths(armed["clock"] for armed in effects["armed"]),
        arming=[_Arming(_again(clock, stops), clock) for clock in ended],
        trigger=TriggerRef(TriggerKind.OFFICER, RETURN, ref),
        renames=_turned(renames),
        about=About(case.id, seq),
    )


def _move(
    session: Session,
    case: LockedCase,
    act: Act,
    *,
    to: Definition,
    marking: str,
    closing: Sequence[str],
    opening: Sequence[str],
    cancelling: Sequence[str],
    arming: Sequence[_Arming],
    trigger: TriggerRef,
    renames: Renames,
    about: About | None = None,
) -> int:
    """Close and cancel by the old version, open and arm by the new one, write the record."""
    changes, before = Changes(), case.marking_hash
    close_open(session, case, act, changes, closing, "closed")
    cancel_live(session, case, changes, cancelling)
    case.definition = to
    open_again(session, case, act, changes, opening)
    _arm(session, case, changes, arming)
    stand_at(session, case, marking)
    update_case_row(session, case.id, {"pack_hash": to.pack.hash})
    form = {"renames": dict(renames)} if renames else {}
    cause = Cause(kind=RecordKind.CASE_MIGRATED, trigger=trigger, form=form, about=about)
    return write_record(session, case, act, cause, changes, case.facts, before)


def _turned(renames: Renames) -> dict[str, str]:
    """Give the renames that lead back."""
    ids = ((*old.split("/"), new) for old, new in renames.items())
    return {f"{process}/{new}": old for process, old, new in ids}


def _arm(session: Session, case: LockedCase, changes: Changes, arming: Sequence[_Arming]) -> None:
    """Write tasks and clocks that open, each clock with the pauses of the one it continues."""
    numbers = next_numbers(session, case, [each.row["path"] for each in arming])
    tasks = {**case.tasks, **{row["path"]: Fresh(row) for row in changes.task_rows}}
    continued: dict[str, tuple[str, int]] = {}
    for each in arming:
        path, due_of = each.row["path"], each.row["due_of"]
        n = numbers[path]
        if due_of in tasks:
            due_of = place_of(tasks[due_of])
        changes.arm({**each.row, "n": n, "due_of": due_of, "armed_seq": case.head.seq + 1})
        if each.of is not None:
            changes.note("rearmed", f"{path}#{n}", place_of(each.of))
            continued[place_of(each.of)] = path, n
    _date_tasks(session, case, changes)
    insert_opened(session, case, changes)
    insert_armed(session, case, changes)
    keep_pauses(session, case.id, continued)


def _date_tasks(session: Session, case: LockedCase, changes: Changes) -> None:
    """Write the date of each clock on the task whose date it is."""
    opened = {row["path"]: row for row in changes.task_rows}
    for clock in changes.clock_rows:
        path = (clock["due_of"] or "").partition("#")[0]
        if path in opened:
            opened[path].update(due_on=clock["due_on"], due_at=clock["due_at"])
            opened[path]["is_milestone"] = case.definition.timer(clock["path"]).series
        elif path in case.tasks:
            date_task(session, case.tasks[path].id, clock["due_on"], clock["due_at"])


def _continued(case: LockedCase, new: NewTerm) -> dict[str, Any]:
    """Give the row of a clock that goes on with a new term."""
    return {
        "case_id": case.id,
        "path": new.path,
        "rule": new.rule,
        "kind": new.term.kind.value,
        "due_of": new.due_of,
        "anchor_on": new.term.anchor_on,
        "budget": new.term.budget.amount,
        "unit": new.term.budget.unit,
        "due_on": new.due.due_on,
        "due_at": new.due.due_at,
        "provisional": new.due.provisional,
        "calendar": new.clock.calendar,
        "extension_days": new.term.extension_days,
        "state": new.clock.state,
    }


def _begun(case: LockedCase, definition: Definition, path: str, act: Act) -> dict[str, Any]:
    """Give the row of a clock that only the new version has.

    Where its time would be over before it begins, it counts from today.
    """
    run = Run(definition, case.facts)
    run.arm(path)
    clock = run.armed[path]
    event_on, dates = local_date(act.occurred_at), DueDates(case.calendar)
    term, due = arm(clock, 1, case.facts, event_on, dates)
    if due.due_on <= local_date(act.now):
        term, due = arm(replace(clock, anchor=EVENT), 1, case.facts, event_on, dates)
    return {
        "case_id": case.id,
        "path": path,
        "rule": clock.rule,
        "kind": term.kind.value,
        "due_of": clock.due_of,
        "anchor_on": term.anchor_on,
        "budget": term.budget.amount,
        "unit": term.budget.unit,
        "due_on": due.due_on,
        "due_at": due.due_at,
        "provisional": due.provisional,
        "calendar": case.calendar.version,
        "extension_days": 0,
        "state": "running",
    }


def _again(clock: Any, stopped: Collection[str]) -> dict[str, Any]:
    """Give the row of a clock that runs again as it did, or stands still as it did."""
    state = "paused" if place_of(clock) in stopped else "running"
    return {
        **for_another_run(clock),
        "state": state,
        "due_of": (clock.due_of or "").partition("#")[0] or None,
    }


def _paths(places: Iterable[str]) -> list[str]:
    return [split_place(place)[0] for place in places]
