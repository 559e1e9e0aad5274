"""Bundles as a reader and as a forger would handle them, without our own writer."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workflows.audit.zipform import ZipMember, directory, local_header

Files = dict[str, bytes]


def read_bundle(path: Path) -> Files:
    """Read all files of a bundle with Python's own zip reader."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def json_lines(content: bytes) -> list[Any]:
    """Read the lines of a jsonl file."""
    return [json.loads(line) for line in content.splitlines()]


def to_lines(values: list[Any]) -> bytes:
    """Write canonical lines."""
    return b"".join(dump(value) + b"\n" for value in values)


def dump(value: Any) -> bytes:
    """Write canonical JSON with the standard library."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def pack_zip(files: Files) -> bytes:
    """Write files as a canonical zip."""
    parts: list[bytes] = []
    members: list[ZipMember] = []
    offset = 0
    for name in sorted(files, key=str.encode):
        header = local_header(name, len(files[name]), zlib.crc32(files[name]))
        parts += [header, files[name]]
        members.append(ZipMember(name, len(files[name]), zlib.crc32(files[name]), offset))
        offset += len(header) + len(files[name])
    return b"".join(parts) + directory(members)


def relist(files: Files, change: Callable[[Any], None] | None = None) -> Files:
    """Make the manifest agree with the files again, as a forger without a key can."""
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        for name, content in files.items()
        if name != "manifest.json"
    }
    if change is not None:
        change(manifest)
    return files | {"manifest.json": dump(manifest)}
