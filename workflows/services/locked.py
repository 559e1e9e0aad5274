"""A case as a step finds it: locked, read afresh, with its definition."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock
from typing import Any, TypeAlias

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from workflows.domain.calendars import Calendar
from workflows.domain.steps import FactValue
from workflows.engine import Definition
from workflows.services.calendars import current_calendar
from workflows.services.journal import Head
from workflows.services.offices import Place
from workflows.services.packs import definition_of
from workflows.store.base import table_of
from workflows.store.casework import (
    live_clocks,
    lock_case,
    open_tasks,
    read_facts,
    read_marking,
)
from workflows.store.tables import Matter

_LARGEST_CACHE = 10_000
_markings: OrderedDict[str, str] = OrderedDict()
_lock = Lock()


class Fresh:
    """A row that this transaction has just written, by the names of its columns."""

    __slots__ = ("_row",)

    def __init__(self, row: Mapping[str, Any]) -> None:
        """Keep the values that were written."""
        self._row = row

    def __getattr__(self, name: str) -> Any:
        """Give a column."""
        return self._row[name]

    def values(self) -> Mapping[str, Any]:
        """Give all columns."""
        return self._row


LiveRow: TypeAlias = "Row[Any] | Fresh"


@dataclass(slots=True)
class LockedCase:
    """A case under its lock; ``tasks`` and ``clocks`` are those alive, by path."""

    id: str
    number: str
    matter_id: str
    level: str
    state: str
    definition: Definition
    marking: str
    marking_hash: str
    facts: dict[str, FactValue]
    tasks: dict[str, LiveRow]
    clocks: dict[str, LiveRow]
    place: Place
    calendar: Calendar
    head: Head
    rung: int | None
    outcome: str | None
    subject_person_id: str | None
    ended_at: datetime | None
    awaited: list[str]

    @property
    def subject_id(self) -> str:
        """Give the key under which its payloads are sealed."""
        return self.subject_person_id or self.place.subject_organisation_id


def load_locked(session: Session, case_id: str) -> LockedCase:
    """Lock a case and read all that a step needs.

    Raises:
        NotFound: There is no such case in the session's scope.
    """
    row = lock_case(session, case_id)
    matter_office = session.connection().execute(
        select(table_of(Matter).c.registering_office_id).where(
            table_of(Matter).c.id == row.matter_id
        )
    )
    place = Place(row.subject_organisation_id, row.org_path, matter_office.scalar_one())
    return LockedCase(
        id=row.id,
        number=row.number,
        matter_id=row.matter_id,
        level=row.level,
        state=row.state,
        definition=definition_of(session, row.pack_hash, row.process_id),
        marking=marking_text(session, row.marking_hash),
        marking_hash=row.marking_hash,
        facts=read_facts(session, case_id),
        tasks={task.path: task for task in open_tasks(session, case_id)},
        clocks={clock.path: clock for clock in live_clocks(session, case_id)},
        place=place,
        calendar=current_calendar(session).for_region(row.org_path),
        head=Head(row.version, row.head, row.head_at),
        rung=row.rung,
        outcome=row.outcome,
        subject_person_id=row.subject_person_id,
        ended_at=row.ended_at,
        awaited=list(row.awaited),
    )


def marking_text(session: Session, marking_hash: str) -> str:
    """Give the text of a stored marking, from memory where it was read before."""
    known = _markings.get(marking_hash)
    if known is not None:
        return known
    body = read_marking(session, marking_hash)
    with _lock:
        _markings[marking_hash] = body
        if len(_markings) > _LARGEST_CACHE:
            _markings.popitem(last=False)
    return body


def nearest_due(clocks: list[tuple[date, str | None]]) -> date | None:
    """Give the nearest due date among clocks that date a task or a scope."""
    return min((due_on for due_on, due_of in clocks if due_of), default=None)
