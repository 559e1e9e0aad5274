"""How a case went: its rungs, its tasks by office, its missed deadlines and its dates.

Read in the same way off the records of a history and off a walk in memory, so that both
can be held against each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple


class OpenedTask(NamedTuple):
    """A task that opened."""

    place: str
    activity: str
    rung: int
    office: str


class DatedClock(NamedTuple):
    """A clock with the date that it has from now on; ``is_due`` says that somebody is due then."""

    place: str
    rule: str
    anchor_on: date
    due_on: date
    is_due: bool


class Missed(NamedTuple):
    """A deadline that nobody met, with the work that it led to: an escalation.

    ``clock`` is the path#n of what fired.
    """

    activity: str
    on: date
    clock: str


@dataclass(slots=True)
class Course:
    """What is kept of a case's way.

    ``load`` counts tasks and their open days by office and rung, ``rung_days`` the days by
    rung, ``days`` all of them up to the end or the horizon.
    """

    opened_on: date
    ended_on: date | None = None
    outcome: str | None = None
    missed: list[Missed] = field(default_factory=list)
    dated: dict[str, DatedClock] = field(default_factory=dict)
    load: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    rung_days: dict[int, int] = field(default_factory=dict)
    days: int = 0
    _open: dict[str, tuple[OpenedTask, date]] = field(default_factory=dict)
    _rung: int = 0
    _rung_from: date = date.min

    def take(
        self,
        on: date,
        opened: Collection[OpenedTask] = (),
        closed: Collection[str | None] = (),
        dated: Iterable[DatedClock] = (),
        *,
        missed: str | None = None,
    ) -> None:
        """Take what one move did on a day; ``missed`` is the deadline for an act that fired."""
        tasks = self._open
        for place in closed:
            self._count(*tasks.pop(place or ""), on)
        for task in opened:
            tasks[task.place] = (task, on)
            if missed is not None:
                self.missed.append(Missed(task.activity, on, missed))
        for clock in dated:
            self.dated[clock.place] = clock
        if tasks and (opened or closed):
            self._stand(max([task.rung for task, _ in tasks.values()]), on)

    def forget(self, clocks: Collection[str]) -> None:
        """Take back the deadlines of clocks whose firing was withdrawn."""
        self.missed = [each for each in self.missed if each.clock not in clocks]

    def end(self, on: date, outcome: str | None) -> None:
        """Note that the case is over."""
        self.ended_on, self.outcome = on, outcome

    def finish(self, horizon_on: date) -> None:
        """Count what is still open up to a day, and the time on the last rung."""
        until_on = self.ended_on or horizon_on
        for task, since_on in self._open.values():
            self._count(task, since_on, until_on)
        self._open.clear()
        self._stand(-1, until_on)
        self.days = max(0, (until_on - self.opened_on).days)

    @property
    def open_places(self) -> frozenset[str]:
        """Give the open tasks as path#n."""
        return frozenset(self._open)

    def _stand(self, rung: int, on: date) -> None:
        if rung == self._rung and self._rung_from is not date.min:
            return
        if self._rung_from is not date.min:
            days = max(0, (on - self._rung_from).days)
            self.rung_days[self._rung] = self.rung_days.get(self._rung, 0) + days
        self._rung, self._rung_from = rung, on

    def _count(self, task: OpenedTask, since_on: date, on: date) -> None:
        load = self.load.setdefault((task.office, task.rung), [0, 0])
        load[0] += 1
        load[1] += max(0, (on - since_on).days)
