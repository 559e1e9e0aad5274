"""What the house records about its log: keys, epochs, and who was given which checkpoint."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy.orm import Session

from workflows.audit.key_history import KnownKey
from workflows.audit.notes import NoteKey
from workflows.domain.errors import InvalidInput, NotFound
from workflows.domain.roles import Actor
from workflows.services.journal import append_house
from workflows.store.log import checkpoint_of_size, events_of, insert_event, last_checkpoint

CHECKPOINT_GIVEN = "checkpoint_given"
KEY_STARTED, KEY_ROTATED, KEY_REPLACED = "key_started", "key_rotated", "key_replaced"
CHECK_ASKED, LOG_CHECKED = "log_check_asked", "log_checked"
_LONGEST_NAME = 120


class Means(StrEnum):
    """How a checkpoint leaves the house."""

    MINUTES = "minutes"
    SLIP = "slip"
    DAILY_FILE = "daily_file"
    MAIL = "mail"


class RecipientInvalid(InvalidInput):
    """Say in at most 120 characters to whom the checkpoint is given."""

    code: ClassVar[str] = "recipient_invalid"


@dataclass(frozen=True, slots=True)
class Given:
    """A checkpoint as it was given to somebody; ``root`` is base64, as notes have it."""

    size: int
    root: str
    note: str
    house_seq: int


def give_checkpoint(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    to: str,
    means: Means,
    size: int | None = None,
) -> Given:
    """Record that somebody was given a checkpoint: the last one, or that of a size.

    Raises:
        RecipientInvalid: Nobody is named, or at too great a length.
        NotFound: There is no checkpoint of that size, or none at all.
    """
    recipient = " ".join(to.split())
    if not recipient or len(recipient) > _LONGEST_NAME:
        raise RecipientInvalid
    row = last_checkpoint(session) if size is None else checkpoint_of_size(session, size)
    if row is None:
        raise NotFound(what="checkpoint", key="*" if size is None else str(size))
    root = base64.b64encode(row.root).decode()
    body = {"size": str(row.size), "root": root, "to": recipient, "means": means.value}
    body["by"] = actor.account_id
    house_seq = note_event(session, actor, now, CHECKPOINT_GIVEN, str(row.size), body)
    return Given(row.size, root, row.note, house_seq)


def note_key(session: Session, actor: Actor, now: datetime, kind: str, line: KnownKey) -> None:
    """Write a house record about a key that signs from now on."""
    body = {
        "key_name": line.note_key.name,
        "public_key": base64.b64encode(line.note_key.public_key).decode(),
        "fingerprint": line.note_key.fingerprint,
        "signed_by": line.signed_by or "",
        "signature": base64.b64encode(line.signature or b"").decode(),
        "reason": line.reason or "",
    }
    note_event(session, actor, now, kind, line.note_key.name, body)


def noted_keys(session: Session) -> list[NoteKey]:
    """Give the keys that house records tell of, oldest first."""
    events = [
        event
        for kind in (KEY_STARTED, KEY_ROTATED, KEY_REPLACED)
        for event in events_of(session, kind)
    ]
    return [
        NoteKey(event.body["key_name"], base64.b64decode(event.body["public_key"]))
        for event in sorted(events, key=lambda event: int(event.house_seq))
    ]


def ask_check(session: Session, actor: Actor, now: datetime) -> None:
    """Ask for the log to be verified now; a job does it within seconds."""
    note_event(session, actor, now, CHECK_ASKED, "log", {"by": actor.account_id})


def waits_for_check(session: Session) -> bool:
    """Say whether somebody asked for the log to be verified and has no answer yet."""
    asked, checked = events_of(session, CHECK_ASKED), events_of(session, LOG_CHECKED)
    return bool(asked) and (not checked or checked[-1].house_seq < asked[-1].house_seq)


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
