"""What stands where, as the overview's page shows it: matrix, diagram, ages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from flask import request, url_for

from webapp.diagram import Progress, draw, read_plan
from webapp.diagram.draw import Picture
from webapp.diagram.tallies import Tally
from webapp.figures import share as part_of
from webapp.sayings import gettext
from webapp.screens.charts import Bars, bar_chart
from webapp.words.packs import PackWords
from workflows.domain.tallies import ages
from workflows.engine import Pack
from workflows.queries.reports.overview import NONE, Count, Overview, Row
from workflows.store.tables import Organisation

# Organisations' cases stand on these at most; a rung that has something is shown too.
_ALWAYS = (0, 1, 2)
_SHADES = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of the matrix, where its tasks are listed, and how dark it is, 0 to 5."""

    count: Count
    url: str | None
    late_url: str | None
    shade: int


@dataclass(frozen=True, slots=True)
class Line:
    """A unit's row of the matrix."""

    name: str
    url: str | None
    cases: Cell
    cells: tuple[Cell, ...]
    total: Cell


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the diagrams with what stands there."""

    name: str
    process: str
    count: Count


def age_name(first: int, last: int | None) -> str:
    """Name an age of cases."""
    if last is None:
        return str(gettext("%(first)s 天以上", first=first))
    return str(gettext("%(first)s–%(last)s 天", first=first, last=last))


def share(count: Count) -> str:
    """Write how large a part is overdue, in whole percent; nothing where that is not known."""
    return "" if count.overdue is None else part_of(count.overdue, count.number)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Units by rung."""

    rungs: tuple[int, ...]
    lines: tuple[Line, ...]
    foot: Line


def matrix_of(found: Overview) -> Matrix:
    """Make the matrix; figures of today lead to the tasks that they count."""
    sums = found.rungs
    rungs = tuple(sorted({*_ALWAYS, *sums}))
    most = max((c.number for row in found.rows for c in row.rungs.values()), default=0)
    lines = tuple(_line(found, row, rungs, most) for row in found.rows)
    place = found.place.organisation
    whole = Row(place, found.cases, sums)
    return Matrix(rungs, lines, _line(found, whole, rungs, 0))


def _line(found: Overview, row: Row, rungs: Iterable[int], most: int) -> Line:
    unit, own = row.organisation, found.place.organisation
    # The place's own tasks alone make no list: one of the place holds those below it too.
    listed = unit if unit is not None or found.place.units else own
    as_of = found.as_of
    place = None if as_of or listed is None else listed.id
    url = None
    if unit is not None and unit.id != own.id:
        url = url_for("overview.page", org=unit.id, as_of=as_of and as_of.isoformat())
    return Line(
        name=unit.name if unit else gettext("%(place)s本级及直属", place=own.name),
        url=url,
        cases=Cell(row.cases, _cases_url(row, listed, found.as_of), None, 0),
        cells=tuple(_cell(row.rungs.get(rung, NONE), place, rung, most) for rung in rungs),
        total=_cell(row.tasks, place, None, 0),
    )


def _cases_url(row: Row, listed: Organisation | None, as_of: date | None) -> str | None:
    """Give the page of the organisation, which lists its cases."""
    if as_of or listed is None or not row.cases.number:
        return None
    return url_for("organisations.one", organisation_id=listed.id)


def _cell(count: Count, place: str | None, rung: int | None, most: int) -> Cell:
    def to(colour: str | None) -> str | None:
        if place is None or not count.number:
            return None
        return url_for("worklist.page", whose="all", org=place, rung=rung, colour=colour)

    shade = -(-_SHADES * count.number // most) if most else 0
    return Cell(count, to(None), to("red") if count.overdue else None, shade)


def process_drawn(pack: Pack) -> str:
    """Give the process that was asked for, or the one that every matter begins with."""
    asked = request.args.get("process", "")
    return asked if asked in processes_of(pack) else pack.entry


def processes_of(pack: Pack) -> tuple[str, ...]:
    """Give the processes of organisations, by which their cases go."""
    return tuple(
        key
        for key, each in pack.processes.items()
        if each.process.subject == "organisation" or key == pack.entry
    )


def picture_of(found: Overview, pack: Pack, process: str) -> Picture:
    """Draw a process with how many tasks stand at each step; called ones lead to theirs."""
    speak = PackWords(pack)
    file = pack.processes[process].process.file
    elements = pack.processes[process].process.elements.values()
    tallies = {
        each.id: Tally(count.number, count.overdue)
        for each in elements
        if (count := found.elements.get(each.id)) is not None
    }
    as_of = found.as_of and found.as_of.isoformat()
    links = {
        each.id: url_for(
            "overview.page",
            org=found.place.organisation.id,
            process=each.called,
            as_of=as_of,
            _anchor="diagram",
        )
        for each in elements
        if each.called in processes_of(pack)
    }
    name = speak.process(process)
    return draw(
        read_plan(pack.files[file], file),
        Progress(),
        title=name,
        description=gettext("各环节未办结的任务数"),
        name=speak.on_diagram,
        links=links,
        tallies=tallies,
    )


def steps_of(found: Overview, pack: Pack) -> tuple[Step, ...]:
    """List the steps where tasks stand, in the order of the processes and their files."""
    speak = PackWords(pack)
    homes: Mapping[str, str] = {
        element.id: key
        for key, each in pack.processes.items()
        for element in each.process.elements.values()
    }
    order = {each: place for place, each in enumerate(homes)}
    known = sorted(found.steps, key=lambda each: (order.get(each, len(order)), each))
    return tuple(
        Step(
            speak.activity(each),
            speak.process(homes[each]) if each in homes else "",
            found.steps[each],
        )
        for each in known
    )


def ages_drawn(found: Overview) -> Picture:
    """Draw how old the cases are that go on."""
    rows = [
        Bars(age_name(*bounds), (float(number),))
        for bounds, number in zip(ages(), found.ages, strict=True)
    ]
    return bar_chart(
        rows,
        [gettext("在办案件")],
        title=gettext("在办案件自登记起的天数"),
        unit=gettext(" 件"),
        key="ages",
    )


def as_of_day(text: str, today: date) -> date | None:
    """Read an earlier day; what is none, or not over yet, is today."""
    try:
        asked = date.fromisoformat(text)
    except ValueError:
        return None
    return asked if asked < today else None
