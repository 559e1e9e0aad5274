"""Commitments to payloads, and payloads sealed under the key of their subject.

Pure functions on bytes; where the sealed bytes and the wrapped keys lie is the
store's affair. Erasing a payload means deleting its subject's wrapped key.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from workflows.audit.canonical import canonical
from workflows.audit.key_file import KEY_BYTES, load_key, load_or_create_key
from workflows.domain.closed_fields import CLOSED_MARK, closed_places, closed_with, holds_any
from workflows.domain.journal_errors import JournalError
from workflows.domain.record_shape import JsonObject

SALT_BYTES = 16
_NONCE_BYTES = 12
_SIZE_BYTES = 4
_LEAF = b"\x10"
_FIELD = b"\x11"
_FORM = b"\x01"
# The form with openings behind the payload; what it is sealed for says which form it is.
_FORM_WITH_OPENINGS = b"\x02"
_PAYLOAD_USE = b"duban payload 1\x00"
_OPENINGS_USE = b"duban payload 2\x00"
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


class ShapeTaken(JournalError):
    """The value of {name} looks like the commitment to another one and cannot be recorded."""

    code = "shape_taken"


@dataclass(frozen=True, slots=True)
class SealedPayload:
    """The commitment that goes into the record and the bytes that the store keeps."""

    commitment: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class OpenedPayload:
    """A payload's canonical bytes and the salt of its commitment.

    ``openings`` are the canonical ``{commitment: {"salt", "value"}}`` of its closed values,
    or ``{"by", "reason"}`` where one is withheld; empty where it has none.
    """

    salt: bytes
    content: bytes
    openings: bytes = b""

    def opened_values(self) -> dict[str, Any]:
        """Give the closed values that are opened, by their commitments."""
        openings = orjson.loads(self.openings or b"{}")
        return {key: each["value"] for key, each in openings.items() if "value" in each}

    def withheld(self, by: str, reason: str) -> OpenedPayload:
        """Give the payload with all its closed values withheld."""
        if not self.openings:
            return self
        said = {key: {"by": by, "reason": reason} for key in orjson.loads(self.openings)}
        return replace(self, openings=canonical(said))


def field_commitment(salt: bytes, name: str, value: Any) -> str:
    """Commit to one value of a payload without telling anything about it."""
    return hashlib.sha256(_FIELD + salt + canonical([name, value])).hexdigest()


def close_fields(payload: JsonObject, names: Set[str]) -> tuple[bytes, bytes]:
    """Put commitments in the places of these names' values; null stays null.

    Most payloads have no such value: this runs in every step, so they are not walked through.
    A value that stands in several places of the payload has one commitment.

    Returns:
        The payload's canonical bytes, and the openings as ``OpenedPayload`` has them.

    Raises:
        ShapeTaken: where a value looks like a commitment itself.
    """
    if not holds_any(payload, names):
        content = canonical(payload)
        if CLOSED_MARK in content:
            _refuse_closed(payload)
        return content, b""
    _refuse_closed(payload)
    drawn: dict[bytes, str] = {}
    openings: dict[str, Any] = {}

    def commit(name: str, value: Any) -> str:
        known = canonical([name, value])
        if known not in drawn:
            salt = secrets.token_bytes(SALT_BYTES)
            drawn[known] = field_commitment(salt, name, value)
            openings[drawn[known]] = {"salt": salt.hex(), "value": value}
        return drawn[known]

    content = canonical(closed_with(payload, names, commit))
    return content, canonical(openings) if openings else b""


def _refuse_closed(payload: JsonObject) -> None:
    for name, _ in closed_places(payload):
        raise ShapeTaken(name=name)


def commitment(salt: bytes, content: bytes) -> str:
    """Commit to a payload's canonical bytes without telling anything about them."""
    return hashlib.sha256(_LEAF + salt + content).hexdigest()


def seal_payload(
    key: bytes, stream_id: str, seq: int, content: bytes, openings: bytes = b""
) -> SealedPayload:
    """Salt a payload's canonical bytes, commit to them and encrypt both for one record.

    Openings are encrypted with them, so that they are kept and erased together.
    """
    drawn = secrets.token_bytes(SALT_BYTES + _NONCE_BYTES)
    salt, nonce = drawn[:SALT_BYTES], drawn[SALT_BYTES:]
    if openings:
        plain = salt + len(content).to_bytes(_SIZE_BYTES) + content + openings
        form, use = _FORM_WITH_OPENINGS, _OPENINGS_USE
    else:
        plain, form, use = salt + content, _FORM, _PAYLOAD_USE
    sealed = AESGCM(key).encrypt(nonce, plain, _payload_place(use, stream_id, seq))
    return SealedPayload(commitment(salt, content), form + nonce + sealed)


def open_payload(key: bytes, stream_id: str, seq: int, sealed: bytes) -> OpenedPayload:
    """Decrypt what ``seal_payload`` made for this record.

    Raises:
        SealBroken: for another key, another record, or changed bytes.
    """
    what = f"the payload of {stream_id} seq {seq}"
    if sealed[:1] != _FORM_WITH_OPENINGS:
        place = _payload_place(_PAYLOAD_USE, stream_id, seq)
        plain = _decrypt(key, sealed, place, what)
        return OpenedPayload(plain[:SALT_BYTES], plain[SALT_BYTES:])
    place = _payload_place(_OPENINGS_USE, stream_id, seq)
    plain = _decrypt(key, sealed, place, what, _FORM_WITH_OPENINGS)
    start = SALT_BYTES + _SIZE_BYTES
    end = start + int.from_bytes(plain[SALT_BYTES:start])
    return OpenedPayload(plain[:SALT_BYTES], plain[start:end], plain[end:])


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


def _payload_place(use: bytes, stream_id: str, seq: int) -> bytes:
    return use + f"{stream_id}\x00{seq}".encode()


def _decrypt(key: bytes, sealed: bytes, place: bytes, what: str, form: bytes = _FORM) -> bytes:
    if sealed[:1] != form or len(sealed) <= _NONCE_BYTES + 1:
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
