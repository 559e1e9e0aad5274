"""Reports of series that one body owes within the same days, in several cases: one sheet of paper.

Open tasks of organisations' cases only, as far as the session's scope shows them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.roles import Role
from workflows.engine import Pack
from workflows.queries.conditions import OF_ORGANISATIONS
from workflows.queries.desk.task_filters import IS_OPEN
from workflows.services.packs import pack_in_force
from workflows.store.tables import Case, Matter, Organisation, Task

DAYS = "R_MERGE"
MOST_REPORTS, MOST_DIGITS = 20, 8
# Where the pack in force does not say, as before there was a number.
_WEEK = 7


@dataclass(frozen=True, slots=True)
class DueReport:
    """A report that is owed in a case, by its task."""

    task: Task
    case_number: str
    pack_hash: str
    problem_type: str

    @property
    def place(self) -> str:
        """Write the task as path#n."""
        return f"{self.task.path}#{self.task.n}"

    @property
    def choice(self) -> str:
        """Write case and task as a list's tick box sends them."""
        return f"{self.task.case_id}|{self.place}"


@dataclass(frozen=True, slots=True)
class DueTogether:
    """What a body owes within the same days, the nearest first."""

    office: Organisation
    reports: tuple[DueReport, ...]

    @property
    def first_on(self) -> date | None:
        """Give the nearest day on which one is due."""
        return self.reports[0].task.due_on if self.reports else None

    @property
    def last_on(self) -> date | None:
        """Give the last day on which one is due."""
        return self.reports[-1].task.due_on if self.reports else None


def days_together(pack: Pack | None) -> int:
    """Give how many days may lie between reports that are handed in as one."""
    days = pack.number(DAYS) if pack else None
    return _WEEK if days is None else days


def due_together(
    session: Session, offices: Iterable[Organisation], today: date
) -> dict[str, DueTogether]:
    """Read what bodies owe within the same days from the nearest due date on, by the body's id.

    What is overdue counts as due today. A body that owes nothing is left out.
    """
    by_id = {office.id: office for office in offices}
    span = timedelta(days=days_together(pack_in_force(session, today)))
    owed: dict[str, list[DueReport]] = {}
    for report in _open_reports(session, [*by_id]):
        owed.setdefault(str(report.task.office_id), []).append(report)
    return {
        office_id: DueTogether(by_id[office_id], _near(reports, span, today))
        for office_id, reports in owed.items()
    }


def _near(reports: Sequence[DueReport], span: timedelta, today: date) -> tuple[DueReport, ...]:
    until = max(today, reports[0].task.due_on or today) + span
    return tuple(each for each in reports if (each.task.due_on or today) <= until)[:MOST_REPORTS]


def _open_reports(session: Session, offices: Sequence[str]) -> list[DueReport]:
    """Read the open reports of bodies, the nearest first."""
    if not offices:
        return []
    statement = (
        select(Task, Case.number, Case.pack_hash, Matter.problem_type)
        .join(Case, Case.id == Task.case_id)
        .join(Matter, Matter.id == Case.matter_id)
        .where(
            IS_OPEN,
            Task.office_id.in_(offices),
            Task.is_milestone,
            Task.due_on.is_not(None),
            Case.state == "open",
            OF_ORGANISATIONS,
        )
        .order_by(Task.due_at, Task.id)
    )
    return [
        DueReport(task, number, pack_hash, problem)
        for task, number, pack_hash, problem in session.execute(statement)
        if Role.RECTIFIER in task.roles.split()
    ]


def is_report_of(session: Session, office_id: str, case_id: str, place: str) -> bool:
    """Say whether a task, open or closed, is a report of a series that a body owes."""
    path, _, n = place.rpartition("#")
    if not n.isdecimal() or len(n) > MOST_DIGITS:
        return False
    statement = select(Task.id).where(
        Task.case_id == case_id,
        Task.path == path,
        Task.n == int(n),
        Task.office_id == office_id,
        Task.is_milestone,
    )
    return session.scalar(statement) is not None
