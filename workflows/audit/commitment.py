"""Commitments to payloads, and payloads sealed under the key of their subject.

Pure functions on bytes; where the sealed bytes and the wrapped keys lie is the
store's affair. Erasing a payload means deleting its subject's wrapped key.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from workflows.audit.key_file import KEY_BYTES, load_key, load_or_create_key
from workflows.domain.journal_errors import JournalError

SALT_BYTES = 16
_NONCE_BYTES = 12
_LEAF = b"\x10"
_FORM = b"\x01"
_PAYLOAD_USE = b"duban payload 1\x00"
_KEY_USE = b"duban subject key 1\x00"


class SealBroken(JournalError):
    """What is kept for {what} was not sealed with this key, or not for this place."""

    code = "seal_broken"


class CommitmentDiffers(JournalError):
    """The payload of {id} seq {seq} is not the one that its record commits to."""

    code = "commitment_differs"


class MasterKeyUnusable(JournalError):
    """The master key {path} cannot be used: {reason}."""

    code = "master_key_unusable"


@dataclass(frozen=True, slots=True)
class SealedPayload:
    """The commitment that goes into the record and the bytes that the store keeps."""

    commitment: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class OpenedPayload:
    """A payload's canonical bytes and the salt of its commitment."""

    salt: bytes
    content: bytes


def commitment(salt: bytes, content: bytes) -> str:
    """Commit to a payload's canonical bytes without telling anything about them."""
    return hashlib.sha256(_LEAF + salt + content).hexdigest()


def seal_payload(key: bytes, stream_id: str, seq: int, content: bytes) -> SealedPayload:
    """Salt a payload's canonical bytes, commit to them and encrypt both for one record."""
    drawn = secrets.token_bytes(SALT_BYTES + _NONCE_BYTES)
    salt, nonce = drawn[:SALT_BYTES], drawn[SALT_BYTES:]
    sealed = AESGCM(key).encrypt(nonce, salt + content, _payload_place(stream_id, seq))
    return SealedPayload(commitment(salt, content), _FORM + nonce + sealed)


def open_payload(key: bytes, stream_id: str, seq: int, sealed: bytes) -> OpenedPayload:
    """Decrypt what ``seal_payload`` made for this record.

    Raises:
        SealBroken: for another key, another record, or changed bytes.
    """
    plain = _decrypt(
        key, sealed, _payload_place(stream_id, seq), f"the payload of {stream_id} seq {seq}"
    )
    return OpenedPayload(plain[:SALT_BYTES], plain[SALT_BYTES:])


def check_commitment(expected: str, stream_id: str, seq: int, opened: OpenedPayload) -> None:
    """Make sure that a payload is the one that its record commits to.

    Raises:
        CommitmentDiffers: where it is not.
    """
    if commitment(opened.salt, opened.content) != expected:
        raise CommitmentDiffers(id=stream_id, seq=seq)


def new_subject_key() -> bytes:
    """Make a key for all payloads about one subject."""
    return secrets.token_bytes(KEY_BYTES)


def wrap_key(master_key: bytes, key_id: str, key: bytes) -> bytes:
    """Encrypt a subject's key under the master key."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    wrapped = AESGCM(master_key).encrypt(nonce, key, _KEY_USE + key_id.encode())
    return _FORM + nonce + wrapped


def unwrap_key(master_key: bytes, key_id: str, wrapped: bytes) -> bytes:
    """Decrypt a subject's key.

    Raises:
        SealBroken: for another master key, another subject, or changed bytes.
    """
    return _decrypt(master_key, wrapped, _KEY_USE + key_id.encode(), f"key {key_id}")


def _payload_place(stream_id: str, seq: int) -> bytes:
    return _PAYLOAD_USE + f"{stream_id}\x00{seq}".encode()


def _decrypt(key: bytes, sealed: bytes, place: bytes, what: str) -> bytes:
    if sealed[:1] != _FORM or len(sealed) <= _NONCE_BYTES + 1:
        raise SealBroken(what=what)
    nonce, encrypted = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, encrypted, place)
    except InvalidTag as error:
        raise SealBroken(what=what) from error


def load_or_create_master_key(path: Path) -> bytes:
    """Read the installation's master key, making it at the first start.

    Raises:
        MasterKeyUnusable: where others may read it or it is no key.
    """
    return load_or_create_key(path, MasterKeyUnusable)


def load_master_key(path: Path) -> bytes:
    """Read the installation's master key.

    Raises:
        MasterKeyUnusable: where it is missing, others may read it or it is no key.
    """
    return load_key(path, MasterKeyUnusable)
