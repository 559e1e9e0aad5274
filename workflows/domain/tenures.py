"""Who held a post in a period: each answers for his own days, whether he has left or not.

That somebody left changes nothing for the time that was his (问责条例, 2016, art. 10: 不论调离);
his successor does not answer for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from a first to a last one; without a last one it goes on."""

    from_on: date
    until_on: date | None

    def covers(self, on: date) -> bool:
        """Say whether a day lies in it."""
        return self.from_on <= on and (self.until_on is None or on <= self.until_on)

    def meets(self, other: Period) -> bool:
        """Say whether two periods have a day in common."""
        begins_in_time = other.until_on is None or self.from_on <= other.until_on
        return begins_in_time and (self.until_on is None or other.from_on <= self.until_on)


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a period in which one person held a post; without a person it was vacant."""

    person_id: str | None
    from_on: date
    until_on: date


def shares_of(
    held: Iterable[tuple[str, Period]], from_on: date, until_on: date
) -> tuple[Share, ...]:
    """Split a period among those who held a post in it, and the days on which nobody did."""
    wanted, shares, after = Period(from_on, until_on), list[Share](), from_on
    for person_id, period in sorted(held, key=lambda each: each[1].from_on):
        if not period.meets(wanted):
            continue
        begins = max(period.from_on, from_on)
        ends = min(period.until_on or until_on, until_on)
        if begins > after:
            shares.append(Share(None, after, begins - ONE_DAY))
        shares.append(Share(person_id, begins, ends))
        after = max(after, ends + ONE_DAY)
    if after <= until_on:
        shares.append(Share(None, after, until_on))
    return tuple(shares)
