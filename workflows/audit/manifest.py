"""The files of a ``duban-bundle/0`` and its manifest.

Of the journal page's manifest, /0 has the keys ``format``, ``origin``, ``made_at``,
``scope``, ``recipient``, ``app_version``, ``streams``, ``withheld`` and ``files``. It
lacks ``key_name``, ``public_key``, ``tree_size``, ``first_index`` and ``sealed``, and
the files manifest.note, positions.jsonl, nodes.jsonl, consistency.jsonl, checkpoints/
and viewer.html, which need the log. Part of verify.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from workflows.domain.journal_errors import BundleError
from workflows.domain.record_shape import (
    JsonObject,
    brief,
    is_count,
    is_hash,
    is_stream_id,
    is_time,
)

FORMAT = "duban-bundle/0"
MANIFEST = "manifest.json"
LINE_FILES = (
    "directory.jsonl",
    "grants.jsonl",
    "markings.jsonl",
    "organisations.jsonl",
    "payloads.jsonl",
    "records.jsonl",
    "register.jsonl",
    "state.jsonl",
)
REQUIRED_FILES = frozenset((*LINE_FILES, MANIFEST, "README.md", "README.zh.md", "verify.py"))
_FREE_NAME = re.compile(
    r"definitions/[0-9a-f]{64}(?:/(?!\.{1,2}(?:/|$))[^/\\:\x00-\x1f\x7f-\U0010ffff]+)+"
    r"|calendars/[0-9a-f]{64}\.jsonl"
    r"|attachments/[0-9a-f]{64}"
)


class FormatUnknown(BundleError):
    """The format is {found}; this program verifies duban-bundle/0 only."""

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


def check_name(name: str) -> None:
    """Make sure that a file of this name belongs into a bundle.

    Raises:
        FileUnexpected: where it does not.
    """
    if name not in REQUIRED_FILES and _FREE_NAME.fullmatch(name) is None:
        raise FileUnexpected(file=brief(name), reason="the format has no such file")


def check_manifest(manifest: Any) -> None:
    """Make sure that this is the manifest of a ``duban-bundle/0``.

    Raises:
        FormatUnknown: for any other format, whatever else it holds.
        ManifestBroken: naming the first key that is wrong.
    """
    if type(manifest) is not dict or "format" not in manifest:
        raise FormatUnknown(found="not stated")
    if manifest["format"] != FORMAT:
        raise FormatUnknown(found=brief(manifest["format"]))
    expected_keys = {key for key, _, _ in _CHECKS} | {"format"}
    if manifest.keys() != expected_keys:
        odd = sorted(manifest.keys() ^ expected_keys)
        raise ManifestBroken(key="keys", found=brief(odd), expected="exactly those of the format")
    for key, is_right, expected in _CHECKS:
        if not is_right(manifest[key]):
            raise ManifestBroken(key=key, found=brief(manifest[key]), expected=expected)


def _is_scope(value: Any) -> bool:
    return type(value) is dict and type(value.get("type")) is str


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


def _is_files(value: Any) -> bool:
    return type(value) is dict and all(map(_is_file_entry, value.values()))


def _is_file_entry(entry: Any) -> bool:
    return (
        type(entry) is dict
        and entry.keys() == {"sha256", "bytes"}
        and is_hash(entry["sha256"])
        and type(entry["bytes"]) is int
        and entry["bytes"] >= 0
    )


def _is_words(value: Any) -> bool:
    return type(value) is str and value.strip() != ""


_CHECKS: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("origin", _is_words, "the installation's name"),
    ("made_at", is_time, "a UTC time with microseconds"),
    ("scope", _is_scope, "an object with a type"),
    ("recipient", _is_words, "who the bundle was made for"),
    ("app_version", _is_words, "a version"),
    ("streams", _is_streams, "an object of {last, head} by stream id"),
    ("withheld", _is_withheld, "a list of {id, seq, reason, by}, each with a reason, in order"),
    ("files", _is_files, "an object of {sha256, bytes} by path"),
)


def withheld_places(manifest: JsonObject) -> frozenset[tuple[str, int]]:
    """Give (id, seq) of the payloads that the manifest says are withheld."""
    return frozenset((entry["id"], entry["seq"]) for entry in manifest["withheld"])
