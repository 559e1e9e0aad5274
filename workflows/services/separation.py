"""Steps that another person must do than the one who did an earlier one (four eyes)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import ClassVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflows.domain.errors import NotAllowed
from workflows.engine import Activity
from workflows.store.base import table_of
from workflows.store.scope import require_scope
from workflows.store.tables import Account, Case, JournalRecord, Task

START = "start"


class SamePerson(NotAllowed):
    """This step is another person's, because {activity} was done by the same one."""

    code: ClassVar[str] = "same_person"


class TouchedOrigin(NotAllowed):
    """Who did anything in the original case, or is its subject, keeps away from this step."""

    code: ClassVar[str] = "touched_origin"


def refuse_same_person(session: Session, case_id: str, activity: Activity, account_id: str) -> None:
    """Refuse who did one of the activities that a task must be apart from.

    Raises:
        SamePerson: Naming the activity.
    """
    for other in activity.other_than:
        if account_id in _doers(session, case_id, other):
            raise SamePerson(activity=other)


def _doers(session: Session, case_id: str, activity: str) -> set[str]:
    record, task = table_of(JournalRecord), table_of(Task)
    if activity == START:
        statement = select(record.c.actor).where(record.c.stream_id == case_id, record.c.seq == 1)
    else:
        statement = select(task.c.closed_by).where(
            task.c.case_id == case_id, task.c.activity == activity, task.c.state == "closed"
        )
    return set(session.connection().execute(statement).scalars())


def refuse_origin(
    session: Session, case_id: str, activity: Activity, account_id: str, person_ids: Collection[str]
) -> None:
    """Keep a step that is apart from the original case free of all who did anything there.

    The original is the case beside which this one was opened, and every case before that.
    It counts who acted, who typed what another did, and whose act was typed; a person counts
    with all his accounts.

    Args:
        session: Carries a scope.
        case_id: The case of the step.
        activity: The step.
        account_id: Who does it.
        person_ids: The people who do it or are named for it.

    Raises:
        TouchedOrigin: One of them did, or is the subject himself.
    """
    if not activity.is_apart:
        return
    accounts, people = touched_origin(session, case_id)
    if account_id in accounts or not people.isdisjoint(person_ids):
        raise TouchedOrigin


def touched_origin(session: Session, case_id: str) -> tuple[set[str], set[str]]:
    """Give the accounts and the people that did anything in the cases before this one."""
    record, account = table_of(JournalRecord), table_of(Account)
    before = dict(_origins(session, case_id))
    connection = require_scope(session)
    acts = select(record.c.actor, record.c.performed_by).where(record.c.stream_id.in_(before))
    rows = connection.execute(acts.distinct()).all()
    accounts = {row.actor for row in rows}
    people = {row.performed_by for row in rows if row.performed_by is not None}
    owners = select(account.c.id, account.c.person_id).where(
        or_(account.c.id.in_(accounts), account.c.person_id.in_(people))
    )
    for row in connection.execute(owners):
        accounts.add(row.id)
        people |= {row.person_id} if row.person_id is not None else set()
    return accounts, people | {each for each in before.values() if each is not None}


def _origins(session: Session, case_id: str) -> Iterator[tuple[str, str | None]]:
    """Give the cases before one with the people they are about, the nearest first."""
    case = table_of(Case)
    connection = require_scope(session)
    above = select(case.c.parent_case_id).where(case.c.id == case_id)
    while (parent := connection.execute(above).scalar_one_or_none()) is not None:
        about = select(case.c.subject_person_id).where(case.c.id == parent)
        yield parent, connection.execute(about).scalar_one()
        above = select(case.c.parent_case_id).where(case.c.id == parent)
