"""Bundles as a reader and as a forger would handle them, without our own writer."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.support.journal import KEY, SIGNER
from workflows.audit.manifest import UNSIGNED_FILES, UNSIGNED_FORMAT, checkpoint_name
from workflows.audit.merkle import leaf_hash, range_root
from workflows.audit.notes import (
    NoteKey,
    checkpoint_text,
    manifest_text,
    parse_checkpoint,
    parse_note,
    sign_note,
)
from workflows.audit.zipform import ZipMember, directory, local_header
from workflows.domain.fold import CaseState
from workflows.domain.fold_errors import FoldError

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


def relist(
    files: Files,
    change: Callable[[Any], None] | None = None,
    key: NoteKey = KEY,
    signer: Callable[[bytes], bytes] = SIGNER.sign,
) -> Files:
    """Make the manifest agree with the files again and sign it, as the exporter can."""
    forged = relist_unsigned(files, change)
    text = manifest_text(hashlib.sha256(forged["manifest.json"]).hexdigest())
    return forged | {"manifest.note": sign_note(text, key, signer)}


def relist_unsigned(files: Files, change: Callable[[Any], None] | None = None) -> Files:
    """Make the manifest agree with the files again, as a forger without a key can."""
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        for name, content in files.items()
        if name not in ("manifest.json", "manifest.note")
    }
    if change is not None:
        change(manifest)
    return files | {"manifest.json": dump(manifest)}


def rewritten(
    files: Files,
    change: Callable[[list[Any]], None],
    key: NoteKey = KEY,
    signer: Callable[[bytes], bytes] = SIGNER.sign,
) -> Files:
    """Change records and make everything after them anew, as whoever has a key can."""
    lines = json_lines(files["records.jsonl"])
    change(lines)
    rehash(lines)
    heads = {
        line["id"]: {"last": line["seq"], "head": hashlib.sha256(dump(line)).hexdigest()}
        for line in lines
    }
    forged = files | {"records.jsonl": to_lines(lines), "state.jsonl": _folded(files, lines)}

    def rename(manifest: Any) -> None:
        manifest.update(streams=heads, key_name=key.name, public_key=key.public_key.hex())

    return relist(_relogged(forged, key, signer), rename, key, signer)


def rehash(lines: list[Any]) -> None:
    """Make the chains of these records hold again."""
    before: dict[str, tuple[int, str]] = {}
    for record in lines:
        seq, head = before.get(record["id"], (0, "0" * 64))
        record["seq"], record["prev"] = seq + 1, head
        before[record["id"]] = (seq + 1, hashlib.sha256(dump(record)).hexdigest())


def _folded(files: Files, lines: list[Any]) -> bytes:
    """Give the state lines that these records lead to, where they lead to any."""
    payloads = {
        (line["id"], line["seq"]): line["payload"] for line in json_lines(files["payloads.jsonl"])
    }
    cases: dict[str, CaseState] = {}
    try:
        for record in lines:
            if record["stream"] == "case":
                case = cases.setdefault(record["id"], CaseState())
                case.apply(record, payloads.get((record["id"], record["seq"])))
    except FoldError:
        return files["state.jsonl"]
    return to_lines([case.state_line() for case in cases.values()])


def _relogged(files: Files, key: NoteKey, signer: Callable[[bytes], bytes]) -> Files:
    """Make the last checkpoint anew from the records of a bundle that holds the whole log."""
    records = files["records.jsonl"].splitlines()
    positions = json_lines(files["positions.jsonl"])
    placed = sorted(zip([line["index"] for line in positions], records, strict=True))
    root = range_root(leaf_hash(record) for _, record in placed)
    name = checkpoint_name(len(placed))
    before = parse_checkpoint(parse_note(files[name]).text)
    return files | {name: sign_note(checkpoint_text(replace(before, root=root)), key, signer)}


def as_format_0(files: Files) -> Files:
    """Give the same content as a bundle of the format that had no log and no signature."""
    kept = {
        name: content
        for name, content in files.items()
        if name in UNSIGNED_FILES or name.startswith(("definitions/", "calendars/"))
    }

    def change(manifest: Any) -> None:
        manifest["format"] = UNSIGNED_FORMAT
        for key in ("key_name", "public_key", "tree_size", "first_index", "sealed"):
            del manifest[key]

    return relist_unsigned(kept, change)
