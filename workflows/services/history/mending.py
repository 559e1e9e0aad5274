"""Comparing the rows of a case with what they should be, table by table, and mending them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Protocol, TypeAlias

from sqlalchemy.orm import Session

from workflows.services.history.rebuilding import CaseRows, Row
from workflows.services.history.stored import StoredCase
from workflows.store.projections import (
    delete_rows,
    delete_rows_of,
    hold_case,
    insert_row,
    rows_of,
    update_case_row,
    update_row,
)
from workflows.store.tables import Case, CaseFact, Clock, ClockPause, PersonEffect, Task

# How often a clock could not be fired is the sweep's bookkeeping, not the case's history.
_OWN = frozenset(("id", "attempts", "retry_at"))
# What only payloads say, which may have been erased.
_FROM_PAYLOADS = ("outcome", "extension_days")
RowDifference: TypeAlias = tuple[str, Any, Any]


class CheckedTable(Protocol):
    """The rows of one case in one table."""

    def differences(self, stored: StoredCase) -> list[RowDifference]:
        """Give what, as the records say, and as it stands."""

    def mend(self, session: Session) -> None:
        """Write the rows as the records say."""


def tables_of(rows: CaseRows) -> list[CheckedTable]:
    """Give the tables of a case in the order in which they are mended."""
    case_id, case = rows.case["id"], rows.case
    tasks, clocks = rows.tasks, rows.clocks
    if not rows.is_whole:
        case = _without_payloads(case)
        clocks = {key: _without_payloads(row) for key, row in clocks.items()}
    tables: list[CheckedTable] = [
        _CaseRow(case_id, case),
        _Numbered(Task, case_id, tasks),
        _Numbered(Clock, case_id, clocks),
    ]
    if rows.is_whole:
        facts = [
            {"case_id": case_id, "name": name, "value": value}
            for name, value in sorted(rows.facts.items())
        ]
        tables += [
            _Listed(ClockPause, case_id, rows.pauses),
            _Listed(CaseFact, case_id, facts),
            _Listed(PersonEffect, case_id, rows.effects),
        ]
    return tables


def _without_payloads(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in _FROM_PAYLOADS}


@dataclass(frozen=True, slots=True)
class _CaseRow:
    """The case's own row."""

    case_id: str
    expected: Row

    def differences(self, stored: StoredCase) -> list[RowDifference]:
        held = stored.case
        return list(_columns("case", self.expected, None if held is None else held._asdict()))

    def mend(self, session: Session) -> None:
        if hold_case(session, self.case_id) is None:
            insert_row(session, Case, self.expected)
        else:
            update_case_row(session, self.case_id, self.expected)


@dataclass(frozen=True, slots=True)
class _Numbered:
    """Tasks or clocks: rows known by path and number."""

    entity: type[Task] | type[Clock]
    case_id: str
    expected: Mapping[tuple[str, int], Row]

    def differences(self, stored: StoredCase) -> list[RowDifference]:
        name, found = self.entity.__tablename__, _by_place(stored.rows[self.entity])
        return [
            difference
            for key in sorted(self.expected.keys() | found.keys())
            for difference in _columns(
                f"{name} {key[0]}#{key[1]}", self.expected.get(key), found.get(key)
            )
        ]

    def mend(self, session: Session) -> None:
        found = _by_place(rows_of(session, self.entity, self.case_id))
        surplus = [row["id"] for key, row in found.items() if key not in self.expected]
        delete_rows(session, self.entity, surplus)
        # Open tasks last: two of one path are never open at once, not even in between.
        for key, row in sorted(self.expected.items(), key=lambda item: item[1]["state"] == "open"):
            if key not in found:
                insert_row(session, self.entity, row)
            elif any(_columns("", row, found[key])):
                update_row(session, self.entity, found[key]["id"], row)


@dataclass(frozen=True, slots=True)
class _Listed:
    """Rows that are compared in their order: pauses, facts, effects."""

    entity: type[ClockPause | CaseFact | PersonEffect]
    case_id: str
    expected: list[Row]

    def differences(self, stored: StoredCase) -> list[RowDifference]:
        name, rows = self.entity.__tablename__, stored.rows[self.entity]
        found = [
            {column: value for column, value in row._asdict().items() if column not in _OWN}
            for row in rows
        ]
        if self.entity is CaseFact:
            found.sort(key=lambda row: row["name"])
        pairs = zip_longest(self.expected, found)
        return [(name, recorded, stands) for recorded, stands in pairs if recorded != stands]

    def mend(self, session: Session) -> None:
        delete_rows_of(session, self.entity, self.case_id)
        for row in self.expected:
            insert_row(session, self.entity, row)


def _by_place(rows: Iterable[Any]) -> dict[tuple[str, int], Row]:
    return {(row.path, row.n): row._asdict() for row in rows}


def _columns(what: str, expected: Row | None, found: Row | None) -> Iterator[RowDifference]:
    if expected is None or found is None:
        yield what, expected and "a row", found and "a row"
        return
    for name, value in expected.items():
        if found[name] != value or type(found[name]) is not type(value):
            yield f"{what} {name}", value, found[name]
