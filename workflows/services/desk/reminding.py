"""Reminding an office of a task: a record of its case, which moves nothing (催办)."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import Conflict, InvalidInput
from workflows.domain.requests import RequestKind
from workflows.domain.roles import Actor
from workflows.domain.texts import whole
from workflows.queries.desk.reminders import REMIND, last_reminders
from workflows.services.access import role_serving
from workflows.services.desk.burden import ask_more
from workflows.services.journal import Act
from workflows.services.steps.locked import load_locked
from workflows.services.steps.recording import write_intervention
from workflows.services.steps.tasks import HANDING_ROLES, open_task_of, refuse_own_case

MOST_CHARACTERS = 200


class RemindedToday(Conflict):
    """The office was reminded of the task today already, by {by}."""

    code: ClassVar[str] = "reminded_today"


class ReminderEmpty(InvalidInput):
    """A reminder says what is waited for."""

    code: ClassVar[str] = "reminder_empty"


def remind(
    session: Session,
    actor: Actor,
    now: datetime,
    case_id: str,
    task: str,
    text: str,
    over_cap: str = "",
) -> None:
    """Remind the office that has a task, once a day whoever does it.

    ``over_cap`` says why, where the office's unit was asked for enough this month.

    Raises:
        TaskAlreadyDone, CaseNotOpen: There is nothing to be reminded of.
        RoleMissing, OwnCase: This actor may not.
        RemindedToday: Somebody did it today.
        ReminderEmpty: It says nothing.
        TextTooLong: More was written than is kept.
        UnitAskedEnough: The unit's cap of the month is reached, and no reason was given.
    """
    case = load_locked(session, case_id)
    row = open_task_of(session, case, task)
    role = role_serving(actor, HANDING_ROLES, case.place.org_path)
    act = Act(actor, now, now, role, row.office_id)
    refuse_own_case(case, actor, act)
    if not text.strip():
        raise ReminderEmpty
    _refuse_again(session, case_id, task, local_date(now))
    if row.office_id is not None:
        ask_more(session, case, act, task, row.office_id, RequestKind.REMINDER, over_cap)
    write_intervention(session, case, act, REMIND, task, reason=whole(text, MOST_CHARACTERS))


def _refuse_again(session: Session, case_id: str, task: str, today: date) -> None:
    last = last_reminders(session, [case_id]).get((case_id, task))
    if last is not None and local_date(last.at) == today:
        raise RemindedToday(by=last.by)
