"""Changing the days of a region: what it would move, and putting it in force.

The running clocks are counted anew afterwards, by the next sweep: what comes later moves
by itself, what comes earlier waits for the handler of its case (`recomputing`).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.calendar_changes import (
    CalendarChange,
    DayChanged,
    changed_days,
    with_days,
)
from workflows.domain.calendars import Calendar
from workflows.domain.errors import Conflict, InvalidInput
from workflows.domain.levels import INTERNAL
from workflows.domain.records import JsonValue
from workflows.domain.roles import Actor, Role
from workflows.domain.terms import DueDates
from workflows.services.access import role_deciding
from workflows.services.calendars import current_calendar, install_calendar
from workflows.services.steps.clockwork import pauses_of, term_of
from workflows.store.base import table_of
from workflows.store.scope import as_system
from workflows.store.tables import Case, Clock, ClockPause

JOB = "calendar"
CHANGING_ROLES = (Role.SYSTEM_ADMIN,)


class CalendarChangedMeanwhile(Conflict):
    """Somebody else has changed the calendar since the effect was shown."""

    code: ClassVar[str] = "calendar_changed_meanwhile"


class NothingChanges(InvalidInput):
    """The days are so already."""

    code: ClassVar[str] = "calendar_nothing_changes"


@dataclass(frozen=True, slots=True)
class MovedDate:
    """A running deadline whose date a change moves.

    ``number`` is empty for a case about a person, which the administration does not see.
    """

    case_id: str
    number: str
    pack_hash: str
    place: str
    rule: str
    old_on: date
    new_on: date
    is_overdue: bool

    @property
    def is_later(self) -> bool:
        """Say whether it moves by itself."""
        return self.new_on > self.old_on


@dataclass(frozen=True, slots=True)
class ChangeEffect:
    """What a change does: its days, and the deadlines it moves, the earliest first.

    ``seen`` is the version of the calendar from which it was worked out.
    """

    seen: str
    days: int
    moved: tuple[MovedDate, ...]

    @property
    def later(self) -> int:
        """Count what moves by itself."""
        return sum(each.is_later for each in self.moved)

    @property
    def earlier(self) -> int:
        """Count what waits for a handler."""
        return len(self.moved) - self.later

    @property
    def overdue(self) -> int:
        """Count what would be overdue at once."""
        return sum(each.is_overdue for each in self.moved)


def effect_of(session: Session, today: date, change: CalendarChange) -> ChangeEffect:
    """Work out what a change would do; nothing is written.

    Raises:
        CalendarChangeInvalid, NothingChanges: It is no change.
    """
    before = current_calendar(session)
    changed, after = _changed(before, change)
    with as_system(session, JOB):
        moved = moved_dates(session, after, today, only_from=before)
    return ChangeEffect(before.version, len(changed), moved)


def change_calendar(
    session: Session, actor: Actor, now: datetime, change: CalendarChange, seen: str
) -> Calendar:
    """Put a change in force, and its days old and new on record.

    Args:
        session: An open session.
        actor: The system administrator.
        now: The moment.
        change: The days.
        seen: The version from which the effect was worked out that he saw.

    Raises:
        RoleMissing: Somebody else tries.
        CalendarChangedMeanwhile: Another calendar is in force by now.
        CalendarChangeInvalid, NothingChanges: It is no change.
    """
    role_deciding(actor, CHANGING_ROLES)
    before = current_calendar(session)
    if before.version != seen:
        raise CalendarChangedMeanwhile
    changed, after = _changed(before, change)
    said: dict[str, JsonValue] = {
        "region": change.region,
        "source": change.source,
        "before": before.version,
        "days": [each.as_form() for each in changed],
    }
    install_calendar(session, actor, now, after, said)
    return after


def _changed(before: Calendar, change: CalendarChange) -> tuple[tuple[DayChanged, ...], Calendar]:
    """Give the days that a change writes, and the calendar after it."""
    changed = changed_days(before, change)
    if not changed:
        raise NothingChanges
    return changed, with_days(before, changed, change.region)


def moved_dates(
    session: Session,
    after: Calendar,
    today: date = date.max,
    *,
    only_from: Calendar | None = None,
) -> tuple[MovedDate, ...]:
    """Give the running deadlines that a calendar dates otherwise than they stand.

    Args:
        session: One that sees everything.
        after: The calendar of the whole country.
        today: The day against which overdue is told.
        only_from: Leave out what this calendar would date likewise.
    """
    stops = _stops(session)
    new, old = _Dates(after), _Dates(only_from) if only_from is not None else None
    found = []
    for row in _running(session):
        pauses = pauses_of(stops.get(row.case_id, ()), row.path, row.n)
        due_on = new.at(row.org_path).of(term_of(row), pauses).due_on
        if due_on == row.due_on:
            continue
        if old is not None and old.at(row.org_path).of(term_of(row), pauses).due_on == due_on:
            continue
        number = row.number if row.level == INTERNAL else ""
        place = f"{row.path}#{row.n}"
        is_overdue = due_on < today <= row.due_on
        found.append(
            MovedDate(
                row.case_id, number, row.pack_hash, place, row.rule, row.due_on, due_on, is_overdue
            )
        )
    return tuple(sorted(found, key=lambda each: (each.new_on, each.number, each.place)))


class _Dates:
    """The dates of terms under one table, by region."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._known: dict[str, DueDates] = {}

    def at(self, path: str) -> DueDates:
        here = self._calendar.for_region(path)
        return self._known.setdefault(here.region, DueDates(here))


def _running(session: Session) -> list[Any]:
    """Read the running clocks of open cases, each with its case."""
    clock, case = table_of(Clock), table_of(Case)
    columns = (case.c.number, case.c.level, case.c.pack_hash, case.c.org_path)
    statement = (
        select(clock, *columns)
        .join(case, case.c.id == clock.c.case_id)
        .where(clock.c.state == "running", case.c.state == "open")
    )
    return list(session.connection().execute(statement))


def _stops(session: Session) -> dict[str, list[Any]]:
    """Read the pauses of all cases with a running clock."""
    running = select(Clock.case_id).where(Clock.state == "running")
    found: dict[str, list[Any]] = defaultdict(list)
    for pause in session.scalars(select(ClockPause).where(ClockPause.case_id.in_(running))):
        found[pause.case_id].append(pause)
    return found
