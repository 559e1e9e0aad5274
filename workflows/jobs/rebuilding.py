"""Rebuilding all projections from the journal: one transaction a case (DESIGN 6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from workflows.domain.fold_errors import FoldError
from workflows.services.history.rebuild import BATCH, Difference, case_differences, rebuild_case
from workflows.services.history.rebuilding import RowsUnknown
from workflows.services.history.stored import read_stored
from workflows.store.connection import read_one_state
from workflows.store.projections import case_ids
from workflows.store.scope import SystemScope
from workflows.store.transaction import Sessions, transaction

JOB = "rebuild"
OnCases = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """How many cases there are, what was different, and what could not be mended."""

    cases: int
    different: tuple[Difference, ...]
    broken: tuple[Difference, ...] = ()


def check_projections(sessions: Sessions, on_cases: OnCases = lambda _: None) -> RebuildReport:
    """Compare the rows of all cases with their records; nothing changes."""
    cases, found = 0, list[Difference]()
    for batch in _batches(sessions):
        with transaction(sessions, SystemScope(JOB)) as session:
            read_one_state(session)
            for stored in read_stored(session, batch).values():
                found += case_differences(session, stored)
        cases += len(batch)
        on_cases(len(batch))
    return RebuildReport(cases, tuple(found))


def run_rebuild(sessions: Sessions, on_cases: OnCases = lambda _: None) -> RebuildReport:
    """Write the rows of all cases as their records say.

    A case whose records are broken keeps its rows and is reported; all others are mended.
    """
    cases, mended, broken = 0, list[Difference](), list[Difference]()
    for batch in _batches(sessions):
        for case_id in batch:
            try:
                with transaction(sessions, SystemScope(JOB)) as session:
                    mended += rebuild_case(session, case_id)
            except (FoldError, RowsUnknown) as error:
                broken.append(Difference(case_id, case_id, "records", str(error), None))
        cases += len(batch)
        on_cases(len(batch))
    return RebuildReport(cases, tuple(mended), tuple(broken))


def _batches(sessions: Sessions) -> Iterator[list[str]]:
    after = ""
    while True:
        with transaction(sessions, SystemScope(JOB)) as session:
            batch = case_ids(session, after, BATCH)
        if not batch:
            return
        yield batch
        after = batch[-1]
