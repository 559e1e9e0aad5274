"""What the house records about its log: keys, epochs, and who was given which checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from workflows.domain.roles import Actor
from workflows.services.journal import append_house
from workflows.store.log import insert_event


def note_event(
    session: Session,
    actor: Actor,
    now: datetime,
    kind: str,
    ref: str,
    body: Mapping[str, str],
) -> int:
    """Write a house record about the log, and list it; give its seq."""
    house_seq = append_house(session, actor, now, kind, ref, form=dict(body))
    insert_event(session, house_seq, kind, body, now)
    return house_seq
