"""Steps that another person must do than the one who did an earlier one (four eyes)."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.errors import NotAllowed
from workflows.engine import Activity
from workflows.store.base import table_of
from workflows.store.tables import JournalRecord, Task

START = "start"


class SamePerson(NotAllowed):
    """This step is another person's, because {activity} was done by the same one."""

    code: ClassVar[str] = "same_person"


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
