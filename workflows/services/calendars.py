"""The calendar in force, kept by its version."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from threading import Lock
from typing import ClassVar

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from workflows.domain.calendars import Calendar, CalendarDay, DayStatus
from workflows.domain.errors import DubanError
from workflows.domain.records import JsonValue
from workflows.domain.roles import Actor
from workflows.services.journal import append_house
from workflows.store.base import table_of
from workflows.store.tables import CalendarDay as DayRow
from workflows.store.tables import CalendarVersion, Clock, Installation

_IN_FORCE = "duban_calendar"
_VERSION = table_of(CalendarVersion)
_CLOCK = table_of(Clock)
_DAY = table_of(DayRow)
_CURRENT = select(_VERSION.c.version).where(_VERSION.c.is_current)
_loaded: dict[str, Calendar] = {}
_lock = Lock()


class CalendarMissing(DubanError):
    """No calendar {version} is installed here."""

    code: ClassVar[str] = "calendar_missing"


def current_calendar(session: Session) -> Calendar:
    """Give the calendar in force.

    Raises:
        CalendarMissing: None is.
    """
    version: str | None = session.info.get(_IN_FORCE)
    if version is None:
        version = session.connection().execute(_CURRENT).scalar_one_or_none()
        if version is None:
            raise CalendarMissing(version="")
        session.info[_IN_FORCE] = version
    return calendar_of(session, version)


def calendar_of(session: Session, version: str) -> Calendar:
    """Give a calendar by its version.

    Raises:
        CalendarMissing: There is none.
    """
    known = _loaded.get(version)
    if known is not None:
        return known
    rows = session.execute(select(DayRow).where(DayRow.version == version)).scalars().all()
    if not rows:
        raise CalendarMissing(version=version)
    calendar = Calendar.of(
        CalendarDay(
            on=row.date,
            is_workday=row.is_workday,
            region=row.region,
            name=row.name,
            status=DayStatus(row.status),
            source=row.source,
        )
        for row in rows
    )
    with _lock:
        return _loaded.setdefault(version, calendar)


def calendar_in(session: Session, region: str, version: str) -> Calendar:
    """Give a calendar by its version as it holds in a region.

    Raises:
        CalendarMissing: There is none.
    """
    return calendar_of(session, version).for_region(region)


def lock_calendars(session: Session) -> None:
    """Let one change of the calendar go at a time, until the transaction ends.

    The row of the installation comes before any row of a calendar.
    """
    session.execute(select(Installation.id).with_for_update())
    session.info.pop(_IN_FORCE, None)


def install_calendar(
    session: Session,
    actor: Actor,
    now: datetime,
    calendar: Calendar,
    said: Mapping[str, JsonValue] | None = None,
) -> None:
    """Put a calendar in force beside those that came before it, or one of them again.

    What runs is counted anew by the next sweep; before the first clock there is nothing to.

    Args:
        session: An open session.
        actor: Who does it.
        now: The moment.
        calendar: The calendar of the whole country, with the days of all regions.
        said: What the house's record says of the change.
    """
    has_clocks = session.execute(select(_CLOCK.c.id).limit(1)).first() is not None
    session.execute(update(CalendarVersion).values(is_current=False))
    row = session.get(CalendarVersion, calendar.version)
    if row is None:
        row = CalendarVersion(
            version=calendar.version,
            created_at=now,
            created_by=actor.account_id,
            horizon_on=calendar.horizon_on,
            is_current=True,
        )
        session.add(row)
        session.flush()
        rows = [_row(calendar.version, day) for day in calendar.days]
        session.connection().execute(insert(_DAY), rows)
    row.is_current, row.counted_at = True, None if has_clocks else now
    session.flush()
    session.info.pop(_IN_FORCE, None)
    append_house(session, actor, now, "calendar_installed", calendar.version, form=said)


def is_counted(session: Session) -> bool:
    """Say whether what runs has been counted under the calendar in force, if there is one."""
    waiting = select(_VERSION.c.version).where(
        _VERSION.c.is_current, _VERSION.c.counted_at.is_(None)
    )
    return session.execute(waiting).first() is None


def note_counted(session: Session, version: str, now: datetime) -> None:
    """Note that what runs has been counted under a calendar."""
    session.execute(
        update(CalendarVersion).where(CalendarVersion.version == version).values(counted_at=now)
    )


def _row(version: str, day: CalendarDay) -> dict[str, str | date | bool]:
    return {
        "version": version,
        "region": day.region,
        "date": day.on,
        "is_workday": day.is_workday,
        "name": day.name,
        "status": day.status.value,
        "source": day.source,
    }
