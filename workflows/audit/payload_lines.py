"""The payloads of a bundle, taken beside the records that commit to them.

Part of verify.py.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from workflows.audit.lines import LineReader
from workflows.domain.journal_errors import BundleError
from workflows.domain.record_shape import (
    JsonObject,
    PayloadInvalid,
    brief,
    check_payload,
    is_count,
    is_stream_id,
)

Place: TypeAlias = tuple[str, int]
_SALT = re.compile(r"[0-9a-f]{32}")
_LINE_KEYS = {"id", "seq", "salt", "payload"}


class PayloadMissing(BundleError):
    """The payload of {id} seq {seq} is missing, and nothing says why."""

    code = "payload_missing"


class PayloadDiffers(BundleError):
    """The payload of {id} seq {seq} is not the one that its record commits to."""

    code = "payload_differs"


class PayloadUnexpected(BundleError):
    """There is a payload of {id} seq {seq}, but no such record that commits to one."""

    code = "payload_unexpected"


class WithheldWrong(BundleError):
    """The manifest withholds the payload of {id} seq {seq}, which is here or never was."""

    code = "payload_withheld_wrong"


@dataclass(frozen=True, slots=True)
class PayloadTaken:
    """A line of payloads.jsonl with the commitment that its salt and payload give."""

    place: Place
    commitment: str
    payload: JsonObject


class PayloadLines:
    """payloads.jsonl, or a part of it, read in step with the records."""

    def __init__(self, reader: LineReader) -> None:
        self._reader = reader
        self._lines = iter(reader)
        self._next = self._read()

    def before(self, place: Place) -> Iterator[Place]:
        """Drop the payloads that stand before this place and say where they stand."""
        while self._next is not None and self._next.place < place:
            yield self._next.place
            self._next = self._read()

    def take(self, place: Place) -> PayloadTaken | None:
        """Take the payload of this place, where it is here."""
        found = self._next
        if found is None or found.place != place:
            return None
        self._next = self._read()
        return found

    def rest(self) -> Iterator[Place]:
        """Drop all that is left and say where it stands."""
        while self._next is not None:
            yield self._next.place
            self._next = self._read()

    def _read(self) -> PayloadTaken | None:
        for content, line in self._lines:
            self._check(line)
            stream_id, seq, salt = line["id"], line["seq"], line["salt"]
            # The line is canonical, so the payload's own form is a slice of it.
            start = len(f'{{"id":"{stream_id}","payload":')
            end = len(f',"salt":"{salt}","seq":{seq}}}')
            digest = hashlib.sha256(b"\x10" + bytes.fromhex(salt) + content[start:-end])
            return PayloadTaken((stream_id, seq), digest.hexdigest(), line["payload"])
        return None

    def _check(self, line: Any) -> None:
        if (
            type(line) is not dict
            or line.keys() != _LINE_KEYS
            or not is_stream_id(line["id"])
            or not is_count(line["seq"])
            or type(line["salt"]) is not str
            or _SALT.fullmatch(line["salt"]) is None
        ):
            raise PayloadInvalid(
                id="?",
                seq=f"? (line {self._reader.number()})",
                key="line",
                value=brief(line),
                expected="{id, seq, salt, payload}",
            )
        check_payload(line["payload"], line["id"], line["seq"])
