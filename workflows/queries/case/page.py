"""What the page of a case shows, in a fixed number of statements however long its history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.domain.colours import Light
from workflows.domain.effects import Effect
from workflows.domain.errors import NotFound
from workflows.domain.reviews import REVIEW
from workflows.domain.steps import FactValue
from workflows.engine import Definition
from workflows.queries.lights import case_due_on, case_light, open_pauses, task_light
from workflows.queries.organisations.changes import former_name, with_former
from workflows.services.packs import definition_of
from workflows.store.base import table_of
from workflows.store.casework import read_facts
from workflows.store.effects import effects_of_case
from workflows.store.tables import (
    Account,
    Attachment,
    Case,
    Clock,
    ClockPause,
    Incident,
    JournalRecord,
    LateEntry,
    Matter,
    Organisation,
    Person,
    Task,
)

MOST_FIRINGS = 40


@dataclass(frozen=True, slots=True)
class TaskLine:
    """An open task with its office, who has it, and its light."""

    row: Task
    office: str
    office_path: str
    claimant: str | None
    light: Light

    @property
    def place(self) -> str:
        """Write it as path#n."""
        return f"{self.row.path}#{self.row.n}"


@dataclass(frozen=True, slots=True)
class Paper:
    """A file that came with an act."""

    id: int
    name: str
    sha256: str
    size_bytes: int
    level: str
    uploaded_at: datetime

    @property
    def is_image(self) -> bool:
        """Say whether its name is that of a picture that a browser shows."""
        return self.name.lower().endswith((".png", ".jpg", ".jpeg", ".gif"))

    @property
    def is_pdf(self) -> bool:
        """Say whether its name is that of a PDF, of which pictures of its pages are shown."""
        return self.name.lower().endswith(".pdf")


@dataclass(frozen=True, slots=True)
class CaseHead:
    """A case with its matter and the names at its head; ``former`` as at `CasePage`."""

    case: Case
    matter: Matter
    organisation: str
    former: str
    person: str | None


@dataclass(frozen=True, slots=True)
class CasePage:
    """A case as it stands; ``clocks`` are the live ones and those that date an open task.

    ``former`` is the organisation that its own took the place of, empty if none.
    """

    case: Case
    matter: Matter
    definition: Definition
    organisation: str
    former: str
    person: str | None
    light: Light
    tasks: tuple[TaskLine, ...]
    clocks: tuple[Clock, ...]
    pauses: tuple[ClockPause, ...]
    facts: dict[str, FactValue]
    effects: tuple[Effect, ...]
    waiting: tuple[LateEntry, ...]
    papers: tuple[Paper, ...]
    incidents: tuple[Incident, ...]

    @property
    def due_on(self) -> date | None:
        """Give the case's nearest date, passed or not."""
        return case_due_on(self.case, [task.row for task in self.tasks])

    @property
    def on_diagram(self) -> tuple[TaskLine, ...]:
        """Give the open tasks that the rules opened: all but a review of consequences."""
        return tuple(task for task in self.tasks if task.row.path != REVIEW)

    @property
    def organisation_on_paper(self) -> str:
        """Name the organisation as papers do."""
        return with_former(self.organisation, self.former)

    def task(self, path: str, n: int) -> TaskLine | None:
        """Find an open task."""
        return next((each for each in self.tasks if (each.row.path, each.row.n) == (path, n)), None)


def case_page(session: Session, case_id: str, today: date) -> CasePage:
    """Read a case for its page.

    Raises:
        NotFound: There is no such case in the session's scope.
    """
    head = case_head(session, case_id)
    case = head.case
    tasks = _open_tasks(session, case_id)
    dated = _dating_clocks(session, case_id, [f"{row.path}#{row.n}" for row, *_ in tasks])
    clocks = [clock for clock in dated if clock.state != "fired"]
    stopped = open_pauses(session, clocks)
    light = case_light(session, case, [row for row, *_ in tasks], clocks, today, stopped)
    return CasePage(
        case=case,
        matter=head.matter,
        definition=definition_of(session, case.pack_hash, case.process_id),
        organisation=head.organisation,
        former=head.former,
        person=head.person,
        light=light,
        tasks=tuple(
            TaskLine(
                row, office, path, claimant, task_light(session, case, row, today, clocks, stopped)
            )
            for row, office, path, claimant in tasks
        ),
        clocks=tuple(dated),
        pauses=_all(session, ClockPause, case_id),
        facts=read_facts(session, case_id),
        effects=effects_of_case(session, case_id) if case.subject_person_id else (),
        waiting=tuple(
            session.scalars(
                select(LateEntry)
                .where(LateEntry.case_id == case_id, LateEntry.state == "waiting")
                .order_by(LateEntry.id)
            )
        ),
        papers=papers_of(session, case_id),
        incidents=tuple(
            session.scalars(
                select(Incident).where(Incident.case_id == case_id, Incident.resolved_at.is_(None))
            )
        ),
    )


def case_head(session: Session, case_id: str) -> CaseHead:
    """Read a case with its matter, and the names of its organisations and person.

    Raises:
        NotFound: There is no such case in the session's scope.
    """
    statement = (
        select(Case, Matter, Organisation.name, Person.name)
        .join(Matter, Matter.id == Case.matter_id)
        .join(Organisation, Organisation.id == Case.subject_organisation_id)
        .outerjoin(Person, Person.id == Case.subject_person_id)
        .where(Case.id == case_id)
    )
    found = session.execute(statement).one_or_none()
    if found is None:
        raise NotFound(what="case", key=case_id)
    case, matter, name, person = found
    return CaseHead(case, matter, name, former_name(session, case, matter), person)


def _open_tasks(session: Session, case_id: str) -> Sequence[Any]:
    statement = (
        select(Task, Organisation.name, Organisation.path, Account.display_name)
        .join(Organisation, Organisation.id == Task.office_id)
        .outerjoin(Account, Account.id == Task.claimant)
        .where(Task.case_id == case_id, Task.state == "open")
        .order_by(Task.due_at.asc().nulls_last(), Task.id)
    )
    return session.execute(statement).all()


def _dating_clocks(session: Session, case_id: str, places: list[str]) -> Sequence[Clock]:
    """Read the live clocks, and those that have passed and still date an open task."""
    is_passed = (Clock.state == "fired") & Clock.due_of.in_(places)
    statement = (
        select(Clock)
        .where(Clock.case_id == case_id, Clock.state.in_(("running", "paused")) | is_passed)
        .order_by(Clock.due_at, Clock.id)
    )
    return session.scalars(statement).all()


def _all(session: Session, entity: Any, case_id: str) -> tuple[Any, ...]:
    return tuple(
        session.scalars(select(entity).where(entity.case_id == case_id).order_by(entity.id))
    )


def papers_of(session: Session, case_id: str, at: datetime | None = None) -> tuple[Paper, ...]:
    """Read the files of a case, up to a moment where one is given."""
    kept = Attachment
    statement = (
        select(kept.id, kept.name, kept.sha256, kept.size_bytes, kept.level, kept.uploaded_at)
        .where(Attachment.case_id == case_id)
        .order_by(Attachment.id)
    )
    if at is not None:
        statement = statement.where(Attachment.uploaded_at <= at)
    return tuple(Paper(*row) for row in session.execute(statement))


@dataclass(frozen=True, slots=True)
class Firing:
    """A deadline that passed: when it fired, how late, and which tasks it opened."""

    clock: Clock
    fired_at: Any
    opened: tuple[str, ...]

    @property
    def late_seconds(self) -> int:
        """Give how long after the deadline the sweep acted."""
        return max(0, int((self.fired_at - self.clock.due_at).total_seconds()))


def firings_of(session: Session, case_id: str) -> tuple[Firing, ...]:
    """Read the newest deadlines that fired, oldest first, with what each opened."""
    newest = (
        select(Clock.id)
        .where(Clock.case_id == case_id, Clock.state == "fired")
        .order_by(Clock.ended_seq.desc())
        .limit(MOST_FIRINGS)
    )
    statement = (
        select(Clock, JournalRecord.recorded_at, Task.activity)
        .join(
            JournalRecord,
            (JournalRecord.stream_id == Clock.case_id) & (JournalRecord.seq == Clock.ended_seq),
        )
        .outerjoin(Task, (Task.case_id == Clock.case_id) & (Task.opened_seq == Clock.ended_seq))
        .where(Clock.id.in_(newest))
        .order_by(Clock.ended_seq, Clock.id)
    )
    found: dict[int, tuple[Clock, Any, list[str]]] = {}
    for clock, fired_at, activity in session.execute(statement):
        found.setdefault(clock.id, (clock, fired_at, []))[2].extend([activity] if activity else [])
    return tuple(Firing(clock, at, tuple(names)) for clock, at, names in found.values())


def entered_places(session: Session, case_id: str) -> tuple[str, ...]:
    """Give the tasks and deadlines that lie behind a case, as path#n with the highest n.

    A review of consequences lies on no diagram and is none of them.
    """
    task, clock = table_of(Task), table_of(Clock)
    been = (
        select(task.c.path, func.max(task.c.n))
        .where(task.c.case_id == case_id, task.c.path != REVIEW)
        .group_by(task.c.path)
    )
    fired = (
        select(clock.c.path, func.max(clock.c.n))
        .where(clock.c.case_id == case_id, clock.c.state == "fired")
        .group_by(clock.c.path)
    )
    connection = session.connection()
    rows = [*connection.execute(been), *connection.execute(fired)]
    return tuple(f"{path}#{n}" for path, n in rows)


def late_candidates(
    session: Session, case_id: str, closed_by: str
) -> tuple[tuple[str, int, str], ...]:
    """Give tasks that a deadline closed: an act in time may still turn up for them."""
    task = table_of(Task)
    statement = (
        select(task.c.path, task.c.n, task.c.activity)
        .where(task.c.case_id == case_id, task.c.state != "open", task.c.closed_by == closed_by)
        .order_by(task.c.id.desc())
        .limit(12)
    )
    rows = session.connection().execute(statement)
    return tuple((row.path, row.n, row.activity) for row in rows)


def closed_task(session: Session, case_id: str, path: str, n: int) -> tuple[str | None, Any] | None:
    """Give who closed a task and when, or None where it never was."""
    task = table_of(Task)
    statement = select(task.c.closed_by, task.c.closed_at).where(
        task.c.case_id == case_id, task.c.path == path, task.c.n == n
    )
    row = session.connection().execute(statement).one_or_none()
    return None if row is None else (row.closed_by, row.closed_at)
