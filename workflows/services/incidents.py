"""What needs a person because no rule covers it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.errors import NotFound
from workflows.domain.roles import Actor
from workflows.services.journal import append_house
from workflows.store.tables import Incident


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
