"""Dates that conditions hold against each other: only their order matters.

Between the days that conditions name there is room for as many different dates as one step
can write beside those that are known. After each step the dates of a state are moved to
fixed places in the same order, so that there is room again, and equal orders are one state.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from datetime import date

from workflows.domain.steps import FactValue


class Timeline:
    """The days that stand for all days, for facts that are compared with each other."""

    def __init__(self, names: frozenset[str], bounds: Iterable[object]) -> None:
        self.names = names
        self._apart = len(names) + 1
        named = {date.fromisoformat(str(bound)).toordinal() for bound in bounds}
        self._bounds = sorted(named)
        self._gaps = [self._days_in(at) for at in range(len(self._bounds) + 1)]

    @property
    def days(self) -> list[FactValue]:
        """Give all of them, the days that conditions name among them."""
        found = {*self._bounds, *(day for gap in self._gaps for day in gap)}
        return [_written(day) for day in sorted(found)]

    def settled(self, known: Mapping[str, FactValue]) -> dict[str, FactValue]:
        """Move dates to their fixed places, all of them at once, in the same order."""
        dates = {name: _read(known[name]) for name in sorted(self.names & known.keys())}
        places = {
            day: place
            for at in range(len(self._gaps))
            for day, place in self._places(at, {*dates.values()})
        }
        moved = {name: _written(places.get(day, day)) for name, day in dates.items()}
        return {**known, **moved}

    def _days_in(self, at: int) -> list[int]:
        """Give enough days of a gap between named days, or all where there are no more."""
        room = self._apart * len(self.names) + len(self.names)
        low = self._bounds[at - 1] if at > 0 else None
        high = self._bounds[at] if at < len(self._bounds) else None
        if low is None:
            last = high or date(2026, 1, 1).toordinal()
            return list(range(last - room, last))
        end = low + 1 + room if high is None else min(high, low + 1 + room)
        return list(range(low + 1, end))

    def _places(self, at: int, days: set[int]) -> Iterable[tuple[int, int]]:
        """Give each date of a gap its place; where every day is there, its own."""
        inside = sorted(
            day for day in days if day not in self._bounds and bisect_left(self._bounds, day) == at
        )
        gap = self._gaps[at]
        if inside and len(gap) < self._apart * len(self.names) + len(self.names):
            return [(day, day) for day in inside]
        return [(day, gap[(place + 1) * self._apart - 1]) for place, day in enumerate(inside)]


def _read(value: FactValue) -> int:
    return date.fromisoformat(str(value)).toordinal()


def _written(day: int) -> str:
    return date.fromordinal(day).isoformat()
