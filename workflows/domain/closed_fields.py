"""Closed values: what a payload commits to by itself, so that it alone can be withheld.

Where a form marks a field as person-level, the payload holds ``{"commitment": hex}`` in the
value's place, and the opening (salt and value) lies beside it. Part of verify.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Set
from typing import Any

from workflows.domain.record_kinds import ZERO_HASH
from workflows.domain.record_shape import JsonObject, is_hash

_KEY = "commitment"
# In canonical bytes nothing else looks like this: in a text the quotes would be escaped.
CLOSED_MARK = b'{"commitment":"'
# Stands for a value that its reader may not see, where no bundle is made.
COVER: Mapping[str, str] = {_KEY: ZERO_HASH}


def is_closed(value: Any) -> bool:
    """Tell whether this stands for a value that is committed to by itself."""
    return type(value) is dict and value.keys() == {_KEY} and is_hash(value[_KEY])


def closed_places(payload: JsonObject) -> Iterator[tuple[str, str]]:
    """Give the name and the commitment of each closed value, in the payload's order."""
    for name, value in _values(payload):
        if is_closed(value):
            yield name, value[_KEY]


def with_values(payload: JsonObject, values: Mapping[str, Any]) -> dict[str, Any]:
    """Give a payload with the values of these commitments in their places."""

    def shown(_: str, value: Any) -> Any:
        return values.get(value[_KEY], value) if is_closed(value) else value

    return _with(payload, shown)


def covered(payload: JsonObject, names: Collection[str]) -> dict[str, Any]:
    """Give a payload with a cover over the values of these names."""

    def shown(name: str, value: Any) -> Any:
        return dict(COVER) if name in names and value is not None else value

    return _with(payload, shown)


def closed_with(payload: JsonObject, names: Collection[str], commit: Any) -> dict[str, Any]:
    """Give a payload in which ``commit(name, value)`` stands for each value of these names."""

    def shown(name: str, value: Any) -> Any:
        return {_KEY: commit(name, value)} if name in names and value is not None else value

    return _with(payload, shown)


def _values(payload: JsonObject) -> Iterator[tuple[str, Any]]:
    """Give what may be closed: form values, facts before and after, operands of conditions."""
    yield from payload.get("form", {}).items()
    for name, change in payload.get("facts", {}).items():
        yield name, change["old"]
        yield name, change["new"]
    for operands in payload.get("trace_values", {}).values():
        if type(operands) is dict:
            yield from operands.items()


def holds_any(payload: JsonObject, names: Set[str]) -> bool:
    """Tell whether a payload holds something that is to be closed."""
    if not names:
        return False
    asked = [each for each in payload["trace_values"].values() if type(each) is dict]
    return not all(map(names.isdisjoint, [payload["form"], payload["facts"], *asked]))


def _with(payload: JsonObject, shown: Any) -> dict[str, Any]:
    def each(values: JsonObject) -> dict[str, Any]:
        return {name: shown(name, value) for name, value in values.items()}

    changed = dict(payload)
    if "form" in payload:
        changed["form"] = each(payload["form"])
    if "facts" in payload:
        changed["facts"] = {
            name: {key: shown(name, value) for key, value in change.items()}
            for name, change in payload["facts"].items()
        }
    if "trace_values" in payload:
        changed["trace_values"] = {
            key: each(operands) if type(operands) is dict else operands
            for key, operands in payload["trace_values"].items()
        }
    return changed
