"""Projections against the journal: the rows of a case are a fold over its records (DESIGN 6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy.orm import Session

from workflows.audit.canonical import sha256_hex
from workflows.domain.fold import CaseState
from workflows.domain.fold_errors import FoldError
from workflows.domain.records import Record
from workflows.services.history.mending import tables_of
from workflows.services.history.rebuilding import CaseRows, RowsUnknown, Surroundings
from workflows.services.history.stored import StoredCase, read_stored
from workflows.services.packs import definition_of, split_definition
from workflows.services.steps.locked import marking_text
from workflows.services.vault import PayloadErased, read_payload
from workflows.store.journal import read_stream
from workflows.store.projections import case_ids, delete_rows_of, hold_case, paths_of
from workflows.store.tables import ClockPause

BATCH = 500
_IDENTITY = (
    "number",
    "matter_id",
    "parent_case_id",
    "subject_organisation_id",
    "subject_person_id",
    "level",
    "org_path",
)


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a case's rows say something else than its records."""

    case_id: str
    number: str
    what: str
    recorded: Any
    found: Any


def _payload(session: Session, case_id: str, row: Any) -> dict[str, Any] | None:
    try:
        return read_payload(session, row.key_id, case_id, row.seq, row.sealed)
    except PayloadErased:
        return None


def differences(session: Session) -> Iterator[Difference]:
    """Compare every case's rows with what its records say, and its state line with both."""
    after = ""
    while batch := case_ids(session, after, BATCH):
        for stored in read_stored(session, batch).values():
            yield from case_differences(session, stored)
        after = batch[-1]


def case_differences(session: Session, stored: StoredCase) -> list[Difference]:
    """Compare a case's rows with what its records say, as one snapshot has both."""
    case_id, held = stored.id, stored.case
    number = case_id if held is None else held.number
    try:
        state, rows = _fold(session, stored)
    except (FoldError, RowsUnknown) as error:
        return [Difference(case_id, number, "records", str(error), None)]
    found = _row_differences(stored, rows)
    if found or held is None or not rows.is_whole:
        return found
    line = stored.state_line()
    return [
        Difference(case_id, number, what, value, line[what])
        for what, value in state.state_line().items()
        if line[what] != value
    ]


def rebuild_case(session: Session, case_id: str) -> list[Difference]:
    """Write a case's rows as its records say, and give what was different.

    A row that was lost gets a new row id; tasks and clocks that stand keep theirs.

    Raises:
        FoldError: A record does not fit those before it; the rows stay as they are.
        RowsUnknown: The records say too little.
    """
    hold_case(session, case_id)
    stored = read_stored(session, [case_id])[case_id]
    _, rows = _fold(session, stored)
    found = _row_differences(stored, rows)
    if found:
        # A pause points to its clock: it goes first and comes last.
        if rows.is_whole:
            delete_rows_of(session, ClockPause, case_id)
        for table in tables_of(rows):
            table.mend(session)
    return found


def rows_at(session: Session, case: Any, at: datetime) -> CaseRows:
    """Fold the records that a case had at a moment: what was known then, and nothing later.

    Args:
        session: Carries the vault.
        case: Its row, which the caller has read within its scope.
        at: Records made after this moment are left out; when they say that something
            happened makes no difference.

    Raises:
        FoldError: A record does not fit those before it.
        RowsUnknown: The records say too little, or there was none yet.
    """
    stored = StoredCase(case.id, case, {}, read_stream(session, case.id), {})
    return _fold(session, stored, at)[1]


def rows_before(session: Session, case_id: str, seq: int) -> CaseRows:
    """Fold the records of a case before one.

    Raises:
        FoldError: A record does not fit those before it.
        RowsUnknown: The records say too little, or there was none yet.
    """
    stored = read_stored(session, [case_id])[case_id]
    records = [row for row in stored.records if row.seq < seq]
    return _fold(session, replace(stored, records=records))[1]


def _fold(
    session: Session, stored: StoredCase, until: datetime | None = None
) -> tuple[CaseState, CaseRows]:
    case_id, held = stored.id, stored.case
    surroundings = Surroundings(
        definition_of=lambda name: definition_of(session, *split_definition(name)),
        marking_of=lambda marking_hash: marking_text(session, marking_hash),
        path_of=lambda each: stored.org_paths.get(each) or paths_of(session, [each])[each],
        identity={} if held is None else {name: getattr(held, name) for name in _IDENTITY},
    )
    state, rows = CaseState(), CaseRows(surroundings)
    for row in stored.records:
        if until is not None and row.recorded_at > until:
            break
        payload, record = _payload(session, case_id, row), orjson.loads(row.body)
        state.apply(record, payload)
        rows.apply(Record.from_json(record), sha256_hex(row.body.encode("utf-8")), payload)
    if not rows.case:
        raise RowsUnknown(id=case_id, reason="it has no record")
    rows.finish()
    return state, rows


def _row_differences(stored: StoredCase, rows: CaseRows) -> list[Difference]:
    number = rows.case["number"]
    return [
        Difference(stored.id, number, *difference)
        for table in tables_of(rows)
        for difference in table.differences(stored)
    ]
