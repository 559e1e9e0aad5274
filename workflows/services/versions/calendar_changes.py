"""Changing the days of a region: what it would move, and putting it in force.

What moves no running deadline is saved at once; anything else needs a second person
(`calendar_proposals`). The running clocks are counted anew afterwards, by the next sweep:
what comes later moves by itself, what comes earlier waits for the handler of its case
(`recomputing`).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.calendar_changes import (
    CalendarChange,
    DayChanged,
    changed_days,
    with_days,
)
from workflows.domain.calendars import Calendar
from workflows.domain.clocks import local_date
from workflows.domain.errors import Conflict, InvalidInput
from workflows.domain.levels import INTERNAL
from workflows.domain.records import JsonValue
from workflows.domain.roles import Actor, Role
from workflows.domain.terms import DueDates
from workflows.services.access import role_deciding
from workflows.services.calendars import current_calendar, install_calendar, lock_calendars
from workflows.services.steps.clockwork import pauses_of, term_of
from workflows.store.base import table_of
from workflows.store.scope import as_system
from workflows.store.tables import Case, Clock, ClockPause

JOB = "calendar"
CHANGING_ROLES = (Role.SYSTEM_ADMIN,)


class EffectChanged(Conflict):
    """The calendar or the deadlines changed since the effect was shown."""

    code: ClassVar[str] = "calendar_effect_changed"


class SecondPersonNeeded(Conflict):
    """The change moves {count} deadlines: another person has to approve it."""

    code: ClassVar[str] = "calendar_second_person"


class NothingChanges(InvalidInput):
    """The days are so already."""

    code: ClassVar[str] = "calendar_nothing_changes"


@dataclass(frozen=True, slots=True)
class MovedDate:
    """A running deadline whose date a change moves.

    ``number`` is empty for a case about a person, which the administration does not see.
    Both dates are the same where the calendar in force would have moved it and no sweep or
    handler has brought that yet: the change takes the move back.
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

    @property
    def is_kept(self) -> bool:
        """Say whether a move that was still to come is taken back."""
        return self.new_on == self.old_on

    @property
    def key(self) -> str:
        """Name the deadline among all."""
        return f"{self.case_id} {self.place}"


@dataclass(frozen=True, slots=True)
class ChangeEffect:
    """What a change does: its days, and the deadlines it moves, the earliest first.

    ``version`` is the calendar from which it was worked out.
    """

    version: str
    days: tuple[DayChanged, ...]
    moved: tuple[MovedDate, ...]

    @property
    def later(self) -> int:
        """Count what moves by itself."""
        return sum(each.is_later for each in self.moved)

    @property
    def kept(self) -> int:
        """Count what stays although it was to move."""
        return sum(each.is_kept for each in self.moved)

    @property
    def earlier(self) -> int:
        """Count what waits for a handler."""
        return len(self.moved) - self.later - self.kept

    @property
    def overdue(self) -> int:
        """Count what would be overdue at once."""
        return sum(each.is_overdue for each in self.moved)

    @property
    def digest(self) -> str:
        """Give the hash of what it does, whatever calendar it starts from."""
        moved = [
            [each.key, each.old_on.isoformat(), each.new_on.isoformat(), each.is_overdue]
            for each in sorted(self.moved, key=lambda each: each.key)
        ]
        return _hash({"days": [each.as_form() for each in self.days], "moved": moved})

    @property
    def seen(self) -> str:
        """Give the hash by which somebody says that he saw just this."""
        return _hash([self.version, self.digest])


def effect_of(session: Session, today: date, change: CalendarChange) -> ChangeEffect:
    """Work out what a change would do; nothing is written.

    Raises:
        CalendarChangeInvalid, NothingChanges: It is no change.
    """
    before = current_calendar(session)
    days, after = _changed(before, change)
    with as_system(session, JOB):
        moved = moved_dates(session, after, today, only_from=before)
    return ChangeEffect(before.version, days, moved)


def seen_effect(session: Session, today: date, change: CalendarChange, seen: str) -> ChangeEffect:
    """Work the effect out again, with no other change of the calendar until the end.

    Raises:
        EffectChanged: It is another than the one that was shown.
        CalendarChangeInvalid, NothingChanges: It is no change.
    """
    lock_calendars(session)
    effect = effect_of(session, today, change)
    if effect.seen != seen:
        raise EffectChanged
    return effect


def change_calendar(
    session: Session, actor: Actor, now: datetime, change: CalendarChange, seen: str
) -> Calendar:
    """Put a change in force at once that moves no running deadline.

    Args:
        session: An open session.
        actor: The system administrator.
        now: The moment.
        change: The days.
        seen: The hash of the effect that he saw.

    Raises:
        RoleMissing: Somebody else tries.
        EffectChanged: The effect is another by now.
        SecondPersonNeeded: It moves deadlines.
        CalendarChangeInvalid, NothingChanges: It is no change.
    """
    role_deciding(actor, CHANGING_ROLES)
    effect = seen_effect(session, local_date(now), change, seen)
    if effect.moved:
        raise SecondPersonNeeded(count=len(effect.moved))
    return put_in_force(session, actor, now, change, effect)


def put_in_force(
    session: Session,
    actor: Actor,
    now: datetime,
    change: CalendarChange,
    effect: ChangeEffect,
    said: Mapping[str, JsonValue] | None = None,
) -> Calendar:
    """Install the calendar after a change, its days old and new on record.

    The session holds the lock of `seen_effect`. ``said`` joins what the record says.
    """
    before = current_calendar(session)
    form: dict[str, JsonValue] = {
        "region": change.region,
        "source": change.source,
        "before": before.version,
        "days": [each.as_form() for each in effect.days],
        **(said or {}),
    }
    after = with_days(before, effect.days, change.region)
    install_calendar(session, actor, now, after, form)
    return after


def _hash(value: Any) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()


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
        only_from: Give what this calendar would date otherwise instead.
    """
    stops = _stops(session)
    new, old = _Dates(after), _Dates(only_from) if only_from is not None else None
    found = []
    for row in _running(session):
        pauses = pauses_of(stops.get(row.case_id, ()), row.path, row.n)
        due_on = new.at(row.org_path).of(term_of(row), pauses).due_on
        before_on = old.at(row.org_path).of(term_of(row), pauses).due_on if old else row.due_on
        if due_on == before_on:
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
