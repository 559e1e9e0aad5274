"""Where a record and the engine disagree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from workflows.domain.errors import DubanError
from workflows.domain.record_shape import brief

_UNORDERED = ("moved", "paused", "resumed", "cancelled", "closed")


class ReplayDiffers(DubanError):
    """Case {id}, record {seq}: {what} is recorded as {recorded}, but the engine gives {reached}."""

    code: ClassVar[str] = "replay_differs"


def compare(record: Mapping[str, Any], reached: Mapping[str, Any], told: Mapping[str, Any]) -> None:
    """Hold what the engine reached against what a record and its payload tell, key by key.

    ``told`` has the recorded value of each key of ``reached``; effects are compared one by one.

    Raises:
        ReplayDiffers: Naming the first key that differs.
    """
    for what, value in reached.items():
        recorded = told[what]
        if what.startswith("effects."):
            name = what.removeprefix("effects.")
            recorded, value = _ordered(name, recorded), _ordered(name, value)
        if recorded != value:
            raise ReplayDiffers(
                id=record["id"],
                seq=record["seq"],
                what=what,
                recorded=brief(recorded),
                reached=brief(value),
            )


def _ordered(name: str, value: Any) -> Any:
    """Give what a record lists in the order of rows in one order."""
    return sorted(value, key=str) if name in _UNORDERED else value
