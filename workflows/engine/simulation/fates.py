"""What became of the clocks of a history, so that the same clock has the same fate."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from workflows.engine.simulation.deeds import Deed

# The order of what happens to a case: the moment, and the record's place in the chain.
Key = tuple[datetime, int]
_STOPPING, _DATING = ("cancelled", "paused"), ("armed", "moved")


class Fate(NamedTuple):
    """From and until when a clock kept a due moment in history, and whether it fired then.

    ``until`` is null where it was still running at the end.
    """

    due_at: datetime
    since: Key
    until: Key | None = None
    fired: bool = False


class Fates:
    """The fates of a case's clocks, by path#n and due moment.

    Who was swept when is no question of the rules: a clock with the number and the date
    of history's fires when history's did, and not while history's did not. A clock whose
    firing was withdrawn has more than one.
    """

    def __init__(self, deeds: Iterable[Deed]) -> None:
        """Follow every clock through the records."""
        self._known: dict[str, list[Fate]] = {}
        self._running: set[str] = set()
        for deed in deeds:
            effects = deed.record["effects"]
            for place in effects["fired"]:
                self._end(place, deed, fired=True)
            for name in _STOPPING:
                for place in effects[name]:
                    self._end(place, deed, fired=False)
            for name in _DATING:
                for clock in effects[name]:
                    self._date(clock["clock"], deed, datetime.fromisoformat(clock["due_at"]))

    def _date(self, place: str, deed: Deed, due_at: datetime) -> None:
        self._end(place, deed, fired=False)
        self._running.add(place)
        self._known.setdefault(place, []).append(Fate(due_at, (deed.at, deed.seq)))

    def _end(self, place: str, deed: Deed, *, fired: bool) -> None:
        if place in self._running:
            self._running.remove(place)
            fates = self._known[place]
            last = fates[-1]
            fates[-1] = Fate(last.due_at, last.since, (deed.at, deed.seq), fired)

    def of(self, place: str, due_at: datetime, now: Key) -> Fate | None:
        """Give the fate of a clock; null where history has none with this number and date."""
        first = None
        for fate in reversed(self._known.get(place, ())):
            if fate.due_at == due_at:
                if fate.since <= now:
                    return fate
                first = fate
        return first
