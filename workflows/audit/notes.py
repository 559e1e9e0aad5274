"""Signed notes and checkpoints, as C2SP's signed-note and tlog-checkpoint have them.

A note is a text, an empty line and lines of signatures; a checkpoint is a note whose text
says how large the log is and what its root is. One form only is read: what is read and
written again gives the same bytes. Signing is handed in, so that no key comes near this
module. Standard library only: part of verify.py.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from workflows.audit.ed25519 import is_ed25519_signature
from workflows.audit.merkle import HASH_BYTES
from workflows.domain.journal_errors import BundleError
from workflows.domain.record_shape import brief, is_time

_ED25519_TYPE = b"\x01"
_KEY_ID_BYTES = 4
_LARGEST_SIZE = 2**63 - 1
_LARGEST_NOTE_BYTES = 64 * 1024
_KEY_NAME = re.compile(r"[^\s+]+")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


class NoteBroken(BundleError):
    """{file} is not a signed note as it must be: {reason}."""

    code = "note_broken"


class CheckpointBroken(BundleError):
    """{file} is not a checkpoint as it must be: {reason}."""

    code = "checkpoint_broken"


class NoteUnsigned(BundleError):
    """{file} is not signed by the key {key_name} with the fingerprint {fingerprint}."""

    code = "note_unsigned"


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A public key with the name that signature lines call it by."""

    name: str
    public_key: bytes

    @property
    def id(self) -> bytes:
        """The four bytes that signature lines name the key by."""
        named = self.name.encode() + b"\n" + _ED25519_TYPE + self.public_key
        return hashlib.sha256(named).digest()[:_KEY_ID_BYTES]

    @property
    def fingerprint(self) -> str:
        """What people compare: the public key's SHA-256 in sixteen groups."""
        return key_fingerprint(self.public_key)


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line of a note."""

    key_name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A note as read. ``text`` ends with a line end; nobody has checked a signature."""

    text: str
    signatures: tuple[NoteSignature, ...]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log was at a time; ``recorded_at`` is the journal's text of it."""

    origin: str
    size: int
    root: bytes
    recorded_at: str


def key_fingerprint(public_key: bytes) -> str:
    """Write the fingerprint of a public key: SHA-256 in hex, in groups of four digits."""
    digits = hashlib.sha256(public_key).hexdigest()
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def is_key_fingerprint(text: str, public_key: bytes) -> bool:
    """Tell whether this text, however spaced, is the fingerprint of this key."""
    digits = re.sub(r"[\s:-]", "", text).lower()
    return digits == key_fingerprint(public_key).replace(" ", "")


def is_key_name(name: object) -> bool:
    """Tell whether a key may be called this: printable, without spaces and plus signs."""
    return isinstance(name, str) and _KEY_NAME.fullmatch(name) is not None and name.isprintable()


def checkpoint_text(checkpoint: Checkpoint) -> str:
    """Write the text of a checkpoint, to be signed.

    Raises:
        CheckpointBroken: where a part of it has no place in a checkpoint.
    """
    text = (
        f"{checkpoint.origin}\n{checkpoint.size}\n"
        f"{base64.b64encode(checkpoint.root).decode()}\ntime {checkpoint.recorded_at}\n"
    )
    if parse_checkpoint(text) != checkpoint:
        raise CheckpointBroken(file="the checkpoint", reason="it does not read back the same")
    return text


def parse_checkpoint(text: str, file: str = "the checkpoint") -> Checkpoint:
    """Read the text of a checkpoint.

    Args:
        text: the text of a note.
        file: what to call it in an error.

    Raises:
        CheckpointBroken: where it has another form.
    """
    lines = text.split("\n")
    if len(lines) != 5 or lines[4] or not lines[0].strip() or not lines[0].isprintable():
        raise CheckpointBroken(file=file, reason="it must be origin, size, root and time")
    origin, size, root, time = lines[:4]
    if _SIZE.fullmatch(size) is None or int(size) > _LARGEST_SIZE:
        raise CheckpointBroken(file=file, reason=f"its size is {brief(size)}")
    if not time.startswith("time ") or not is_time(time.removeprefix("time ")):
        raise CheckpointBroken(file=file, reason=f"its time is {brief(time)}")
    decoded = _decoded(root)
    if decoded is None or len(decoded) != HASH_BYTES:
        raise CheckpointBroken(file=file, reason=f"its root is {brief(root)}")
    return Checkpoint(origin, int(size), decoded, time.removeprefix("time "))


def manifest_text(digest: str) -> str:
    """Write the text that is signed for a bundle's manifest, given its SHA-256 in hex."""
    return f"sha256:{digest}\n"


def sign_note(text: str, key: NoteKey, signer: Callable[[bytes], bytes]) -> bytes:
    """Write a text as a signed note.

    Args:
        text: ends with a line end.
        key: the public half of the signer's key.
        signer: gives the Ed25519 signature of these bytes.

    Raises:
        NoteBroken: for a text or name that no note can hold, or a signature of another key.
    """
    signature = signer(text.encode())
    line = base64.b64encode(key.id + signature).decode()
    content = f"{text}\n— {key.name} {line}\n".encode()
    try:
        verify_note(parse_note(content), key)
    except NoteUnsigned as error:
        raise NoteBroken(file="the note", reason="the signer holds another key") from error
    return content


def parse_note(content: bytes, file: str = "the note") -> Note:
    """Read a signed note without checking its signatures.

    Args:
        content: the note's bytes.
        file: what to call it in an error.

    Raises:
        NoteBroken: where it has another form.
    """
    text, lines = _split_note(content, file)
    signatures = tuple(_signature_of(line, file) for line in lines)
    return Note(text, signatures)


def verify_note(note: Note, key: NoteKey, file: str = "the note") -> None:
    """Make sure that a note is signed by this key; lines of other keys count for nothing.

    Raises:
        NoteUnsigned: where there is no line of this key, or a wrong one.
    """
    ours = [line for line in note.signatures if (line.key_name, line.key_id) == (key.name, key.id)]
    message = note.text.encode()
    if not ours or not all(
        is_ed25519_signature(key.public_key, message, line.signature) for line in ours
    ):
        raise NoteUnsigned(file=file, key_name=key.name, fingerprint=key.fingerprint)


def _split_note(content: bytes, file: str) -> tuple[str, list[str]]:
    if len(content) > _LARGEST_NOTE_BYTES:
        raise NoteBroken(file=file, reason="it is longer than 64 KiB")
    try:
        decoded = content.decode()
    except UnicodeDecodeError as error:
        raise NoteBroken(file=file, reason="it is not UTF-8") from error
    text, gap, signed = decoded.rpartition("\n\n")
    if not gap or not text or not signed.endswith("\n") or _CONTROL.search(decoded):
        raise NoteBroken(file=file, reason="it must be text, an empty line and signature lines")
    return text + "\n", signed[:-1].split("\n")


def _signature_of(line: str, file: str) -> NoteSignature:
    mark, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    signed = _decoded(encoded)
    if mark != "—" or not is_key_name(name) or signed is None or len(signed) <= _KEY_ID_BYTES:
        raise NoteBroken(file=file, reason=f"{brief(line)} is no signature line")
    return NoteSignature(name, signed[:_KEY_ID_BYTES], signed[_KEY_ID_BYTES:])


def _decoded(encoded: str) -> bytes | None:
    """Read base64 in its one canonical form."""
    try:
        decoded = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    return decoded if base64.b64encode(decoded).decode() == encoded else None
