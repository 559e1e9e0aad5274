"""Units of the organisation tree as a table of a workbook, in and out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from workflows.domain.organisations import Kind
from workflows.domain.records import JsonValue
from workflows.domain.roles import Actor
from workflows.services.imports.orgs import (
    UnitRow,
    checked_row,
    import_units,
    known_units,
    tree_problems,
)
from workflows.services.imports.plan import Plan, Source
from workflows.services.imports.problems import Problem
from workflows.services.imports.tables import Headers, Table, find_table_among
from workflows.services.journal import append_house
from workflows.store.tables import Organisation

UNIT_HEADERS: Headers = {
    "code": ("单位代码", "代码", "code"),
    "name": ("名称", "单位名称", "name"),
    "parent": ("上级代码", "上级", "parent"),
    "level": ("级别", "level"),
}


def plan_units(session: Session, actor: Actor, now: datetime, source: Source) -> Plan:
    """Say what a table of units would change: it adds units and renames, it moves nothing.

    Raises:
        FileRefused: Columns are missing.
    """
    table = find_table_among(source.path, source.sheets, UNIT_HEADERS, tuple(UNIT_HEADERS))
    rows, problems = _rows(table)
    known = known_units(session)
    # A unit whose parent is left out is left out too.
    while wrong := tree_problems(rows, known):
        bad = {problem.line for problem in wrong}
        problems += [replace(problem, sheet=table.sheet.name) for problem in wrong]
        rows = [row for row in rows if row.line not in bad]
    new = sum(row.code not in known for row in rows)
    renamed = sum(row.code in known and known[row.code].name != row.name for row in rows)

    def apply() -> None:
        done = import_units(session, rows, source.file_name)
        form: dict[str, JsonValue] = {"sha256": source.sha256, **asdict(done)}
        name = source.file_name[:200]
        append_house(session, actor, now, "organisations_imported", name, form=form)

    ordered = tuple(sorted(problems, key=lambda problem: problem.line))
    return Plan((table,), new, renamed, len(rows) - new - renamed, ordered, apply)


def unit_rows(session: Session) -> Iterator[tuple[str, ...]]:
    """Give the units in force as rows of such a table, each below its parent."""
    parent = aliased(Organisation)
    statement = (
        select(Organisation.code, Organisation.name, parent.code, Organisation.level)
        .outerjoin(parent, parent.id == Organisation.parent_id)
        .where(Organisation.kind == Kind.UNIT, Organisation.until_on.is_(None))
        .order_by(Organisation.path)
    )
    for code, name, above, level in session.execute(statement):
        yield code, name, above or "", str(level)


def _rows(table: Table) -> tuple[list[UnitRow], list[Problem]]:
    rows: list[UnitRow] = []
    problems: list[Problem] = []
    for entry in table.entries():
        code, name, parent, level = (entry.text(field, limit=1000) for field in UNIT_HEADERS)
        # CSV from a cell of figures with decimals holds 5.00.
        level = level.split(".")[0] if not level.strip("0123456789.") else level
        row, problem = checked_row(code, name, parent, level, entry.line)
        if problem is not None and not entry.problems:
            entry.problems.append(replace(problem, sheet=table.sheet.name))
        problems += entry.problems
        if not entry.problems:
            rows.append(row)
    return rows, problems
