"""What one record changes, gathered while a step is carried out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from workflows.domain.entries import split_place
from workflows.domain.records import (
    Armed,
    Assigned,
    BudgetUnit,
    Effects,
    JsonValue,
    Moved,
    Opened,
)
from workflows.domain.steps import FactValue

__all__ = ["Changes", "place_of", "split_place"]


@dataclass(slots=True)
class Changes:
    """Effects for the record beside the rows and facts that they become.

    Rows that end or get a date are parameters of the statements that write them;
    ``incidents`` are kinds with details.

    ``carried_out`` is what rows need and a record's effects have no key for: the outcome,
    days of an extension, grounds of a pause, effects on a person. It goes into the payload.
    """

    opened: list[Opened] = field(default_factory=list)
    assigned: list[Assigned] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    armed: list[Armed] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    paused: list[str] = field(default_factory=list)
    resumed: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    fired: list[str] = field(default_factory=list)
    thrown: list[str] = field(default_factory=list)
    ended: bool = False
    facts: dict[str, FactValue] = field(default_factory=dict)
    links: dict[str, str | list[str]] = field(default_factory=dict)
    task_rows: list[dict[str, Any]] = field(default_factory=list)
    clock_rows: list[dict[str, Any]] = field(default_factory=list)
    closed_rows: list[dict[str, Any]] = field(default_factory=list)
    ended_rows: list[dict[str, Any]] = field(default_factory=list)
    dated_rows: list[dict[str, Any]] = field(default_factory=list)
    incidents: list[tuple[str, str]] = field(default_factory=list)
    opened_cases: list[str] = field(default_factory=list)
    carried_out: dict[str, JsonValue] = field(default_factory=dict)

    def note(self, what: str, place: str, value: JsonValue) -> None:
        """Note for the payload what was done at a place."""
        places = self.carried_out.setdefault(what, {})
        if isinstance(places, dict):
            places[place] = value

    def note_pause(self, place: str, reason: str, approver: str, until_on: date | None) -> None:
        """Note for the payload why a clock stands still, and up to which day if it is known."""
        noted: dict[str, JsonValue] = {"reason": reason, "approver": approver}
        if until_on is not None:
            noted["until_on"] = until_on.isoformat()
        self.note("paused", place, noted)

    def arm(self, row: dict[str, Any]) -> None:
        """Note a clock by its row; ``state`` says whether it runs or stands still."""
        self.clock_rows.append(row)
        due_of = row["due_of"] or ""
        armed = Armed(
            clock=f"{row['path']}#{row['n']}",
            rule=row["rule"],
            task=due_of if "#" in due_of else None,
            anchor_on=row["anchor_on"],
            budget=row["budget"],
            unit=BudgetUnit(row["unit"]),
            due_on=row["due_on"],
            due_at=row["due_at"],
            provisional=row["provisional"],
        )
        self.armed.append(armed)
        if row["state"] == "paused":
            self.paused.append(armed.clock)

    def effects(self) -> Effects:
        """Give the effects as the record carries them."""
        return Effects(
            opened=tuple(self.opened),
            assigned=tuple(self.assigned),
            closed=tuple(self.closed),
            armed=tuple(self.armed),
            moved=tuple(self.moved),
            paused=tuple(self.paused),
            resumed=tuple(self.resumed),
            cancelled=tuple(self.cancelled),
            fired=tuple(self.fired),
            thrown=tuple(self.thrown),
            ended=self.ended,
        )


def place_of(row: Any) -> str:
    """Write a task's or clock's row as ``path#n``."""
    return f"{row.path}#{row.n}"
