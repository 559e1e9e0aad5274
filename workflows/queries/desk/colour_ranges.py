"""The colours of open tasks as ranges of due dates, so that SQL can filter a list by colour.

`workflows.domain.colours` says what a colour is; here the same thresholds are turned, once
for a request, into the last day on which a task is still yellow and still blue.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from sqlalchemy import (
    ColumnElement,
    String,
    Table,
    and_,
    cast,
    false,
    literal,
    literal_column,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session

from workflows.domain.calendars import Calendar
from workflows.domain.colours import Colour, ColourRules
from workflows.queries.lights import colour_rules
from workflows.services.calendars import current_calendar
from workflows.services.packs import pack_of
from workflows.store.base import table_of
from workflows.store.scope import within
from workflows.store.tables import Case, Clock, PackVersion, Task

PAUSED = "paused"
COLOURS = (Colour.RED, Colour.YELLOW, Colour.BLUE, Colour.GREEN, PAUSED)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where the colours change, as seen from one day by one calendar and one pack.

    A task due before ``today`` is red, up to ``yellow_until_on`` yellow, up to
    ``blue_until_on`` blue. A missed milestone that was due before
    ``late_before_on`` is yellow, a later one blue; neither is ever red.
    """

    today: date
    yellow_until_on: date
    blue_until_on: date
    late_before_on: date


def bounds_of(rules: ColourRules, calendar: Calendar, today: date) -> Bounds:
    """Turn thresholds in working days into dates."""
    return Bounds(
        today,
        calendar.add_workdays(today, rules.yellow_workdays + 1) - _DAY,
        calendar.add_workdays(today, rules.blue_workdays + 1) - _DAY,
        calendar.add_workdays(today + _DAY, -(rules.late_milestone_workdays + 1)),
    )


def has_colour(session: Session, colour: str, today: date) -> ColumnElement[bool]:
    """Say in SQL that an open task has a colour today, one of `COLOURS`.

    Args:
        session: Carries the calendar in force and the packs.
        colour: Another word matches nothing.
        today: The day that the colours are for.
    """
    if colour == PAUSED:
        clock = table_of(Clock)
        paused = select(clock.c.case_id).where(_stands_still(clock))
        return and_(Task.case_id.in_(paused), is_paused())
    calendar = current_calendar(session)
    groups = _packs_by_rules(session)
    matches = [
        and_(in_region, of_pack, _in_range(colour, bounds_of(rules, local, today)))
        for in_region, local in _regions(calendar)
        for rules, of_pack in groups
    ]
    return and_(or_(*matches), not_(is_paused()))


def latest_due_on(session: Session, colour: str, today: date) -> date | None:
    """Give the last day on which a task of a colour can be due; None where any day will do."""
    if colour not in {Colour.RED, Colour.YELLOW, Colour.BLUE}:
        return None
    calendar = current_calendar(session)
    bounds = [
        bounds_of(rules, calendar.for_region(region), today)
        for region in _regions_of(calendar)
        for rules, _ in _packs_by_rules(session)
    ]
    return max((max(each.yellow_until_on, each.blue_until_on) for each in bounds), default=today)


def is_paused() -> ColumnElement[bool]:
    """Say in SQL that the clock of an open task stands still."""
    clock = table_of(Clock)
    place = Task.path + literal("#") + cast(Task.n, String)
    return (
        select(clock.c.id)
        .where(clock.c.case_id == Task.case_id, _stands_still(clock), clock.c.due_of == place)
        .exists()
    )


def _stands_still(clock: Table) -> ColumnElement[bool]:
    """Say it as the partial index has it: with a parameter it would not serve."""
    return clock.c.state == literal_column("'paused'")


def _in_range(colour: str, bounds: Bounds) -> ColumnElement[bool]:
    due, milestone = Task.due_on, Task.is_milestone
    if colour == Colour.RED:
        return and_(not_(milestone), due < bounds.today)
    if colour == Colour.YELLOW:
        near = and_(not_(milestone), due >= bounds.today, due <= bounds.yellow_until_on)
        return or_(near, and_(milestone, due < bounds.late_before_on))
    if colour == Colour.BLUE:
        after = max(bounds.yellow_until_on, bounds.today - _DAY)
        near = and_(not_(milestone), due > after, due <= bounds.blue_until_on)
        return or_(near, and_(milestone, due >= bounds.late_before_on, due < bounds.today))
    if colour == Colour.GREEN:
        after = max(bounds.blue_until_on, bounds.yellow_until_on)
        return or_(
            due.is_(None),
            and_(not_(milestone), due > after),
            and_(milestone, due >= bounds.today),
        )
    return false()


def _regions(calendar: Calendar) -> Iterator[tuple[ColumnElement[bool], Calendar]]:
    """Give each region with days of its own, as what is in it and in no nearer one."""
    regions = _regions_of(calendar)
    for region in regions:
        nearer = [other for other in regions if other != region and other.startswith(region)]
        yield (
            and_(within(Task.org_path, (region,)), not_(within(Task.org_path, nearer)))
            if nearer
            else within(Task.org_path, (region,)),
            calendar.for_region(region),
        )


@lru_cache(maxsize=8)
def _regions_of(calendar: Calendar) -> tuple[str, ...]:
    return tuple(sorted({day.region for day in calendar.days}))


def _packs_by_rules(session: Session) -> list[tuple[ColourRules, ColumnElement[bool]]]:
    """Group the packs that cases may run on by their thresholds; one needs no condition."""
    groups: dict[ColourRules, list[str]] = {}
    in_use = select(PackVersion.hash).where(PackVersion.in_force_on.is_not(None))
    for pack_hash in session.scalars(in_use):
        groups.setdefault(colour_rules(pack_of(session, pack_hash)), []).append(pack_hash)
    if len(groups) == 1:
        return [(rules, true()) for rules in groups]
    return [(rules, _runs_on(hashes)) for rules, hashes in groups.items()]


def _runs_on(hashes: Iterable[str]) -> ColumnElement[bool]:
    case = table_of(Case)
    return (
        select(case.c.id)
        .where(case.c.id == Task.case_id, case.c.pack_hash.in_(tuple(hashes)))
        .exists()
    )
