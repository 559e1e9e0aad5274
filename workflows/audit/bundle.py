"""Write an audit bundle: a canonical zip that proves what it says and whose it is.

The caller hands in what goes into it as iterables and they are read once, so that a
million records need little more memory than a thousand. The same contents give the same
bytes. Which files and manifest keys there are: workflows.audit.manifest and the page
docs/reference/bundle.md.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from workflows.audit.bundle_contents import BundleContents, BundleOrder, PayloadLine, Withheld
from workflows.audit.bundle_tree import (
    PlacedLeaves,
    SealedLeaf,
    read_checkpoints,
    spool_tree,
)
from workflows.audit.canonical import canonical, sha256_hex
from workflows.audit.manifest import (
    FORMAT,
    MANIFEST,
    MANIFEST_NOTE,
    ManifestBroken,
    check_manifest,
    claimed_range,
)
from workflows.audit.notes import manifest_text, sign_note
from workflows.audit.shipping import verifier_source, viewer_page
from workflows.audit.spool import Spool
from workflows.domain.journal_errors import BundleError
from workflows.domain.records import JsonValue, format_time

_CHUNK_BYTES = 1024 * 1024


class PackDiffers(BundleError):
    """The files of pack {pack_hash} hash to {found}."""

    code = "bundle_pack_differs"


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
    heads = {stream_id: _head(last, head) for stream_id, (last, head) in streams.items()}
    return sha256_hex(canonical(heads))


def calendar_content(days: Iterable[Mapping[str, JsonValue]]) -> bytes:
    """Write a calendar version's file; its SHA-256 is the version."""
    return b"".join(canonical(dict(day)) + b"\n" for day in days)


def write_bundle(
    target: Path, contents: BundleContents, on_record: Callable[[], None] | None = None
) -> BundleSummary:
    """Write a bundle under its name in one piece, replacing what is there.

    Needs room for twice its size beside the target while it works.

    Args:
        target: the file.
        contents: what goes into it.
        on_record: called after each record, for a progress bar.

    Raises:
        BundleOrder: where records, payloads or state lines are out of order.
        PackDiffers: where a pack's files are not those of its hash.
        LogDiffers: where records, leaves and checkpoints do not fit each other.
        RangeIncomplete: where the scope claims a range and a leaf of it is not there.
        ManifestBroken: where a value has no place in a manifest.
    """
    checkpoints = read_checkpoints(contents.log.checkpoints, contents.key, contents.origin)
    target.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=target.parent, prefix=".bundle-") as folder,
        tempfile.TemporaryFile(dir=folder) as aside,
        tempfile.TemporaryFile(dir=folder) as leaves,
    ):
        spool, heads = Spool(Path(folder)), _Heads(aside)
        placed = PlacedLeaves(checkpoints[-1].size, contents.log.sealed, leaves)
        _spool_records(spool, contents.records, placed, heads, on_record)
        spool_tree(spool, contents.log, checkpoints, placed)
        spool_contents(spool, contents)
        spool_readers(spool)
        spool.add("viewer.html", [viewer_page()])
        manifest = _manifest(contents, checkpoints[-1].size, spool.listed)
        placed.check_whole(*claimed_range(manifest))
        digest = _spool_manifest(spool, manifest, heads, contents)
        spool.add(MANIFEST_NOTE, [sign_note(manifest_text(digest), contents.key, contents.signer)])
        finished = Path(folder) / "bundle.zip"
        with finished.open("wb") as file:
            size = spool.write_zip(file)
        finished.replace(target)
    return BundleSummary(heads.records, heads.streams, heads.hash(), digest, size)


class _Heads:
    """The heads of streams as one JSON object in a file: there may be hundreds of thousands."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.records = self.streams = 0
        self._write(b"{")

    def add(self, stream_id: str, last: int, content: bytes) -> None:
        """Note the last record of the next stream, by its canonical bytes."""
        head = canonical({stream_id: {"last": last, "head": sha256_hex(content)}})
        self._write(b"," * bool(self.streams) + head[1:-1])
        self.streams += 1

    def finish(self) -> None:
        """Close the object."""
        self._write(b"}")

    def hash(self) -> str:
        """Give the hash of all heads as one object."""
        return self._digest.hexdigest()

    def chunks(self) -> Iterator[bytes]:
        """Give the object piece by piece."""
        self._file.seek(0)
        while chunk := self._file.read(_CHUNK_BYTES):
            yield chunk

    def _write(self, content: bytes) -> None:
        self._file.write(content)
        self._digest.update(content)


def _spool_records(
    spool: Spool,
    records: Iterable[tuple[int, bytes]],
    placed: PlacedLeaves,
    heads: _Heads,
    on_record: Callable[[], None] | None,
) -> None:
    """Write records.jsonl and positions.jsonl and note the head of each stream on the way."""
    before, last = ("", 0), b""
    with spool.part("records.jsonl") as lines, spool.part("positions.jsonl") as positions:
        for index, content in records:
            place = _place_of(content)
            if place <= before:
                raise BundleOrder(file="records.jsonl", place=place, before=before)
            if place[0] != before[0] and before[1]:
                heads.add(*before, last)
            before, last = place, content
            heads.records += 1
            placed.add(index, content)
            lines.write(content + b"\n")
            positions.write(
                b'{"id":"%s","index":%d,"seq":%d}\n' % (place[0].encode(), index, place[1])
            )
            if on_record is not None:
                on_record()
    if before[1]:
        heads.add(*before, last)
    heads.finish()


def _place_of(content: bytes) -> tuple[str, int]:
    record = orjson.loads(content)
    return record["id"], record["seq"]


def _head(last: int, head: str) -> dict[str, JsonValue]:
    return {"last": last, "head": head}


def spool_contents(spool: Spool, contents: Any) -> None:
    """Write what stands beside the records."""
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
        spool.add_path(f"attachments/{digest}", paper)


def spool_readers(spool: Spool) -> None:
    """Write what a reader needs who has nothing else: verify.py and the READMEs."""
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
        yield b'{"id":"%s",%s"payload":%s,"salt":"%s","seq":%d}\n' % (
            line.id.encode(),
            b'"openings":%s,' % line.openings if line.openings else b"",
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


def _manifest(
    contents: BundleContents,
    tree_size: int,
    listed: Mapping[str, Mapping[str, str | int]],
) -> dict[str, JsonValue]:
    """Give the manifest without streams, withheld and sealed, of which there may be very many."""
    manifest: dict[str, JsonValue] = {
        "format": FORMAT,
        "origin": contents.origin,
        "made_at": format_time(contents.made_at),
        "scope": dict(contents.scope),
        "recipient": contents.recipient,
        "app_version": contents.app_version,
        "key_name": contents.key.name,
        "public_key": contents.key.public_key.hex(),
        "tree_size": tree_size,
        "first_index": contents.log.first_index,
        "sealed": [],
        "streams": {},
        "withheld": [],
        "files": dict(listed),
    }
    check_manifest(manifest)
    return manifest


def _spool_manifest(
    spool: Spool, manifest: Mapping[str, JsonValue], heads: _Heads, contents: BundleContents
) -> str:
    """Write the manifest with all that there may be very many of; give its hash."""
    # A quote in a value is written with a backslash: only the keys themselves look like this.
    before, rest = canonical(dict(manifest)).split(b'"sealed":[]')
    between, rest = rest.split(b'"streams":{}')
    behind, after = rest.split(b'"withheld":[]')
    digest = hashlib.sha256()
    with spool.part(MANIFEST) as part:
        sealed = chain((before, b'"sealed":['), _sealed_chunks(contents.log.sealed, manifest))
        streams = chain((b"]", between, b'"streams":'), heads.chunks(), (behind,))
        kept_back = chain((b'"withheld":[',), _withheld_chunks(contents.withheld), (b"]", after))
        for chunk in chain(sealed, streams, kept_back):
            digest.update(chunk)
            part.write(chunk)
    return digest.hexdigest()


def _sealed_chunks(
    sealed: Iterable[SealedLeaf], manifest: Mapping[str, JsonValue]
) -> Iterator[bytes]:
    start, end = claimed_range(manifest)
    before = -1
    for leaf in sealed:
        if not start <= leaf.index < end:
            raise ManifestBroken(
                key="sealed", found=leaf.index, expected=f"within [{start}, {end})"
            )
        if leaf.index <= before:
            raise BundleOrder(file="sealed", place=leaf.index, before=before)
        said: dict[str, JsonValue] = {"index": leaf.index, "level": leaf.level, "by": leaf.by}
        yield b"," * (before >= 0) + canonical(said)
        before = leaf.index


def _withheld_chunks(withheld: Iterable[Withheld]) -> Iterator[bytes]:
    before = ("", 0)
    for entry in withheld:
        place = (entry.id, entry.seq)
        if place <= before:
            raise BundleOrder(file="withheld", place=place, before=before)
        said: dict[str, JsonValue] = {
            "id": entry.id,
            "seq": entry.seq,
            "reason": entry.reason,
            "by": entry.by,
        }
        yield b"," * bool(before[1]) + canonical(said)
        before = place
