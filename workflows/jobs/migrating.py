"""Carrying approved migrations out, in batches that may be interrupted at any time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TypeAlias

import structlog

from workflows.domain.errors import Conflict, DubanError
from workflows.services.versions.migration_run import (
    Said,
    bring_back,
    carry_out,
    finish,
    hold_migration,
    note_stayed,
    open_migrations,
)
from workflows.store.scope import SystemScope
from workflows.store.tables import CaseMigration
from workflows.store.transaction import Session, Sessions, StorageFailed, savepoint, transaction
from workflows.store.versions import cases_to_bring_back, cases_to_move

JOB = "migration"
BATCH = 100
# Somebody else has the case just now.
HELD = "held"
_Act: TypeAlias = Callable[[str, datetime], str]
_log = structlog.get_logger()


def run_migrations(sessions: Sessions, now: datetime, *, batch: int = BATCH) -> Counter[str]:
    """Carry out what was approved, or take it back; give how many cases had which outcome.

    What a run did not come to, the next one does: a case that was met is written down in
    the transaction that moves it. A case that somebody else holds is left for the next run.

    Raises:
        StorageFailed: The database takes no changes; what was reported before is stored.
    """
    counts: Counter[str] = Counter()
    with transaction(sessions, SystemScope(JOB)) as session:
        migrations = open_migrations(session)
    for migration_id in migrations:
        counts += _run(sessions, migration_id, now, batch)
    return counts


def _run(sessions: Sessions, migration_id: int, now: datetime, batch: int) -> Counter[str]:
    counts: Counter[str] = Counter()
    after, is_over = "", False
    while not is_over:
        with transaction(sessions, SystemScope(JOB)) as session:
            migration = hold_migration(session, migration_id)
            cases = _next(session, migration, after, batch)
            act = _act(session, migration)
            outcomes = Counter(_one(session, migration, act, case_id, now) for case_id in cases)
            is_over = len(cases) < batch
            if is_over and not (counts + outcomes)[HELD]:
                finish(session, migration, now)
        counts += outcomes
        after = cases[-1] if cases else after
    return counts


def _next(session: Session, migration: CaseMigration, after: str, batch: int) -> Sequence[str]:
    if migration.state == "undoing":
        return cases_to_bring_back(session, migration.id, after, batch)
    return cases_to_move(session, migration.id, migration.old_hash, after, batch)


def _act(session: Session, migration: CaseMigration) -> _Act:
    """Give what is done to each case; the plan is read once for all of a batch."""
    if migration.state == "undoing":
        return partial(bring_back, session, migration)
    return partial(carry_out, session, migration, Said.of(migration))


def _one(session: Session, migration: CaseMigration, act: _Act, case_id: str, now: datetime) -> str:
    """Do one case inside its own savepoint, so that one that cannot move stops no other."""
    try:
        with savepoint(session):
            return act(case_id, now)
    except StorageFailed:
        raise
    except Conflict:
        return HELD
    except DubanError as error:
        _log.error("case stays", case=case_id, migration=migration.id, code=error.code)
        return note_stayed(session, migration, case_id, error.code)
