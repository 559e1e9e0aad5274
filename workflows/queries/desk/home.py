"""The work desk: what is urgent, and what tonight's sweep will do and why."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import literal_column, select
from sqlalchemy.orm import Session

from workflows.domain.clocks import ClockKind, due_at_of
from workflows.domain.errors import DubanError
from workflows.domain.roles import Actor
from workflows.domain.steps import FactValue, Step, Trigger, TriggerType
from workflows.engine import Definition, step
from workflows.queries.desk.worklist import (
    DeskTasks,
    ListedTask,
    Wanted,
    Whose,
    desk_tasks,
    tasks_page,
)
from workflows.services.calendars import current_calendar
from workflows.services.desk.holds import handled_by, held_before
from workflows.services.offices import Place
from workflows.services.packs import definition_of
from workflows.services.steps.leading import leads
from workflows.services.steps.locked import marking_text
from workflows.store.base import table_of
from workflows.store.duework import ATTEMPTS
from workflows.store.scope import require_scope
from workflows.store.tables import (
    Account,
    Case,
    CaseFact,
    Clock,
    Matter,
    Organisation,
    Person,
    Task,
)

MOST_MINE = 200
MOST_FREE, MOST_ARRIVED = 10, 5
MOST_TONIGHT = 40
_SUNDAY = 6
_IS_RUNNING = Clock.state == literal_column("'running'")
# Said so that no database begins with all open cases instead of the few clocks that are due.
_IN_PROGRESS = Case.state.not_in(("stopped", "merged", "ended"))


@dataclass(frozen=True, slots=True)
class Urgency:
    """Somebody's own tasks by when they are due; ``later`` holds those without a date too."""

    overdue: tuple[ListedTask, ...]
    today: tuple[ListedTask, ...]
    week: tuple[ListedTask, ...]
    later: tuple[ListedTask, ...]

    @property
    def count(self) -> int:
        """Count all of them."""
        return len(self.overdue) + len(self.today) + len(self.week) + len(self.later)


@dataclass(frozen=True, slots=True)
class Unfinished:
    """The task whose deadline passes, and whose it is."""

    activity: str
    office: str
    claimant: str | None


@dataclass(frozen=True, slots=True)
class Coming:
    """A deadline that the next sweep after midnight will find passed, and what follows.

    ``opens`` are the activities whose tasks the firing opens, found by stepping the case
    without writing; ``is_stuck`` where firing failed so often that a person must look.
    """

    case: Case
    organisation: str
    person: str | None
    clock: Clock
    unfinished: Unfinished | None
    opens: tuple[str, ...]
    rung: int | None
    ends: bool
    is_stuck: bool
    may_hold: bool
    was_held: bool = False

    @property
    def escalates(self) -> bool:
        """Say whether somebody gets something to do, or the case moves."""
        return bool(self.opens) or self.ends or self.rung != self.case.rung


@dataclass(frozen=True, slots=True)
class Tonight:
    """What the next sweep after midnight will do in the viewer's scope."""

    escalations: tuple[Coming, ...]
    notes: tuple[Coming, ...]
    has_more: bool


def my_tasks(session: Session, actor: Actor, today: date) -> Urgency:
    """Read the tasks that somebody has taken, by urgency; a week ends on Sunday."""
    rows = tasks_page(session, actor, today, Wanted(Whose.MINE), size=MOST_MINE).rows
    sunday = today + timedelta(days=_SUNDAY - today.weekday())

    def due(after_on: date, until_on: date) -> tuple[ListedTask, ...]:
        return tuple(
            row for row in rows if row.task.due_on and after_on < row.task.due_on <= until_on
        )

    yesterday = today - timedelta(days=1)
    later = (row for row in rows if row.task.due_on is None or row.task.due_on > sunday)
    return Urgency(
        due(date.min, yesterday), due(yesterday, today), due(today, sunday), tuple(later)
    )


def free_tasks(session: Session, actor: Actor, today: date) -> tuple[DeskTasks, date]:
    """Read what somebody could take, and since which day a task counts as new: the last workday.

    Whoever comes on Monday finds what came on Friday after he had left.
    """
    since_on = current_calendar(session).add_workdays(today, -1)
    since = due_at_of(since_on - timedelta(days=1))
    wanted = Wanted(Whose.FREE)
    found = desk_tasks(session, actor, today, wanted, since, MOST_FREE, MOST_ARRIVED)
    return found, since_on


def tonight(session: Session, actor: Actor, today: date) -> Tonight:
    """Say what the sweep will do once today is over, as far as the session's scope shows.

    Each case is stepped as the sweep will step it, deadline after deadline, and nothing
    of it is written.
    """
    rows = _due_by(session, due_at_of(today))
    has_more = len(rows) > MOST_TONIGHT
    rows = rows[:MOST_TONIGHT]
    facts = _facts_of(session, {row.Case.id for row in rows})
    unfinished = _unfinished(session, [row.Clock for row in rows])
    coming: list[Coming] = []
    ids = sorted({row.Case.id for row in rows})
    known = _Known(unfinished, held_before(session, ids), handled_by(session, actor, ids))
    for case_id in dict.fromkeys(row.Case.id for row in rows):
        of_case = [row for row in rows if row.Case.id == case_id]
        coming += _foreseen(session, actor, today, of_case, facts.get(case_id, {}), known)
    return Tonight(
        tuple(each for each in coming if each.escalates or each.is_stuck),
        tuple(each for each in coming if not each.escalates and not each.is_stuck),
        has_more,
    )


def _due_by(session: Session, due_at: datetime) -> Sequence[Any]:
    statement = (
        select(Clock, Case, Organisation.name.label("organisation"), Person.name.label("person"))
        .join(Case, Case.id == Clock.case_id)
        .join(Organisation, Organisation.id == Case.subject_organisation_id)
        .outerjoin(Person, Person.id == Case.subject_person_id)
        .where(_IS_RUNNING, Clock.due_at <= due_at, _IN_PROGRESS)
        .order_by(Clock.due_at, Clock.id)
        .limit(MOST_TONIGHT + 1)
    )
    return session.execute(statement).all()


def _facts_of(session: Session, case_ids: Iterable[str]) -> dict[str, dict[str, FactValue]]:
    """Read the facts of several cases that were found through the scope."""
    fact = table_of(CaseFact)
    statement = select(fact.c.case_id, fact.c.name, fact.c.value).where(
        fact.c.case_id.in_(tuple(case_ids))
    )
    found: dict[str, dict[str, FactValue]] = {}
    for case_id, name, value in require_scope(session).execute(statement):
        found.setdefault(case_id, {})[name] = json.loads(value)
    return found


def _unfinished(session: Session, clocks: Sequence[Clock]) -> dict[tuple[str, str], Unfinished]:
    """Read the open tasks whose deadlines these are, by case and path#n."""
    statement = (
        select(Task, Organisation.name, Account.display_name)
        .join(Organisation, Organisation.id == Task.office_id)
        .outerjoin(Account, Account.id == Task.claimant)
        .where(
            Task.case_id.in_({clock.case_id for clock in clocks}),
            Task.state == literal_column("'open'"),
        )
        .order_by(Task.id)
    )
    return {
        (task.case_id, f"{task.path}#{task.n}"): Unfinished(task.activity, office, claimant)
        for task, office, claimant in session.execute(statement)
    }


def _place_of(session: Session, case: Case) -> Place:
    office_id = session.get_one(Matter, case.matter_id).registering_office_id
    return Place(case.subject_organisation_id, case.org_path, office_id)


@dataclass(frozen=True, slots=True)
class _Known:
    """Whose tasks are not done, which clocks were held, which cases the viewer handles."""

    unfinished: Mapping[tuple[str, str], Unfinished]
    held: Set[tuple[str, str]]
    handled: Set[str]


def _foreseen(
    session: Session,
    actor: Actor,
    today: date,
    rows: Sequence[Any],
    facts: Mapping[str, FactValue],
    known_of: _Known,
) -> list[Coming]:
    """Step one case through its deadlines; one that an earlier firing stops does not come."""
    case: Case = rows[0].Case
    definition = definition_of(session, case.pack_hash, case.process_id)
    marking, known, stopped = marking_text(session, case.marking_hash), dict(facts), set[str]()
    is_leader = case.id not in known_of.handled
    is_leader = is_leader and leads(session, actor, definition, _place_of(session, case))
    coming = []
    for row in rows:
        clock: Clock = row.Clock
        if clock.path in stopped:
            continue
        done = _fired(definition, marking, clock, known)
        if done is not None:
            marking, known = done.marking, {**known, **done.facts_written}
            stopped.update(done.cancelled)
        may_hold = is_leader and _can_be_held(clock, today)
        coming.append(_coming(row, done, known_of, may_hold=may_hold))
    return coming


def _can_be_held(clock: Clock, today: date) -> bool:
    """Say whether it is a deadline for an act that has not passed, as `hold` asks."""
    return clock.kind == ClockKind.ACT and clock.due_on >= today


def _fired(
    definition: Definition, marking: str, clock: Clock, facts: Mapping[str, FactValue]
) -> Step | None:
    """Step a case by a deadline; None where the sweep fails on it too: a person must look."""
    if clock.attempts >= ATTEMPTS:
        return None
    try:
        return step(definition, marking, Trigger(TriggerType.CLOCK, clock.path), facts)
    except DubanError:
        return None


def _coming(row: Any, done: Step | None, known: _Known, *, may_hold: bool) -> Coming:
    case, clock = row.Case, row.Clock
    was_held = (case.id, f"{clock.path}#{clock.n}") in known.held
    return Coming(
        case=case,
        organisation=row.organisation,
        person=row.person,
        clock=clock,
        unfinished=known.unfinished.get((case.id, clock.due_of or "")),
        opens=tuple(task.activity for task in done.opened) if done else (),
        rung=done.rung if done and done.rung is not None else case.rung,
        ends=bool(done and done.ended),
        is_stuck=done is None,
        may_hold=may_hold and not was_held,
        was_held=was_held,
    )


def next_deadline(session: Session, today: date) -> date | None:
    """Give the first deadline after today that the session's scope shows."""
    statement = (
        select(Clock.due_on)
        .join(Case, Case.id == Clock.case_id)
        .where(_IS_RUNNING, Clock.due_at > due_at_of(today), _IN_PROGRESS)
        .order_by(Clock.due_at)
        .limit(1)
    )
    return session.scalar(statement)
