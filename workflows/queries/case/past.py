"""A case at a past moment, from the records that it had then (DESIGN 6).

What was recorded later is left out, be it about a day before: a late entry and a
withdrawal changed what is known, not what was known.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import InvalidInput
from workflows.domain.reviews import REVIEW
from workflows.domain.steps import FactValue
from workflows.queries.case.matter_page import CaseLine
from workflows.queries.case.page import (
    CasePage,
    Firing,
    TaskLine,
    case_head,
    papers_of,
)
from workflows.queries.case.timeline import Entry, Timeline, whole_timeline
from workflows.queries.lights import Stopped, case_due_on, case_light, task_light
from workflows.queries.names import names_of
from workflows.services.history.rebuild import rows_at
from workflows.services.history.rebuilding import CaseRows, Row
from workflows.services.packs import definition_of
from workflows.store.base import table_of
from workflows.store.effects import effect_of
from workflows.store.tables import (
    Case,
    Clock,
    ClockPause,
    Incident,
    JournalRecord,
    Organisation,
    Person,
    PersonEffect,
    Task,
)

_RECORD = table_of(JournalRecord)


class NotOpenedYet(InvalidInput):
    """At {at} the case was not there yet; it was opened at {opened_at}."""

    code: ClassVar[str] = "not_opened_yet"


@dataclass(frozen=True, slots=True)
class CasePast:
    """A case as it stood at a moment.

    ``been`` are the tasks and deadlines that lay behind it, as path#n; ``firings`` the
    deadlines that had passed and stood, oldest first. Where a payload was erased since,
    the facts are not all there and it is not ``is_whole``.
    """

    page: CasePage
    at: datetime
    been: tuple[str, ...]
    firings: tuple[Firing, ...]
    is_whole: bool

    @property
    def seq(self) -> int:
        """Give the last record that there was."""
        return self.page.case.version


def case_at(session: Session, case_id: str, at: datetime) -> CasePast:
    """Read a case as it stood at a moment.

    Raises:
        NotFound: There is no such case in the session's scope.
        NotOpenedYet: It had no records at that moment.
    """
    head = case_head(session, case_id)
    case = head.case
    if at < case.opened_at:
        raise NotOpenedYet(at=at, opened_at=case.opened_at)
    then = _Then(session, rows_at(session, case, at), local_date(at))
    page = CasePage(
        case=then.case,
        matter=head.matter,
        definition=definition_of(session, then.case.pack_hash, then.case.process_id),
        organisation=head.organisation,
        former=head.former,
        person=head.person,
        light=then.light(),
        tasks=then.task_lines(),
        clocks=tuple(then.dating_clocks()),
        pauses=tuple(ClockPause(**row) for row in then.rows.pauses),
        facts=then.facts(),
        effects=tuple(effect_of(PersonEffect(**row)) for row in then.rows.effects),
        waiting=(),
        papers=papers_of(session, case_id, at),
        incidents=_incidents(session, case_id, at),
    )
    return CasePast(page, at, then.been(), then.firings(), then.rows.is_whole)


def learned_later(session: Session, past: CasePast) -> Timeline:
    """Read what was recorded later of that moment or of days before it, oldest first."""
    later = whole_timeline(session, past.page.case.id, after=past.seq)
    return replace(later, entries=tuple(each for each in later.entries if _is_of(each, past)))


def _is_of(entry: Entry, past: CasePast) -> bool:
    about = entry.record.about
    return entry.record.occurred_at <= past.at or (about is not None and about.seq <= past.seq)


def case_lines_at(session: Session, matter_id: str, at: datetime) -> tuple[CaseLine, ...]:
    """Read the cases of a matter that the scope shows, as they stood at a moment."""
    statement = (
        select(Case, Organisation.name, Person.name)
        .join(Organisation, Organisation.id == Case.subject_organisation_id)
        .outerjoin(Person, Person.id == Case.subject_person_id)
        .where(Case.matter_id == matter_id, Case.opened_at <= at)
        .order_by(Case.opened_at, Case.number)
    )
    return tuple(
        _Then(session, rows_at(session, case, at), local_date(at)).line(person or organisation)
        for case, organisation, person in session.execute(statement)
    )


@dataclass(frozen=True, slots=True)
class _Then:
    """The rows of a case at a moment, and what lists and lights make of them."""

    session: Session
    rows: CaseRows
    today: date

    @property
    def case(self) -> Case:
        return Case(**self.rows.case)

    def line(self, subject: str) -> CaseLine:
        tasks = self.open_tasks()
        passed = {row["rung"] for row in self.rows.tasks.values() if row["state"] != "open"}
        return CaseLine(
            self.case,
            subject,
            self.light(),
            case_due_on(self.case, tasks),
            tuple(sorted(filter(None, passed))),
            tuple(task.path for task in tasks),
        )

    def facts(self) -> dict[str, FactValue]:
        return {name: json.loads(value) for name, value in self.rows.facts.items()}

    def open_tasks(self) -> list[Task]:
        tasks = [Task(**row) for row in self.rows.tasks.values() if row["state"] == "open"]
        return sorted(tasks, key=lambda task: (task.due_on is None, task.due_on, task.opened_seq))

    def dating_clocks(self) -> list[Clock]:
        """Give the live clocks, and those that have passed and still date an open task."""
        places = {f"{task.path}#{task.n}" for task in self.open_tasks()}
        return sorted(
            (clock for clock in self._clocks() if _is_live(clock) or clock.due_of in places),
            key=lambda clock: (clock.due_at, clock.armed_seq),
        )

    def _clocks(self) -> list[Clock]:
        return [Clock(**row) for row in self.rows.clocks.values() if row["state"] != "cancelled"]

    def _live(self) -> list[Clock]:
        return [clock for clock in self._clocks() if _is_live(clock)]

    def _stopped(self) -> Stopped:
        return {
            (row["case_id"], row["path"], row["n"]): row["from_on"]
            for row in self.rows.pauses
            if row["to_on"] is None
        }

    def light(self) -> Any:
        return case_light(
            self.session, self.case, self.open_tasks(), self._live(), self.today, self._stopped()
        )

    def task_lines(self) -> tuple[TaskLine, ...]:
        tasks, case, live = self.open_tasks(), self.case, self._live()
        ids = {task.office_id for task in tasks}
        statement = select(Organisation.id, Organisation.name, Organisation.path)
        rows = self.session.execute(statement.where(Organisation.id.in_(ids)))
        offices = {key: (name, path) for key, name, path in rows}
        names = names_of(self.session, (task.claimant for task in tasks))
        return tuple(
            TaskLine(
                task,
                *offices[str(task.office_id)],
                names.get(task.claimant or ""),
                task_light(self.session, case, task, self.today, live, self._stopped()),
            )
            for task in tasks
        )

    def been(self) -> tuple[str, ...]:
        fired = [key for key, row in self.rows.clocks.items() if row["state"] == "fired"]
        highest: dict[str, int] = {}
        done = [key for key in self.rows.tasks if key[0] != REVIEW]
        for path, n in (*done, *fired):
            highest[path] = max(n, highest.get(path, 0))
        return tuple(f"{path}#{n}" for path, n in highest.items())

    def firings(self) -> tuple[Firing, ...]:
        fired = [row for row in self.rows.clocks.values() if row["state"] == "fired"]
        moments = _recorded_at(self.session, self.rows.case["id"], fired)
        return tuple(
            Firing(Clock(**row), moments[row["ended_seq"]], self._opened_by(row["ended_seq"]))
            for row in sorted(fired, key=lambda row: row["ended_seq"])
        )

    def _opened_by(self, seq: int) -> tuple[str, ...]:
        rows = self.rows.tasks.values()
        return tuple(row["activity"] for row in rows if row["opened_seq"] == seq)


def _is_live(clock: Clock) -> bool:
    return clock.state in ("running", "paused")


def _recorded_at(session: Session, case_id: str, fired: Sequence[Row]) -> Mapping[int, datetime]:
    statement = select(_RECORD.c.seq, _RECORD.c.recorded_at).where(
        _RECORD.c.stream_id == case_id, _RECORD.c.seq.in_([row["ended_seq"] for row in fired])
    )
    return {row.seq: row.recorded_at for row in session.connection().execute(statement)}


def _incidents(session: Session, case_id: str, at: datetime) -> tuple[Incident, ...]:
    statement = select(Incident).where(
        Incident.case_id == case_id,
        Incident.opened_at <= at,
        or_(Incident.resolved_at.is_(None), Incident.resolved_at > at),
    )
    return tuple(session.scalars(statement.order_by(Incident.id)))
