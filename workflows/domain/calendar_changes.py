"""A change of the days of one region, as somebody enters it from a notice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import ClassVar

from workflows.domain.calendars import MAKE_UP, Calendar, CalendarDay, DayStatus
from workflows.domain.errors import InvalidInput

LONGEST_DAYS = 31
LONGEST_NAME, LONGEST_SOURCE = 20, 120


class CalendarChangeInvalid(InvalidInput):
    """The change of the calendar cannot be used: {reason}"""

    code: ClassVar[str] = "calendar_change_invalid"


class DayKind(StrEnum):
    """What the days of a change become."""

    HOLIDAY = "holiday"  # nobody works
    LEAVE = "leave"  # nobody works here, by a notice of the place
    MAKE_UP = "make_up"  # people work, to make up for a holiday
    YEAR = "year"  # the notice of the year is complete: every other day is as expected
    BACK = "back"  # as in the wider region again


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """Days from the first to the last, both included, of a region and all below it.

    ``region`` is a path of the organisation tree; ``source`` names the notice. A change of
    the kind ``year`` means the whole year of its first day.
    """

    region: str
    first_on: date
    last_on: date
    kind: DayKind
    name: str
    status: DayStatus
    source: str

    def check(self) -> None:
        """Refuse what is no change.

        Raises:
            CalendarChangeInvalid: And why.
        """
        if not self.region.endswith("."):
            raise CalendarChangeInvalid(reason="region")
        if self.last_on < self.first_on:
            raise CalendarChangeInvalid(reason="order")
        if (self.last_on - self.first_on).days >= LONGEST_DAYS:
            raise CalendarChangeInvalid(reason="long")
        if not self.source.strip() or len(self.source) > LONGEST_SOURCE:
            raise CalendarChangeInvalid(reason="source")
        if len(self.name) > LONGEST_NAME or (not self.name and self._needs_name):
            raise CalendarChangeInvalid(reason="name")

    @property
    def _needs_name(self) -> bool:
        return self.kind not in {DayKind.YEAR, DayKind.BACK}

    def days(self) -> Iterator[date]:
        """Give the days that are changed."""
        first, last = self.first_on, self.last_on
        if self.kind is DayKind.YEAR:
            first, last = date(first.year, 1, 1), date(first.year, 12, 31)
        for offset in range((last - first).days + 1):
            yield first + timedelta(days=offset)


@dataclass(frozen=True, slots=True)
class DayChanged:
    """A day of a region before and after; null where the wider region decides."""

    on: date
    old: CalendarDay | None
    new: CalendarDay | None

    def as_form(self) -> dict[str, str | None]:
        """Give what the house's record keeps of it."""
        return {
            "date": self.on.isoformat(),
            "old": self.old.as_line() if self.old else None,
            "new": self.new.as_line() if self.new else None,
        }


def changed_days(calendar: Calendar, change: CalendarChange) -> tuple[DayChanged, ...]:
    """Give the rows of the table that a change would write, without those that stay alike."""
    change.check()
    own = {day.on: day for day in calendar.days if day.region == change.region}
    here = calendar.for_region(change.region)
    found = (DayChanged(on, own.get(on), _after(here, change, on)) for on in change.days())
    if change.kind is DayKind.YEAR:
        # What a notice has fixed already stays as it is.
        found = (each for each in found if here.has_provisional(each.on, each.on))
    return tuple(each for each in found if each.old != each.new)


def with_days(calendar: Calendar, changed: tuple[DayChanged, ...], region: str) -> Calendar:
    """Give the calendar after a change."""
    gone = {each.on for each in changed}
    kept = [day for day in calendar.days if day.region != region or day.on not in gone]
    return Calendar.of((*kept, *(each.new for each in changed if each.new is not None)))


def _after(here: Calendar, change: CalendarChange, on: date) -> CalendarDay | None:
    if change.kind is DayKind.BACK:
        return None
    if change.kind is DayKind.YEAR:
        name, works, status = here.name_of(on), here.is_workday(on), DayStatus.OFFICIAL
    else:
        name, works, status = change.name, change.kind is DayKind.MAKE_UP, change.status
        if works and not name.endswith(MAKE_UP):
            name += MAKE_UP
    return CalendarDay(on, works, change.region, name, status, change.source.strip())
