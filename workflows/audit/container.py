"""What holds of a bundle before a record is read: zip, manifest, files, signature.

Part of verify.py.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
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
from workflows.domain.errors import DubanError
from workflows.domain.journal_errors import BundleError
from workflows.domain.record_shape import JsonObject, brief

_LARGEST_MANIFEST_BYTES = 256 * 1024 * 1024
_LARGEST_NOTE = 64 * 1024
_UNLISTED = (MANIFEST, MANIFEST_NOTE)


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


def check_files(container: Container, workers: int = 1) -> None:
    """Compare every file with the manifest, and their names with the format.

    Raises:
        FileMissing, FileUnexpected, FileDiffers, ZipFormBroken: as named.
    """
    members, listed = container.members, container.manifest["files"]
    bundle_format = container.manifest["format"]
    names = sorted(members.keys() | listed.keys() | required_files(bundle_format))
    for name in names:
        if name not in members:
            raise FileMissing(file=brief(name))
        check_name(name, bundle_format)
        if (name in listed) == (name in _UNLISTED):
            does = "cannot" if name in listed else "does not"
            raise FileUnexpected(file=brief(name), reason=f"the manifest {does} name it")
    # Hashing lets other threads run; they share the largest files.
    with ThreadPoolExecutor(workers) as pool:
        for problem in pool.map(lambda name: _problem_of(container, name), names):
            if problem is not None:
                raise problem


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


def _problem_of(container: Container, name: str) -> DubanError | None:
    try:
        _check_file(container, name)
    except DubanError as error:
        return error
    return None


def _check_file(container: Container, name: str) -> None:
    member, listed = container.members[name], container.manifest["files"].get(name)
    if listed is not None and member.size_bytes != listed["bytes"]:
        raise FileDiffers(
            file=brief(name), what="size", found=member.size_bytes, expected=listed["bytes"]
        )
    digest, crc, left = hashlib.sha256(), 0, member.size_bytes
    with container.path.open("rb") as file:
        file.seek(member.content_offset)
        while left and (chunk := file.read(min(left, CHUNK_BYTES))):
            digest.update(chunk)
            crc = zlib.crc32(chunk, crc)
            left -= len(chunk)
    if listed is not None and digest.hexdigest() != listed["sha256"]:
        raise FileDiffers(
            file=brief(name), what="SHA-256", found=digest.hexdigest(), expected=listed["sha256"]
        )
    _check_crc(member, crc)


def _check_crc(member: ZipMember, crc: int) -> None:
    if crc != member.crc:
        raise ZipFormBroken(
            offset=member.offset + 14, reason=f"the checksum of {brief(member.name)} is wrong"
        )
