"""Tasks of lists as templates need them: named in the pack's words, with their addresses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import url_for

from webapp.dates import day, left_beside, today_of
from webapp.sayings import bracketed, gettext, listed
from webapp.words import labels
from webapp.words.clocks import key_of
from webapp.words.packs import speaker_for
from webapp.work import Work
from workflows.domain.levels import INTERNAL
from workflows.domain.requests import Asked
from workflows.domain.roles import Role
from workflows.queries.desk.reminders import Reminder, last_reminders
from workflows.queries.desk.worklist import ListedTask
from workflows.queries.papers.documents import makes_numbered
from workflows.queries.reports.requests import asked_of, base_units
from workflows.services.papers.documents import LETTER
from workflows.services.steps.tasks import HANDING_ROLES


@dataclass(frozen=True, slots=True)
class Line:
    """A task as a card or a row of a list; ``choice`` is what its tick box sends."""

    key: str
    choice: str
    name: str
    url: str
    case_url: str
    why_url: str
    case_number: str
    organisation: str
    problem: str
    office: str
    roles: str
    claimant: str | None
    colour: str
    due_on: date | None
    left: str
    rung: int | None
    is_mine: bool
    may_claim: bool
    may_hand_on: bool
    is_letter: bool
    reminded: str
    asked: str = ""
    joint_url: str = ""
    is_new: bool = False

    @property
    def may_pick(self) -> bool:
        """Say whether the visitor can do anything to it from a list."""
        return self.may_claim or self.is_mine or self.may_hand_on


def lines_of(
    work: Work, rows: Iterable[ListedTask], new_since: date | None = None
) -> tuple[Line, ...]:
    """Write the tasks of a list; those that opened on a day or later are marked as new."""
    rows = tuple(rows)
    reminders = last_reminders(work.session, {row.task.case_id for row in rows})
    asked, joint = _asked(work, rows), _joint(rows)
    return tuple(
        replace(
            _line(work, row, reminders.get((row.task.case_id, row.place))),
            asked=asked.get(row.task.id, ""),
            joint_url=joint.get(row.task.office_id or "", "") if row.task.is_milestone else "",
            is_new=new_since is not None and today_of(row.task.opened_at) >= new_since,
        )
        for row in rows
    )


def _asked(work: Work, rows: Iterable[ListedTask]) -> dict[int, str]:
    """Say how much primary units were asked for, beside their tasks that may be reminded of."""
    offices = {
        row.task.id: row.task.office_id
        for row in rows
        if Role.RECTIFIER in row.task.roles.split()
        and row.person is None
        and row.task.office_id is not None
        and work.actor.serves(HANDING_ROLES, row.task.org_path) is not None
    }
    units = base_units(work.session, offices.values())
    asked = asked_of(work.session, units.values(), work.today)
    return {
        task: asked_words(asked[units[office]])
        for task, office in offices.items()
        if office in units
    }


def _joint(rows: Iterable[ListedTask]) -> dict[str, str]:
    """Give where the reports of offices are handed in as one, where several are listed."""
    counts = Counter(
        row.task.office_id
        for row in rows
        if row.task.is_milestone and row.task.level == INTERNAL and row.task.office_id is not None
    )
    return {
        office: url_for("joint_reports.page", office_id=office)
        for office, count in counts.items()
        if count > 1
    }


def asked_words(asked: Asked) -> str:
    """Say how much was asked of a unit this month; nothing where there is no cap."""
    if asked.cap is None:
        return ""
    return gettext("本月已提 %(count)s/%(cap)s 项", count=asked.count, cap=asked.cap)


def _line(work: Work, row: ListedTask, reminder: Reminder | None) -> Line:
    task, speak = row.task, speaker_for(work.session, row.pack_hash)
    address: Mapping[str, Any] = {"case_id": task.case_id, "path": task.path, "n": task.n}
    is_mine = task.claimant == work.actor.account_id
    is_letter = task.level == INTERNAL and makes_numbered(speak.pack, task.activity, LETTER)
    subject = bracketed(row.person, row.organisation) if row.person else row.organisation
    return Line(
        key=str(task.id),
        choice=f"{task.case_id}|{row.place}",
        name=speak.activity(task.activity),
        url=url_for("cases.task", **address),
        case_url=url_for("cases.page", case_id=task.case_id),
        why_url=url_for("cases.why", case_id=task.case_id, _anchor=f"due-{key_of(row.place)}"),
        case_number=row.case_number,
        organisation=subject,
        problem=speak.value("problem_type", row.problem_type),
        office=row.office,
        roles=listed(labels.role(role) for role in task.roles.split()),
        claimant=row.claimant,
        colour=row.colour,
        due_on=task.due_on,
        left=left_beside(row.colour, task.due_on, work.today),
        rung=task.rung,
        is_mine=is_mine,
        may_claim=row.may_claim,
        may_hand_on=work.actor.serves(HANDING_ROLES, task.org_path) is not None,
        is_letter=is_letter and (is_mine or row.may_claim),
        reminded="" if reminder is None else _reminded(reminder),
    )


def _reminded(reminder: Reminder) -> str:
    """Say that the office was reminded; what was said stands on the case's page."""
    return gettext("%(name)s %(on)s催办", on=day(today_of(reminder.at)), name=reminder.by)
