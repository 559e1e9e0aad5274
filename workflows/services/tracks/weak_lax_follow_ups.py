"""What was done about a determined branch, counted in the statutory table (DOMAIN 2.2.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import Conflict, InvalidInput, NotFound
from workflows.domain.records import JsonValue
from workflows.domain.roles import Actor
from workflows.domain.weak_lax import Determination, FollowUpColumn
from workflows.services.journal import append_house
from workflows.services.tracks.determination import served_matter
from workflows.store.tables import WeakLaxFollowUp

MOST = 999
LONGEST_NOTE = 200
_LABELLED = (Determination.DETERMINED.value, Determination.LIFTED.value)


class WeakLaxFollowUpInvalid(InvalidInput):
    """It needs a determined branch, a number from 1 to {most}, and a day that is not ahead."""

    code: ClassVar[str] = "weak_lax_follow_up_invalid"


class WeakLaxFollowUpWithdrawn(Conflict):
    """It was withdrawn before."""

    code: ClassVar[str] = "weak_lax_follow_up_withdrawn"


@dataclass(frozen=True, slots=True)
class Done:
    """What was done or needed, how often, when; the note names no person."""

    measure: FollowUpColumn
    amount: int
    done_on: date
    note: str = ""


def enter_follow_up(
    session: Session, actor: Actor, now: datetime, matter_id: str, done: Done
) -> WeakLaxFollowUp:
    """Enter something for the follow-up columns.

    Raises:
        NotFound, RoleMissing: A matter that the actor does not see or serve.
        WeakLaxFollowUpInvalid: Something is wrong with it.
    """
    matter, _ = served_matter(session, actor, matter_id)
    is_bad = not 0 < done.amount <= MOST or len(done.note) > LONGEST_NOTE
    is_ahead = done.done_on > local_date(now)
    if is_bad or is_ahead or matter.determination not in _LABELLED:
        raise WeakLaxFollowUpInvalid(most=MOST)
    row = WeakLaxFollowUp(
        matter_id=matter_id,
        measure=done.measure.value,
        amount=done.amount,
        done_on=done.done_on,
        note=done.note.strip(),
        entered_by=actor.account_id,
        entered_at=now,
    )
    session.add(row)
    session.flush()
    _tell(session, actor, now, "weak_lax_followed_up", row)
    return row


def withdraw_follow_up(session: Session, actor: Actor, now: datetime, row_id: int) -> None:
    """Withdraw what was entered by mistake; it stays listed.

    Raises:
        NotFound, RoleMissing: There is none that the actor sees or serves.
        WeakLaxFollowUpWithdrawn: It was before.
    """
    row = session.get(WeakLaxFollowUp, row_id, with_for_update=True)
    if row is None:
        raise NotFound(what="follow-up", key=str(row_id))
    served_matter(session, actor, row.matter_id)
    if row.withdrawn_at is not None:
        raise WeakLaxFollowUpWithdrawn
    row.withdrawn_by, row.withdrawn_at = actor.account_id, now
    session.flush()
    _tell(session, actor, now, "weak_lax_follow_up_withdrawn", row)


def _tell(session: Session, actor: Actor, now: datetime, name: str, row: WeakLaxFollowUp) -> None:
    form: dict[str, JsonValue] = {
        "matter": row.matter_id,
        "measure": row.measure,
        "amount": row.amount,
        "done_on": row.done_on.isoformat(),
        "note": row.note,
    }
    append_house(session, actor, now, name, str(row.id), form=form)
