"""The notary: the key that signs checkpoints, and the checkpoints outside the database.

Like the vault it comes with the session. The key is read from its file each time, so that
a rotation is noticed by every process.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import Row
from sqlalchemy.orm import Session

from workflows.audit.checkpoint_files import FOLDER, latest_path, read_checkpoint_file
from workflows.audit.key_history import HISTORY_FILE, KnownKey, read_key_history
from workflows.audit.notes import Checkpoint, NoteKey, parse_note
from workflows.audit.signing_key import (
    KEY_FILE,
    SigningKey,
    is_signed_by,
    key_name,
    load_or_create_signing_key,
    load_signing_key,
)
from workflows.domain.errors import DubanError
from workflows.services.installation import installation_of, origin_of
from workflows.services.log.events import noted_keys
from workflows.store.log import last_checkpoint

_KEY = "duban_notary"


class NotaryMissing(DubanError):
    """No signing key is at hand: checkpoints can be neither signed nor compared."""

    code: ClassVar[str] = "notary_missing"


class SigningKeyMissing(DubanError):
    """The signing key {path} is missing, but has signed: put its copy back, with mode 0600.

    Where it is lost for good, ``duban log rotate-key --lost REASON`` makes another.
    """

    code: ClassVar[str] = "signing_key_missing"


class SigningKeyForeign(DubanError):
    """The signing key {path} is not the one that signed last, nor follows it: put that one back."""

    code: ClassVar[str] = "signing_key_foreign"


@dataclass(frozen=True, slots=True)
class Notary:
    """Where an installation keeps its signing key and the checkpoints outside the database.

    ``with_sm3`` asks for a second tree with SM3 beside the one of SHA-256.
    """

    instance: Path
    with_sm3: bool = False

    @property
    def key_path(self) -> Path:
        """Where the secret key lies."""
        return self.instance / KEY_FILE

    @property
    def history_path(self) -> Path:
        """Where the public keys lie."""
        return self.instance / HISTORY_FILE

    @property
    def checkpoints(self) -> Path:
        """Where checkpoints lie outside the database."""
        return self.instance / FOLDER

    def session_marks(self) -> dict[str, object]:
        """Give what a session factory takes as ``info``, so that its sessions carry this notary."""
        return {_KEY: self}


def notary_of(session: Session) -> Notary:
    """Give the notary that a session carries.

    Raises:
        NotaryMissing: It carries none.
    """
    notary: Notary | None = session.info.get(_KEY)
    if notary is None:
        raise NotaryMissing
    return notary


def key_name_of(session: Session) -> str:
    """Give the name that all keys of this installation have."""
    installation = installation_of(session)
    return key_name(origin_of(installation), installation.house_id)


def signing_key_of(session: Session) -> SigningKey:
    """Read the key that signs, making it where nothing was ever signed.

    Raises:
        SigningKeyMissing: There is none, though there are checkpoints or keys before it.
        SigningKeyUnusable: Others may read it, or it is no key.
        SigningKeyForeign: Another key signed the last checkpoint, and did not sign this one.
        KeyHistoryBroken: The file of the keys before it does not hold together.
    """
    notary, name = notary_of(session), key_name_of(session)
    head, known = last_checkpoint(session), _history(notary, name)
    is_new = head is None and not known and not latest_path(notary.checkpoints).exists()
    if is_new:
        return load_or_create_signing_key(notary.key_path, name)
    if not notary.key_path.exists():
        raise SigningKeyMissing(path=notary.key_path)
    key = load_signing_key(notary.key_path, name)
    if head is not None and not _succeeds(session, key, known, head):
        raise SigningKeyForeign(path=notary.key_path)
    return key


def public_keys_of(session: Session) -> tuple[NoteKey, ...]:
    """Give the public keys of this installation that are known, the one in use last."""
    notary, name = notary_of(session), key_name_of(session)
    found = _keys_in_order(session)
    if notary.key_path.exists():
        key = load_signing_key(notary.key_path, name).note_key
        found = [*(each for each in found if each != key), key]
    return tuple(found)


def outside_checkpoint(session: Session) -> Checkpoint | None:
    """Read the last checkpoint that is known outside the database.

    Raises:
        CheckpointFileBroken: It is damaged, or of another installation.
    """
    path = latest_path(notary_of(session).checkpoints)
    return read_checkpoint_file(path, public_keys_of(session))


def _history(notary: Notary, name: str) -> list[KnownKey]:
    keys = read_key_history(notary.history_path)
    return [known for known in keys if known.note_key.name == name]


def _succeeds(session: Session, key: SigningKey, known: list[KnownKey], head: Row[Any]) -> bool:
    """Say whether the last checkpoint was signed by this key, or by one that it follows."""
    note = parse_note(head.note.encode("utf-8"))
    if is_signed_by(note, key.note_key):
        return True
    if key.note_key not in [each.note_key for each in known]:
        return False
    keys = _keys_in_order(session)
    return any(is_signed_by(note, each) for each in keys[: keys.index(key.note_key)])


def _keys_in_order(session: Session) -> list[NoteKey]:
    """Give all keys that house or history tell of, oldest first.

    After a restore the database has not the newest, after a loss the file not the oldest.
    """
    history = _history(notary_of(session), key_name_of(session))
    return list(dict.fromkeys((*noted_keys(session), *(known.note_key for known in history))))
