"""Write a ``duban-bundle/0``, for as long as exports have no log to prove themselves with."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from workflows.audit.bundle import (
    BundleOrder,
    BundleSummary,
    PayloadLine,
    Withheld,
    heads_hash,
    spool_contents,
    spool_readers,
)
from workflows.audit.canonical import canonical, sha256_hex
from workflows.audit.manifest import MANIFEST, UNSIGNED_FORMAT, check_manifest
from workflows.audit.spool import Spool
from workflows.domain.records import JsonValue, format_time


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsignedContents:
    """What goes into an unsigned bundle; ``records`` are canonical bytes by id, then seq."""

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


def write_unsigned_bundle(target: Path, contents: UnsignedContents) -> BundleSummary:
    """Write an unsigned bundle under its name in one piece, replacing what is there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".bundle-") as folder:
        spool = Spool(Path(folder))
        streams, record_count = _spool_records(spool, contents.records)
        spool_contents(spool, contents)
        spool_readers(spool)
        content = canonical(_manifest(contents, streams, spool.listed))
        spool.add(MANIFEST, [content])
        finished = Path(folder) / "bundle.zip"
        with finished.open("wb") as file:
            size = spool.write_zip(file)
        finished.replace(target)
    return BundleSummary(record_count, len(streams), heads_hash(streams), sha256_hex(content), size)


def _spool_records(
    spool: Spool, records: Iterable[bytes]
) -> tuple[dict[str, tuple[int, str]], int]:
    streams: dict[str, tuple[int, str]] = {}
    before, count = ("", 0), 0
    with spool.part("records.jsonl") as lines:
        for content in records:
            record = orjson.loads(content)
            place = (record["id"], record["seq"])
            if place <= before:
                raise BundleOrder(file="records.jsonl", place=place, before=before)
            before, count = place, count + 1
            streams[place[0]] = (place[1], sha256_hex(content))
            lines.write(content + b"\n")
    return streams, count


def _manifest(
    contents: UnsignedContents,
    streams: Mapping[str, tuple[int, str]],
    listed: Mapping[str, Mapping[str, str | int]],
) -> dict[str, JsonValue]:
    withheld = sorted(contents.withheld, key=lambda entry: (entry.id, entry.seq))
    manifest: dict[str, JsonValue] = {
        "format": UNSIGNED_FORMAT,
        "origin": contents.origin,
        "made_at": format_time(contents.made_at),
        "scope": dict(contents.scope),
        "recipient": contents.recipient,
        "app_version": contents.app_version,
        "streams": {
            stream_id: {"last": last, "head": head} for stream_id, (last, head) in streams.items()
        },
        "withheld": [
            {"id": entry.id, "seq": entry.seq, "reason": entry.reason, "by": entry.by}
            for entry in withheld
        ],
        "files": dict(listed),
    }
    check_manifest(manifest)
    return manifest
