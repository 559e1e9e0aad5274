"""What a referral means for other cases about the person whom it names (DOMAIN 5.7.1).

After a formal case was opened elsewhere no inquiry is made here beside it. Nothing of what is
asked here tells of the referral itself: it is sealed.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.levels import CLUES, PERSONAL
from workflows.services.packs import definition_of
from workflows.store.base import table_of
from workflows.store.scope import require_scope
from workflows.store.tables import Case

# The outcome of a referral whose receiver has opened a formal case (立案).
FILED = "filed"
EVERYWHERE = "everywhere"
_CASE = table_of(Case)


def is_handled_elsewhere(session: Session, person_id: str | None) -> bool:
    """Say whether a referral of a person has led to a formal case."""
    if person_id is None:
        return False
    filed = select(_CASE.c.id).where(
        _CASE.c.subject_person_id == person_id,
        _CASE.c.level == CLUES,
        _CASE.c.outcome == FILED,
    )
    return require_scope(session).execute(filed.limit(1)).first() is not None


def inquiries_about(session: Session, referral: Case, where: str) -> Sequence[str]:
    """Give the open cases that accuse the person of a referral: of its matter, or everywhere.

    What he has begun himself, an appeal or a request, is none of them.
    """
    running = select(_CASE.c.id, _CASE.c.pack_hash, _CASE.c.process_id).where(
        _CASE.c.subject_person_id == referral.subject_person_id,
        _CASE.c.level == PERSONAL,
        _CASE.c.state == "open",
    )
    if where != EVERYWHERE:
        running = running.where(_CASE.c.matter_id == referral.matter_id)
    rows = require_scope(session).execute(running.order_by(_CASE.c.id)).all()
    return [
        row.id
        for row in rows
        if definition_of(session, row.pack_hash, row.process_id).opening is None
    ]
