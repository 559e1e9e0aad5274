"""What a record changes: tasks, clocks, the end; and how the journal writes times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Self

from workflows.domain.errors import DubanError
from workflows.domain.record_kinds import BudgetUnit, MoveReason
from workflows.domain.record_shape import JsonObject


class NaiveTime(DubanError):
    """{value} says no time zone; the journal takes aware times only."""

    code = "naive_time"


@lru_cache(maxsize=1024)
def format_time(moment: datetime) -> str:
    """Write an aware time as UTC with microseconds and Z."""
    if moment.tzinfo is not UTC:
        if moment.utcoffset() is None:
            raise NaiveTime(value=moment.isoformat())
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="microseconds")[:26] + "Z"


def parse_time(text: str) -> datetime:
    """Read a time that ``format_time`` wrote."""
    return datetime.fromisoformat(text).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Opened:
    """A task that a record opens; ``rung`` is 0 where an activity lies on none."""

    task: str
    activity: str
    rung: int
    office: str
    roles: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Give the JSON object."""
        return {
            "task": self.task,
            "activity": self.activity,
            "rung": self.rung,
            "office": self.office,
            "roles": list(self.roles),
        }


@dataclass(frozen=True, slots=True)
class Assigned:
    """A task's claimant and office from now on."""

    task: str
    claimant: str | None
    office: str

    def to_json(self) -> dict[str, Any]:
        """Give the JSON object."""
        return {"task": self.task, "claimant": self.claimant, "office": self.office}


@dataclass(frozen=True, slots=True)
class Armed:
    """A clock that starts; for the unit ``date`` the budget is 0."""

    clock: str
    rule: str
    task: str | None
    anchor_on: date
    budget: int
    unit: BudgetUnit
    due_on: date
    due_at: datetime
    provisional: bool = False

    def to_json(self) -> dict[str, Any]:
        """Give the JSON object."""
        return {
            "clock": self.clock,
            "rule": self.rule,
            "task": self.task,
            "anchor_on": self.anchor_on.isoformat(),
            "budget": self.budget,
            "unit": self.unit.value,
            "due_on": self.due_on.isoformat(),
            "due_at": format_time(self.due_at),
            "provisional": self.provisional,
        }

    @classmethod
    def from_json(cls, value: JsonObject) -> Self:
        """Read the JSON object of a checked record."""
        return cls(
            clock=value["clock"],
            rule=value["rule"],
            task=value["task"],
            anchor_on=date.fromisoformat(value["anchor_on"]),
            budget=value["budget"],
            unit=BudgetUnit(value["unit"]),
            due_on=date.fromisoformat(value["due_on"]),
            due_at=parse_time(value["due_at"]),
            provisional=value["provisional"],
        )


@dataclass(frozen=True, slots=True)
class Moved:
    """A clock's new due date and why it has one."""

    clock: str
    due_on: date
    due_at: datetime
    provisional: bool
    why: MoveReason

    def to_json(self) -> dict[str, Any]:
        """Give the JSON object."""
        return {
            "clock": self.clock,
            "due_on": self.due_on.isoformat(),
            "due_at": format_time(self.due_at),
            "provisional": self.provisional,
            "why": self.why.value,
        }

    @classmethod
    def from_json(cls, value: JsonObject) -> Self:
        """Read the JSON object of a checked record."""
        return cls(
            clock=value["clock"],
            due_on=date.fromisoformat(value["due_on"]),
            due_at=parse_time(value["due_at"]),
            provisional=value["provisional"],
            why=MoveReason(value["why"]),
        )


@dataclass(frozen=True, slots=True)
class Effects:
    """What a record changes in the state of its case."""

    opened: tuple[Opened, ...] = ()
    assigned: tuple[Assigned, ...] = ()
    closed: tuple[str, ...] = ()
    armed: tuple[Armed, ...] = ()
    moved: tuple[Moved, ...] = ()
    paused: tuple[str, ...] = ()
    resumed: tuple[str, ...] = ()
    cancelled: tuple[str, ...] = ()
    fired: tuple[str, ...] = ()
    thrown: tuple[str, ...] = ()
    ended: bool = False

    def to_json(self) -> dict[str, Any]:
        """Give the JSON object."""
        return {
            "opened": [task.to_json() for task in self.opened] if self.opened else [],
            "assigned": [task.to_json() for task in self.assigned] if self.assigned else [],
            "closed": list(self.closed),
            "armed": [clock.to_json() for clock in self.armed] if self.armed else [],
            "moved": [clock.to_json() for clock in self.moved] if self.moved else [],
            "paused": list(self.paused),
            "resumed": list(self.resumed),
            "cancelled": list(self.cancelled),
            "fired": list(self.fired),
            "thrown": list(self.thrown),
            "ended": self.ended,
        }

    @classmethod
    def from_json(cls, value: JsonObject) -> Self:
        """Read the JSON object of a checked record."""
        return cls(
            opened=tuple(
                Opened(**{**task, "roles": tuple(task["roles"])}) for task in value["opened"]
            ),
            assigned=tuple(Assigned(**task) for task in value["assigned"]),
            closed=tuple(value["closed"]),
            armed=tuple(Armed.from_json(clock) for clock in value["armed"]),
            moved=tuple(Moved.from_json(clock) for clock in value["moved"]),
            paused=tuple(value["paused"]),
            resumed=tuple(value["resumed"]),
            cancelled=tuple(value["cancelled"]),
            fired=tuple(value["fired"]),
            thrown=tuple(value["thrown"]),
            ended=value["ended"],
        )


NO_EFFECTS = Effects()
