"""Write an audit bundle: a canonical zip that proves what it says, as far as /0 goes.

The caller hands in what goes into it as iterables and they are read once, so that a
million records need no more memory than a thousand. The same contents give the same
bytes. Which files and manifest keys there are: workflows.audit.manifest.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from workflows.audit.canonical import canonical, sha256_hex
from workflows.audit.manifest import FORMAT, MANIFEST, check_manifest, check_name
from workflows.audit.shipping import verifier_source
from workflows.audit.zipform import ZipMember, directory, local_header
from workflows.domain.journal_errors import BundleError
from workflows.domain.records import JsonValue, format_time

_CHUNK_BYTES = 1024 * 1024


class BundleOrder(BundleError):
    """{file} is not in order: {place} comes after {before}."""

    code = "bundle_order"


class PackDiffers(BundleError):
    """The files of pack {pack_hash} hash to {found}."""

    code = "bundle_pack_differs"


@dataclass(frozen=True, slots=True)
class PayloadLine:
    """A payload that the bundle shows, as canonical bytes."""

    id: str
    seq: int
    salt: bytes
    content: bytes


@dataclass(frozen=True, slots=True)
class Withheld:
    """A payload that the bundle does not show, why, and by whose decision."""

    id: str
    seq: int
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleContents:
    """What goes into a bundle.

    ``made_at`` is the export record's recorded_at; the bundle covers the records
    before it. ``scope`` is an object with ``type`` (``all`` or ``cases``). ``records``
    are the canonical bytes of whole streams, ordered by id, then seq, like
    ``payloads`` and, by id, ``state_lines``. ``definitions`` are files by path, by
    pack hash; ``markings`` canonical bytes by hash; ``calendars`` their days by
    version, canonical lines; ``attachments`` files by SHA-256.
    """

    origin: str
    made_at: datetime
    scope: Mapping[str, JsonValue]
    recipient: str
    app_version: str
    records: Iterable[bytes]
    payloads: Iterable[PayloadLine]
    state_lines: Iterable[Mapping[str, Any]]
    withheld: Iterable[Withheld] = ()
    definitions: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)
    markings: Mapping[str, bytes] = field(default_factory=dict)
    calendars: Mapping[str, bytes] = field(default_factory=dict)
    directory: Iterable[Mapping[str, Any]] = ()
    grants: Iterable[Mapping[str, Any]] = ()
    organisations: Iterable[Mapping[str, Any]] = ()
    register: Iterable[Mapping[str, Any]] = ()
    attachments: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BundleSummary:
    """What was written."""

    record_count: int
    stream_count: int
    heads_hash: str
    manifest_hash: str
    size_bytes: int


def pack_hash(files: Mapping[str, bytes]) -> str:
    """Give the hash by which a pack is known: that of the hashes of its files by path."""
    return sha256_hex(canonical({path: sha256_hex(content) for path, content in files.items()}))


def heads_hash(streams: Mapping[str, tuple[int, str]]) -> str:
    """Give one hash for the heads of streams, (last seq, hash) by id.

    An export's house record names it; it is the hash of the manifest's ``streams``.
    """
    return sha256_hex(canonical(_heads(streams)))


def calendar_content(days: Iterable[Mapping[str, JsonValue]]) -> bytes:
    """Write a calendar version's file; its SHA-256 is the version."""
    return b"".join(canonical(dict(day)) + b"\n" for day in days)


def write_bundle(target: Path, contents: BundleContents) -> BundleSummary:
    """Write a bundle under its name in one piece, replacing what is there.

    Needs room for twice its size beside the target while it works.

    Raises:
        BundleOrder: where records, payloads or state lines are out of order.
        PackDiffers: where a pack's files are not those of its hash.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".bundle-") as folder:
        spool = _Spool(Path(folder))
        streams, record_count = _spool_records(spool, contents.records)
        _spool_contents(spool, contents)
        manifest = _manifest(contents, streams, spool.listed)
        content = canonical(manifest)
        spool.add(MANIFEST, [content])
        finished = Path(folder) / "bundle.zip"
        with finished.open("wb") as file:
            size = spool.write_zip(file)
        finished.replace(target)
    return BundleSummary(record_count, len(streams), heads_hash(streams), sha256_hex(content), size)


class _Spool:
    """Files on their way into the zip, which needs sizes and checksums before bytes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, tuple[Path, int, int]] = {}
        self.listed: dict[str, dict[str, str | int]] = {}

    def add(self, name: str, chunks: Iterable[bytes]) -> str:
        """Write a file's bytes aside and give their SHA-256."""
        check_name(name)
        path = self._folder / f"{len(self._files)}.part"
        digest, crc, size = hashlib.sha256(), 0, 0
        with path.open("wb", buffering=_CHUNK_BYTES) as file:
            for chunk in chunks:
                file.write(chunk)
                digest.update(chunk)
                crc = zlib.crc32(chunk, crc)
                size += len(chunk)
        self._files[name] = (path, size, crc)
        self.listed[name] = {"sha256": digest.hexdigest(), "bytes": size}
        return digest.hexdigest()

    def write_zip(self, file: BinaryIO) -> int:
        """Write all files as a canonical zip and give its size."""
        members: list[ZipMember] = []
        offset = 0
        for name in sorted(self._files, key=str.encode):
            path, size, crc = self._files[name]
            header = local_header(name, size, crc)
            file.write(header)
            with path.open("rb") as part:
                shutil.copyfileobj(part, file, _CHUNK_BYTES)
            path.unlink()
            members.append(ZipMember(name, size, crc, offset))
            offset += len(header) + size
        end = directory(members)
        file.write(end)
        return offset + len(end)


def _spool_records(
    spool: _Spool, records: Iterable[bytes]
) -> tuple[dict[str, tuple[int, str]], int]:
    """Write records.jsonl and note the head of each stream on the way."""
    streams: dict[str, tuple[int, str]] = {}
    count = 0

    def lines() -> Iterable[bytes]:
        nonlocal count
        before = ("", 0)
        for content in records:
            record = orjson.loads(content)
            place = (record["id"], record["seq"])
            if place <= before:
                raise BundleOrder(file="records.jsonl", place=place, before=before)
            before = place
            streams[place[0]] = (place[1], sha256_hex(content))
            count += 1
            yield content + b"\n"

    spool.add("records.jsonl", lines())
    return streams, count


def _spool_contents(spool: _Spool, contents: BundleContents) -> None:
    spool.add("payloads.jsonl", _payload_lines(contents.payloads))
    spool.add("state.jsonl", _state_lines(contents.state_lines))
    for digest, files in sorted(contents.definitions.items()):
        if pack_hash(files) != digest:
            raise PackDiffers(pack_hash=digest, found=pack_hash(files))
        for path, content in sorted(files.items()):
            spool.add(f"definitions/{digest}/{path}", [content])
    spool.add(
        "markings.jsonl",
        (
            b'{"hash":"%s","marking":%s}\n' % (digest.encode(), marking)
            for digest, marking in sorted(contents.markings.items())
        ),
    )
    for version, content in sorted(contents.calendars.items()):
        spool.add(f"calendars/{version}.jsonl", [content])
    spool.add("directory.jsonl", _object_lines(contents.directory))
    spool.add("grants.jsonl", _object_lines(contents.grants))
    spool.add("organisations.jsonl", _object_lines(contents.organisations))
    spool.add("register.jsonl", _object_lines(contents.register))
    for digest, paper in sorted(contents.attachments.items()):
        spool.add(f"attachments/{digest}", _chunks(paper))
    spool.add("verify.py", [verifier_source().encode()])
    for name in ("README.md", "README.zh.md"):
        text = resources.files("workflows.audit").joinpath("shipped", name).read_bytes()
        spool.add(name, [text])


def _payload_lines(payloads: Iterable[PayloadLine]) -> Iterable[bytes]:
    before = ("", 0)
    for line in payloads:
        place = (line.id, line.seq)
        if place <= before:
            raise BundleOrder(file="payloads.jsonl", place=place, before=before)
        before = place
        yield b'{"id":"%s","payload":%s,"salt":"%s","seq":%d}\n' % (
            line.id.encode(),
            line.content,
            line.salt.hex().encode(),
            line.seq,
        )


def _state_lines(lines: Iterable[Mapping[str, Any]]) -> Iterable[bytes]:
    before = ""
    for line in lines:
        if line["id"] <= before:
            raise BundleOrder(file="state.jsonl", place=line["id"], before=before)
        before = line["id"]
        yield canonical(dict(line)) + b"\n"


def _object_lines(lines: Iterable[Mapping[str, Any]]) -> Iterable[bytes]:
    for line in lines:
        yield canonical(dict(line)) + b"\n"


def _chunks(path: Path) -> Iterable[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def _heads(streams: Mapping[str, tuple[int, str]]) -> dict[str, JsonValue]:
    return {stream_id: {"last": last, "head": head} for stream_id, (last, head) in streams.items()}


def _manifest(
    contents: BundleContents,
    streams: Mapping[str, tuple[int, str]],
    listed: Mapping[str, Mapping[str, str | int]],
) -> dict[str, JsonValue]:
    withheld = sorted(contents.withheld, key=lambda entry: (entry.id, entry.seq))
    manifest: dict[str, JsonValue] = {
        "format": FORMAT,
        "origin": contents.origin,
        "made_at": format_time(contents.made_at),
        "scope": dict(contents.scope),
        "recipient": contents.recipient,
        "app_version": contents.app_version,
        "streams": _heads(streams),
        "withheld": [
            {"id": entry.id, "seq": entry.seq, "reason": entry.reason, "by": entry.by}
            for entry in withheld
        ],
        "files": dict(listed),
    }
    check_manifest(manifest)
    return manifest
