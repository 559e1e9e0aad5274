"""What primary units were asked for in a month, from the rows that asking leaves (ADR 0084).

Of organisations' cases only. Nothing is booked: a task at the unit, a visit, a letter's term
and a reminder's record are each there already. Reports of a series count in the month in which
they are due, all else in the month in which it came. What was merged counts where it is handled.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from workflows.domain.clocks import local_date
from workflows.domain.months import Month
from workflows.domain.requests import BASE_LEVEL, Asked, Request, RequestKind
from workflows.domain.roles import Role
from workflows.engine import Pack
from workflows.queries.conditions import (
    FIRST_LETTER,
    HAS_ENDED,
    IS_LIVE,
    OF_ORGANISATIONS,
    SECOND_LETTER,
)
from workflows.queries.desk.reminders import REMIND
from workflows.queries.short_ways import off_index
from workflows.services.access import unit_path
from workflows.services.packs import pack_in_force, pack_of
from workflows.store.base import table_of
from workflows.store.scope import as_system, within
from workflows.store.tables import Case, Clock, JournalRecord, Organisation, Task

CAP = "R_REQUESTS"
# What is written down of an acceptance or a look-back on the spot (DOMAIN 4).
_VISITS = frozenset({"D14", "D15", "D16"})
_CASES_AT_ONCE = 500
_JOB = "requests"
_Cases: TypeAlias = Mapping[str, "_CaseAt"]


@dataclass(frozen=True, slots=True)
class _CaseAt:
    """A case as far as requests ask: of which unit, and by which rules."""

    id: str
    number: str
    pack_hash: str
    place: str


def cap_of(pack: Pack | None) -> int | None:
    """Give how much a unit may be asked for in a month; a pack without the number has no cap."""
    return pack.number(CAP) if pack else None


def base_path(organisation: Organisation) -> str | None:
    """Give the path of the primary unit that this is, or is a body of; above them None."""
    if organisation.level < BASE_LEVEL:
        return None
    return organisation.path if organisation.kind == "unit" else unit_path(organisation.path)


def base_units(session: Session, office_ids: Iterable[str]) -> dict[str, str]:
    """Give the paths of the primary units of offices, by the office's id; above them none."""
    wanted = {*office_ids}
    if not wanted:
        return {}
    offices = session.scalars(select(Organisation).where(Organisation.id.in_(wanted)))
    units = {office.id: base_path(office) for office in offices}
    return {id_: path for id_, path in units.items() if path is not None}


def asked_of(session: Session, places: Iterable[str], today: date) -> dict[str, Asked]:
    """Count what units, by their paths, were asked for this month."""
    wanted = tuple(dict.fromkeys(places))
    if not wanted:
        return {}
    cap = cap_of(pack_in_force(session, today))
    counts = Counter(each.place for each in all_asked(session, wanted, Month.of(today)))
    return {place: Asked(counts[place], cap) for place in wanted}


def all_asked(session: Session, paths: Sequence[str], month: Month) -> tuple[Request, ...]:
    """List what units were asked for, the same for everybody who counts it."""
    with as_system(session, _JOB):
        return requests_at(session, paths, month)


def requests_at(session: Session, paths: Sequence[str], month: Month) -> tuple[Request, ...]:
    """List what was asked of the primary units in some subtrees, the oldest first."""
    begin, end = month.moments
    cases = _cases(session, paths, begin)
    found: list[Request] = []
    ids = [*cases]
    for start in range(0, len(ids), _CASES_AT_ONCE):
        batch = {case_id: cases[case_id] for case_id in ids[start : start + _CASES_AT_ONCE]}
        found += _tasks(session, batch, month, begin, end)
        found += _letters(session, batch, month)
        found += _reminders(session, batch, begin, end)
    return tuple(sorted(_once_a_day(found), key=lambda each: (each.place, each.on, each.kind)))


def _once_a_day(found: Iterable[Request]) -> Iterator[Request]:
    """Leave one reminder of each unit and day."""
    seen = set()
    for each in sorted(found, key=lambda one: (one.on, one.case_number)):
        if each.kind is RequestKind.REMINDER:
            if (each.place, each.on) in seen:
                continue
            seen.add((each.place, each.on))
        yield each


def _cases(session: Session, paths: Sequence[str], begin: datetime) -> dict[str, _CaseAt]:
    """Read the cases that ran in the month: those that go on, and those that ended since."""
    here = (OF_ORGANISATIONS, within(Case.org_path, paths), Organisation.level >= BASE_LEVEL)
    found: dict[str, _CaseAt] = {}
    for ran in (IS_LIVE, and_(HAS_ENDED, Case.ended_at >= begin)):
        statement = (
            select(Case.id, Case.number, Case.pack_hash, Organisation)
            .join(Organisation, Organisation.id == Case.subject_organisation_id)
            .where(*here, ran)
        )
        for id_, number, pack_hash, organisation in session.execute(statement):
            found[id_] = _CaseAt(id_, number, pack_hash, base_path(organisation) or "")
    return found


def _tasks(
    session: Session, cases: _Cases, month: Month, begin: datetime, end: datetime
) -> Iterator[Request]:
    later = aliased(Task)
    goes_on = exists().where(
        later.case_id == Task.case_id, later.path == Task.path, later.n == Task.n + 1
    )
    statement = select(Task, goes_on).where(
        Task.case_id.in_(tuple(cases)),
        Task.state != "withdrawn",
        or_(
            and_(Task.opened_at >= begin, Task.opened_at < end),
            and_(Task.closed_at >= begin, Task.closed_at < end),
            and_(Task.due_on >= month.first_on, Task.due_on <= month.last_on),
        ),
    )
    visits = {each: _visits(session, each) for each in {case.pack_hash for case in cases.values()}}
    for task, is_followed in session.execute(statement):
        case = cases[task.case_id]
        if task.activity in visits[case.pack_hash]:
            if task.closed_at is not None and begin <= task.closed_at < end:
                on = local_date(task.closed_at)
                yield _request(RequestKind.VISIT, case, on, task.activity)
        elif Role.RECTIFIER in task.roles.split():
            yield from _asked_for(case, task, month, is_lapsed=not is_followed)


def _asked_for(case: _CaseAt, task: Task, month: Month, *, is_lapsed: bool) -> Iterator[Request]:
    """Give what a task asks the unit for: a report when it is due, another paper when it came.

    A report of a series that ended before its day, with the whole term, was not asked for.
    """
    if not task.is_milestone:
        on = local_date(task.opened_at)
        kind = RequestKind.PAPER
    elif task.due_on is None or (is_lapsed and _closed_before(task, task.due_on)):
        return
    else:
        on, kind = task.due_on, RequestKind.REPORT
    if month.first_on <= on <= month.last_on:
        yield _request(kind, case, on, task.activity)


def _closed_before(task: Task, due_on: date) -> bool:
    return task.closed_at is not None and local_date(task.closed_at) <= due_on


def _visits(session: Session, pack_hash: str) -> frozenset[str]:
    """Give the tasks of a pack that are done at the unit: what is seen there is a paper."""
    documents = pack_of(session, pack_hash).documents.values()
    return frozenset(
        activity for each in documents if each.code in _VISITS for activity in each.activities
    )


def _letters(session: Session, cases: _Cases, month: Month) -> Iterator[Request]:
    """Give the letters of supervision, by the terms for an answer that begin with them."""
    statement = select(Clock.case_id, Clock.anchor_on).where(
        Clock.case_id.in_(tuple(cases)),
        Clock.rule.in_((FIRST_LETTER, SECOND_LETTER)),
        Clock.anchor_on >= month.first_on,
        Clock.anchor_on <= month.last_on,
    )
    for case_id, on in session.execute(statement):
        yield _request(RequestKind.LETTER, cases[case_id], on)


def _reminders(
    session: Session, cases: _Cases, begin: datetime, end: datetime
) -> Iterator[Request]:
    record = table_of(JournalRecord)
    statement = select(record.c.stream_id, record.c.recorded_at, record.c.body).where(
        record.c.stream_id.in_(tuple(cases)),
        # Of all interventions there are many, of these cases few.
        off_index(session, record.c.kind) == "intervened",
        record.c.recorded_at >= begin,
        record.c.recorded_at < end,
        record.c.body.contains(f'"name":"{REMIND}"', autoescape=True),
    )
    rows: Sequence[Any] = session.connection().execute(statement).all()
    offices = {row: json.loads(row.body)["office"] for row in rows}
    paths = _paths(session, set(offices.values()))
    for row, office in offices.items():
        case = cases[row.stream_id]
        if paths.get(office, "").startswith(case.place):
            yield _request(RequestKind.REMINDER, case, local_date(row.recorded_at))


def _paths(session: Session, ids: set[str]) -> dict[str, str]:
    if not ids:
        return {}
    statement = select(Organisation.id, Organisation.path).where(Organisation.id.in_(ids))
    return {row.id: row.path for row in session.execute(statement)}


def _request(kind: RequestKind, case: _CaseAt, on: date, activity: str = "") -> Request:
    return Request(kind, case.place, on, case.id, case.number, case.pack_hash, activity)
