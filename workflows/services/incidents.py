"""What needs a person because no rule covers it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.entries import split_place
from workflows.domain.errors import InvalidInput, NotFound
from workflows.domain.orphans import Orphan, OrphanKind
from workflows.domain.roles import Actor, Role
from workflows.services.access import SYSTEM, role_deciding
from workflows.services.journal import append_house
from workflows.store.duework import forget_failures
from workflows.store.scope import as_system
from workflows.store.tables import Incident

JOB = "incidents"
CLOSING_ROLES = (Role.SYSTEM_ADMIN,)
# All others close by themselves once they are over, or on the page of their case.
RETRIED_BY_HAND = frozenset({"clock_failed"})
CLOSED_BY_HAND = frozenset(
    {"clock_failed", "office_unresolved", "message_unreceived", "epoch_started", "log_gap"}
)
LONGEST_REASON = 200


class IncidentReasonMissing(InvalidInput):
    """An incident is closed with what was done about it, in at most {longest} characters."""

    code: ClassVar[str] = "incident_reason_missing"


def raise_incident(
    session: Session, case_id: str | None, kind: str, detail: str, now: datetime
) -> None:
    """Open an incident, unless the same one is open already."""
    same = select(Incident.id).where(
        Incident.case_id == case_id,
        Incident.kind == kind,
        Incident.detail == detail,
        Incident.resolved_at.is_(None),
    )
    if session.execute(same).first() is None:
        session.add(Incident(case_id=case_id, kind=kind, detail=detail, opened_at=now))
        session.flush()


def close_incidents(
    session: Session, kind: str, now: datetime, by: str, detail: str | None = None
) -> None:
    """Close the open incidents of a kind that has no case: what they told of is over."""
    statement = select(Incident).where(
        Incident.kind == kind, Incident.case_id.is_(None), Incident.resolved_at.is_(None)
    )
    if detail is not None:
        statement = statement.where(Incident.detail == detail)
    for row in session.scalars(statement):
        row.resolved_at, row.resolved_by = now, by
    session.flush()


def cases_told_of(session: Session, kind: OrphanKind) -> set[str]:
    """Give the cases with an open incident of a kind."""
    statement = select(Incident.case_id).where(
        Incident.kind == kind.value, Incident.resolved_at.is_(None), Incident.case_id.is_not(None)
    )
    return set(session.scalars(statement))


def settle_orphans(
    session: Session, found: Collection[Orphan], now: datetime, compared: Collection[str] | None
) -> tuple[int, int]:
    """Open an incident for each orphan that is new, and close those of orphans that are gone.

    Args:
        session: An open session.
        found: All orphans that there are now.
        now: The moment of the check.
        compared: The cases whose rows were compared with their records; None for all.

    Returns:
        How many were opened and how many closed.
    """
    statement = select(Incident).where(
        Incident.kind.in_([kind.value for kind in OrphanKind]), Incident.resolved_at.is_(None)
    )
    told = {
        Orphan(OrphanKind(row.kind), row.case_id or "", row.detail): row
        for row in session.scalars(statement)
    }
    gone = [
        row
        for orphan, row in told.items()
        if orphan not in found
        and (orphan.kind != OrphanKind.ROWS_DIFFER or compared is None or row.case_id in compared)
    ]
    for row in gone:
        row.resolved_at, row.resolved_by = now, SYSTEM["check"].account_id
    new = [orphan for orphan in sorted(found) if orphan not in told]
    session.add_all(
        Incident(case_id=each.case_id, kind=each.kind.value, detail=each.detail, opened_at=now)
        for each in new
    )
    session.flush()
    return len(new), len(gone)


def retry_incident(session: Session, actor: Actor, now: datetime, incident_id: int) -> None:
    """Let the next sweep try a clock again that failed too often, as system administrator.

    Raises:
        RoleMissing: Somebody else tries.
        NotFound: There is no open incident of that number about a clock.
    """
    role_deciding(actor, CLOSING_ROLES)
    with as_system(session, JOB):
        incident = _open_one(session, incident_id, RETRIED_BY_HAND)
        path, n = split_place(incident.detail)
        forget_failures(session, incident.case_id or "", path, n)
        incident.resolved_at, incident.resolved_by = now, actor.account_id
        append_house(session, actor, now, "incident_retried", str(incident_id))


def close_by_hand(
    session: Session, actor: Actor, now: datetime, incident_id: int, reason: str
) -> None:
    """Close an incident that nothing else closes, as system administrator, with what was done.

    Raises:
        RoleMissing: Somebody else tries.
        NotFound: There is no open incident of that number, or it closes by itself.
        IncidentReasonMissing: Nothing was said.
    """
    role_deciding(actor, CLOSING_ROLES)
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise IncidentReasonMissing(longest=LONGEST_REASON)
    with as_system(session, JOB):
        _open_one(session, incident_id, CLOSED_BY_HAND)
        resolve_incident(session, actor, now, incident_id, reason.strip())


def _open_one(session: Session, incident_id: int, kinds: Collection[str]) -> Incident:
    incident = session.get(Incident, incident_id)
    if incident is None or incident.resolved_at is not None or incident.kind not in kinds:
        raise NotFound(what="incident", key=str(incident_id))
    return incident


def resolve_incident(
    session: Session, actor: Actor, now: datetime, incident_id: int, reason: str
) -> None:
    """Close an incident with what was done about it.

    Raises:
        NotFound: There is no open incident of that number.
    """
    incident = session.get(Incident, incident_id)
    if incident is None or incident.resolved_at is not None:
        raise NotFound(what="incident", key=str(incident_id))
    incident.resolved_at, incident.resolved_by = now, actor.account_id
    append_house(session, actor, now, "incident_resolved", str(incident_id), reason=reason)
