"""Open tasks as lists: filtered and cut into pages in SQL, whatever the number of cases.

One statement finds the rows of a page by their keys alone, a second one reads what is
shown of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Self

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from workflows.domain.reviews import REVIEW
from workflows.domain.roles import Actor
from workflows.queries.desk.colour_ranges import is_paused
from workflows.queries.desk.task_filters import (
    IS_OPEN,
    Found,
    Order,
    Wanted,
    Whose,
    due_between,
    matching,
    ways_to,
)
from workflows.queries.lights import task_light
from workflows.queries.short_ways import FEW, short_way
from workflows.services.access import is_concerned
from workflows.store.tables import Account, Case, Matter, Organisation, Person, Task

__all__ = [
    "DeskTasks",
    "ListedTask",
    "Mark",
    "Order",
    "TaskPage",
    "Wanted",
    "Whose",
    "claimed_rows",
    "desk_tasks",
    "listed",
    "tasks_page",
]

PAGE_SIZE = 50
MOST_COUNTED = 200
_NEVER = datetime(9999, 12, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Mark:
    """The last row of a page: the next page begins behind it."""

    key: str
    id: int

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Read what `write` wrote; anything else is None."""
        number, _, key = text.partition("~")
        return cls(key, int(number)) if number.isdecimal() and len(number) < 19 else None

    def write(self) -> str:
        """Write it for an address."""
        return f"{self.id}~{self.key}"


@dataclass(frozen=True, slots=True)
class ListedTask:
    """An open task as a list shows it; ``colour`` is ``paused`` where its clock stands still."""

    task: Task
    case_number: str
    pack_hash: str
    problem_type: str
    organisation: str
    person: str | None
    office: str
    office_path: str
    claimant: str | None
    colour: str
    may_claim: bool

    @property
    def place(self) -> str:
        """Write the task as path#n."""
        return f"{self.task.path}#{self.task.n}"


@dataclass(frozen=True, slots=True)
class TaskPage:
    """A page of a list; ``count`` is that of all rows, on the first page, up to `MOST_COUNTED`."""

    rows: tuple[ListedTask, ...]
    following: Mark | None
    count: int | None = None

    @property
    def has_more_than_counted(self) -> bool:
        """Say whether there are more rows than were counted."""
        return self.count is not None and self.count > MOST_COUNTED


def tasks_page(
    session: Session,
    actor: Actor,
    today: date,
    wanted: Wanted,
    after: Mark | None = None,
    size: int = PAGE_SIZE,
    few: int = FEW,
) -> TaskPage:
    """Read a page of open tasks that the session's scope shows; ``few`` are sorted anew."""
    most = size if after else max(size, MOST_COUNTED)
    keys = _keys(session, actor, today, wanted, most + 1, after, few)
    rows = listed(session, actor, today, [key.id for key in keys[:size]])
    following = _mark(keys[size - 1], wanted.order) if len(keys) > size else None
    return TaskPage(rows, following, None if after else len(keys))


@dataclass(frozen=True, slots=True)
class DeskTasks:
    """What a desk shows of a list: what is due first, and beside it what came lately."""

    first: TaskPage
    arrived: tuple[ListedTask, ...]


def desk_tasks(
    session: Session,
    actor: Actor,
    today: date,
    wanted: Wanted,
    since: datetime,
    size: int,
    most: int,
) -> DeskTasks:
    """Read the tasks of a list that are due first, and the newest of those that opened lately.

    Args:
        session: Its scope says what shows.
        actor: Who looks.
        today: The day at the place.
        wanted: The list, by its due dates.
        since: From when on a task came lately.
        size: So many are shown by their due dates.
        most: So many more are shown for being new.
    """
    keys = _keys(session, actor, today, wanted, MOST_COUNTED + 1)
    first, others = keys[:size], keys[size:]
    if len(keys) > MOST_COUNTED:  # the newest need not be among them
        newest = replace(wanted, order=Order.NEWEST)
        others = _keys(session, actor, today, newest, size + most)
    ids = [key.id for key in first]
    lately = sorted({key.id for key in others if key.opened_at >= since}.difference(ids))
    rows = listed(session, actor, today, [*ids, *lately[: -most - 1 : -1]])
    return DeskTasks(TaskPage(rows[: len(ids)], None, len(keys)), rows[len(ids) :])


def _keys(
    session: Session,
    actor: Actor,
    today: date,
    wanted: Wanted,
    most: int,
    after: Mark | None = None,
    few: int = FEW,
) -> Sequence[Any]:
    """Read the keys of a list's rows in their order, behind a mark."""
    statement = matching(session, actor, today, wanted)
    due = due_between(session, today, wanted)
    near = short_way(session, Task, IS_OPEN, ways_to(session, actor, wanted, due), few)
    if near is None and due is not None and wanted.order is Order.DUE:
        statement = statement.where(due)
    return session.execute(_sorted(statement, wanted.order, after, near).limit(most)).all()


def listed(
    session: Session, actor: Actor, today: date, ids: Sequence[int]
) -> tuple[ListedTask, ...]:
    """Read what lists show of open tasks, in the order of their ids given."""
    if not ids:
        return ()
    office = aliased(Organisation)
    statement = (
        select(
            Task,
            Case,
            Matter.problem_type,
            Organisation.name,
            Person.name,
            office.name,
            office.path,
            Account.display_name,
            is_paused(),
        )
        .join(Case, Case.id == Task.case_id)
        .join(Matter, Matter.id == Case.matter_id)
        .join(Organisation, Organisation.id == Case.subject_organisation_id)
        .join(office, office.id == Task.office_id)
        .outerjoin(Person, Person.id == Case.subject_person_id)
        .outerjoin(Account, Account.id == Task.claimant)
        .where(Task.id.in_(ids), IS_OPEN)
    )
    found = {row[0].id: row for row in session.execute(statement)}
    return tuple(_listed(session, actor, today, found[id_]) for id_ in ids if id_ in found)


def _listed(session: Session, actor: Actor, today: date, row: Any) -> ListedTask:
    task, case, problem_type, organisation, person, office, office_path, claimant, paused = row
    own = is_concerned(actor, case.subject_person_id)
    return ListedTask(
        task=task,
        case_number=case.number,
        pack_hash=case.pack_hash,
        problem_type=problem_type,
        organisation=organisation,
        person=person,
        office=office,
        office_path=office_path,
        claimant=claimant,
        colour="paused" if paused else task_light(session, case, task, today).colour.value,
        may_claim=task.claimant is None
        and (case.state == "open" or task.path == REVIEW)
        and not own
        and _is_candidate(actor, task, office_path),
    )


def _is_candidate(actor: Actor, task: Task, office_path: str) -> bool:
    roles = task.roles.split()
    if actor.holds(roles, office_path) is not None:
        return True
    return any(
        not set(roles).isdisjoint(lent.roles)
        and lent.covers(office_path, task.case_id, task.activity)
        for lent in actor.bounded
    )


def _sorted(
    statement: Found, order: Order, after: Mark | None, near: ColumnElement[bool] | None
) -> Found:
    """Sort what was found, behind a mark.

    Where there is a short way to the tasks, the keys are written so that no index has
    them in order, and the tasks are found by that way.
    """
    if after:
        statement = statement.where(_behind(order, after))
    if near is not None:
        statement = statement.where(near)
    if order is Order.NEWEST:
        return statement.order_by(Task.id.desc() if near is None else (Task.id + 0).desc())
    if order is Order.PLACE:
        place = Task.org_path if near is None else func.coalesce(Task.org_path, "")
        return statement.order_by(place, Task.id)
    if near is not None:
        return statement.order_by(func.coalesce(Task.due_at, _NEVER), Task.id)
    return statement.order_by(Task.due_at.asc().nulls_last(), Task.id)


def _behind(order: Order, after: Mark) -> ColumnElement[bool]:
    if order is Order.NEWEST:
        return Task.id < after.id
    if order is Order.PLACE:
        return and_(Task.org_path >= after.key, or_(Task.org_path > after.key, Task.id > after.id))
    return _due_after(after)


def _due_after(after: Mark) -> ColumnElement[bool]:
    """Say that a task comes behind a mark: by due time, those without one last."""
    undated = Task.due_at.is_(None)
    due_at = _moment(after.key)
    if due_at is None:
        return and_(undated, Task.id > after.id)
    later = and_(Task.due_at >= due_at, or_(Task.due_at > due_at, Task.id > after.id))
    return or_(later, undated)


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _mark(key: Any, order: Order) -> Mark:
    if order is Order.PLACE:
        return Mark(key.org_path, key.id)
    if order is Order.DUE and key.due_at is not None:
        return Mark(key.due_at.isoformat(), key.id)
    return Mark("", key.id)


def claimed_rows(session: Session, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Any]:
    """Read what tasks are called, closed ones too, by case and path#n, as far as they show."""
    wanted = set(places)
    statement = (
        select(
            Task.case_id,
            Task.path,
            Task.n,
            Task.activity,
            Case.pack_hash,
            Case.number,
            Organisation.name.label("organisation"),
        )
        .join(Case, Case.id == Task.case_id)
        .join(Organisation, Organisation.id == Case.subject_organisation_id)
        .where(Task.case_id.in_({case_id for case_id, _ in wanted}))
    )
    rows = {(row.case_id, f"{row.path}#{row.n}"): row for row in session.execute(statement)}
    return {place: row for place, row in rows.items() if place in wanted}
