"""Canonical JSON: RFC 8785 under the journal's restrictions (AUDIT.md, "Canonical form")."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from workflows.domain.journal_errors import JournalError
from workflows.domain.record_kinds import LARGEST_INTEGER
from workflows.domain.record_shape import check_record
from workflows.domain.records import JsonValue


class NotCanonical(JournalError):
    """{value} has no canonical form: {reason}."""

    code = "not_canonical"


def canonical(value: JsonValue) -> bytes:
    """Write a value in canonical form.

    Raises:
        NotCanonical: for a float, an integer of 2^53 or more, a key that is not
            ASCII text, a lone surrogate, or a type that JSON does not have.
    """
    _check_restrictions(value)
    return _dump(value)


def canonical_record(record: Mapping[str, Any]) -> bytes:
    """Make sure that this is a record and write it in canonical form.

    The check of its keys and types spares the walk over all values.

    Raises:
        RecordInvalid: naming the first key that is wrong.
    """
    check_record(record)
    return _dump(record)


def sha256_hex(content: bytes) -> str:
    """Give the SHA-256 in lower-case hex."""
    return hashlib.sha256(content).hexdigest()


def record_hash(record: Mapping[str, Any]) -> str:
    """Give the hash by which the next record of the stream names this one."""
    return sha256_hex(canonical(record))


def _dump(value: object) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise NotCanonical(value=type(value).__name__, reason=str(error)) from error


def _check_restrictions(value: object) -> None:
    """Walk over a value without recursion, so that depth is the encoder's own refusal."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if item is None or isinstance(item, (str, bool)):
            continue
        if isinstance(item, int):
            if abs(item) > LARGEST_INTEGER:
                raise NotCanonical(value=ascii(item)[:80], reason="integers stay within 2^53")
        elif isinstance(item, dict):
            _check_keys(item)
            waiting.extend(item.values())
        elif isinstance(item, (list, tuple)):
            waiting.extend(item)
        else:
            raise NotCanonical(
                value=ascii(item)[:80], reason=f"{type(item).__name__} is not allowed"
            )


def _check_keys(item: dict[object, object]) -> None:
    for key in item:
        if not isinstance(key, str) or not key.isascii():
            raise NotCanonical(value=ascii(key)[:80], reason="keys are ASCII text")
