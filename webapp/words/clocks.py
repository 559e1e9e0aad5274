"""The clocks of a case with why they have their dates, and what deadlines led to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from webapp.dates import lasting, left, left_beside
from webapp.languages import language
from webapp.sayings import gettext
from webapp.words.packs import PackWords
from webapp.work import Work
from workflows.domain.budgets import Budget, ClockKind
from workflows.domain.colours import Light
from workflows.domain.derivations import LineCode, explain
from workflows.domain.pauses import Pause
from workflows.queries.case.page import CasePage, Firing
from workflows.services.calendars import calendar_of
from workflows.services.steps.clockwork import term_of
from workflows.store.tables import Clock

_AT_ONCE = 60  # seconds
_ENDS = frozenset({LineCode.DUE, LineCode.PROVISIONAL})


def key_of(place: str) -> str:
    """Write path#n as the name of a place on a page."""
    return place.replace("/", "-").replace("#", "-")


@dataclass(frozen=True, slots=True)
class ClockLine:
    """A running or stopped clock with why it has its date.

    ``key`` and ``due_key`` are for addresses: of the clock, and of the task that it dates,
    null where it dates none. ``colour`` is that of this task: the page tells it once.
    """

    key: str
    due_key: str | None
    place: str
    path: str
    n: int
    name: str
    of: str
    state: str
    colour: str
    due_on: date
    left: str
    left_days: str
    budget: str
    provisional: bool
    why: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Link:
    """One link of the chain of escalation."""

    on: date
    text: str
    lateness: str
    opened: tuple[str, ...]
    is_missed: bool
    why: dict[str, Any]
    name: str
    path: str
    n: int


def colour_of(light: Light) -> str:
    """Give the colour of a light as chips know it."""
    return "paused" if light.is_hatched else light.colour.value


def case_colour(page: CasePage) -> str:
    """Give the colour of the case: done where it has ended."""
    return "done" if page.case.state == "ended" else colour_of(page.light)


def clock_lines(
    page: CasePage, work: Work, speak: PackWords, names: Mapping[str, str]
) -> tuple[ClockLine, ...]:
    """Give the live clocks, nearest first, each with its derivation."""
    return tuple(_clock_line(page, clock, work, speak, names) for clock in page.clocks)


def _clock_line(
    page: CasePage, clock: Clock, work: Work, speak: PackWords, names: Mapping[str, str]
) -> ClockLine:
    budget, colour = _budget(clock), _colour(page, clock)
    return ClockLine(
        key=key_of(f"{clock.path}#{clock.n}"),
        due_key=key_of(clock.due_of) if clock.due_of and "#" in clock.due_of else None,
        place=f"{clock.path}#{clock.n}",
        path=clock.path,
        n=clock.n,
        name=speak.rule(clock.rule),
        of=speak.place(clock.due_of) if clock.due_of else "",
        state=clock.state,
        colour=colour,
        due_on=clock.due_on,
        left=left(clock.due_on, work.today),
        left_days=left_beside(colour, clock.due_on, work.today),
        budget=budget.text(language()),
        provisional=clock.provisional,
        why=why_of(page, clock, work, speak, names),
    )


def _colour(page: CasePage, clock: Clock) -> str:
    """Give the colour of the task that a clock dates: a missed milestone is no overdue task."""
    lights = (task.light for task in page.tasks if task.place == clock.due_of)
    return colour_of(next(lights, page.light))


def _budget(clock: Clock) -> Budget:
    return Budget.of(clock.budget, clock.unit)


def why_of(
    page: CasePage, clock: Clock, work: Work, speak: PackWords, names: Mapping[str, str]
) -> dict[str, Any]:
    """Derive a clock's date anew and tell it line by line.

    A stopped clock keeps the date that it had; when it would end if it went on today is
    said beside it.
    """
    calendar = calendar_of(work.session, clock.calendar).for_region(page.case.org_path)
    pauses = [
        Pause(row.from_on, row.to_on, row.reason, names.get(row.approver, row.approver))
        for row in page.pauses
        if (row.path, row.n) == (clock.path, clock.n)
    ]
    derivation = explain(
        clock.anchor_on,
        _budget(clock),
        ClockKind(clock.kind),
        calendar,
        pauses,
        extension_days=clock.extension_days,
        rule=speak.rule(clock.rule),
    )
    steps = [{"text": line.text(language())} for line in derivation.lines if line.code not in _ENDS]
    if clock.state == "paused":
        due = term_of(clock).due(calendar, pauses, work.today)
        steps.append({"text": gettext("如今天恢复计时，期限为 %(on)s", on=due.due_on)})
    return {
        "title": speak.place(clock.due_of) if clock.due_of else speak.rule(clock.rule),
        "due_on": clock.due_on,
        "provisional": clock.provisional,
        "basis": speak.basis(clock.rule),
        "steps": steps,
        "skipped": (),
        "pauses": (),
    }


def chain(
    firings: Iterable[Firing], page: CasePage, work: Work, speak: PackWords
) -> tuple[Link, ...]:
    """Tell which deadlines passed, one after the other, why then, and what each led to."""
    return tuple(
        Link(
            on=firing.clock.due_on,
            text=_what_passed(firing, speak),
            lateness=lateness(firing.late_seconds),
            opened=tuple(speak.activity(each) for each in firing.opened),
            is_missed=bool(firing.clock.due_of),
            why=why_of(page, firing.clock, work, speak, speak.names),
            name=speak.rule(firing.clock.rule),
            path=firing.clock.path,
            n=firing.clock.n,
        )
        for firing in firings
    )


def has_escalated(links: Iterable[Link]) -> bool:
    """Say whether a missed deadline led to anything but a colour."""
    return any(link.opened and link.is_missed for link in links)


def _what_passed(firing: Firing, speak: PackWords) -> str:
    """Name a deadline that somebody missed, or a period that just ended: nobody had to act."""
    rule = speak.rule(firing.clock.rule)
    if firing.clock.due_of:
        return gettext("“%(rule)s”到期未办", rule=rule)
    return gettext("“%(rule)s”期满", rule=rule)


def lateness(seconds: int) -> str:
    """Say how long after a deadline the sweep acted."""
    if seconds < _AT_ONCE:
        return gettext("到期即时发现")
    return gettext("到期后 %(time)s巡检发现", time=lasting(seconds))
