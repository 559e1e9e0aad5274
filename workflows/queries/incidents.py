"""Incidents as the administration lists them; their cases lie outside of its scope."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.levels import INTERNAL
from workflows.store.base import table_of
from workflows.store.tables import Account, Case, Incident


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """An incident and its case, of which a person's has no number here.

    ``closed_by`` is empty where a job closed it, or nobody yet.
    """

    incident: Incident
    case_number: str
    pack_hash: str | None
    is_personal: bool
    closed_by: str


def incident_list(session: Session, *, closed: bool, most: int = 100) -> tuple[IncidentRow, ...]:
    """Read the oldest open incidents, or the newest closed ones."""
    case, account = table_of(Case), table_of(Account)
    is_closed = Incident.resolved_at.is_not(None)
    order = Incident.resolved_at.desc() if closed else Incident.opened_at.asc()
    statement = (
        select(Incident, case.c.number, case.c.pack_hash, case.c.level, account.c.display_name)
        .outerjoin(case, case.c.id == Incident.case_id)
        .outerjoin(account, account.c.id == Incident.resolved_by)
        .where(is_closed if closed else ~is_closed)
        .order_by(order, Incident.id)
        .limit(most)
    )
    return tuple(
        IncidentRow(
            incident,
            number if level == INTERNAL else "",
            pack_hash,
            level not in (None, INTERNAL),
            name or "",
        )
        for incident, number, pack_hash, level, name in session.execute(statement)
    )
