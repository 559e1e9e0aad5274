"""Working days of a place: the table first, the law's own rule where it is silent.

A calendar answers in constant time whether a day is a working day, how many lie
between two days and which one is the n-th. Days that no row covers are answered
by :mod:`workflows.domain.statutory` and reported as provisional.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import accumulate, compress, pairwise
from typing import Self

from workflows.domain.errors import InvalidInput
from workflows.domain.statutory import FIRST_YEAR, LAST_YEAR, expected_workdays, statutory_name

ROOT_REGION = ""
# What the name of a make-up working day ends with.
MAKE_UP = "调休上班"
_FIRST = date(FIRST_YEAR, 1, 1).toordinal()
_LAST = date(LAST_YEAR, 12, 31).toordinal()


class DateOutOfRange(InvalidInput):
    """{what} lies outside the years {first_year} to {last_year} that calendars cover."""

    code = "date_out_of_range"
    what: str
    first_year: int
    last_year: int


class InvalidCalendar(InvalidInput):
    """The calendar table cannot be used: {reason}"""

    code = "invalid_calendar"
    reason: str


class DayStatus(StrEnum):
    """Whether a notice has fixed a day or it is only expected."""

    OFFICIAL = "official"
    PROVISIONAL = "provisional"


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One row of the calendar table.

    ``region`` is a path of the organisation tree (``15.1525.``), empty for the whole
    country; ``name`` is the holiday or the make-up day, empty for an ordinary day.
    """

    on: date
    is_workday: bool
    region: str = ROOT_REGION
    name: str = ""
    status: DayStatus = DayStatus.OFFICIAL
    source: str = ""

    def as_line(self) -> str:
        """Write the day as one line of canonical JSON, without the line end."""
        values = {
            "date": self.on.isoformat(),
            "is_workday": self.is_workday,
            "name": self.name,
            "region": self.region,
            "source": self.source,
            "status": self.status.value,
        }
        return json.dumps(values, ensure_ascii=False, separators=(",", ":"), sort_keys=True)

    @classmethod
    def from_line(cls, line: str) -> Self:
        """Read a line that `as_line` wrote."""
        try:
            values = json.loads(line)
            return cls(
                on=date.fromisoformat(values["date"]),
                is_workday=values["is_workday"] is True,
                region=values["region"],
                name=values["name"],
                status=DayStatus(values["status"]),
                source=values["source"],
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidCalendar(reason=f"{line[:80]!r} is not a day") from error


@dataclass(frozen=True, slots=True)
class _Counts:
    """Running totals over every day of the range, so that each question is an index.

    ``workdays`` are the ordinals of the working days; ``worked[i]`` and
    ``expected[i]`` count working and provisional days before the i-th day.
    """

    workdays: list[int]
    worked: list[int]
    expected: list[int]


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """The working days of one region under one version of the calendar table.

    Made by `Calendar.of`. The version covers the rows of all regions, so that the
    calendar of a region keeps the version of the table it was taken from.
    ``horizon_on`` is the last day that a notice has fixed for the whole country.
    """

    days: tuple[CalendarDay, ...] = field(repr=False)
    version: str
    horizon_on: date
    region: str
    _names: dict[int, str] = field(repr=False)
    _counts: _Counts = field(repr=False)
    # Filled as regions are asked for; shared by all calendars of a table.
    _siblings: dict[str, Calendar | None] = field(repr=False)

    @classmethod
    def of(cls, days: Iterable[CalendarDay]) -> Calendar:
        """Build the calendar of the whole country from the rows of all regions."""
        ordered = tuple(sorted(days, key=lambda day: (day.on, day.region)))
        _check(ordered)
        horizon_on = max(
            (day.on for day in ordered if not day.region and day.status is DayStatus.OFFICIAL),
            default=None,
        )
        if horizon_on is None:
            raise InvalidCalendar(reason="it has no official day of the whole country")
        version = hashlib.sha256(_jsonl(ordered)).hexdigest()
        siblings: dict[str, Calendar | None] = {day.region: None for day in ordered}
        return _layered(ordered, version, horizon_on, ROOT_REGION, siblings)

    @classmethod
    def from_jsonl(cls, content: bytes) -> Calendar:
        """Read the file that `jsonl` wrote."""
        # Only "\n" ends a line here: a name may hold what str.splitlines would break at.
        lines = content.decode("utf-8").removesuffix("\n").split("\n")
        return cls.of(CalendarDay.from_line(line) for line in lines)

    def jsonl(self) -> bytes:
        """Write every row as the file whose SHA-256 is the version (AUDIT.md, bundle)."""
        return _jsonl(self.days)

    @property
    def has_regions(self) -> bool:
        """Say whether some days differ from region to region."""
        return any(self._siblings)

    def for_region(self, path: str) -> Calendar:
        """Give the calendar of an organisation: the nearest region with a row decides a day.

        Args:
            path: The organisation's codes from the root down, each followed by a dot.
        """
        nearest = max((region for region in self._siblings if _covers(region, path)), key=len)
        calendar = self._siblings[nearest]
        if calendar is None:
            calendar = _layered(self.days, self.version, self.horizon_on, nearest, self._siblings)
        return calendar

    def is_workday(self, on: date) -> bool:
        """Tell whether people work on this day."""
        place = _place(on)
        return self._counts.worked[place + 1] > self._counts.worked[place]

    def has_provisional(self, first_on: date, last_on: date) -> bool:
        """Tell whether a day from the first to the last, both included, is not official."""
        expected = self._counts.expected
        return expected[_place(last_on) + 1] > expected[_place(first_on)]

    def name_of(self, on: date) -> str:
        """Give the Chinese name of a holiday or make-up day, empty for an ordinary day."""
        name = self._names.get(on.toordinal())
        return statutory_name(on) if name is None else name

    def workdays_between(self, after_on: date, until_on: date) -> int:
        """Count the working days after the first date, up to and including the second.

        The count is negative when the second date is the earlier one.
        """
        worked = self._counts.worked
        return worked[_place(until_on) + 1] - worked[_place(after_on) + 1]

    def add_workdays(self, on: date, count: int) -> date:
        """Give the count-th working day after the date, or before it for a negative count.

        A count of zero gives the date itself or, where nobody works, the next working day.
        """
        place = _place(on)
        worked = self._counts.worked
        nth = worked[place + 1] + count - 1 if count > 0 else worked[place] + count
        if not 0 <= nth < len(self._counts.workdays):
            what = f"{on.isoformat()} {count:+d} workdays"
            raise date_out_of_range(what)
        return date.fromordinal(self._counts.workdays[nth])

    def next_workday(self, on: date) -> date:
        """Give the date itself or, where nobody works, the first working day after it."""
        return self.add_workdays(on, 0)

    def previous_workday(self, on: date) -> date:
        """Give the date itself or, where nobody works, the last working day before it."""
        return on if self.is_workday(on) else self.add_workdays(on, -1)


def provisional_days(first_on: date, last_on: date, source: str) -> list[CalendarDay]:
    """Make rows of the country's days for which no notice is out, by the statutory rule alone.

    Stored rows make a version of the table answer alike for ever, whatever a later
    release knows of the rule.
    """
    flags = expected_workdays()
    return [
        CalendarDay(
            on=(on := date.fromordinal(ordinal)),
            is_workday=bool(flags[ordinal - _FIRST]),
            name=statutory_name(on),
            status=DayStatus.PROVISIONAL,
            source=source,
        )
        for ordinal in range(_FIRST + _place(first_on), _FIRST + _place(last_on) + 1)
    ]


def _place(on: date) -> int:
    place = on.toordinal() - _FIRST
    if not 0 <= place <= _LAST - _FIRST:
        raise date_out_of_range(on.isoformat())
    return place


def date_out_of_range(what: str) -> DateOutOfRange:
    """Make the error for a date that no calendar covers."""
    return DateOutOfRange(what=what, first_year=FIRST_YEAR, last_year=LAST_YEAR)


def _covers(region: str, path: str) -> bool:
    """Tell whether a path lies in a region: each part of both ends with a dot."""
    return path.startswith(region)


def _jsonl(days: Iterable[CalendarDay]) -> bytes:
    return "".join(day.as_line() + "\n" for day in days).encode("utf-8")


def _check(ordered: tuple[CalendarDay, ...]) -> None:
    for region in {day.region for day in ordered if day.region}:
        if not region.endswith("."):
            raise InvalidCalendar(reason=f"region {region!r} is no path: it must end with a dot")
    for day, follower in pairwise(ordered):
        if (day.on, day.region) == (follower.on, follower.region):
            raise InvalidCalendar(
                reason=f"{day.on.isoformat()} stands twice for region {day.region!r}"
            )


def _layered(
    days: tuple[CalendarDay, ...],
    version: str,
    horizon_on: date,
    region: str,
    siblings: dict[str, Calendar | None],
) -> Calendar:
    """Build the calendar of a region, nearer regions overriding wider ones, and remember it."""
    flags = bytearray(expected_workdays())
    expected = bytearray(b"\x01") * len(flags)
    names: dict[int, str] = {}
    layers = (day for day in days if _covers(day.region, region))
    for day in sorted(layers, key=lambda day: len(day.region)):
        place = _place(day.on)
        flags[place] = day.is_workday
        expected[place] = day.status is DayStatus.PROVISIONAL
        names[place + _FIRST] = day.name
    counts = _Counts(
        workdays=list(compress(range(_FIRST, _LAST + 1), flags)),
        worked=list(accumulate(flags, initial=0)),
        expected=list(accumulate(expected, initial=0)),
    )
    calendar = Calendar(days, version, horizon_on, region, names, counts, siblings)
    siblings[region] = calendar
    return calendar
