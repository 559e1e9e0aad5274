"""Clearance replies (D22): drafted by one person, signed by another, renewed when untrue.

What a reply says is sealed under the person's key; the house's record commits to it and names
nobody in the open. Nothing here leaves the house by itself: a reply is printed by people.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.audit.canonical import canonical
from workflows.domain.clocks import Budget, local_date
from workflows.domain.effects import Purpose, raw_end
from workflows.domain.eligibility import ReplyClass
from workflows.domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from workflows.domain.records import JsonValue
from workflows.domain.roles import Actor, Role, RoleGrant
from workflows.queries.papers.eligibility import suggestion_for
from workflows.services.access import OwnCase, is_concerned, is_same_person
from workflows.services.journal import append_house
from workflows.services.numbers import next_number
from workflows.services.packs import current_pack
from workflows.services.papers.clearance_content import (
    Inquiry,
    content_of,
    stream_of,
    write_content,
)
from workflows.services.separation import cases_about, refuse_kept_out
from workflows.services.vault import key_for, seal
from workflows.store.scope import as_system
from workflows.store.tables import ClearanceReply, Organisation, Tenure

DRAFTERS = (Role.HANDLER, Role.REVIEWER, Role.PRINCIPAL)
SIGNERS = (Role.PRINCIPAL,)
VALIDITY = "R_CLEARANCE"
LONGEST_REASON = 500
# Persons are answered about at the banner or above, never in their own township.
_LEVEL = 3
_JOB = "clearance"


class ReplyIncomplete(InvalidInput):
    """A reply needs who asks, by which letter, and a reason wherever it is not as suggested."""

    code: ClassVar[str] = "reply_incomplete"


class ReplyClassMissing(InvalidInput):
    """A reply is of one of the classes that there are."""

    code: ClassVar[str] = "reply_class_missing"


class ReplyDecided(Conflict):
    """The reply no. {number} does not wait for a signature."""

    code: ClassVar[str] = "reply_decided"


class OwnReply(NotAllowed):
    """Whoever drafted a reply does not sign it."""

    code: ClassVar[str] = "own_reply"


class ReplyOutdated(Conflict):
    """Since the reply was drafted, what it rests on has changed: draft it anew."""

    code: ClassVar[str] = "reply_outdated"


class SealedUnchecked(InvalidInput):
    """Somebody cleared for sealed clues must have looked before a reply is signed."""

    code: ClassVar[str] = "sealed_unchecked"


class NotReplaceable(Conflict):
    """Only an issued reply about the same person is replaced, and only once."""

    code: ClassVar[str] = "not_replaceable"


def answering_unit(
    session: Session, actor: Actor, person_id: str, roles: Collection[str], today: date
) -> str:
    """Give the path of the unit for which an actor may answer about a person.

    Raises:
        NotFound: There is no such person, or he has no post in the actor's reach.
        OwnCase: Nobody answers about himself.
        Recused, RecusalPending: He keeps out of a case about this person.
    """
    if is_concerned(actor, person_id):
        raise OwnCase
    paths = _places_of(session, person_id, today)
    for grant in actor.grants:
        if _covers(grant, roles, paths):
            refuse_kept_out(session, actor, cases_about(session, person_id))
            return grant.unit_path
    raise NotFound(what="person", key=person_id)


def _covers(grant: RoleGrant, roles: Collection[str], paths: list[str]) -> bool:
    is_high = grant.unit_path.count(".") <= _LEVEL
    return grant.role in roles and is_high and any(p.startswith(grant.unit_path) for p in paths)


def _places_of(session: Session, person_id: str, today: date) -> list[str]:
    """Give where somebody holds a post today, or held his last one."""
    with as_system(session, _JOB):
        statement = select(Tenure).where(Tenure.person_id == person_id, Tenure.from_on <= today)
        held = list(session.scalars(statement.order_by(Tenure.from_on)))
    now = [each.org_path for each in held if each.until_on is None or each.until_on >= today]
    return now or [each.org_path for each in held[-1:]]


def draft_reply(
    session: Session,
    actor: Actor,
    now: datetime,
    inquiry: Inquiry,
    reply_class: ReplyClass | None,
    reason: str,
    replaces_id: int | None = None,
) -> ClearanceReply:
    """Draft a reply; somebody else signs it.

    Whoever answers nothing about the person is told nothing of what is wrong with his draft.

    Raises:
        NotFound, OwnCase: This actor may not answer about this person.
        ReplyClassMissing: No class was chosen.
        ReplyIncomplete: Something is missing, or the class differs without a reason.
        NotReplaceable: The reply to be replaced is about somebody else, or was not issued.
    """
    today = local_date(now)
    unit = answering_unit(session, actor, inquiry.person_id, DRAFTERS, today)
    if reply_class is None:
        raise ReplyClassMissing
    found = suggestion_for(session, inquiry.person_id, inquiry.purpose, inquiry.on, today)
    is_explained = reply_class is found.reply_class or bool(reason.strip())
    texts = (inquiry.asked_by.strip(), inquiry.document.strip())
    if not all(texts) or not is_explained or len(reason) > LONGEST_REASON:
        raise ReplyIncomplete
    if replaces_id is not None:
        _replaceable(session, replaces_id, inquiry.person_id)
    content = write_content(session, inquiry, reply_class, reason.strip(), found, today)
    reply = ClearanceReply(
        person_id=inquiry.person_id,
        org_path=unit,
        office_id=_office(session, actor, unit),
        purpose=inquiry.purpose.value,
        on_day=inquiry.on,
        key_id=key_for(session, inquiry.person_id, now),
        sealed=b"",
        drafted_by=actor.account_id,
        drafted_at=now,
        replaces_id=replaces_id,
    )
    session.add(reply)
    session.flush()
    sealed = seal(session, reply.key_id, stream_of(reply), 1, canonical(content))
    reply.sealed = sealed.sealed
    _tell(session, actor, now, "clearance_drafted", reply, sealed.commitment)
    return reply


def sign_reply(
    session: Session, actor: Actor, now: datetime, reply_id: int, *, sealed_checked: bool
) -> ClearanceReply:
    """Issue a drafted reply: it gets its number, and until when it holds.

    Raises:
        NotFound, ReplyDecided: There is none in reach, or it does not wait.
        OwnReply: The actor drafted it.
        SealedUnchecked: Nobody looked at what is sealed.
        ReplyOutdated: Effects or cases changed since it was drafted.
    """
    reply = _waiting(session, reply_id)
    today = local_date(now)
    answering_unit(session, actor, reply.person_id, SIGNERS, today)
    if is_same_person(session, actor, reply.drafted_by):
        raise OwnReply
    if not sealed_checked:
        raise SealedUnchecked
    content = content_of(session, reply)
    found = suggestion_for(session, reply.person_id, Purpose(reply.purpose), reply.on_day, today)
    if (found.reply_class, found.effects) != (content.suggested, content.effects):
        raise ReplyOutdated
    if reply.replaces_id is not None:
        _replaceable(session, reply.replaces_id, reply.person_id).state = "replaced"
    number = next_number(session, f"D22 {reply.office_id[-16:]}", today.year)
    reply.number = f"廉复〔{today.year}〕{number}号"
    reply.valid_until = _valid_until(session, today)
    _decide(session, actor, now, reply, "issued", "clearance_issued")
    return reply


def refuse_reply(session: Session, actor: Actor, now: datetime, reply_id: int, reason: str) -> None:
    """Send a drafted reply back: it is not issued.

    Raises:
        NotFound, ReplyDecided: There is none in reach, or it does not wait.
        ReplyIncomplete: No reason.
    """
    reply = _waiting(session, reply_id)
    answering_unit(session, actor, reply.person_id, SIGNERS, local_date(now))
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise ReplyIncomplete
    _decide(session, actor, now, reply, "refused", "clearance_refused", reason.strip())


def _office(session: Session, actor: Actor, unit: str) -> str:
    """Give the office that answers: the actor's own, or else the unit itself."""
    if actor.office_id is not None:
        return actor.office_id
    statement = select(Organisation.id).where(Organisation.path == unit)
    return session.execute(statement).scalar_one()


def _valid_until(session: Session, today: date) -> date | None:
    parameter = current_pack(session, today).parameters.get(VALIDITY)
    if parameter is None or parameter.amount is None:
        return None
    return raw_end(today, Budget.of(parameter.amount.value, parameter.amount.unit))


def _replaceable(session: Session, reply_id: int, person_id: str) -> ClearanceReply:
    found = session.scalar(select(ClearanceReply).where(ClearanceReply.id == reply_id))
    if found is None or found.person_id != person_id or found.state != "issued":
        raise NotReplaceable
    return found


def _waiting(session: Session, reply_id: int) -> ClearanceReply:
    statement = select(ClearanceReply).where(ClearanceReply.id == reply_id).with_for_update()
    reply = session.scalar(statement)
    if reply is None:
        raise NotFound(what="reply", key=str(reply_id))
    if reply.state != "drafted":
        raise ReplyDecided(number=reply_id)
    return reply


def _decide(
    session: Session,
    actor: Actor,
    now: datetime,
    reply: ClearanceReply,
    state: str,
    name: str,
    reason: str | None = None,
) -> None:
    reply.state, reply.decided_by, reply.decided_at = state, actor.account_id, now
    session.flush()
    _tell(session, actor, now, name, reply, reason=reason)


def _tell(
    session: Session,
    actor: Actor,
    now: datetime,
    name: str,
    reply: ClearanceReply,
    commitment: str | None = None,
    reason: str | None = None,
) -> None:
    form: dict[str, JsonValue] = {"person": reply.person_id, "purpose": reply.purpose}
    if commitment is not None:
        form["commitment"] = commitment
    if reply.number is not None:
        form["number"] = reply.number
    append_house(session, actor, now, name, str(reply.id), form=form, reason=reason)
