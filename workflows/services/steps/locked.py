"""A case as a step finds it: locked, read afresh, with its definition."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from threading import Lock
from typing import Any, TypeAlias

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from workflows.domain.calendars import Calendar
from workflows.domain.errors import NotFound
from workflows.domain.steps import FactValue
from workflows.engine import Definition, Standing
from workflows.services.calendars import current_calendar
from workflows.services.journal import Head
from workflows.services.offices import Place
from workflows.services.packs import definition_of
from workflows.store.caserows import CHANGING_COLUMNS
from workflows.store.casework import (
    CASE_FIELDS,
    live_clocks,
    lock_case,
    open_tasks,
    read_all_facts,
    read_cases,
    read_marking,
)
from workflows.store.journal import key_id_of
from workflows.store.tables import Case

_LARGEST_CACHE = 10_000
_markings: OrderedDict[str, str] = OrderedDict()
_lock = Lock()


class Fresh:
    """A row that this transaction writes, by the names of its columns.

    It is the row itself and no copy: the id that the database gives it later shows too.
    """

    def __init__(self, row: dict[str, Any]) -> None:
        """Keep the values."""
        self.__dict__ = row

    def __getattr__(self, name: str) -> Any:
        """Refuse what is no column of the row."""
        raise AttributeError(name)

    def values(self) -> Mapping[str, Any]:
        """Give all columns."""
        return self.__dict__


@dataclass(frozen=True, slots=True)
class Overdue:
    """A scope whose term ran out on a day, empty once a clock has ended it: the item is red."""

    scope: str
    due_on: date


LiveRow: TypeAlias = "Row[Any] | Fresh"


@dataclass(slots=True)
class LockedCase:
    """A case under its lock; ``tasks`` and ``clocks`` are those alive, by path.

    ``key_id`` is the key of its subject, null once that was erased. ``stored`` has the
    columns that a record may change as the case's row has them.
    """

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
    key_id: str | None
    overdue: Overdue | None = None
    stored: dict[str, Any] = field(default_factory=dict)


def load_locked(session: Session, case_id: str) -> LockedCase:
    """Lock a case and read all that a step needs.

    Raises:
        NotFound: There is no such case in the session's scope.
    """
    return _load(session, [lock_case(session, case_id)])[case_id]


def load_seen(session: Session, case_id: str) -> LockedCase:
    """Read a case as a step would find it, for a page: nothing is locked.

    Raises:
        NotFound: There is no such case in the session's scope.
    """
    if session.scalar(select(Case.id).where(Case.id == case_id)) is None:
        raise NotFound(what="case", key=case_id)
    return load_claimed(session, [case_id])[case_id]


def load_claimed(session: Session, case_ids: Collection[str]) -> dict[str, LockedCase]:
    """Read cases that a job has locked, with a few statements for all of them."""
    return _load(session, read_cases(session, list(case_ids)))


def _load(session: Session, rows: Sequence[Row[Any]]) -> dict[str, LockedCase]:
    ids = [row.id for row in rows]
    facts = read_all_facts(session, ids)
    tasks = _by_case(ids, open_tasks(session, ids))
    clocks = _by_case(ids, live_clocks(session, ids))
    calendar = current_calendar(session)
    return {
        row.id: _locked(session, row, facts[row.id], tasks[row.id], clocks[row.id], calendar)
        for row in rows
    }


def _by_case(ids: Sequence[str], rows: Sequence[Row[Any]]) -> dict[str, dict[str, LiveRow]]:
    found: dict[str, dict[str, LiveRow]] = {case_id: {} for case_id in ids}
    for row in rows:
        found[row.case_id][row.path] = row
    return found


def _locked(
    session: Session,
    row: Row[Any],
    facts: dict[str, FactValue],
    tasks: dict[str, LiveRow],
    clocks: dict[str, LiveRow],
    calendar: Calendar,
) -> LockedCase:
    # A row looks each attribute up by name; of so many a dictionary is much faster.
    values = dict(zip(CASE_FIELDS, row, strict=True))
    organisation_id, org_path = values["subject_organisation_id"], values["org_path"]
    return LockedCase(
        id=values["id"],
        number=values["number"],
        matter_id=values["matter_id"],
        level=values["level"],
        state=values["state"],
        definition=definition_of(session, values["pack_hash"], values["process_id"]),
        marking=marking_text(session, values["marking_hash"]),
        marking_hash=values["marking_hash"],
        facts=facts,
        tasks=tasks,
        clocks=clocks,
        place=Place(organisation_id, org_path, values["matter_office"]),
        calendar=calendar.for_region(org_path),
        head=Head(values["version"], values["head"], values["head_at"]),
        rung=values["rung"],
        outcome=values["outcome"],
        subject_person_id=values["subject_person_id"],
        ended_at=values["ended_at"],
        awaited=list(values["awaited"]),
        key_id=_key_of(session, values),
        overdue=_overdue_of(values),
        stored={name: values[name] for name in CHANGING_COLUMNS},
    )


def _overdue_of(values: Mapping[str, Any]) -> Overdue | None:
    on = values["overdue_on"]
    return None if on is None else Overdue(values["overdue_scope"], on)


def _key_of(session: Session, values: Mapping[str, Any]) -> str | None:
    """Give the key of the case's subject; only that of a closed case may go while we wait."""
    if values["state"] != "ended":
        return values["key_id"]  # type: ignore[no-any-return]
    return key_id_of(session, values["subject_person_id"] or values["subject_organisation_id"])


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


def settle_overdue(case: LockedCase, fired: LiveRow | None) -> None:
    """Bring up to date which term of the case ran out."""
    paths = (*case.tasks, *case.clocks)
    clocks = case.clocks.values()
    case.overdue = overdue_after(
        case.overdue, fired, clocks, paths, has_ended=case.state == "ended"
    )


def overdue_after(
    before: Overdue | None,
    fired: LiveRow | None,
    clocks: Iterable[LiveRow],
    paths: Iterable[str],
    *,
    has_ended: bool,
) -> Overdue | None:
    """Note a scope whose clock fired; forget it when people end the scope or set a new term.

    A scope that a clock ends, by escalation, leaves the case overdue until a new term.
    """
    overdue = before
    if fired is not None and fired.due_of and "#" not in fired.due_of:
        overdue = Overdue(fired.due_of, fired.due_on)
    if overdue is None:
        return None
    new_term = any(clock.due_of and "#" not in clock.due_of for clock in clocks)
    inside = any(path.startswith(f"{overdue.scope}/") for path in paths)
    if new_term or has_ended or (overdue.scope and not inside and fired is None):
        return None
    return Overdue("", overdue.due_on) if overdue.scope and not inside else overdue


def nearest_due(case: LockedCase) -> date | None:
    """Give the nearest date of a task or scope, by which a case is listed."""
    return min((clock.due_on for clock in case.clocks.values() if clock.due_of), default=None)


def rung_at(definition: Definition, places: Standing) -> int | None:
    """Give the rung where a case stands: the highest of its open tasks, else of what waits."""
    tasks = [definition.activity(path).rung for path in places.tasks]
    waiting = [definition.timer(path).rung for path in places.clocks]
    waiting += [definition.message(path).rung for path in places.messages]
    return max((rung for rung in (tasks or waiting) if rung is not None), default=None)
