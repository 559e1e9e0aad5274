"""What the state of a case is made of. Part of verify.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that is open; ``task`` is path#n."""

    task: str
    activity: str
    rung: int
    office: str
    roles: tuple[str, ...]
    claimant: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Give the task as it stands in a state line."""
        return {
            "task": self.task,
            "activity": self.activity,
            "rung": self.rung,
            "office": self.office,
            "roles": list(self.roles),
            "claimant": self.claimant,
        }


@dataclass(frozen=True, slots=True)
class RunningClock:
    """A clock that runs or is paused; dates and times are the journal's text."""

    clock: str
    rule: str
    task: str | None
    anchor_on: str
    budget: int
    unit: str
    due_on: str
    due_at: str
    provisional: bool
    paused: bool = False

    def to_json(self) -> dict[str, Any]:
        """Give the clock as it stands in a state line."""
        return {
            "clock": self.clock,
            "rule": self.rule,
            "due_on": self.due_on,
            "due_at": self.due_at,
            "provisional": self.provisional,
            "paused": self.paused,
        }


@dataclass(frozen=True, slots=True)
class Before:
    """The state before a record that its officer may still undo."""

    seq: int
    actor: str
    recorded_at: datetime
    refusal: str | None
    marking: str | None
    ended: bool
    facts: dict[str, Any]
    written_by: dict[str, int]
    tasks: dict[str, OpenTask]
    clocks: dict[str, RunningClock]
    entered: dict[str, int]
    last_gap: int


@dataclass(frozen=True, slots=True)
class Firing:
    """What a fired clock's record did, kept for a withdrawal."""

    opened: tuple[str, ...]
    armed: tuple[str, ...]
    fired: dict[str, RunningClock]


def same(one: Any, other: Any) -> bool:
    """Compare two JSON values; true is not 1."""
    if type(one) is not type(other):
        return False
    if type(one) is dict:
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if type(one) is list:
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)
