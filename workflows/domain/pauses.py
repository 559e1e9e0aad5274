"""Pauses of clocks: days that do not count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from workflows.domain.errors import InvalidInput

# A stretch of days that do not count: after the first date, up to the second.
Idle: TypeAlias = tuple[date, date]


class InvalidPause(InvalidInput):
    """A pause from {from_on} cannot end on {to_on}."""

    code = "invalid_pause"
    from_on: date
    to_on: date


@dataclass(frozen=True, slots=True)
class Pause:
    """A stop of a clock: why, and who allowed it; open while ``to_on`` is null."""

    from_on: date
    to_on: date | None
    reason: str
    approver: str

    def __post_init__(self) -> None:
        """Refuse a pause that ends before it begins."""
        if self.to_on is not None and self.to_on < self.from_on:
            raise InvalidPause(from_on=self.from_on, to_on=self.to_on)


def merge_pauses(pauses: Sequence[Pause], at: date | None = None) -> tuple[Idle, ...]:
    """Give the stretches of days that do not count, in order, apart from each other.

    Pauses of no day are left out, and so are open ones unless ``at`` closes them.
    """
    closed = sorted(
        (pause.from_on, end)
        for pause in pauses
        if (end := pause.to_on if pause.to_on is not None else at) is not None
        and end > pause.from_on
    )
    merged: list[Idle] = []
    for from_on, to_on in closed:
        if merged and from_on <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], to_on))
        else:
            merged.append((from_on, to_on))
    return tuple(merged)
