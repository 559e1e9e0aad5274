"""The files of a bundle and its manifest, in both formats.

``duban-bundle/1`` is what the journal's page says. ``duban-bundle/0`` was written before
there was a log: it lacks the keys ``key_name``, ``public_key``, ``tree_size``,
``first_index`` and ``sealed``, and the files of the log. It is read, never written, and
never counts as signed. Part of verify.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from workflows.audit.ed25519 import is_ed25519_key
from workflows.audit.notes import is_key_name
from workflows.domain.journal_errors import BundleError
from workflows.domain.record_kinds import LARGEST_INTEGER
from workflows.domain.record_shape import (
    JsonObject,
    KeyCheck,
    brief,
    is_count,
    is_date,
    is_hash,
    is_stream_id,
    is_time,
)

FORMAT = "duban-bundle/1"
UNSIGNED_FORMAT = "duban-bundle/0"
MANIFEST = "manifest.json"
MANIFEST_NOTE = "manifest.note"
STATED_FILES = ("directory.jsonl", "grants.jsonl", "organisations.jsonl")
LOG_FILES = ("consistency.jsonl", "nodes.jsonl", "positions.jsonl")
UNSIGNED_FILES = frozenset(
    (
        *STATED_FILES,
        "markings.jsonl",
        "payloads.jsonl",
        "records.jsonl",
        "register.jsonl",
        "state.jsonl",
        MANIFEST,
        "README.md",
        "README.zh.md",
        "verify.py",
    )
)
REQUIRED_FILES = UNSIGNED_FILES | {*LOG_FILES, MANIFEST_NOTE, "viewer.html"}
_FREE_NAME = re.compile(
    r"definitions/[0-9a-f]{64}(?:/(?!\.{1,2}(?:/|$))[^/\\:\x00-\x1f\x7f-\U0010ffff]+)+"
    r"|calendars/[0-9a-f]{64}\.jsonl"
    r"|attachments/[0-9a-f]{64}"
)
_CHECKPOINT_NAME = re.compile(r"checkpoints/[1-9][0-9]{0,15}\.note")


class FormatUnknown(BundleError):
    """The format is {found}; this program verifies duban-bundle/1, and /0 as unsigned."""

    code = "format_unknown"


class ManifestBroken(BundleError):
    """manifest.json: {key} is {found}, but must be {expected}."""

    code = "manifest_broken"


class FileMissing(BundleError):
    """The file {file} is missing."""

    code = "file_missing"


class FileUnexpected(BundleError):
    """The file {file} does not belong into this bundle: {reason}."""

    code = "file_unexpected"


class FileDiffers(BundleError):
    """The file {file} is not the one of the manifest: its {what} is {found}, not {expected}."""

    code = "file_differs"


def required_files(bundle_format: str) -> frozenset[str]:
    """Give the files that every bundle of a format has."""
    return REQUIRED_FILES if bundle_format == FORMAT else UNSIGNED_FILES


def checkpoint_name(size: int) -> str:
    """Give the name of the file that holds the checkpoint of a size."""
    return f"checkpoints/{size}.note"


def check_name(name: str, bundle_format: str = FORMAT) -> None:
    """Make sure that a file of this name belongs into a bundle.

    Raises:
        FileUnexpected: where it does not.
    """
    if name in required_files(bundle_format) or _FREE_NAME.fullmatch(name):
        return
    if bundle_format != FORMAT or _CHECKPOINT_NAME.fullmatch(name) is None:
        raise FileUnexpected(file=brief(name), reason="the format has no such file")


def check_manifest(manifest: Any) -> None:
    """Make sure that this is the manifest of a format that is known.

    Raises:
        FormatUnknown: for any other format, whatever else it holds.
        ManifestBroken: naming the first key that is wrong.
    """
    if type(manifest) is not dict or "format" not in manifest:
        raise FormatUnknown(found="not stated")
    if manifest["format"] not in (FORMAT, UNSIGNED_FORMAT):
        raise FormatUnknown(found=brief(manifest["format"]))
    is_signed = manifest["format"] == FORMAT
    checks = _CHECKS + _LOG_CHECKS if is_signed else _CHECKS
    expected_keys = {key for key, _, _ in checks} | {"format"}
    if manifest.keys() != expected_keys:
        odd = sorted(manifest.keys() ^ expected_keys)
        raise ManifestBroken(key="keys", found=brief(odd), expected="exactly those of the format")
    for key, is_right, expected in checks:
        if not is_right(manifest[key]):
            raise ManifestBroken(key=key, found=brief(manifest[key]), expected=expected)
    if is_signed:
        _check_scope(manifest["scope"])
        _check_range(manifest)


def claimed_range(manifest: JsonObject) -> tuple[int, int]:
    """Give the leaves of the log that the bundle claims to hold whole, as [start, end).

    Only the scopes ``all`` and ``period`` claim any.
    """
    scope, tree_size = manifest["scope"], manifest["tree_size"]
    if scope["type"] == "all":
        return 0, tree_size
    if scope["type"] == "period":
        return manifest["first_index"], scope.get("end_index", tree_size)
    return 0, 0


def withheld_places(manifest: JsonObject) -> frozenset[tuple[str, int]]:
    """Give (id, seq) of the payloads that the manifest says are withheld."""
    return frozenset((entry["id"], entry["seq"]) for entry in manifest["withheld"])


def _check_scope(scope: JsonObject) -> None:
    """Make sure that a scope has the keys of its type and no others."""
    checks = _SCOPES.get(scope["type"])
    if checks is None:
        raise ManifestBroken(key="scope", found=brief(scope["type"]), expected=brief([*_SCOPES]))
    optional = {"end_index"} if scope["type"] == "period" else set()
    if scope.keys() - optional != {"type", *checks} or not all(
        is_right(scope[key]) for key, is_right in checks.items()
    ):
        raise ManifestBroken(
            key="scope", found=brief(scope), expected=f"{scope['type']} with {[*checks]}"
        )


def _check_range(manifest: JsonObject) -> None:
    start, end = claimed_range(manifest)
    if not start <= end <= manifest["tree_size"]:
        raise ManifestBroken(
            key="first_index", found=brief([start, end]), expected="a range within the log"
        )
    if manifest["scope"]["type"] != "period" and manifest["first_index"] != 0:
        raise ManifestBroken(key="first_index", found=manifest["first_index"], expected="0")
    for entry in manifest["sealed"]:
        if not start <= entry["index"] < end:
            raise ManifestBroken(
                key="sealed", found=entry["index"], expected=f"within [{start}, {end})"
            )


def _is_size(value: Any) -> bool:
    return type(value) is int and 0 <= value <= LARGEST_INTEGER


def _is_ids(value: Any) -> bool:
    return type(value) is list and all(map(_is_words, value)) and value == sorted(set(value))


def _is_scope(value: Any) -> bool:
    return (
        type(value) is dict
        and type(value.get("type")) is str
        and _is_size(value.get("end_index", 0))
    )


def _is_streams(value: Any) -> bool:
    return type(value) is dict and all(
        is_stream_id(stream_id)
        and type(head) is dict
        and head.keys() == {"last", "head"}
        and is_count(head["last"])
        and is_hash(head["head"])
        for stream_id, head in value.items()
    )


def _is_withheld(value: Any) -> bool:
    if type(value) is not list or not all(map(_is_withheld_entry, value)):
        return False
    places = [(entry["id"], entry["seq"]) for entry in value]
    return places == sorted(set(places))


def _is_withheld_entry(entry: Any) -> bool:
    return (
        type(entry) is dict
        and entry.keys() == {"id", "seq", "reason", "by"}
        and is_stream_id(entry["id"])
        and is_count(entry["seq"])
        and _is_words(entry["reason"])
        and _is_words(entry["by"])
    )


def _is_sealed(value: Any) -> bool:
    if type(value) is not list or not all(map(_is_sealed_entry, value)):
        return False
    indices = [entry["index"] for entry in value]
    return indices == sorted(set(indices))


def _is_sealed_entry(entry: Any) -> bool:
    return (
        type(entry) is dict
        and entry.keys() == {"index", "level", "by"}
        and _is_size(entry["index"])
        and _is_words(entry["level"])
        and _is_words(entry["by"])
    )


def _is_files(value: Any) -> bool:
    return type(value) is dict and all(map(_is_file_entry, value.values()))


def _is_file_entry(entry: Any) -> bool:
    return (
        type(entry) is dict
        and entry.keys() == {"sha256", "bytes"}
        and is_hash(entry["sha256"])
        and _is_size(entry["bytes"])
    )


def _is_words(value: Any) -> bool:
    return type(value) is str and value.strip() != ""


def _is_public_key(value: Any) -> bool:
    return is_hash(value) and is_ed25519_key(bytes.fromhex(value))


_CHECKS: tuple[KeyCheck, ...] = (
    ("origin", _is_words, "the installation's name"),
    ("made_at", is_time, "a UTC time with microseconds"),
    ("scope", _is_scope, "an object with a type"),
    ("recipient", _is_words, "who the bundle was made for"),
    ("app_version", _is_words, "a version"),
    ("streams", _is_streams, "an object of {last, head} by stream id"),
    ("withheld", _is_withheld, "a list of {id, seq, reason, by}, each with a reason, in order"),
    ("files", _is_files, "an object of {sha256, bytes} by path"),
)
_LOG_CHECKS: tuple[KeyCheck, ...] = (
    ("key_name", is_key_name, "one printable word without a plus sign"),
    ("public_key", _is_public_key, "an Ed25519 public key, 64 hex digits"),
    ("tree_size", is_count, "how many leaves the log has, at least 1"),
    ("first_index", _is_size, "the index of a leaf"),
    ("sealed", _is_sealed, "a list of {index, level, by} in order"),
)
_SCOPES: dict[str, dict[str, Callable[[Any], bool]]] = {
    "all": {},
    "period": {"from": is_date, "to": is_date},
    "organisation": {"organisation": _is_words},
    "matter": {"matter": _is_words},
    "cases": {"cases": _is_ids},
}
