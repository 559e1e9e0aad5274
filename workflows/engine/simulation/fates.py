"""What became of the clocks of a history, so that the same clock has the same fate."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from workflows.engine.simulation.deeds import Deed

# The order of what happens to a case: the moment, and the record's place in the chain.
Key = tuple[datetime, int]


class Fate(NamedTuple):
    """From and until when a clock kept a due moment in history, and whether it fired then.

    ``until`` is null where it was still running at the end.
    """

    since: Key
    until: Key | None
    fired: bool


class Fates:
    """The fates of a case's clocks, by path#n and due moment.

    Who was swept when is no question of the rules: a clock with the number and the date
    of history's fires when history's did, and not while history's did not. A clock whose
    firing was withdrawn has more than one.
    """

    def __init__(self, deeds: Iterable[Deed]) -> None:
        """Follow every clock through the records."""
        self._known: dict[tuple[str, datetime], list[Fate]] = {}
        running: dict[str, datetime] = {}
        for deed in deeds:
            key = (deed.at, deed.seq)
            effects = deed.record["effects"]
            for place in effects["fired"]:
                self._end(running, place, key, fired=True)
            for place in (*effects["cancelled"], *effects["paused"]):
                self._end(running, place, key, fired=False)
            for clock in (*effects["armed"], *effects["moved"]):
                place = clock["clock"]
                self._end(running, place, key, fired=False)
                running[place] = datetime.fromisoformat(clock["due_at"])
                fates = self._known.setdefault((place, running[place]), [])
                fates.append(Fate(key, None, fired=False))

    def _end(self, running: dict[str, datetime], place: str, key: Key, *, fired: bool) -> None:
        due_at = running.pop(place, None)
        if due_at is not None:
            fates = self._known[place, due_at]
            fates[-1] = Fate(fates[-1].since, key, fired)

    def of(self, place: str, due_at: datetime, now: Key) -> Fate | None:
        """Give the fate of a clock; null where history has none with this number and date."""
        fates = self._known.get((place, due_at))
        if fates is None:
            return None
        return next((fate for fate in reversed(fates) if fate.since <= now), fates[0])
