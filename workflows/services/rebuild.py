"""Projections against the journal: the rows of a case are a fold over its records (DESIGN 6)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.fold import CaseState
from workflows.domain.records import format_time
from workflows.services.changes import place_of
from workflows.services.vault import PayloadErased, read_payload
from workflows.store.casework import live_clocks, open_tasks, read_facts
from workflows.store.journal import read_stream
from workflows.store.tables import Case


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a case's rows say something else than its records."""

    case_id: str
    number: str
    what: str
    recorded: Any
    found: Any


def fold_case(session: Session, case_id: str) -> CaseState:
    """Fold all records of a case, with the payloads that can be opened.

    Raises:
        FoldError: A record does not fit those before it.
    """
    state = CaseState()
    for row in read_stream(session, case_id):
        state.apply(json.loads(row.body), _payload(session, case_id, row))
    return state


def _payload(session: Session, case_id: str, row: Any) -> dict[str, Any] | None:
    try:
        return read_payload(session, row.key_id, case_id, row.seq, row.sealed)
    except PayloadErased:
        return None


def state_line_of_rows(session: Session, case_id: str) -> dict[str, Any]:
    """Give the state line of a case as its rows have it (AUDIT.md, state.jsonl)."""
    case = session.execute(select(Case).where(Case.id == case_id)).scalar_one()
    tasks = sorted(open_tasks(session, case_id), key=place_of)
    clocks = sorted(live_clocks(session, case_id), key=place_of)
    return {
        "id": case.id,
        "seq": case.version,
        "marking": case.marking_hash,
        "ended": case.state == "ended",
        "facts": read_facts(session, case_id),
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
            for task in tasks
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
            for clock in clocks
        ],
    }


def differences(session: Session) -> Iterator[Difference]:
    """Compare every case's rows with the fold of its records."""
    cases = session.execute(select(Case.id, Case.number).order_by(Case.number))
    for case_id, number in cases:
        recorded = fold_case(session, case_id).state_line()
        found = state_line_of_rows(session, case_id)
        for what, value in recorded.items():
            if found[what] != value:
                yield Difference(case_id, number, what, value, found[what])
