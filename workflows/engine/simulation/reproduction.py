"""A move in memory as a record would tell it, held against the record that there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from workflows.domain.records import format_time
from workflows.domain.steps import Facts
from workflows.engine.definition import Activity, Definition
from workflows.engine.simulation.books import Book
from workflows.engine.simulation.deeds import Deed
from workflows.engine.walk import Change, RunningTerm

_UNORDERED = ("moved", "paused", "resumed")


class Told(NamedTuple):
    """A move of a case, with what it knew before and what was typed."""

    definition: Definition
    change: Change
    before: Facts
    typed: Facts
    office_of: Callable[[Activity], str]


class Difference(NamedTuple):
    """Where a case played again first goes another way than its records."""

    case: str
    seq: int
    what: str
    recorded: str
    played: str


def first_difference(book: Book, number: str, deed: Deed, move: Told) -> Difference | None:
    """Compare a move with its record: marking, effects with dates, trace, facts, outcome."""
    if _is_as_recorded(book, deed, move):
        return None
    record, payload, told = deed.record, deed.payload, _tell(book, move)
    pairs = {
        "to": (record["to"], told["to"]),
        "trace": (record["trace"], told["trace"]),
        "outcome": (_outcome(payload), told["outcome"]),
        "facts": (payload["facts"], _facts(move)),
    }
    for name, value in record["effects"].items():
        pairs[f"effects.{name}"] = _ordered(name, value), _ordered(name, told["effects"][name])
    for what, (recorded, played) in pairs.items():
        if recorded != played:
            return Difference(number, deed.seq, what, _brief(recorded), _brief(played))
    return None


def _is_as_recorded(book: Book, deed: Deed, move: Told) -> bool:
    """Say whether a record tells this very move, without writing it down as a record.

    Most are, so this is asked for every record, and what differs is looked for after.
    """
    record, payload, change = deed.record, deed.payload, move.change
    effects, step = record["effects"], change.step
    outline = book.outline(move.definition, step)
    return (
        record["to"] == step.marking_hash
        and record["trace"] == outline.trace
        and effects["closed"] == change.closed
        and effects["thrown"] == outline.thrown
        and effects["ended"] is step.ended
        and not effects["assigned"]
        and _are(effects["cancelled"], change.cancelled)
        and _are(effects["fired"], change.fired)
        and _are_armed(effects["armed"], change.armed)
        and _are_opened(effects["opened"], move, outline.activities)
        and _are_turned(effects, change)
        and _outcome(payload) == (step.outcome or None)
        and _are_facts(payload["facts"], move)
    )


def _outcome(payload: Mapping[str, Any]) -> Any:
    carried_out = payload["form"].get("carried_out")
    return carried_out.get("outcome") if carried_out else None


def _are_turned(effects: Mapping[str, Any], change: Change) -> bool:
    """Compare which clocks were stopped, went on and moved; records list them in any order."""
    if not (change.moved or change.paused or change.resumed):
        return not (effects["moved"] or effects["paused"] or effects["resumed"])
    told = _turned(change)
    return all(_ordered(name, effects[name]) == _ordered(name, told[name]) for name in _UNORDERED)


def _are(recorded: Sequence[str], clocks: Sequence[RunningTerm]) -> bool:
    if not clocks:
        return not recorded
    return recorded == [clock.place for clock in clocks]


def _are_armed(recorded: Sequence[Mapping[str, Any]], clocks: Sequence[RunningTerm]) -> bool:
    if len(recorded) != len(clocks):
        return False
    for each, clock in zip(recorded, clocks, strict=True):
        due, term, due_of = clock.due, clock.term, clock.due_of
        if (
            each["clock"] != clock.place
            or each["due_on"] != _day(due.due_on)
            or each["due_at"] != _written(due.due_at)
            or each["anchor_on"] != _day(term.anchor_on)
            or each["rule"] != clock.rule
            or each["budget"] != term.budget.amount
            or each["unit"] != term.budget.unit
            or each["provisional"] is not due.provisional
            or each["task"] != (due_of if due_of is not None and "#" in due_of else None)
        ):
            return False
    return True


def _are_opened(
    recorded: Sequence[Mapping[str, Any]], move: Told, activities: Sequence[Activity]
) -> bool:
    places = move.change.opened
    if len(recorded) != len(places):
        return False
    for each, activity, place in zip(recorded, activities, places, strict=True):
        if (
            each["task"] != place
            or each["activity"] != activity.id
            or each["rung"] != (activity.rung or 0)
            or each["office"] != move.office_of(activity)
            or tuple(each["roles"]) != activity.roles
        ):
            return False
    return True


def _are_facts(recorded: Mapping[str, Any], move: Told) -> bool:
    written, before = move.change.step.facts_written, move.before.get
    if written:
        return recorded == _facts(move)
    count = 0
    for name, value in move.typed.items():
        old = before(name)
        if old != value:
            known = recorded.get(name)
            if known is None or known["new"] != value or known["old"] != old:
                return False
            count += 1
    return count == len(recorded)


def _tell(book: Book, move: Told) -> dict[str, Any]:
    """Tell what a step did as its record would."""
    definition, change = move.definition, move.change
    step = change.step
    outline = book.outline(definition, step)
    return {
        "to": step.marking_hash,
        "trace": outline.trace,
        "outcome": step.outcome or None,
        "effects": {
            "opened": [
                {
                    "task": place,
                    "activity": activity.id,
                    "rung": activity.rung or 0,
                    "office": move.office_of(activity),
                    "roles": list(activity.roles),
                }
                for place, activity in zip(change.opened, outline.activities, strict=True)
            ],
            "assigned": [],
            "closed": list(change.closed),
            "armed": [_armed(clock) for clock in change.armed],
            **_turned(change),
            "cancelled": [clock.place for clock in change.cancelled],
            "fired": [clock.place for clock in change.fired],
            "thrown": outline.thrown,
            "ended": step.ended,
        },
    }


def _facts(move: Told) -> dict[str, dict[str, Any]]:
    """Tell which facts a step changed, as its payload would."""
    written = {**move.typed, **move.change.step.facts_written}
    return {
        name: {"old": move.before.get(name), "new": value}
        for name, value in written.items()
        if move.before.get(name) != value
    }


def _turned(change: Change) -> dict[str, Any]:
    return {
        "moved": [
            {"clock": clock.place, **_due(clock), "why": why.value} for clock, why in change.moved
        ],
        "paused": [clock.place for clock in change.paused],
        "resumed": [clock.place for clock in change.resumed],
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
_day = lru_cache(maxsize=10_000)(date.isoformat)


def _ordered(name: str, value: Any) -> Any:
    """Give what a record lists in the order of rows in one order."""
    return sorted(value, key=str) if name in _UNORDERED else value


def _brief(value: object) -> str:
    text = str(value)
    return text if len(text) <= 200 else f"{text[:199]}…"
