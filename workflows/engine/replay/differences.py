"""Where a record and the engine disagree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from workflows.domain.errors import DubanError
from workflows.domain.record_shape import brief

_UNORDERED = frozenset(
    f"effects.{name}" for name in ("moved", "paused", "resumed", "cancelled", "closed")
)


class StepNotReached(DubanError):
    """Case {id}, record {seq}: {what} is recorded as {recorded}, but the engine gives {reached}."""

    code: ClassVar[str] = "step_not_reached"


def compare(record: Mapping[str, Any], reached: Mapping[str, Any], told: Mapping[str, Any]) -> None:
    """Hold what the engine reached against what a record and its payload tell, key by key.

    ``told`` has the recorded value of each key of ``reached``; effects are compared one by one.

    Raises:
        StepNotReached: Naming the first key that differs.
    """
    for key, value in reached.items():
        one, other = _ordered(key, told[key]), _ordered(key, value)
        if one != other:
            what, recorded, found = _innermost(key, one, other)
            raise StepNotReached(
                id=record["id"],
                seq=record["seq"],
                what=what,
                recorded=brief(recorded),
                reached=brief(found),
            )


def _ordered(what: str, value: Any) -> Any:
    """Give what a record lists in the order of rows in one order."""
    return sorted(value, key=str) if what in _UNORDERED else value


def _innermost(what: str, recorded: Any, reached: Any) -> tuple[str, Any, Any]:
    """Go down to the first value that differs."""
    if isinstance(recorded, list) and isinstance(reached, list) and len(recorded) == len(reached):
        pairs: Any = enumerate(zip(recorded, reached, strict=True))
    elif (
        isinstance(recorded, dict)
        and isinstance(reached, dict)
        and recorded.keys() == reached.keys()
    ):
        pairs = ((key, (recorded[key], reached[key])) for key in recorded)
    else:
        return what, recorded, reached
    key, (one, other) = next((key, pair) for key, pair in pairs if pair[0] != pair[1])
    return _innermost(f"{what}.{key}", one, other)
