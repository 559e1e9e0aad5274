"""A change of the calendar that moves running deadlines, as two people's act.

The system administrator puts it forward, another administrator approves or refuses it, as
packs and migrations are decided on. Its effect is worked out again when it is decided on:
nobody approves what he was not shown, nor a difference that he did not confirm.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any, ClassVar

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.calendar_changes import CalendarChange, DayKind
from workflows.domain.calendars import DayStatus
from workflows.domain.clocks import local_date
from workflows.domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from workflows.domain.records import JsonValue
from workflows.domain.roles import Actor, Role
from workflows.services.access import is_same_person, role_deciding
from workflows.services.calendars import lock_calendars
from workflows.services.journal import append_house
from workflows.services.versions.calendar_changes import (
    CHANGING_ROLES,
    ChangeEffect,
    put_in_force,
    seen_effect,
)
from workflows.services.versions.publishing import given_note
from workflows.store.tables import CalendarProposal

# Administrators alone: whoever works on cases has deadlines of his own among those moved.
DECIDING_ROLES = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)


class ProposalThere(Conflict):
    """This very change is waiting already, put forward at {at} by {by}."""

    code: ClassVar[str] = "calendar_proposal_there"


class ProposalDecided(Conflict):
    """This change of the calendar was dealt with by {by} at {at}."""

    code: ClassVar[str] = "calendar_proposal_decided"


class OwnProposal(NotAllowed):
    """Who put a change of the calendar forward does not decide on it."""

    code: ClassVar[str] = "own_calendar_proposal"


class NotItsProposer(NotAllowed):
    """Only who put a change of the calendar forward can take it back."""

    code: ClassVar[str] = "not_its_proposer"


class EffectUnconfirmed(InvalidInput):
    """The effect is another than when the change was put forward: confirm it."""

    code: ClassVar[str] = "calendar_effect_unconfirmed"


def propose(
    session: Session, actor: Actor, now: datetime, change: CalendarChange, seen: str, note: str
) -> CalendarProposal:
    """Put a change forward; ``seen`` is the hash of the effect that was shown.

    Raises:
        RoleMissing: Somebody else tries.
        NoteMissing: It needs a reason.
        EffectChanged: The effect is another by now.
        ProposalThere: The same change waits already.
        CalendarChangeInvalid, NothingChanges: It is no change.
    """
    role_deciding(actor, CHANGING_ROLES)
    reason = given_note(note)
    effect = seen_effect(session, local_date(now), change, seen)
    said = change_as_json(change)
    change_hash = hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()
    _refuse_twice(session, change_hash)
    proposal = CalendarProposal(
        change=said,
        change_hash=change_hash,
        effect=effect_as_json(effect),
        sha256=effect.digest,
        state="waiting",
        note=reason,
        submitted_at=now,
        submitted_by=actor.account_id,
    )
    session.add(proposal)
    session.flush()
    form: dict[str, JsonValue] = {**said, **_counts(effect), "before": effect.version}
    ref = str(proposal.id)
    append_house(session, actor, now, "calendar_submitted", ref, form=form, reason=reason)
    return proposal


def withdraw(
    session: Session, actor: Actor, now: datetime, proposal_id: int, reason: str
) -> CalendarProposal:
    """Take a change back before it is decided on.

    Raises:
        ProposalDecided: It was decided on.
        NotItsProposer: Somebody else put it forward.
        NoteMissing: It needs a reason.
    """
    proposal = _waiting(session, proposal_id)
    if proposal.submitted_by != actor.account_id:
        raise NotItsProposer
    return _decide(session, actor, now, proposal, "withdrawn", given_note(reason))


def refuse(
    session: Session, actor: Actor, now: datetime, proposal_id: int, reason: str
) -> CalendarProposal:
    """Refuse a change, with a reason.

    Raises:
        RoleMissing, OwnProposal: The actor may not decide on it.
        ProposalDecided: It was decided on.
        NoteMissing: It needs a reason.
    """
    proposal = _for_decision(session, actor, proposal_id)
    return _decide(session, actor, now, proposal, "refused", given_note(reason))


def approve(
    session: Session,
    actor: Actor,
    now: datetime,
    proposal_id: int,
    *,
    seen: str,
    is_confirmed: bool = False,
) -> CalendarProposal:
    """Put a change in force, with the effect that it has now.

    Args:
        session: An open session.
        actor: Another administrator than who put it forward.
        now: The moment.
        proposal_id: Which.
        seen: The hash of the effect that he was shown.
        is_confirmed: He confirmed that it is another effect than was put forward.

    Raises:
        RoleMissing, OwnProposal: The actor may not decide on it.
        ProposalDecided: It was decided on.
        EffectChanged: The effect is another than the one that was shown.
        EffectUnconfirmed: It is another than was put forward, which he has to confirm.
        NothingChanges: The calendar is so already; it can only be refused or taken back.
    """
    proposal = _for_decision(session, actor, proposal_id)
    change = change_from_json(proposal.change)
    effect = seen_effect(session, local_date(now), change, seen)
    if effect.digest != proposal.sha256 and not is_confirmed:
        raise EffectUnconfirmed
    said: dict[str, JsonValue] = {
        "proposal": proposal.id,
        "submitted_by": proposal.submitted_by,
        **_counts(effect),
    }
    proposal.version = put_in_force(session, actor, now, change, effect, said).version
    return _decide(session, actor, now, proposal, "approved", "")


def change_as_json(change: CalendarChange) -> dict[str, JsonValue]:
    """Give a change as a proposal and its record keep it."""
    return {
        "region": change.region,
        "first_on": change.first_on.isoformat(),
        "last_on": change.last_on.isoformat(),
        "kind": change.kind.value,
        "name": change.name,
        "status": change.status.value,
        "source": change.source,
    }


def change_from_json(kept: dict[str, Any]) -> CalendarChange:
    """Give a change that was kept."""
    return CalendarChange(
        kept["region"],
        date.fromisoformat(kept["first_on"]),
        date.fromisoformat(kept["last_on"]),
        DayKind(kept["kind"]),
        kept["name"],
        DayStatus(kept["status"]),
        kept["source"],
    )


def effect_as_json(effect: ChangeEffect) -> dict[str, Any]:
    """Give an effect as a proposal keeps it: its counts, and each date by its deadline."""
    return {
        **_counts(effect),
        "dates": {each.key: each.new_on.isoformat() for each in effect.moved},
    }


def _counts(effect: ChangeEffect) -> dict[str, JsonValue]:
    return {
        "changed": len(effect.days),
        "moved": len(effect.moved),
        "later": effect.later,
        "earlier": effect.earlier,
        "overdue": effect.overdue,
        "kept": effect.kept,
    }


def _refuse_twice(session: Session, change_hash: str) -> None:
    same = session.scalar(
        select(CalendarProposal).where(
            CalendarProposal.change_hash == change_hash, CalendarProposal.state == "waiting"
        )
    )
    if same is not None:
        raise ProposalThere(at=same.submitted_at, by=same.submitted_by)


def _waiting(session: Session, proposal_id: int) -> CalendarProposal:
    lock_calendars(session)
    proposal = session.get(CalendarProposal, proposal_id, populate_existing=True)
    if proposal is None:
        raise NotFound(what="calendar_proposal", key=str(proposal_id))
    if proposal.state != "waiting":
        by = proposal.decided_by or proposal.submitted_by
        raise ProposalDecided(by=by, at=proposal.decided_at)
    return proposal


def _for_decision(session: Session, actor: Actor, proposal_id: int) -> CalendarProposal:
    role_deciding(actor, DECIDING_ROLES)
    proposal = _waiting(session, proposal_id)
    if is_same_person(session, actor, proposal.submitted_by):
        raise OwnProposal
    return proposal


def _decide(
    session: Session,
    actor: Actor,
    now: datetime,
    proposal: CalendarProposal,
    state: str,
    reason: str,
) -> CalendarProposal:
    proposal.state, proposal.reason = state, reason
    proposal.decided_at, proposal.decided_by = now, actor.account_id
    ref = str(proposal.id)
    form: dict[str, JsonValue] = {"effect": proposal.sha256, "version": proposal.version}
    append_house(session, actor, now, f"calendar_{state}", ref, form=form, reason=reason or None)
    session.flush()
    return proposal
