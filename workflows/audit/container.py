"""What holds of a bundle before a record is read: zip, manifest, files, signature.

Part of verify.py.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from workflows.audit.lines import LineBroken, NotCanonicalJson, decode_canonical
from workflows.audit.manifest import (
    FORMAT,
    MANIFEST,
    MANIFEST_NOTE,
    FileDiffers,
    FileMissing,
    FileUnexpected,
    ManifestBroken,
    check_manifest,
    check_name,
    required_files,
)
from workflows.audit.notes import (
    NoteBroken,
    NoteKey,
    is_key_fingerprint,
    manifest_text,
    parse_note,
    verify_note,
)
from workflows.audit.zipform import CHUNK_BYTES, ZipFormBroken, ZipMember, read_members
from workflows.domain.journal_errors import BundleError
from workflows.domain.record_shape import JsonObject, brief

_LARGEST_MANIFEST_BYTES = 256 * 1024 * 1024
_LARGEST_NOTE = 64 * 1024


class ManifestNoteDiffers(BundleError):
    """manifest.note is signed over another manifest.json than the one that is here."""

    code = "manifest_note_differs"


class KeyDiffers(BundleError):
    """The bundle is signed by the key {found}, not by the one that was asked for."""

    code = "manifest_key_differs"


@dataclass(frozen=True, slots=True)
class Container:
    """A bundle whose zip form and files hold; ``manifest_hash`` is that of manifest.json."""

    path: Path
    members: Mapping[str, ZipMember]
    manifest: JsonObject
    manifest_hash: str

    @property
    def is_signed(self) -> bool:
        """Whether the format has a signature at all."""
        return bool(self.manifest["format"] == FORMAT)

    @property
    def key(self) -> NoteKey:
        """The key that the manifest names."""
        return NoteKey(self.manifest["key_name"], bytes.fromhex(self.manifest["public_key"]))

    def content(self, file: BinaryIO, name: str) -> bytes:
        """Read a small file whole."""
        member = self.members[name]
        if member.size_bytes > _LARGEST_NOTE:
            raise NoteBroken(file=name, reason="it is longer than 64 KiB")
        file.seek(member.content_offset)
        return file.read(member.size_bytes)


def open_container(path: Path, file: BinaryIO) -> Container:
    """Check the form of the zip and read the manifest.

    Raises:
        ZipFormBroken, FileMissing, LineBroken, FormatUnknown, ManifestBroken: as named.
    """
    members = {member.name: member for member in read_members(file)}
    member = members.get(MANIFEST)
    if member is None:
        raise FileMissing(file=MANIFEST)
    if member.size_bytes > _LARGEST_MANIFEST_BYTES:
        raise ManifestBroken(key="size", found=member.size_bytes, expected="at most 256 MiB")
    file.seek(member.content_offset)
    content = file.read(member.size_bytes)
    _check_crc(member, zlib.crc32(content))
    try:
        manifest = decode_canonical(content)
    except NotCanonicalJson as error:
        raise LineBroken(file=MANIFEST, line=1, reason=error.attributes["reason"]) from error
    check_manifest(manifest)
    return Container(path, members, manifest, hashlib.sha256(content).hexdigest())


def check_files(container: Container, file: BinaryIO) -> None:
    """Compare every file with the manifest, and their names with the format.

    Raises:
        FileMissing, FileUnexpected, FileDiffers, ZipFormBroken: as named.
    """
    members, listed = container.members, container.manifest["files"]
    bundle_format = container.manifest["format"]
    required = required_files(bundle_format)
    for name in sorted(members.keys() | listed.keys() | required):
        if name not in members:
            raise FileMissing(file=brief(name))
        check_name(name, bundle_format)
        if name == MANIFEST:
            continue
        if name == MANIFEST_NOTE:
            _check_crc(members[name], zlib.crc32(container.content(file, name)))
        elif name not in listed:
            raise FileUnexpected(file=brief(name), reason="the manifest does not name it")
        else:
            _check_file(file, members[name], listed[name])
    if MANIFEST_NOTE in listed or MANIFEST in listed:
        raise FileUnexpected(file=MANIFEST_NOTE, reason="the manifest cannot name its signature")


def check_signature(container: Container, file: BinaryIO, fingerprint: str | None) -> None:
    """Make sure that the manifest is signed by the key that it names.

    Args:
        container: the bundle.
        file: its file, open for reading.
        fingerprint: of the key that it must be, where the reader knows it.

    Raises:
        NoteBroken, NoteUnsigned, ManifestNoteDiffers, KeyDiffers: as named.
    """
    key = container.key
    note = parse_note(container.content(file, MANIFEST_NOTE), MANIFEST_NOTE)
    if note.text != manifest_text(container.manifest_hash):
        raise ManifestNoteDiffers()
    # More lines than one could be added by anybody; nobody has signed that they are there.
    if len(note.signatures) != 1:
        raise NoteBroken(file=MANIFEST_NOTE, reason="it must have one signature")
    verify_note(note, key, MANIFEST_NOTE)
    if fingerprint is not None and not is_key_fingerprint(fingerprint, key.public_key):
        raise KeyDiffers(found=key.fingerprint)


def _check_file(file: BinaryIO, member: ZipMember, listed: JsonObject) -> None:
    if member.size_bytes != listed["bytes"]:
        raise FileDiffers(
            file=brief(member.name), what="size", found=member.size_bytes, expected=listed["bytes"]
        )
    file.seek(member.content_offset)
    digest, crc, left = hashlib.sha256(), 0, member.size_bytes
    while left:
        chunk = file.read(min(left, CHUNK_BYTES))
        if not chunk:
            break
        digest.update(chunk)
        crc = zlib.crc32(chunk, crc)
        left -= len(chunk)
    if digest.hexdigest() != listed["sha256"]:
        raise FileDiffers(
            file=brief(member.name),
            what="SHA-256",
            found=digest.hexdigest(),
            expected=listed["sha256"],
        )
    _check_crc(member, crc)


def _check_crc(member: ZipMember, crc: int) -> None:
    if crc != member.crc:
        raise ZipFormBroken(
            offset=member.offset + 14, reason=f"the checksum of {brief(member.name)} is wrong"
        )
