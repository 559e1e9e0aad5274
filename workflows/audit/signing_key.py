"""The key that signs checkpoints (AUDIT.md, Log).

Its secret half lies in instance/signing.key and nowhere else, and is shown nowhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from workflows.audit.key_file import load_key, load_or_create_key
from workflows.audit.notes import Note, NoteKey
from workflows.domain.journal_errors import JournalError

KEY_FILE = "signing.key"
NEXT_KEY_FILE = "signing.key.next"
_NOT_IN_NAMES = re.compile(r"[^\w.-]+")


class SigningKeyUnusable(JournalError):
    """The signing key {path} cannot be used: {reason}."""

    code = "signing_key_unusable"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that signs, by the name that signature lines call it."""

    note_key: NoteKey
    _seed: bytes = field(repr=False)

    @classmethod
    def of(cls, name: str, seed: bytes) -> SigningKey:
        """Give the key that a seed stands for."""
        public = Ed25519PrivateKey.from_private_bytes(seed).public_key()
        return cls(NoteKey(name, public.public_bytes_raw()), seed)

    def sign(self, message: bytes) -> bytes:
        """Give the Ed25519 signature of these bytes."""
        return Ed25519PrivateKey.from_private_bytes(self._seed).sign(message)


def key_name(origin: str, house_id: str) -> str:
    """Give the name of an installation's keys: its origin, and what tells it from all others."""
    return f"{_NOT_IN_NAMES.sub('-', origin).strip('-')}-{house_id.removeprefix('h_')[:8]}"


def load_signing_key(path: Path, name: str) -> SigningKey:
    """Read the key.

    Raises:
        SigningKeyUnusable: where it is missing, others may read it or it is no key.
    """
    return SigningKey.of(name, load_key(path, SigningKeyUnusable))


def load_or_create_signing_key(path: Path, name: str) -> SigningKey:
    """Read the key, making it at the first start; of several processes one makes it."""
    return SigningKey.of(name, load_or_create_key(path, SigningKeyUnusable))


def is_signed_by(note: Note, key: NoteKey) -> bool:
    """Tell whether a note carries a signature of this key, as fast as C does."""
    return any(
        (line.key_name, line.key_id) == (key.name, key.id)
        and is_signature(key.public_key, note.text.encode(), line.signature)
        for line in note.signatures
    )


def is_signature(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether the holder of this key signed this message."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
