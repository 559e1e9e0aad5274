"""What a clearance reply says, written to be sealed and read again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.effects import Effect, Purpose
from workflows.domain.eligibility import ReplyClass, Suggestion
from workflows.domain.records import JsonValue
from workflows.services.vault import read_payload
from workflows.store.scope import as_system
from workflows.store.tables import ClearanceReply, Organisation, Person, Tenure

_JOB = "clearance"
_DAYS = frozenset({"from_on", "until_on", "ended_on"})


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Who asks about a person, by which letter, for what purpose and for which day."""

    person_id: str
    asked_by: str
    document: str
    purpose: Purpose
    on: date


@dataclass(frozen=True, slots=True)
class Content:
    """What a reply says, as it was drafted."""

    person: str
    post: str
    asked_by: str
    document: str
    reply_class: ReplyClass
    suggested: ReplyClass
    grounds: tuple[str, ...]
    reason: str
    effects: tuple[Effect, ...]


def stream_of(reply: ClearanceReply) -> str:
    """Give the name under which a reply's content is sealed."""
    return f"clearance:{reply.id}"


def content_of(session: Session, reply: ClearanceReply) -> Content:
    """Open what a reply says.

    Raises:
        PayloadErased: The person's key was deleted.
    """
    said = read_payload(session, reply.key_id, stream_of(reply), 1, reply.sealed)
    return Content(
        said["person"],
        said["post"],
        said["asked_by"],
        said["document"],
        ReplyClass(said["class"]),
        ReplyClass(said["suggested"]),
        tuple(said["grounds"]),
        said["reason"],
        tuple(_effect_said(each) for each in said["effects"]),
    )


def write_content(
    session: Session,
    inquiry: Inquiry,
    reply_class: ReplyClass,
    reason: str,
    found: Suggestion,
    today: date,
) -> dict[str, JsonValue]:
    """Write what a reply says, as it is sealed."""
    name, post = post_of_person(session, inquiry.person_id, today)
    return {
        "person": name,
        "post": post,
        "asked_by": inquiry.asked_by.strip(),
        "document": inquiry.document.strip(),
        "class": reply_class.value,
        "suggested": found.reply_class.value,
        "grounds": [ground.value for ground in found.grounds],
        "reason": reason,
        "effects": [_effect_written(effect) for effect in found.effects],
    }


def post_of_person(session: Session, person_id: str, today: date) -> tuple[str, str]:
    """Name a person and the post that he holds, or held last."""
    statement = (
        select(Organisation.name, Tenure.post)
        .join(Organisation, Organisation.id == Tenure.organisation_id)
        .where(Tenure.person_id == person_id, Tenure.from_on <= today)
        .order_by(Tenure.until_on.desc().nulls_first(), Tenure.from_on.desc())
    )
    with as_system(session, _JOB):
        row = session.execute(statement.limit(1)).one_or_none()
    post = "" if row is None else f"{row[0]}{row[1]}"
    return session.get_one(Person, person_id).name, post


def _effect_written(effect: Effect) -> dict[str, JsonValue]:
    return {
        "case_id": effect.case_id,
        "seq": effect.seq,
        "kind": effect.kind,
        "rule": effect.rule,
        "basis": effect.basis,
        "from_on": effect.from_on.isoformat(),
        "until_on": effect.until_on.isoformat() if effect.until_on else None,
        "standing": effect.standing,
        "ended_on": effect.ended_on.isoformat() if effect.ended_on else None,
    }


def _effect_said(said: dict[str, Any]) -> Effect:
    known: dict[str, Any] = {
        n: date.fromisoformat(v) if n in _DAYS and v else v for n, v in said.items()
    }
    return Effect(**known)
