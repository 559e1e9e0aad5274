"""An entry of the register of interventions leaves the house: one at a time, by two (DOMAIN 3.5).

A reader asks, for whom and what for; another reader agrees; the first takes it once, on record
and as a look. Nothing takes out several.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from workflows.domain.roles import Actor
from workflows.services.access import is_same_person
from workflows.services.secrecy.interventions import (
    Opened,
    entries_for,
    entry_for,
    read_approach,
    tell_entry,
)
from workflows.services.secrecy.looking import Looked, list_look
from workflows.store.tables import Intervention, Provision

LONGEST = 120


class ProvisionInvalid(InvalidInput):
    """It needs for whom and what for, of at most {longest} signs each."""

    code: ClassVar[str] = "provision_invalid"


class ProvisionDecided(Conflict):
    """It does not wait any more, or was taken already."""

    code: ClassVar[str] = "provision_decided"


class OwnProvision(NotAllowed):
    """Whoever asks does not agree to it; another reader of the register does."""

    code: ClassVar[str] = "own_provision"


def ask_provision(
    session: Session, actor: Actor, now: datetime, entry_id: str, recipient: str, purpose: str
) -> Provision:
    """Ask that an entry is given to somebody outside.

    Raises:
        NotFound: There is no such entry for this actor.
        ProvisionInvalid: It is not said for whom or what for.
    """
    entry = entry_for(session, actor, entry_id)
    said = (recipient.strip(), purpose.strip())
    if not all(0 < len(text) <= LONGEST for text in said):
        raise ProvisionInvalid(longest=LONGEST)
    row = Provision(
        entry_id=entry.id,
        recipient=said[0],
        purpose=said[1],
        asked_by=actor.account_id,
        asked_at=now,
    )
    session.add(row)
    session.flush()
    tell_entry(session, actor, now, "provision_asked", entry)
    return row


def decide_provision(
    session: Session, actor: Actor, now: datetime, provision_id: int, *, is_agreed: bool
) -> None:
    """Agree as another reader of the entry, or refuse.

    Raises:
        NotFound: There is none whose entry this actor reads.
        OwnProvision: He asked for it.
        ProvisionDecided: It was decided.
    """
    row, entry = _row(session, actor, provision_id)
    if is_same_person(session, actor, row.asked_by):
        raise OwnProvision
    if row.state != "asked":
        raise ProvisionDecided
    row.state = "agreed" if is_agreed else "refused"
    row.decided_by, row.decided_at = actor.account_id, now
    session.flush()
    tell_entry(session, actor, now, f"provision_{row.state}", entry)


def take_provision(
    session: Session, actor: Actor, now: datetime, provision_id: int
) -> tuple[Provision, Opened]:
    """Take what was agreed to, once, as whoever asked for it.

    Raises:
        NotFound: There is none of his.
        ProvisionDecided: It was not agreed to, or was taken.
    """
    row, entry = _row(session, actor, provision_id)
    if row.asked_by != actor.account_id:
        raise NotFound(what="provision", key=str(provision_id))
    if row.state != "agreed" or row.taken_at is not None:
        raise ProvisionDecided
    row.taken_at = now
    session.flush()
    seq = tell_entry(session, actor, now, "provision_taken", entry)
    list_look(session, actor, now, seq, Looked.APPROACH)
    return row, read_approach(session, entry)


def provisions_for(session: Session, actor: Actor) -> list[tuple[Provision, Intervention]]:
    """Give what was asked of the entries that somebody may open, the newest first."""
    entries = {entry.id: entry for entry in entries_for(session, actor)}
    statement = select(Provision).where(Provision.entry_id.in_(entries))
    rows = session.scalars(statement.order_by(Provision.id.desc()))
    return [(row, entries[row.entry_id]) for row in rows]


def _row(session: Session, actor: Actor, provision_id: int) -> tuple[Provision, Intervention]:
    row = session.get(Provision, provision_id, with_for_update=True)
    if row is None:
        raise NotFound(what="provision", key=str(provision_id))
    return row, entry_for(session, actor, row.entry_id)
