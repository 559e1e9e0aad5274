"""What a referral means for other cases about the person whom it names (DOMAIN 5.7.1).

After a formal case was opened elsewhere no inquiry is made here beside it. Nothing of what is
asked here tells of the referral itself: it is sealed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.errors import Conflict
from workflows.domain.levels import CLUES, PERSONAL
from workflows.services.packs import definition_of
from workflows.store.base import table_of
from workflows.store.casework import read_all_facts
from workflows.store.scope import require_scope
from workflows.store.tables import Case

# The outcome of a referral whose receiver has opened a formal case (立案).
FILED = "filed"
EVERYWHERE = "everywhere"
_APPROVED = "approved"
_CASE = table_of(Case)


class InquiryElsewhere(Conflict):
    """Another procedure has this person's part of the matter: no inquiry starts before it ends."""

    code: ClassVar[str] = "inquiry_elsewhere"


def refuse_inquiry_elsewhere(session: Session, person_id: str, matter_id: str) -> None:
    """Let no inquiry about a person start in a matter from which his part is being referred.

    From the approval on until its receiver has answered; which procedure it is, is not said.

    Raises:
        InquiryElsewhere: There is such a referral.
    """
    running = select(_CASE.c.id).where(
        _CASE.c.subject_person_id == person_id,
        _CASE.c.matter_id == matter_id,
        _CASE.c.level == CLUES,
        _CASE.c.state != "ended",
    )
    found = require_scope(session).execute(running).scalars().all()
    known = read_all_facts(session, found).values()
    if any(facts.get("referral_approval") == _APPROVED for facts in known):
        raise InquiryElsewhere


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
