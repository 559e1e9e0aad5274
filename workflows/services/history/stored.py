"""All that is stored of cases, read for many at once: their rows and their records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Row
from sqlalchemy.orm import Session

from workflows.domain.records import format_time
from workflows.domain.steps import FactValue
from workflows.services.steps.changes import place_of
from workflows.store.base import Base
from workflows.store.casework import live_clocks, open_tasks, read_all_facts
from workflows.store.journal import read_streams
from workflows.store.projections import find_cases, paths_of, rows_of_all
from workflows.store.tables import CaseFact, Clock, ClockPause, PersonEffect, Task

_TABLES: tuple[type[Base], ...] = (Task, Clock, ClockPause, CaseFact, PersonEffect)


@dataclass(frozen=True, slots=True)
class StoredCase:
    """A case's own row, if it has one, its rows by table, oldest first, and its records.

    ``org_paths`` are the paths of the organisations of the cases that were read with it.
    """

    id: str
    case: Row[Any] | None
    rows: Mapping[type[Base], Sequence[Row[Any]]]
    records: Sequence[Any]
    org_paths: Mapping[str, str]

    def state_line(self) -> dict[str, Any]:
        """Give its state line as its rows have it (AUDIT.md, state.jsonl)."""
        tasks = [row for row in self.rows[Task] if row.state in ("open", "held")]
        clocks = [row for row in self.rows[Clock] if row.state in ("running", "paused")]
        facts = {row.name: orjson.loads(row.value) for row in self.rows[CaseFact]}
        return _state_line(self.case, tasks, clocks, facts)


def read_stored(session: Session, case_ids: Sequence[str]) -> dict[str, StoredCase]:
    """Read cases with one statement for each table, however many there are."""
    cases, records = find_cases(session, case_ids), read_streams(session, case_ids)
    tables = {table: rows_of_all(session, table, case_ids) for table in _TABLES}
    paths = paths_of(session, {row.subject_organisation_id for row in cases.values()})
    return {
        case_id: StoredCase(
            case_id,
            cases.get(case_id),
            {table: rows.get(case_id, ()) for table, rows in tables.items()},
            records.get(case_id, ()),
            paths,
        )
        for case_id in case_ids
    }


def state_lines_of_rows(session: Session, case_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Give the state lines of cases as their rows have them, reading no more than they need."""
    cases, facts = find_cases(session, case_ids), read_all_facts(session, case_ids)
    tasks = _by_case(open_tasks(session, case_ids))
    clocks = _by_case(live_clocks(session, case_ids))
    return [
        _state_line(cases[each], tasks.get(each, ()), clocks.get(each, ()), facts[each])
        for each in case_ids
    ]


def _by_case(rows: Iterable[Row[Any]]) -> dict[str, list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(row.case_id, []).append(row)
    return found


def _state_line(
    case: Any, tasks: Sequence[Any], clocks: Sequence[Any], facts: Mapping[str, FactValue]
) -> dict[str, Any]:
    return {
        "id": case.id,
        "seq": case.version,
        "marking": case.marking_hash,
        "ended": case.state == "ended",
        "facts": dict(facts),
        "withheld": [],
        "tasks": [
            {
                "task": place_of(task),
                "activity": task.activity,
                "rung": task.rung or 0,
                "office": task.office_id,
                "roles": task.roles.split(),
                "claimant": task.claimant,
            }
            for task in sorted(tasks, key=place_of)
        ],
        "clocks": [
            {
                "clock": place_of(clock),
                "rule": clock.rule,
                "due_on": clock.due_on.isoformat(),
                "due_at": format_time(clock.due_at),
                "provisional": clock.provisional,
                "paused": clock.state == "paused",
            }
            for clock in sorted(clocks, key=place_of)
        ],
    }
