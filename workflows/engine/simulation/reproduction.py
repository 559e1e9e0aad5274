"""A move in memory as a record would tell it, held against the record that there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from workflows.domain.records import format_time
from workflows.domain.steps import Facts
from workflows.engine.definition import Activity, Definition
from workflows.engine.simulation.books import Book
from workflows.engine.simulation.deeds import Deed
from workflows.engine.walk import Change, RunningTerm

_UNORDERED = ("moved", "paused", "resumed")


class Difference(NamedTuple):
    """Where a case played again first goes another way than its records."""

    case: str
    seq: int
    what: str
    recorded: str
    played: str


def first_difference(
    number: str, deed: Deed, told: Mapping[str, Any], facts: Mapping[str, Any]
) -> Difference | None:
    """Compare a move with its record: marking, effects with dates, trace, facts, outcome."""
    record, payload = deed.record, deed.payload
    outcome = payload["form"].get("carried_out", {}).get("outcome")
    pairs = {
        "to": (record["to"], told["to"]),
        "trace": (record["trace"], told["trace"]),
        "outcome": (outcome, told["outcome"]),
        "facts": (payload["facts"], facts),
    }
    if record["effects"] != told["effects"]:
        for name, value in record["effects"].items():
            played = told["effects"][name]
            pairs[f"effects.{name}"] = _ordered(name, value), _ordered(name, played)
    for what, (recorded, played) in pairs.items():
        if recorded != played:
            return Difference(number, deed.seq, what, _brief(recorded), _brief(played))
    return None


def tell(
    book: Book, definition: Definition, change: Change, office_of: Callable[[Activity], str]
) -> dict[str, Any]:
    """Tell what a step did as its record would."""
    step = change.step
    sent = [
        call.parameters.get("message") for call in step.operations if call.name == "send_message"
    ]
    activities = [book.activity(definition, task.path) for task in step.opened]
    return {
        "to": step.marking_hash,
        "trace": [[entry.expression, entry.value] for entry in step.trace],
        "outcome": step.outcome or None,
        "effects": {
            "opened": [
                {
                    "task": place,
                    "activity": activity.id,
                    "rung": activity.rung or 0,
                    "office": office_of(activity),
                    "roles": list(activity.roles),
                }
                for place, activity in zip(change.opened, activities, strict=True)
            ],
            "assigned": [],
            "closed": list(change.closed),
            "armed": [_armed(clock) for clock in change.armed],
            "moved": [
                {"clock": clock.place, **_due(clock), "why": why.value}
                for clock, why in change.moved
            ],
            "paused": [clock.place for clock in change.paused],
            "resumed": [clock.place for clock in change.resumed],
            "cancelled": [clock.place for clock in change.cancelled],
            "fired": [clock.place for clock in change.fired],
            "thrown": [*step.thrown, *sent],
            "ended": step.ended,
        },
    }


def told_facts(before: Facts, typed: Facts, change: Change) -> dict[str, dict[str, Any]]:
    """Tell which facts a step changed, as its payload would."""
    written = {**typed, **change.step.facts_written}
    return {
        name: {"old": before.get(name), "new": value}
        for name, value in written.items()
        if before.get(name) != value
    }


def _armed(clock: RunningTerm) -> dict[str, Any]:
    is_task = clock.due_of is not None and "#" in clock.due_of
    return {
        "clock": clock.place,
        "rule": clock.rule,
        "task": clock.due_of if is_task else None,
        "anchor_on": clock.term.anchor_on.isoformat(),
        "budget": clock.term.budget.amount,
        "unit": clock.term.budget.unit,
        **_due(clock),
    }


def _due(clock: RunningTerm) -> dict[str, Any]:
    due = clock.due
    return {
        "due_on": due.due_on.isoformat(),
        "due_at": _written(due.due_at),
        "provisional": due.provisional,
    }


_written = lru_cache(maxsize=10_000)(format_time)


def _ordered(name: str, value: Any) -> Any:
    """Give what a record lists in the order of rows in one order."""
    return sorted(value, key=str) if name in _UNORDERED else value


def _brief(value: object) -> str:
    text = str(value)
    return text if len(text) <= 200 else f"{text[:199]}…"
