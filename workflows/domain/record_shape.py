"""The shape of a record and of a payload as JSON, checked key by key.

The journal's page of bytes is the source. This module is read by the domain and
copied into every bundle's verify.py, so it needs the standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeAlias

from workflows.domain.journal_errors import JournalError
from workflows.domain.record_kinds import (
    LARGEST_INTEGER,
    ZERO_HASH,
    BudgetUnit,
    MoveReason,
    RecordKind,
    Source,
    StreamKind,
    TriggerKind,
)

JsonObject: TypeAlias = Mapping[str, Any]
KeyCheck: TypeAlias = tuple[str, Callable[[Any], bool], str]


class RecordInvalid(JournalError):
    """Record {id} seq {seq}: {key} is {value}, but must be {expected}."""

    code = "record_invalid"


class PayloadInvalid(JournalError):
    """Payload of {id} seq {seq}: {key} is {value}, but must be {expected}."""

    code = "payload_invalid"


_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PLACE = re.compile(r"[^#\s]+#[1-9][0-9]*")
_HASH = re.compile(r"[0-9a-f]{64}")
_DEFINITION = re.compile(r"[0-9a-f]{64}/[^/\s]+")
_STREAM_ID = re.compile(r"[ch]_[a-z2-7]{26}")
_ACTOR = re.compile(r"u_[a-z2-7]{26}|system:(?:init|sweep|sequencer|migration|calendar|packs)")
_ACCOUNT = re.compile(r"u_[a-z2-7]{26}")
_PERSON = re.compile(r"p_[a-z2-7]{26}")
_OFFICE = re.compile(r"o_[a-z2-7]{26}")


def is_time(value: Any) -> bool:
    """Tell whether this is a UTC time with microseconds and Z."""
    if type(value) is not str or _TIME.fullmatch(value) is None:
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_date(value: Any) -> bool:
    """Tell whether this is a date as YYYY-MM-DD."""
    if type(value) is not str or _DATE.fullmatch(value) is None:
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_hash(value: Any) -> bool:
    """Tell whether this is a SHA-256 in lower-case hex."""
    return type(value) is str and _HASH.fullmatch(value) is not None


def is_stream_id(value: Any) -> bool:
    """Tell whether this is the id of a case or of a house stream."""
    return type(value) is str and _STREAM_ID.fullmatch(value) is not None


def is_count(value: Any) -> bool:
    """Tell whether this is a whole number from 1."""
    return type(value) is int and 0 < value <= LARGEST_INTEGER


def _text(value: Any) -> bool:
    return type(value) is str and value != ""


def _integer(value: Any) -> bool:
    return type(value) is int and -LARGEST_INTEGER <= value <= LARGEST_INTEGER


def _size(value: Any) -> bool:
    return type(value) is int and 0 <= value <= LARGEST_INTEGER


def _truth(value: Any) -> bool:
    return value is True or value is False


def _matching(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    fullmatch = pattern.fullmatch
    return lambda value: type(value) is str and fullmatch(value) is not None


def _one_of(names: type[StrEnum]) -> Callable[[Any], bool]:
    values = frozenset(name.value for name in names)
    return lambda value: type(value) is str and value in values


def _nullable(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or check(value)


def _list_of(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    def is_list(value: Any) -> bool:
        return type(value) is list and (not value or all(map(check, value)))

    return is_list


def _object_of(*checks: KeyCheck) -> Callable[[Any], bool]:
    keys = {key for key, _, _ in checks}
    pairs = tuple((key, check) for key, check, _ in checks)

    def is_object(value: Any) -> bool:
        if type(value) is not dict or value.keys() != keys:
            return False
        # No generator: this runs for every effect of every record.
        return False not in [check(value[key]) for key, check in pairs]

    return is_object


def _trace_entry(value: Any) -> bool:
    return type(value) is list and len(value) == 2 and _text(value[0]) and _truth(value[1])


_place = _matching(_PLACE)
_office = _matching(_OFFICE)
_account = _matching(_ACCOUNT)

_OPENED = _object_of(
    ("task", _place, ""),
    ("activity", _text, ""),
    ("rung", lambda value: type(value) is int and 0 <= value <= 4, ""),
    ("office", _office, ""),
    ("roles", _list_of(_text), ""),
)
_ASSIGNED = _object_of(
    ("task", _place, ""), ("claimant", _nullable(_account), ""), ("office", _office, "")
)
_ARMED = _object_of(
    ("clock", _place, ""),
    ("rule", _text, ""),
    ("task", _nullable(_place), ""),
    ("anchor_on", is_date, ""),
    ("budget", _integer, ""),
    ("unit", _one_of(BudgetUnit), ""),
    ("due_on", is_date, ""),
    ("due_at", is_time, ""),
    ("provisional", _truth, ""),
)
_MOVED = _object_of(
    ("clock", _place, ""),
    ("due_on", is_date, ""),
    ("due_at", is_time, ""),
    ("provisional", _truth, ""),
    ("why", _one_of(MoveReason), ""),
)
_ABOUT = _object_of(("id", is_stream_id, ""), ("seq", is_count, ""))
_TRIGGER = _object_of(("type", _one_of(TriggerKind), ""), ("name", _text, ""), ("ref", _text, ""))

_PLACES = "a list of path#n"
_EFFECT_CHECKS: tuple[KeyCheck, ...] = (
    ("opened", _list_of(_OPENED), "a list of {task, activity, rung 0-4, office, roles}"),
    ("assigned", _list_of(_ASSIGNED), "a list of {task, claimant, office}"),
    ("closed", _list_of(_place), _PLACES),
    ("armed", _list_of(_ARMED), "a list of armed clocks"),
    ("moved", _list_of(_MOVED), "a list of {clock, due_on, due_at, provisional, why}"),
    ("paused", _list_of(_place), _PLACES),
    ("resumed", _list_of(_place), _PLACES),
    ("cancelled", _list_of(_place), _PLACES),
    ("fired", _list_of(_place), _PLACES),
    ("thrown", _list_of(_text), "a list of message names"),
    ("ended", _truth, "true or false"),
)
_EFFECT_KEYS = frozenset(key for key, _, _ in _EFFECT_CHECKS)

_RECORD_CHECKS: tuple[KeyCheck, ...] = (
    ("v", lambda value: type(value) is int and value == 1, "1"),
    ("stream", _one_of(StreamKind), "case or house"),
    ("id", is_stream_id, "the id of a case or house stream"),
    ("seq", is_count, "a whole number from 1"),
    ("prev", is_hash, "a SHA-256 in hex"),
    ("kind", _one_of(RecordKind), "a known kind"),
    ("recorded_at", is_time, "a UTC time with microseconds"),
    ("occurred_at", is_time, "a UTC time with microseconds"),
    ("actor", _matching(_ACTOR), "an account or a known part of the system"),
    ("trigger", _TRIGGER, "{type, name, ref}"),
    ("trace", _list_of(_trace_entry), "a list of [expression id, true or false]"),
)
_NULLABLE_CHECKS: tuple[KeyCheck, ...] = (
    ("role", _text, "null or a role"),
    ("office", _office, "null or an office"),
    ("acting_for", _account, "null or an account"),
    ("delegation", _text, "null or the id of a delegation"),
    ("performed_by", _matching(_PERSON), "null or a person"),
    ("source", _one_of(Source), "null, paper or upload"),
    ("about", _ABOUT, "null or {id, seq}"),
    ("definition", _matching(_DEFINITION), "null or <pack hash>/<process id>"),
    ("from", is_hash, "null or a marking hash"),
    ("to", is_hash, "null or a marking hash"),
    ("calendar", is_hash, "null or a calendar's version hash"),
    ("basis", _text, "null or an id of the basis library"),
    ("payload", is_hash, "null or a commitment"),
)
RECORD_KEYS = frozenset(key for key, _, _ in _RECORD_CHECKS + _NULLABLE_CHECKS) | {"effects"}

_KINDS_ABOUT_A_RECORD = frozenset(
    (
        RecordKind.WITHDRAWN.value,
        RecordKind.CORRECTED.value,
        RecordKind.UNDONE.value,
        RecordKind.PAYLOAD_ERASED.value,
    )
)
_KINDS_WITHOUT_EFFECTS = frozenset(
    (RecordKind.UNDONE.value, RecordKind.PAYLOAD_ERASED.value, RecordKind.HOUSE.value)
)
_HOUSE_KINDS = frozenset((RecordKind.HOUSE.value, RecordKind.PAYLOAD_ERASED.value))


def check_record(record: Any) -> None:
    """Make sure this is a record with exactly the journal's keys and types.

    Raises:
        RecordInvalid: naming the first key that is wrong.
    """
    if type(record) is not dict:
        raise RecordInvalid(id="?", seq="?", key="record", value=brief(record), expected="object")
    if record.keys() != RECORD_KEYS:
        odd = sorted(record.keys() ^ RECORD_KEYS)
        raise _invalid(record, "keys", odd, "exactly the journal's keys")
    for key, is_right, expected in _RECORD_CHECKS:
        if not is_right(record[key]):
            raise _invalid(record, key, record[key], expected)
    for key, is_right, expected in _NULLABLE_CHECKS:
        value = record[key]
        if value is not None and not is_right(value):
            raise _invalid(record, key, value, expected)
    _check_effects(record)
    _check_agreement(record)


def _check_effects(record: JsonObject) -> None:
    effects = record["effects"]
    if type(effects) is not dict or effects.keys() != _EFFECT_KEYS:
        raise _invalid(record, "effects", effects, "exactly the journal's eleven effects")
    for key, is_right, expected in _EFFECT_CHECKS:
        if not is_right(effects[key]):
            raise _invalid(record, f"effects.{key}", effects[key], expected)


def _check_agreement(record: JsonObject) -> None:
    """Make sure that the keys agree with each other."""
    kind, stream = record["kind"], record["stream"]
    if record["id"][0] != stream[0]:
        raise _invalid(record, "id", record["id"], f"an id of a {stream} stream")
    if (record["seq"] == 1) != (record["prev"] == ZERO_HASH):
        raise _invalid(record, "prev", record["prev"], "zeros for seq 1 and only there")
    if stream == "house":
        if kind not in _HOUSE_KINDS or record["from"] is not None or record["to"] is not None:
            raise _invalid(record, "kind", kind, "house, without markings, in a house stream")
    elif kind == "house" or (record["seq"] == 1) != (kind == "case_opened"):
        raise _invalid(record, "kind", kind, "case_opened for seq 1 of a case and only there")
    if kind in _KINDS_ABOUT_A_RECORD:
        about = record["about"]
        if about is None or about["id"] != record["id"] or about["seq"] >= record["seq"]:
            raise _invalid(record, "about", about, "an earlier record of the same stream")
    if kind in _KINDS_WITHOUT_EFFECTS and any(record["effects"].values()):
        raise _invalid(record, "effects", record["effects"], f"empty for {kind}")
    if kind == "corrected":
        _check_correction(record)


def _check_correction(record: JsonObject) -> None:
    if record["to"] is not None:
        raise _invalid(record, "to", record["to"], "null: a correction moves no marking")
    if any(value for key, value in record["effects"].items() if key != "opened"):
        raise _invalid(record, "effects", record["effects"], "opened tasks only for corrected")


def _invalid(record: JsonObject, key: str, value: Any, expected: str) -> RecordInvalid:
    return RecordInvalid(
        id=brief(record.get("id")),
        seq=brief(record.get("seq")),
        key=key,
        value=brief(value),
        expected=expected,
    )


def brief(value: Any) -> str:
    """Show a value in at most 80 characters of ASCII."""
    shown = ascii(value)
    return shown if len(shown) <= 80 else f"{shown[:77]}..."


def _named(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    def is_mapping(value: Any) -> bool:
        return type(value) is dict and all(map(check, value.values()))

    return is_mapping


def _link(value: Any) -> bool:
    return _text(value) or (type(value) is list and all(map(_text, value)))


_PAYLOAD_CHECKS: tuple[KeyCheck, ...] = (
    (
        "facts",
        _named(lambda value: type(value) is dict and value.keys() == {"old", "new"}),
        "facts, each with old and new",
    ),
    ("form", lambda value: type(value) is dict, "an object"),
    ("trace_values", lambda value: type(value) is dict, "an object"),
    ("reason", _nullable(lambda value: type(value) is str), "null or text"),
    ("links", _named(_link), "names with an id or a list of ids"),
    (
        "attachments",
        _list_of(_object_of(("name", _text, ""), ("sha256", is_hash, ""), ("bytes", _size, ""))),
        "a list of {name, sha256, bytes}",
    ),
)
PAYLOAD_KEYS = frozenset(key for key, _, _ in _PAYLOAD_CHECKS)


def check_payload(payload: Any, stream_id: str, seq: int) -> None:
    """Make sure this is a payload with exactly the journal's keys and types.

    Raises:
        PayloadInvalid: naming the first key that is wrong.
    """
    where = {"id": stream_id, "seq": seq}
    if type(payload) is not dict or payload.keys() != PAYLOAD_KEYS:
        found = sorted(payload) if isinstance(payload, dict) else payload
        raise PayloadInvalid(
            **where, key="payload", value=brief(found), expected="exactly the payload's keys"
        )
    for key, is_right, expected in _PAYLOAD_CHECKS:
        if not is_right(payload[key]):
            raise PayloadInvalid(**where, key=key, value=brief(payload[key]), expected=expected)
