"""What a meeting on a place's cases has to speak of: overdue, undecided and near due cases.

Organisations' cases only, as far as the session's scope shows them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, literal_column, not_, or_, select
from sqlalchemy.orm import Session, aliased

from workflows.domain.clocks import local_date
from workflows.domain.roles import Actor, Role
from workflows.engine import Pack
from workflows.queries.desk.colour_ranges import is_paused
from workflows.queries.desk.task_filters import IS_OPEN
from workflows.queries.lights import colour_rules
from workflows.services.calendars import current_calendar
from workflows.store.scope import within
from workflows.store.tables import Case, FollowUp, Matter, Organisation, Task

MOST_CASES = 60
_MOST_TASKS = 240
_DECIDING = (Role.DEPUTY, Role.PRINCIPAL, Role.COMMITTEE)
_IN_PROGRESS: ColumnElement[bool] = Case.state == literal_column("'open'")
_OF_ORGANISATIONS: ColumnElement[bool] = Task.level == literal_column("'L1'")


class Group(StrEnum):
    """Why a case is spoken of; the first that applies."""

    OVERDUE = "overdue"
    UNDECIDED = "undecided"
    NEAR = "near"


@dataclass(frozen=True, slots=True)
class Pending:
    """A task that waits, and whose it is."""

    activity: str
    office_id: str
    office: str
    due_on: date | None


@dataclass(frozen=True, slots=True)
class LastAct:
    """What was done last in a case by somebody, and when."""

    activity: str
    on: date


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """A case to speak of; ``follow`` is the viewer's own day to look again, with his note."""

    case_id: str
    number: str
    pack_hash: str
    org_path: str
    organisation: str
    problem_type: str
    group: Group
    term_over_on: date | None
    pending: tuple[Pending, ...]
    last: LastAct | None
    follow: tuple[date, str] | None


@dataclass(frozen=True, slots=True)
class Agenda:
    """The cases to speak of, by group and due date, up to `MOST_CASES`."""

    items: tuple[AgendaItem, ...]
    has_more: bool
    near_until_on: date


def agenda(session: Session, actor: Actor, pack: Pack, path: str, today: date) -> Agenda:
    """Read what a meeting on the cases below a place has to speak of today."""
    near = current_calendar(session).add_workdays(today, colour_rules(pack).blue_workdays)
    rows = _tasks(session, path, near)
    by_case: dict[str, list[Any]] = {}
    for row in rows[:_MOST_TASKS]:
        by_case.setdefault(row.Case.id, []).append(row)
    ids = list(by_case)[:MOST_CASES]
    last, follows = _last_acts(session, ids), _follows(session, actor, ids)
    items = [_item(by_case[each], today, last.get(each), follows.get(each)) for each in ids]
    order = {group: place for place, group in enumerate(Group)}
    items.sort(key=lambda each: (order[each.group], min_due(each), each.number))
    has_more = len(rows) > _MOST_TASKS or len(by_case) > MOST_CASES
    return Agenda(tuple(items), has_more, near)


def min_due(item: AgendaItem) -> date:
    """Give the first date that a case is late by or due on."""
    dates = [each.due_on for each in item.pending if each.due_on]
    return min([*dates, item.term_over_on or date.max], default=date.max)


def _tasks(session: Session, path: str, near: date) -> Sequence[Any]:
    office = aliased(Organisation)
    decides = or_(*(Task.roles.contains(role.value) for role in _DECIDING))
    statement = (
        select(
            Task,
            Case,
            Matter.problem_type,
            Organisation.name.label("organisation"),
            office.name.label("office"),
        )
        .join(Case, Case.id == Task.case_id)
        .join(Matter, Matter.id == Case.matter_id)
        .join(Organisation, Organisation.id == Case.subject_organisation_id)
        .join(office, office.id == Task.office_id)
        .where(
            IS_OPEN,
            _OF_ORGANISATIONS,
            _IN_PROGRESS,
            within(Task.org_path, (path,)),
            not_(is_paused()),
            or_(
                Case.overdue_on.is_not(None),
                and_(Task.due_on <= near, not_(Task.is_milestone)),
                decides,
            ),
        )
        .order_by(Task.due_at.asc().nulls_last(), Task.id)
        .limit(_MOST_TASKS + 1)
    )
    return session.execute(statement).all()


def _item(
    rows: Sequence[Any], today: date, last: LastAct | None, follow: tuple[date, str] | None
) -> AgendaItem:
    case: Case = rows[0].Case
    return AgendaItem(
        case_id=case.id,
        number=case.number,
        pack_hash=case.pack_hash,
        org_path=case.org_path,
        organisation=rows[0].organisation,
        problem_type=rows[0].problem_type,
        group=_group(case, [row.Task for row in rows], today),
        term_over_on=case.overdue_on,
        pending=tuple(
            Pending(row.Task.activity, row.Task.office_id, row.office, row.Task.due_on)
            for row in rows
        ),
        last=last,
        follow=follow,
    )


def _group(case: Case, tasks: Sequence[Task], today: date) -> Group:
    is_late = any(t.due_on and t.due_on < today and not t.is_milestone for t in tasks)
    if case.overdue_on is not None or is_late:
        return Group.OVERDUE
    deciding = {role.value for role in _DECIDING}
    if any(deciding.intersection(task.roles.split()) for task in tasks):
        return Group.UNDECIDED
    return Group.NEAR


def _last_acts(session: Session, case_ids: Sequence[str]) -> Mapping[str, LastAct]:
    """Read the last task of each case that somebody closed; a timer's closing is no act."""
    statement = (
        select(Task.case_id, Task.activity, Task.closed_at)
        .where(
            Task.case_id.in_(case_ids),
            Task.closed_at.is_not(None),
            not_(Task.closed_by.startswith("system:")),
        )
        .order_by(Task.closed_at, Task.id)
    )
    return {
        case_id: LastAct(activity, local_date(closed_at))
        for case_id, activity, closed_at in session.execute(statement)
        if closed_at is not None
    }


def _follows(
    session: Session, actor: Actor, case_ids: Sequence[str]
) -> Mapping[str, tuple[date, str]]:
    statement = select(FollowUp.case_id, FollowUp.look_on, FollowUp.note).where(
        FollowUp.account_id == actor.account_id, FollowUp.case_id.in_(case_ids)
    )
    return {case_id: (on, note) for case_id, on, note in session.execute(statement)}
