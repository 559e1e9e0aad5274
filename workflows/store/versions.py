"""Which cases stand where on which version of a pack, read for many cases at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Row, and_, func, select
from sqlalchemy.orm import Session

from workflows.domain.levels import CLUES
from workflows.store.base import table_of
from workflows.store.scope import require_scope
from workflows.store.tables import Case, CaseFact, Clock, ClockPause, MigratedCase

_CASE = table_of(Case)
_CLOCK = table_of(Clock)
_FACT = table_of(CaseFact)
_PAUSE = table_of(ClockPause)
_MIGRATED = table_of(MigratedCase)
# Sealed cases stay on their version: a plan counts cases, and shows some of them.
_IN_PLANS = and_(_CASE.c.state != "ended", _CASE.c.level != CLUES)


def markings_in_use(session: Session, pack_hash: str) -> Sequence[Row[Any]]:
    """Count the cases that have not ended by process and marking."""
    statement = (
        select(_CASE.c.process_id, _CASE.c.marking_hash, func.count().label("count"))
        .where(_CASE.c.pack_hash == pack_hash, _IN_PLANS)
        .group_by(_CASE.c.process_id, _CASE.c.marking_hash)
        .order_by(_CASE.c.process_id, _CASE.c.marking_hash)
    )
    return require_scope(session).execute(statement).all()


def cases_at(
    session: Session, pack_hash: str, process_id: str, marking_hash: str, batch: int
) -> Iterator[Sequence[Any]]:
    """Read the cases that stand at a marking, batch by batch in the order of their ids."""
    statement = (
        select(_CASE.c.id, _CASE.c.number, _CASE.c.org_path)
        .where(
            _CASE.c.pack_hash == pack_hash,
            _CASE.c.process_id == process_id,
            _CASE.c.marking_hash == marking_hash,
            _IN_PLANS,
        )
        .order_by(_CASE.c.id)
        .limit(batch)
    )
    after = ""
    while rows := require_scope(session).execute(statement.where(_CASE.c.id > after)).all():
        yield rows
        after = rows[-1].id


def facts_of(session: Session, case_ids: Sequence[str]) -> Sequence[Row[Any]]:
    """Read the facts of cases: case_id, name and value as JSON."""
    return require_scope(session).execute(select(_FACT).where(_FACT.c.case_id.in_(case_ids))).all()


def live_clocks_of(session: Session, case_ids: Sequence[str]) -> Sequence[Row[Any]]:
    """Read the running and paused clocks of cases."""
    statement = select(_CLOCK).where(
        _CLOCK.c.case_id.in_(case_ids), _CLOCK.c.state.in_(("running", "paused"))
    )
    return require_scope(session).execute(statement).all()


def pauses_of(session: Session, case_ids: Sequence[str]) -> Sequence[Row[Any]]:
    """Read the pauses of the clocks of cases, oldest first."""
    statement = select(_PAUSE).where(_PAUSE.c.case_id.in_(case_ids)).order_by(_PAUSE.c.id)
    return require_scope(session).execute(statement).all()


def cases_to_move(
    session: Session, migration_id: int, pack_hash: str, after: str, batch: int
) -> Sequence[str]:
    """Give the next cases of a version that a migration has not met, in the order of ids."""
    met = select(_MIGRATED.c.case_id).where(_MIGRATED.c.migration_id == migration_id)
    statement = (
        select(_CASE.c.id)
        .where(
            _CASE.c.pack_hash == pack_hash,
            _IN_PLANS,
            _CASE.c.id > after,
            _CASE.c.id.not_in(met),
        )
        .order_by(_CASE.c.id)
        .limit(batch)
    )
    return require_scope(session).execute(statement).scalars().all()


def cases_to_bring_back(
    session: Session, migration_id: int, after: str, batch: int
) -> Sequence[str]:
    """Give the next cases that a migration moved and that are still where it brought them."""
    statement = (
        select(_MIGRATED.c.case_id)
        .where(
            _MIGRATED.c.migration_id == migration_id,
            _MIGRATED.c.outcome == "moved",
            _MIGRATED.c.case_id > after,
        )
        .order_by(_MIGRATED.c.case_id)
        .limit(batch)
    )
    return require_scope(session).execute(statement).scalars().all()
