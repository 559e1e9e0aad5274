"""What the file of a case tells beyond its page: all its clocks, its rungs, and the proof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.queries.log.checkpoints import key_fingerprint, signed_head
from workflows.store.base import table_of
from workflows.store.log import leaf_indices
from workflows.store.tables import Case, Clock, Task


@dataclass(frozen=True, slots=True)
class RungPeriod:
    """When tasks of a rung were first opened and last closed; ``to_at`` is None while one is."""

    rung: int
    from_at: datetime
    to_at: datetime | None


@dataclass(frozen=True, slots=True)
class CaseProof:
    """The last checkpoint, and up to which record of the case it covers it.

    ``root`` is base64, as notes have it; ``fingerprint`` is empty where the key that signed
    is not known here.
    """

    covered_seq: int
    size: int
    root: str
    recorded_at: datetime
    note: str
    fingerprint: str


def rung_periods(session: Session, case_id: str) -> tuple[RungPeriod, ...]:
    """Read when a case was on which rung, in the order of the rungs."""
    task = table_of(Task)
    statement = (
        select(
            task.c.rung,
            func.min(task.c.opened_at),
            func.max(task.c.closed_at),
            func.count() - func.count(task.c.closed_at),
        )
        .where(task.c.case_id == case_id, task.c.rung.is_not(None))
        .group_by(task.c.rung)
        .order_by(task.c.rung)
    )
    rows = session.connection().execute(statement)
    return tuple(RungPeriod(rung, since, None if open_ else to) for rung, since, to, open_ in rows)


def all_clocks(session: Session, case_id: str) -> Sequence[Clock]:
    """Read every clock of a case, in the order in which they were set."""
    statement = select(Clock).where(Clock.case_id == case_id)
    return session.scalars(statement.order_by(Clock.armed_seq, Clock.id)).all()


def proof_of(session: Session, case: Case) -> CaseProof | None:
    """Read what proves the records of a case; None where no checkpoint covers any of them."""
    head = signed_head(session)
    if head is None:
        return None
    leaves: Sequence[Any] = leaf_indices(session, [case.id])
    covered = [leaf.seq for leaf in leaves if leaf.index < head.size and leaf.seq <= case.version]
    if not covered:
        return None
    fingerprint = key_fingerprint(session, head.note)
    return CaseProof(max(covered), head.size, head.root, head.recorded_at, head.note, fingerprint)
