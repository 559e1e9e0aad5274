"""What stands where in a subtree: open tasks by place, step and rung, cases by age.

Numbers of items only, counted in SQL and as far as the session's scope shows them. Cases of
organisations alone are counted by place; of persons' cases see `persons_told`, and a sealed
one is never counted (ADR 0059, 0077).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, literal_column, select
from sqlalchemy.orm import Session

from workflows.domain.clocks import due_at_of
from workflows.domain.errors import NotFound
from workflows.domain.organisations import paths_down_to
from workflows.domain.roles import Actor
from workflows.domain.tallies import AGES_DAYS, Told, told
from workflows.queries.conditions import IS_LIVE
from workflows.queries.organisations.finding import organisation_by_id, organisations_at
from workflows.queries.organisations.page import paths_seen
from workflows.services.access import scope_for
from workflows.store.scope import within
from workflows.store.standings import (
    CaseRow,
    cases_by_age,
    open_tasks_by_step,
    tasks_by_step_before,
)
from workflows.store.tables import Case, Organisation

_OF_PERSONS: ColumnElement[bool] = Case.level == literal_column("'L2'")


@dataclass(frozen=True, slots=True)
class Place:
    """A place whose numbers are looked at, those over it from the top, and the units below."""

    organisation: Organisation
    above: tuple[Organisation, ...]
    units: tuple[Organisation, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are, and how many of them are overdue; None where that cannot be told."""

    number: int = 0
    overdue: int | None = 0

    def __add__(self, other: Count) -> Count:
        known = None not in (self.overdue, other.overdue)
        overdue = (self.overdue or 0) + (other.overdue or 0) if known else None
        return Count(self.number + other.number, overdue)


NONE = Count()
_NO_AGES = (0,) * (len(AGES_DAYS) + 1)


@dataclass(frozen=True, slots=True)
class Standing:
    """So many open tasks at a place, at a step of the diagrams, on a rung."""

    org_path: str
    path: str
    rung: int
    count: Count


@dataclass(frozen=True, slots=True)
class Row:
    """A unit in the matrix: its cases that go on, its open tasks by rung.

    A case is overdue where a term as a whole has run out, whoever's task comes next.
    Without an ``organisation`` it is the place itself with its own bodies.
    """

    organisation: Organisation | None
    cases: Count
    rungs: Mapping[int, Count]

    @property
    def tasks(self) -> Count:
        """Sum the row up."""
        return sum(self.rungs.values(), NONE)


@dataclass(frozen=True, slots=True)
class Overview:
    """What stands where.

    ``elements`` are counts by the id of a node of the diagrams; a node that calls a process
    or holds others counts what stands within. ``steps`` are counts by activity.
    """

    place: Place
    as_of: date | None
    rows: tuple[Row, ...]
    elements: Mapping[str, Count]
    steps: Mapping[str, Count]
    ages: tuple[int, ...] = field(default=())

    @property
    def cases(self) -> Count:
        """Count the cases that go on."""
        return sum((row.cases for row in self.rows), NONE)

    @property
    def rungs(self) -> dict[int, Count]:
        """Sum the columns up."""
        sums: dict[int, Count] = {}
        for row in self.rows:
            for rung, count in row.rungs.items():
                sums[rung] = sums.get(rung, NONE) + count
        return sums

    @property
    def tasks(self) -> Count:
        """Sum everything up."""
        return sum((row.tasks for row in self.rows), NONE)


def place_in(session: Session, actor: Actor, organisation_id: str | None) -> Place:
    """Give a place by its id, or the first of those that somebody serves.

    Raises:
        NotFound: There is none, or it lies outside what he serves.
    """
    paths = paths_seen(actor)
    if organisation_id:
        found = organisation_by_id(session, organisation_id)
    else:
        found = next(iter(organisations_at(session, paths)), None)
    if found is None or not found.path.startswith(paths):
        raise NotFound(what="organisation", key=organisation_id or "")
    ways = paths_down_to(found.path)[:-1]
    above = [each for each in organisations_at(session, ways) if each.path.startswith(paths)]
    return Place(found, tuple(above), tuple(_units(session, found)))


def _units(session: Session, found: Organisation) -> Sequence[Organisation]:
    """Read the units below, those that are no more too: what they had is counted there."""
    statement = (
        select(Organisation)
        .where(Organisation.parent_id == found.id, Organisation.kind == "unit")
        .order_by(Organisation.path)
    )
    return session.scalars(statement).all()


def overview(session: Session, place: Place, today: date, as_of: date | None = None) -> Overview:
    """Count what stands where, today or at the end of an earlier day.

    Of an earlier day it is not told what was overdue: extensions have moved the dates since.
    """
    path = place.organisation.path
    before_at = None if as_of is None else due_at_of(as_of)
    standings = tuple(standings_in(session, path, today, before_at))
    by_age = tuple(cases_by_age(session, path, _age_bounds(as_of or today), before_at))
    elements, steps = _on_diagrams(standings)
    return Overview(
        place=place,
        as_of=as_of,
        rows=tuple(_rows(place, standings, _cases_by_unit(place, by_age, as_of))),
        elements=elements,
        steps=steps,
        ages=tuple(map(sum, zip(_NO_AGES, *(row.of_age for row in by_age), strict=True))),
    )


def standings_in(
    session: Session, path: str, today: date, before_at: datetime | None
) -> Iterator[Standing]:
    """Count open tasks of organisations' cases by place, step, rung, and whether overdue."""
    if before_at is None:
        for row in open_tasks_by_step(session, path, today):
            yield Standing(row.org_path, row.path, row.rung, Count(row.number, row.overdue))
    else:
        for row in tasks_by_step_before(session, path, before_at):
            yield Standing(row.org_path, row.path, row.rung, Count(row.number, None))


def _age_bounds(today: date) -> list[datetime]:
    """Give from when cases of each age were opened: the beginning of the day so long ago."""
    return [due_at_of(today - timedelta(days=days + 1)) for days in AGES_DAYS]


def persons_told(session: Session, actor: Actor) -> Told[int] | None:
    """Count persons' cases that go on by rung, as they may be told; None where none may.

    They are counted over all that somebody is cleared for and nowhere by place: between
    the number of a place and those of its parts somebody could be found by difference.
    """
    cleared = scope_for(actor).person_paths
    if not cleared:
        return None
    rung = func.coalesce(Case.rung, 0)
    statement = (
        select(rung, func.count())
        .where(IS_LIVE, _OF_PERSONS, within(Case.org_path, cleared))
        .group_by(rung)
    )
    return told({row[0]: row[1] for row in session.execute(statement)})


def _on_diagrams(standings: Iterable[Standing]) -> tuple[dict[str, Count], dict[str, Count]]:
    elements: dict[str, Count] = {}
    steps: dict[str, Count] = {}
    for each in standings:
        parts = each.path.split("/")
        steps[parts[-1]] = steps.get(parts[-1], NONE) + each.count
        for part in parts:
            elements[part] = elements.get(part, NONE) + each.count
    return elements, steps


def _cases_by_unit(place: Place, rows: Iterable[CaseRow], as_of: date | None) -> dict[str, Count]:
    keys = {unit.path for unit in place.units}
    found: dict[str, Count] = {}
    for row in rows:
        key = unit_of(row.org_path, place.organisation.path, keys)
        count = Count(sum(row.of_age), None if as_of else row.overdue)
        found[key] = found.get(key, NONE) + count
    return found


def _rows(place: Place, standings: Iterable[Standing], cases: Mapping[str, Count]) -> Iterator[Row]:
    """Give a row for each unit, in the order of their codes, and one for the place itself."""
    rungs: dict[str, dict[int, Count]] = {}
    keys = {unit.path for unit in place.units}
    for each in standings:
        row = rungs.setdefault(unit_of(each.org_path, place.organisation.path, keys), {})
        row[each.rung] = row.get(each.rung, NONE) + each.count
    for unit in place.units:
        if unit.until_on is None or unit.path in cases or unit.path in rungs:
            yield Row(unit, cases.get(unit.path, NONE), rungs.get(unit.path, {}))
    if "" in cases or "" in rungs or not place.units:
        yield Row(None, cases.get("", NONE), rungs.get("", {}))


def unit_of(org_path: str, path: str, units: Collection[str]) -> str:
    """Give the path of the unit below a place in which something lies; nothing for its own."""
    code = org_path[len(path) :].partition(".")[0]
    key = f"{path}{code}."
    return key if key in units else ""
