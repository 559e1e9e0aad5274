"""The keys that ever signed checkpoints: instance/keys.jsonl (AUDIT.md, Log).

Public halves only, a canonical line each. Each but the first is signed by the key before
it, so that who trusts the first trusts the last.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from workflows.audit.canonical import canonical
from workflows.audit.key_file import write_in_one_piece
from workflows.audit.lines import NotCanonicalJson, decode_canonical
from workflows.audit.notes import NoteKey, is_key_name
from workflows.audit.signing_key import SigningKey, is_signature
from workflows.domain.journal_errors import JournalError
from workflows.domain.records import JsonValue, format_time

HISTORY_FILE = "keys.jsonl"
_LINE_KEYS = frozenset(("key_name", "public_key", "from", "signed_by", "signature", "reason"))


class KeyHistoryBroken(JournalError):
    """Line {line} of {path} does not follow from the keys before it: {reason}."""

    code = "key_history_broken"


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A line of keys.jsonl.

    Without ``signed_by`` it is the first key, or took the place of a lost one for a
    ``reason`` that the house stated.
    """

    note_key: NoteKey
    started_at: str
    signed_by: str | None = None
    reason: str | None = None
    signature: bytes | None = None

    def message(self) -> bytes:
        """Give what the key before signs."""
        return canonical(self._unsigned())

    def line(self) -> bytes:
        """Write it as a line."""
        signature = None if self.signature is None else base64.b64encode(self.signature).decode()
        return canonical({**self._unsigned(), "signature": signature}) + b"\n"

    def _unsigned(self) -> dict[str, JsonValue]:
        return {
            "key_name": self.note_key.name,
            "public_key": base64.b64encode(self.note_key.public_key).decode(),
            "from": self.started_at,
            "signed_by": self.signed_by,
            "reason": self.reason,
        }


def first_key(key: SigningKey, now: datetime) -> KnownKey:
    """Give the line of an installation's first key."""
    return KnownKey(key.note_key, format_time(now))


def succeeding_key(old: SigningKey, new: SigningKey, now: datetime) -> KnownKey:
    """Give the line of a new key, signed by the old one."""
    line = KnownKey(new.note_key, format_time(now), old.note_key.fingerprint)
    return replace(line, signature=old.sign(line.message()))


def replacing_key(new: SigningKey, now: datetime, reason: str) -> KnownKey:
    """Give the line of a key that takes the place of a lost one; nothing signs it."""
    return KnownKey(new.note_key, format_time(now), None, reason)


def read_key_history(path: Path) -> tuple[KnownKey, ...]:
    """Read keys.jsonl, oldest first; none where there is no file.

    Raises:
        KeyHistoryBroken: where a line is none, or the key before did not sign it.
    """
    if not path.exists():
        return ()
    found: list[KnownKey] = []
    last: dict[str, KnownKey] = {}
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            key = _parse_line(line)
            _check_follows(last.get(key.note_key.name), key)
        except ValueError as error:
            raise KeyHistoryBroken(path=path, line=number, reason=str(error)) from error
        last[key.note_key.name] = key
        found.append(key)
    return tuple(found)


def write_key_history(path: Path, keys: Iterable[KnownKey]) -> None:
    """Write keys.jsonl in one piece."""
    content = b"".join(key.line() for key in keys)
    write_in_one_piece(path, content, mode=0o644, replace=True)


def _parse_line(line: bytes) -> KnownKey:
    try:
        read = decode_canonical(line)
    except NotCanonicalJson as error:
        raise ValueError(str(error.attributes["reason"])) from error
    if type(read) is not dict or read.keys() != _LINE_KEYS:
        raise ValueError("it is no key")
    public_key = base64.b64decode(str(read["public_key"]), validate=True)
    if not is_key_name(read["key_name"]) or len(public_key) != 32:
        raise ValueError("it is no key")
    signature = read["signature"]
    return KnownKey(
        NoteKey(read["key_name"], public_key),
        str(read["from"]),
        read["signed_by"],
        read["reason"],
        None if signature is None else base64.b64decode(str(signature), validate=True),
    )


def _check_follows(before: KnownKey | None, key: KnownKey) -> None:
    if before is None or key.signed_by is None:
        if before is not None and not key.reason:
            raise ValueError("no key signed it and no reason is given")
        return
    if key.signed_by != before.note_key.fingerprint or key.signature is None:
        raise ValueError("another key signed it")
    if not is_signature(before.note_key.public_key, key.message(), key.signature):
        raise ValueError("the signature is wrong")
