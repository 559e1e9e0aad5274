"""Importing the organisation tree from a file of codes, names, parents and levels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.ids import new_id
from workflows.domain.organisations import (
    MAX_UNIT_NAME,
    Kind,
    Level,
    bodies_of,
    child_path,
    has_invisible,
    has_lost_sign,
    is_unit_code,
)
from workflows.domain.records import JsonValue
from workflows.domain.roles import Actor
from workflows.services.imports.problems import Problem, RowsRefused, refused
from workflows.services.imports.text_table import column_places, file_hash, open_text, rows
from workflows.services.journal import append_house
from workflows.store.bulk import insert_rows, update_rows
from workflows.store.pinyin import spell
from workflows.store.tables import Organisation

COLUMNS = ("code", "name", "parent", "level")
MAX_UNITS = 2_000_000
_STORED = ("id", "code", "name", "kind", "level", "parent_id", "path", "spelt")


class UnitRow(NamedTuple):
    """One line of the file; an empty parent makes a root."""

    code: str
    name: str
    parent: str
    level: int
    line: int


class KnownUnit(NamedTuple):
    """A unit that the database has already."""

    id: str
    code: str
    name: str
    parent: str
    level: int
    path: str


@dataclass(frozen=True, slots=True)
class UnitsImported:
    """What an import did; `bodies` are the branches, committees and departments it made."""

    units: int
    bodies: int
    renamed: int
    unchanged: int


Progress = Callable[[int, int], None]


def import_file(
    session: Session,
    actor: Actor,
    now: datetime,
    file: Path,
    progress: Progress | None = None,
) -> UnitsImported:
    """Import a CSV of units; the same file again changes nothing but names.

    Args:
        session: An open session; the caller's transaction takes all or nothing.
        actor: Whose act the record of the import names.
        now: When it is recorded.
        file: CSV or gzip of CSV with the columns code, name, parent, level.
        progress: Called with how many units are done and how many there are.

    Raises:
        FileRefused: The file as a whole cannot be read.
        RowsRefused: Rows are wrong; it names all of them.
    """
    found, problems = read_units(file)
    done = import_units(session, found, file.name, progress, problems)
    form: dict[str, JsonValue] = {"sha256": file_hash(file), **asdict(done)}
    append_house(session, actor, now, "organisations_imported", file.name[:200], form=form)
    return done


def read_units(file: Path) -> tuple[list[UnitRow], list[Problem]]:
    """Read the rows of a file and check each by itself.

    Raises:
        FileRefused: The file as a whole cannot be read.
    """
    found: list[UnitRow] = []
    problems: list[Problem] = []
    with open_text(file) as text:
        lines = rows(text, file)
        header = next(lines, (1, []))[1]
        places = column_places(header, COLUMNS, file)
        for line, cells in lines:
            if len(cells) <= max(places):
                problems.append(Problem(line, "too_few_columns"))
                continue
            code, name, parent, level = (cells[place] for place in places)
            row, problem = checked_row(code, name, parent, level, line)
            found.append(row)
            if problem is not None:
                problems.append(problem)
            if len(found) > MAX_UNITS:
                raise refused(file, "too_many_units", most=f"{MAX_UNITS:,}")
    if not found and not problems:
        raise refused(file, "no_units")
    return found, problems


def import_units(
    session: Session,
    found: list[UnitRow],
    source: str,
    progress: Progress | None = None,
    problems: Sequence[Problem] = (),
) -> UnitsImported:
    """Import units that were read or made up, unless there are problems; see `import_file`."""
    known = known_units(session)
    problems = [*problems, *tree_problems(found, known)]
    if problems:
        raise RowsRefused(source, sorted(problems, key=lambda problem: problem.line))
    fresh = sorted((row for row in found if row.code not in known), key=lambda row: row.level)
    renamed = [row for row in found if row.code in known and row.name != known[row.code].name]
    update_rows(session, Organisation, "code", _renamings(renamed))
    done = 0

    def unit_written() -> None:
        nonlocal done
        done += 1
        if progress is not None and (done % 500 == 0 or done == len(fresh)):
            progress(done, len(fresh))

    written = insert_rows(session, Organisation, _STORED, _stored(fresh, known, unit_written))
    return UnitsImported(
        units=len(fresh),
        bodies=written - len(fresh),
        renamed=len(renamed),
        unchanged=len(found) - len(fresh) - len(renamed),
    )


def checked_row(
    code: str, name: str, parent: str, level: str, line: int
) -> tuple[UnitRow, Problem | None]:
    """Give a row as it is kept, and what is wrong with it by itself."""
    problem = None
    if not is_unit_code(code):
        problem = Problem(line, "bad_code", {"code": code[:60]}, name="code")
    elif not name:
        problem = Problem(line, "name_missing", name="name")
    elif len(name) > MAX_UNIT_NAME or has_invisible(name):
        problem = Problem(line, "name_unusable", name="name")
    elif has_lost_sign(name):
        problem = Problem(line, "lost_sign", {"value": name}, name="name")
    elif level not in {"1", "2", "3", "4", "5"}:
        problem = Problem(line, "level_no_number", {"level": level[:20]}, name="level")
    number = int(level) if level in {"1", "2", "3", "4", "5"} else 0
    return UnitRow(code, name, parent, number, line), problem


def tree_problems(found: list[UnitRow], known: Mapping[str, KnownUnit]) -> list[Problem]:
    """Check codes, parents and levels of all rows against each other and the database."""
    first: dict[str, UnitRow] = {}
    problems = []
    for row in found:
        if row.code in first:
            other = {"code": row.code, "other": first[row.code].line}
            problems.append(Problem(row.line, "duplicate_code", other, name="code"))
        else:
            first[row.code] = row
    for row in found:
        problem = _moved(row, known) or _misplaced(row, first, known)
        if problem is not None:
            problems.append(problem)
    return problems


def _moved(row: UnitRow, known: Mapping[str, KnownUnit]) -> Problem | None:
    unit = known.get(row.code)
    if unit is None or (unit.parent, unit.level) == (row.parent, row.level):
        return None
    place = {"code": row.code, "parent": unit.parent or "-", "level": unit.level}
    return Problem(row.line, "moved", place, name="parent")


def _misplaced(
    row: UnitRow, first: Mapping[str, UnitRow], known: Mapping[str, KnownUnit]
) -> Problem | None:
    if not row.level:
        return None
    if not row.parent:
        is_root = row.level == Level.REGION
        values = {"level": row.level}
        return None if is_root else Problem(row.line, "root_too_low", values, name="parent")
    parent = first.get(row.parent) or known.get(row.parent)
    if parent is None:
        return Problem(row.line, "unknown_parent", {"parent": row.parent[:60]}, name="parent")
    if not parent.level or row.level == parent.level + 1:
        return None
    wrong_level = {
        "level": row.level,
        "parent": parent.code,
        "parent_level": parent.level,
        "expected": parent.level + 1,
    }
    return Problem(row.line, "wrong_level", wrong_level, name="level")


def known_units(session: Session) -> dict[str, KnownUnit]:
    """Give the units that the database has, by code."""
    parent = Organisation.__table__.alias()
    unit = Organisation.__table__
    query = (
        select(
            unit.c.id,
            unit.c.code,
            unit.c.name,
            parent.c.code.label("parent"),
            unit.c.level,
            unit.c.path,
        )
        .select_from(unit.outerjoin(parent, parent.c.id == unit.c.parent_id))
        .where(unit.c.kind == Kind.UNIT)
    )
    return {
        row.code: KnownUnit(row.id, row.code, row.name, row.parent or "", row.level, row.path)
        for row in session.execute(query)
    }


def _renamings(renamed: list[UnitRow]) -> Iterator[Mapping[str, object]]:
    """Give new names of units and of the bodies that carry their units' names."""
    for row in renamed:
        yield {"code": row.code, "name": row.name, "spelt": spell(row.name)}
        for body in bodies_of(row.code, row.name, row.level):
            yield {"code": body.code, "name": body.name, "spelt": spell(body.name)}


def _stored(
    fresh: list[UnitRow], known: Mapping[str, KnownUnit], unit_written: Callable[[], None]
) -> Iterator[tuple[object, ...]]:
    """Give the rows of units and bodies, parents first; only places above gachas are kept."""
    places = {code: (unit.id, unit.path) for code, unit in known.items() if unit.level < 5}
    for row in fresh:
        above_id, above_path = places.get(row.parent, (None, ""))
        unit_id, path = new_id("o"), child_path(above_path, row.code)
        if row.level < Level.GACHA:
            places[row.code] = (unit_id, path)
        yield (
            unit_id,
            row.code,
            row.name,
            Kind.UNIT.value,
            row.level,
            above_id,
            path,
            spell(row.name),
        )
        for body in bodies_of(row.code, row.name, row.level):
            yield (
                new_id("o"),
                body.code,
                body.name,
                body.kind.value,
                row.level,
                unit_id,
                child_path(path, body.code),
                spell(body.name),
            )
        unit_written()
