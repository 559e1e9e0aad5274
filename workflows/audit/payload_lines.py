"""The payloads of a bundle, taken beside the records that commit to them.

Part of verify.py.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from workflows.audit.lines import LineReader, encode_canonical
from workflows.domain.closed_fields import CLOSED_MARK, closed_places, with_values
from workflows.domain.journal_errors import BundleError
from workflows.domain.record_shape import (
    JsonObject,
    PayloadInvalid,
    brief,
    check_payload,
    is_count,
    is_hash,
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


class FieldMissing(BundleError):
    """The field {name} of {id} seq {seq} is not opened, and nothing says why."""

    code = "payload_field_missing"


class FieldDiffers(BundleError):
    """The field {name} of {id} seq {seq} is not the one that its payload commits to."""

    code = "payload_field_differs"


class FieldUnexpected(BundleError):
    """There is an opening {commitment} of {id} seq {seq}, but its payload has no such field."""

    code = "payload_field_unexpected"


class WithheldWrong(BundleError):
    """The manifest withholds the payload of {id} seq {seq}, which is here or never was."""

    code = "payload_withheld_wrong"


@dataclass(frozen=True, slots=True)
class PayloadTaken:
    """A line of payloads.jsonl with the commitment that its salt and payload give.

    In ``payload`` what was opened stands in its place. ``problem`` is what is wrong with
    the openings, ``withheld`` how many of them are withheld with a reason.
    """

    place: Place
    commitment: str
    payload: JsonObject
    problem: BundleError | None = None
    withheld: int = 0


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
            openings = line.get("openings")
            # The line is canonical, so the payload's own form is a slice of it.
            start = len(f'{{"id":"{stream_id}","payload":')
            if openings is not None:
                start += len(b'"openings":,') + len(encode_canonical(openings))
            end = len(f',"salt":"{salt}","seq":{seq}}}')
            digest = hashlib.sha256(b"\x10" + bytes.fromhex(salt) + content[start:-end]).hexdigest()
            taken = PayloadTaken((stream_id, seq), digest, line["payload"])
            is_open = openings is None and CLOSED_MARK not in content
            return taken if is_open else _opened(taken, openings or {})
        return None

    def _check(self, line: Any) -> None:
        if (
            type(line) is not dict
            or line.keys() - {"openings"} != _LINE_KEYS
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
        if "openings" in line and not _is_openings(line["openings"]):
            raise PayloadInvalid(
                id=line["id"],
                seq=line["seq"],
                key="openings",
                value=brief(line["openings"]),
                expected="{salt, value} or {by, reason} by commitment",
            )
        check_payload(line["payload"], line["id"], line["seq"])


def _is_openings(value: Any) -> bool:
    return type(value) is dict and value != {} and all(map(_is_opening, value, value.values()))


def _is_opening(key: str, value: Any) -> bool:
    if not is_hash(key) or type(value) is not dict:
        return False
    if value.keys() == {"salt", "value"}:
        return type(value["salt"]) is str and _SALT.fullmatch(value["salt"]) is not None
    return value.keys() == {"by", "reason"} and all(
        type(text) is str and text.strip() != "" for text in value.values()
    )


def _opened(taken: PayloadTaken, openings: JsonObject) -> PayloadTaken:
    """Put opened values in their places, and note the first opening that is wrong."""
    where: dict[str, Any] = {"id": taken.place[0], "seq": taken.place[1]}
    problem: BundleError | None = None
    left = dict(openings)
    for name, expected in closed_places(taken.payload):
        opening = openings.get(expected)
        left.pop(expected, None)
        if opening is None:
            problem = problem or FieldMissing(name=brief(name), **where)
        elif "value" in opening and field_digest(name, opening) != expected:
            problem = problem or FieldDiffers(name=brief(name), **where)
    if left:
        problem = problem or FieldUnexpected(commitment=min(left), **where)
    values = {key: each["value"] for key, each in openings.items() if "value" in each}
    payload = with_values(taken.payload, values)
    return PayloadTaken(
        taken.place, taken.commitment, payload, problem, len(openings) - len(values)
    )


def field_digest(name: str, opening: JsonObject) -> str:
    """Give the commitment of an opening for a field of this name."""
    salted = b"\x11" + bytes.fromhex(opening["salt"])
    return hashlib.sha256(salted + encode_canonical([name, opening["value"]])).hexdigest()
