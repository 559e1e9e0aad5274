"""Sealing and opening payloads with the installation's keys."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import Any, ClassVar

import orjson
from sqlalchemy.orm import Session

from workflows.audit.commitment import (
    OpenedPayload,
    SealedPayload,
    new_subject_key,
    open_payload,
    seal_payload,
    unwrap_key,
    wrap_key,
)
from workflows.domain.closed_fields import with_values
from workflows.domain.errors import DubanError
from workflows.domain.ids import new_id
from workflows.store.journal import insert_key, key_id_of, read_key, read_keys

_KEY = "duban_vault"
_MADE = "duban_keys_made"
_LARGEST_CACHE = 20_000
_REMEMBERED_SECONDS = 60
HOUSE = "house"


class VaultMissing(DubanError):
    """No master key is at hand: the journal can be neither written nor read."""

    code: ClassVar[str] = "vault_missing"


class PayloadErased(DubanError):
    """The payload of {id} seq {seq} was erased with its subject's key."""

    code: ClassVar[str] = "payload_erased"


@dataclass(slots=True)
class Vault:
    """The master key and the subject keys that were unwrapped with it.

    A key that another process deleted is forgotten within a minute.
    """

    master_key: bytes = field(repr=False)
    _keys: dict[str, tuple[bytes, float]] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def session_marks(self) -> dict[str, object]:
        """Give what a session factory takes as ``info``, so that its sessions carry this vault."""
        return {_KEY: self}

    def key(self, session: Session, key_id: str) -> bytes | None:
        """Give a subject's key, if it was not deleted."""
        known = self._keys.get(key_id)
        if known is not None and monotonic() < known[1]:
            return known[0]
        wrapped = read_key(session, key_id)
        if wrapped is None:
            self.forget(key_id)
            return None
        key = unwrap_key(self.master_key, key_id, wrapped)
        # A key made in this transaction may yet be undone with it, so it is not remembered.
        is_new = key_id in session.info.get(_MADE, ())
        return key if is_new else self._remember(key_id, key)

    def know(self, session: Session, key_ids: Collection[str]) -> None:
        """Read keys that will be asked for, in one statement."""
        made_here = session.info.get(_MADE, ())
        known = self._keys
        unknown = [each for each in key_ids if each not in known and each not in made_here]
        if unknown:
            for key_id, wrapped in read_keys(session, unknown).items():
                self._remember(key_id, unwrap_key(self.master_key, key_id, wrapped))

    def make_key(self, session: Session, subject_id: str, key_id: str, now: datetime) -> str:
        """Make a key for a subject that has none, and say by which id it is known."""
        wrapped = wrap_key(self.master_key, key_id, new_subject_key())
        kept = insert_key(session, subject_id, key_id, wrapped, now)
        made: set[str] = session.info.setdefault(_MADE, set())
        made.add(kept)
        return kept

    def forget(self, key_id: str) -> None:
        """Drop a key whose row was deleted."""
        with self._lock:
            self._keys.pop(key_id, None)

    def _remember(self, key_id: str, key: bytes) -> bytes:
        with self._lock:
            if len(self._keys) >= _LARGEST_CACHE:
                self._keys.clear()
            self._keys[key_id] = key, monotonic() + _REMEMBERED_SECONDS
        return key


def vault_of(session: Session) -> Vault:
    """Give the vault that a session carries.

    Raises:
        VaultMissing: It carries none.
    """
    vault: Vault | None = session.info.get(_KEY)
    if vault is None:
        raise VaultMissing
    return vault


def key_for(session: Session, subject_id: str, now: datetime) -> str:
    """Give the id of the key that a subject has now, making one where it has none."""
    known = key_id_of(session, subject_id)
    return known or vault_of(session).make_key(session, subject_id, new_id("k"), now)


def key_of_house(session: Session, now: datetime) -> str:
    """Give the id of the key of the house stream, which is never erased."""
    vault = vault_of(session)
    if vault.key(session, HOUSE) is None:
        vault.make_key(session, HOUSE, HOUSE, now)
    return HOUSE


def seal(
    session: Session,
    key_id: str | None,
    stream_id: str,
    seq: int,
    content: bytes,
    openings: bytes = b"",
) -> SealedPayload:
    """Seal a payload under its subject's key, with the openings of its closed values.

    Raises:
        PayloadErased: The subject's key was deleted: nothing more is written in this stream.
    """
    key = None if key_id is None else vault_of(session).key(session, key_id)
    if key is None:
        raise PayloadErased(id=stream_id, seq=seq)
    return seal_payload(key, stream_id, seq, content, openings)


def unseal(session: Session, key_id: str, stream_id: str, seq: int, sealed: bytes) -> OpenedPayload:
    """Open a sealed payload.

    Raises:
        PayloadErased: The subject's key is gone.
    """
    key = vault_of(session).key(session, key_id)
    if key is None:
        raise PayloadErased(id=stream_id, seq=seq)
    return open_payload(key, stream_id, seq, sealed)


def read_payload(
    session: Session, key_id: str, stream_id: str, seq: int, sealed: bytes
) -> dict[str, Any]:
    """Open a sealed payload as its JSON object, closed values in their places.

    For readers inside, who see what `services/secrecy/clearance.py` lets them.
    """
    return opened_whole(unseal(session, key_id, stream_id, seq, sealed))


def opened_whole(opened: OpenedPayload) -> dict[str, Any]:
    """Give a payload as its JSON object, closed values in their places."""
    payload: dict[str, Any] = orjson.loads(opened.content)
    return with_values(payload, opened.opened_values()) if opened.openings else payload
