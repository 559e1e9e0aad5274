"""Sealing and opening payloads with the installation's keys."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
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
from workflows.domain.errors import DubanError
from workflows.store.journal import insert_subject_key, read_subject_key, read_subject_keys

_KEY = "duban_vault"
_MADE = "duban_keys_made"
_LARGEST_CACHE = 20_000


class VaultMissing(DubanError):
    """No master key is at hand: the journal can be neither written nor read."""

    code: ClassVar[str] = "vault_missing"


class PayloadErased(DubanError):
    """The payload of {id} seq {seq} was erased with its subject's key."""

    code: ClassVar[str] = "payload_erased"


@dataclass(slots=True)
class Vault:
    """The master key and the subject keys that were unwrapped with it."""

    master_key: bytes = field(repr=False)
    _keys: dict[str, bytes] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def session_marks(self) -> dict[str, object]:
        """Give what a session factory takes as ``info``, so that its sessions carry this vault."""
        return {_KEY: self}

    def key_for(self, session: Session, subject_id: str, now: datetime | None) -> bytes | None:
        """Give a subject's key; with ``now`` it is made where it is missing."""
        known = self._keys.get(subject_id)
        if known is not None:
            return known
        made_here: set[str] = session.info.setdefault(_MADE, set())
        wrapped = read_subject_key(session, subject_id)
        if wrapped is None and now is not None:
            made_here.add(subject_id)
            fresh = wrap_key(self.master_key, subject_id, new_subject_key())
            wrapped = insert_subject_key(session, subject_id, fresh, now)
        if wrapped is None:
            return None
        key = unwrap_key(self.master_key, subject_id, wrapped)
        # A key made in this transaction may yet be undone with it, so it is not remembered.
        return key if subject_id in made_here else self._remember(subject_id, key)

    def know(self, session: Session, subject_ids: Collection[str]) -> None:
        """Read keys that will be asked for, in one statement; those missing are made later."""
        made_here = session.info.get(_MADE, ())
        unknown = [each for each in subject_ids if each not in self._keys and each not in made_here]
        if unknown:
            for subject_id, wrapped in read_subject_keys(session, unknown).items():
                self._remember(subject_id, unwrap_key(self.master_key, subject_id, wrapped))

    def forget(self, subject_id: str) -> None:
        """Drop a key whose row was deleted."""
        with self._lock:
            self._keys.pop(subject_id, None)

    def _remember(self, subject_id: str, key: bytes) -> bytes:
        with self._lock:
            if len(self._keys) >= _LARGEST_CACHE:
                self._keys.clear()
            self._keys[subject_id] = key
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


def seal(
    session: Session, subject_id: str, stream_id: str, seq: int, content: bytes, now: datetime
) -> SealedPayload:
    """Seal a payload under its subject's key."""
    key = vault_of(session).key_for(session, subject_id, now)
    if key is None:
        raise PayloadErased(id=stream_id, seq=seq)
    return seal_payload(key, stream_id, seq, content)


def unseal(
    session: Session, subject_id: str, stream_id: str, seq: int, sealed: bytes
) -> OpenedPayload:
    """Open a sealed payload.

    Raises:
        PayloadErased: The subject's key is gone.
    """
    key = vault_of(session).key_for(session, subject_id, None)
    if key is None:
        raise PayloadErased(id=stream_id, seq=seq)
    return open_payload(key, stream_id, seq, sealed)


def read_payload(
    session: Session, subject_id: str, stream_id: str, seq: int, sealed: bytes
) -> dict[str, Any]:
    """Open a sealed payload as its JSON object."""
    opened: dict[str, Any] = orjson.loads(
        unseal(session, subject_id, stream_id, seq, sealed).content
    )
    return opened
