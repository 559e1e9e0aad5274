"""Another signing key: signed by the old one, or in the place of one that is lost.

The steps are such that a rotation which is cut off can be begun again: until the last
of them the old key signs on, and the new one waits in a file beside it.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from workflows.audit.key_history import (
    KnownKey,
    first_key,
    read_key_history,
    replacing_key,
    succeeding_key,
    write_key_history,
)
from workflows.audit.notes import NoteKey
from workflows.audit.signing_key import NEXT_KEY_FILE, SigningKey, load_or_create_signing_key
from workflows.domain.errors import Conflict
from workflows.domain.roles import Actor
from workflows.services.log.events import KEY_REPLACED, KEY_ROTATED, note_key
from workflows.services.log.notary import key_name_of, notary_of, signing_key_of
from workflows.services.log.sequencing import seal_log
from workflows.store.scope import SystemScope
from workflows.store.transaction import Sessions, transaction

JOB = "sequencer"


class SigningKeyNotLost(Conflict):
    """The signing key is there and fits: rotate it without --lost, so that it signs the new one."""

    code: ClassVar[str] = "signing_key_not_lost"


def rotate_key(sessions: Sessions, actor: Actor, now: datetime) -> NoteKey:
    """Let the old key sign a new one, which signs from then on; give the new public key.

    A checkpoint of the old key covers the record that tells of it.

    Raises:
        SigningKeyMissing: Or another error about the old key; then nothing changes.
    """
    with transaction(sessions, SystemScope(JOB)) as session:
        seal_log(session, now)
        notary, old = notary_of(session), signing_key_of(session)
        new = load_or_create_signing_key(notary.instance / NEXT_KEY_FILE, old.note_key.name)
        line = succeeding_key(old, new, now)
        note_key(session, actor, now, KEY_ROTATED, line)
        seal_log(session, now)
    known = read_key_history(notary.history_path)
    if not any(each.note_key == old.note_key for each in known):
        known = (*known, first_key(old, now))
    return _put_in_place(sessions, known, line, new)


def replace_lost_key(sessions: Sessions, actor: Actor, now: datetime, reason: str) -> NoteKey:
    """Make a key in the place of one that nobody has any more; nothing vouches for it but us.

    Raises:
        SigningKeyNotLost: The old one is there.
    """
    with transaction(sessions, SystemScope(JOB)) as session:
        notary, name = notary_of(session), key_name_of(session)
        if notary.key_path.exists():
            raise SigningKeyNotLost(reason=str(notary.key_path))
        new = load_or_create_signing_key(notary.instance / NEXT_KEY_FILE, name)
        line = replacing_key(new, now, reason)
        note_key(session, actor, now, KEY_REPLACED, line)
    return _put_in_place(sessions, read_key_history(notary.history_path), line, new)


def _put_in_place(
    sessions: Sessions, known: tuple[KnownKey, ...], line: KnownKey, new: SigningKey
) -> NoteKey:
    with transaction(sessions, SystemScope(JOB)) as session:
        notary = notary_of(session)
    if not any(each.note_key == new.note_key for each in known):
        write_key_history(notary.history_path, (*known, line))
    (notary.instance / NEXT_KEY_FILE).replace(notary.key_path)
    return new.note_key
