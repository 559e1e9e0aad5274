"""Verify a bundle with nothing but the standard library.

``verify_bundle`` serves ``duban verify``; the same code, with what it needs of the
domain, stands in every bundle as verify.py.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from workflows.audit.lines import (
    LineBroken,
    NotCanonicalJson,
    decode_canonical,
    encode_canonical,
    read_lines,
)
from workflows.audit.manifest import (
    MANIFEST,
    REQUIRED_FILES,
    FileDiffers,
    FileMissing,
    FileUnexpected,
    ManifestBroken,
    check_manifest,
    check_name,
)
from workflows.audit.trail import Known, Trail, TrailCounts
from workflows.audit.zipform import ZipFormBroken, ZipMember, read_members
from workflows.domain.errors import DubanError
from workflows.domain.journal_errors import BundleError
from workflows.domain.record_shape import JsonObject, brief

_CHUNK_BYTES = 1024 * 1024
_LARGEST_MANIFEST_BYTES = 256 * 1024 * 1024
_CALENDAR_KEYS = {"date", "region", "is_workday", "name", "status", "source"}


class BundleUnreadable(BundleError):
    """The file {path} cannot be read: {reason}."""

    code = "bundle_unreadable"


class HashDiffers(BundleError):
    """{file} is named after a hash that its content does not have."""

    code = "hash_differs"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying a bundle found.

    ``problem`` is the first thing that is wrong, or None. ``is_signed`` is False for
    every ``duban-bundle/0``.
    """

    problem: DubanError | None
    format: str | None = None
    made_at: str | None = None
    origin: str | None = None
    scope: str | None = None
    recipient: str | None = None
    is_signed: bool = False
    counts: TrailCounts = field(default_factory=TrailCounts)

    @property
    def is_right(self) -> bool:
        """Whether nothing was found to be wrong."""
        return self.problem is None


def verify_bundle(path: Path, on_record: Callable[[], None] | None = None) -> Verdict:
    """Verify a bundle and name the first thing that is wrong.

    Args:
        path: the bundle.
        on_record: called after each record, for a progress bar.
    """
    manifest: JsonObject = {}
    counts = TrailCounts()
    problem: DubanError | None = None
    try:
        with path.open("rb") as file, path.open("rb") as beside, path.open("rb") as third:
            members = {member.name: member for member in read_members(file)}
            manifest = _read_manifest(file, members)
            _check_files(file, members, manifest)
            known = _check_lines_beside(file, members, manifest)
            trail = Trail(manifest, known, counts)
            trail.follow(
                read_lines(file, members["records.jsonl"]),
                read_lines(beside, members["payloads.jsonl"]),
                read_lines(third, members["state.jsonl"]),
                on_record,
            )
    except OSError as error:
        problem = BundleUnreadable(path=path.name, reason=error.strerror or "unknown")
    except DubanError as error:
        problem = error
    return _verdict(problem, manifest, counts)


def _read_manifest(file: BinaryIO, members: dict[str, ZipMember]) -> JsonObject:
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
    return dict(manifest)


def _check_files(file: BinaryIO, members: dict[str, ZipMember], manifest: JsonObject) -> None:
    """Compare every file with the manifest, and their names with the format."""
    listed = manifest["files"]
    for name in sorted(members.keys() | listed.keys() | REQUIRED_FILES):
        if name not in members:
            raise FileMissing(file=brief(name))
        check_name(name)
        if name == MANIFEST:
            continue
        if name not in listed:
            raise FileUnexpected(file=brief(name), reason="the manifest does not name it")
        _check_file(file, members[name], listed[name])


def _check_file(file: BinaryIO, member: ZipMember, listed: JsonObject) -> None:
    if member.size_bytes != listed["bytes"]:
        raise FileDiffers(
            file=brief(member.name), what="size", found=member.size_bytes, expected=listed["bytes"]
        )
    file.seek(member.content_offset)
    digest, crc, left = hashlib.sha256(), 0, member.size_bytes
    while left:
        chunk = file.read(min(left, _CHUNK_BYTES))
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


def _check_lines_beside(
    file: BinaryIO, members: dict[str, ZipMember], manifest: JsonObject
) -> Known:
    """Check the files that records refer to and give the hashes that they are known by."""
    for name in ("directory.jsonl", "grants.jsonl", "organisations.jsonl", "register.jsonl"):
        for number, _, line in read_lines(file, members[name]):
            if type(line) is not dict:
                raise LineBroken(file=name, line=number, reason="not an object")
    return Known(
        packs=_check_packs(manifest),
        markings=_check_markings(file, members["markings.jsonl"]),
        calendars=_check_calendars(file, members, manifest),
    )


def _check_packs(manifest: JsonObject) -> frozenset[str]:
    packs: dict[str, dict[str, str]] = {}
    for name, listed in manifest["files"].items():
        folder, _, rest = name.partition("/")
        if folder == "definitions":
            pack_hash, _, path = rest.partition("/")
            packs.setdefault(pack_hash, {})[path] = listed["sha256"]
        elif folder == "attachments" and rest != listed["sha256"]:
            raise HashDiffers(file=name)
    for pack_hash, hashes in packs.items():
        if hashlib.sha256(encode_canonical(hashes)).hexdigest() != pack_hash:
            raise HashDiffers(file=f"definitions/{pack_hash}")
    return frozenset(packs)


def _check_markings(file: BinaryIO, member: ZipMember) -> frozenset[str]:
    found = set()
    for number, _, line in read_lines(file, member):
        if type(line) is not dict or line.keys() != {"hash", "marking"}:
            raise LineBroken(file=member.name, line=number, reason="not {hash, marking}")
        if hashlib.sha256(encode_canonical(line["marking"])).hexdigest() != line["hash"]:
            raise HashDiffers(file=f"{member.name} line {number}")
        found.add(line["hash"])
    return frozenset(found)


def _check_calendars(
    file: BinaryIO, members: dict[str, ZipMember], manifest: JsonObject
) -> frozenset[str]:
    found = set()
    for name in sorted(members):
        if not name.startswith("calendars/"):
            continue
        version = name.removeprefix("calendars/").removesuffix(".jsonl")
        if manifest["files"][name]["sha256"] != version:
            raise HashDiffers(file=name)
        for number, _, line in read_lines(file, members[name]):
            if type(line) is not dict or line.keys() != _CALENDAR_KEYS:
                raise LineBroken(file=name, line=number, reason="not a calendar day")
        found.add(version)
    return frozenset(found)


def _verdict(problem: DubanError | None, manifest: JsonObject, counts: TrailCounts) -> Verdict:
    if not manifest:
        return Verdict(problem)
    return Verdict(
        problem,
        format=manifest["format"],
        made_at=manifest["made_at"],
        origin=manifest["origin"],
        scope=manifest["scope"]["type"],
        recipient=manifest["recipient"],
        counts=counts,
    )
