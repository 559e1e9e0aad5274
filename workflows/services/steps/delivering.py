"""Bringing what a case has sent to the other cases of its matter (DESIGN 7).

Messages move who waits for them. That the effects of an original case are void stands in a
record of that case, which is written here too: a step locks no other case than its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from workflows.domain.effects import Standing
from workflows.domain.records import RecordKind, TriggerKind, TriggerRef
from workflows.domain.steps import Trigger, TriggerType
from workflows.engine import step
from workflows.services.access import SYSTEM
from workflows.services.incidents import raise_incident
from workflows.services.journal import Act
from workflows.services.separation import origins_of
from workflows.services.steps.advance import Stage, advance
from workflows.services.steps.changes import Changes
from workflows.services.steps.effects import lift_effects
from workflows.services.steps.locked import LockedCase, load_locked
from workflows.services.steps.opening import OPERATIONS
from workflows.services.steps.operations import MESSAGE, STOPPING, VOIDING
from workflows.services.steps.recording import Cause, write_record
from workflows.services.steps.referrals import inquiries_about
from workflows.services.steps.stopping import stop_for_another
from workflows.store.base import table_of
from workflows.store.effects import standing_effects
from workflows.store.tables import Case, Outbox

_OUTBOX = table_of(Outbox)
# As a pack writes it: the case beside which the sender was opened.
ORIGIN = "origin"


def waiting_messages(session: Session, limit: int) -> Sequence[Any]:
    """Claim what nobody has brought yet, oldest first."""
    statement = (
        select(_OUTBOX)
        .where(_OUTBOX.c.kind.in_(tuple(_WAYS)), _OUTBOX.c.sent_at.is_(None))
        .order_by(_OUTBOX.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return session.connection().execute(statement).all()


def deliver(session: Session, message: Any, now: datetime) -> int:
    """Bring what a case has sent to where it belongs.

    Returns:
        How many cases received it.
    """
    sender = session.execute(select(Case).where(Case.id == message.case_id)).scalar_one()
    received = _WAYS[message.kind](session, sender, message, now)
    sent = update(_OUTBOX).where(_OUTBOX.c.id == message.id).values(sent_at=now)
    session.connection().execute(sent)
    return received


def _bring_message(session: Session, sender: Case, message: Any, now: datetime) -> int:
    """Bring a message to every other open case of the matter that waits for it.

    One that nobody waits for becomes an incident: it is not lost silently. Only what is for
    the case beside which the sender was opened needs no receiver once that case is over, or
    where it is a review itself.
    """
    others = select(Case.id).where(
        Case.matter_id == sender.matter_id, Case.id != sender.id, Case.state == "open"
    )
    is_for_origin = message.body["to"] == ORIGIN
    if is_for_origin:
        others = others.where(Case.id.in_(_cases_before(session, sender)))
    elif message.body["to"]:
        others = others.where(Case.process_id == message.body["to"])
    found = session.execute(others.order_by(Case.id)).scalars().all()
    cases = [load_locked(session, case_id) for case_id in found]
    received = sum(_receive(session, case, sender, message, now) for case in cases)
    is_missed = not is_for_origin or any(case.definition.opening is None for case in cases)
    if is_missed and not received:
        raise_incident(session, sender.id, "message_unreceived", message.body["message"], now)
    return received


def _cases_before(session: Session, sender: Case) -> list[str]:
    """Give the cases about its subject beside which a case was opened, the nearest first.

    An appeal against what a review left has two of them: the review, and what that reviewed.
    """
    about = sender.subject_person_id
    before = origins_of(session, sender.id)
    nearest = [] if sender.parent_case_id is None else [sender.parent_case_id]
    further = (case for case, person in before if person is not None and person == about)
    return list(dict.fromkeys([*nearest, *further]))


def _void_effects(session: Session, sender: Case, message: Any, now: datetime) -> int:
    """Write into the original case that its effects are void from the start.

    Where a review stands between, what still stands of the case before it is void as well.
    """
    before = _cases_before(session, sender)
    if not before:
        raise_incident(session, sender.id, "message_unreceived", message.kind, now)
        return 0
    told = [before[0], *(each for each in before[1:] if standing_effects(session, each))]
    for case_id in sorted(told):
        _void_in(session, load_locked(session, case_id), sender, message, now)
    return len(told)


def _void_in(session: Session, case: LockedCase, sender: Case, message: Any, now: datetime) -> None:
    changes, act = Changes(), Act(SYSTEM["sweep"], now, now)
    on = date.fromisoformat(message.body["on"])
    lift_effects(Stage(session, case, act, changes), Standing.VOID, on)
    trigger = TriggerRef(TriggerKind.MESSAGE, VOIDING, f"{sender.id}:{message.body['seq']}")
    cause = Cause(kind=RecordKind.INTERVENED, trigger=trigger)
    write_record(session, case, act, cause, changes, case.facts, case.marking_hash)


def _stop_inquiries(session: Session, sender: Case, message: Any, now: datetime) -> int:
    """Stop the inquiries about the person whom the sender is about; they do not say why."""
    act = Act(SYSTEM["sweep"], now, now)
    found = inquiries_about(session, sender, message.body["where"])
    return sum(stop_for_another(session, case_id, act) for case_id in found)


def _receive(session: Session, case: LockedCase, sender: Case, message: Any, now: datetime) -> bool:
    name = message.body["message"]
    paths = [path for path in case.awaited if case.definition.message(path).message == name]
    if not paths:
        return False
    moved = step(case.definition, case.marking, Trigger(TriggerType.MESSAGE, paths[0]), case.facts)
    # No record names a case that is sealed deeper (AUDIT.md, sealed tracks).
    is_sealed = sender.level > case.level
    ref = name if is_sealed else f"{sender.id}:{message.body['seq']}"
    cause = Cause(
        kind=RecordKind.MESSAGE_RECEIVED, trigger=TriggerRef(TriggerKind.MESSAGE, name, ref)
    )
    advance(session, case, moved, Act(SYSTEM["sweep"], now, now), cause, OPERATIONS)
    return True


_WAYS: Mapping[str, Callable[[Session, Case, Any, datetime], int]] = {
    MESSAGE: _bring_message,
    VOIDING: _void_effects,
    STOPPING: _stop_inquiries,
}
