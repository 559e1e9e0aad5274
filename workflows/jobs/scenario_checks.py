"""What a scenario expects of a case, compared with how it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from workflows.queries.case.standing import Stand, stand_of
from workflows.store.transaction import Session


def unmet(
    session: Session, case_id: str, expected: Mapping[str, Any], today: date
) -> Iterator[str]:
    """Give a line for each expectation that the case does not meet."""
    stand = stand_of(session, case_id, today)
    for name, wanted in expected.items():
        check = _CHECKS.get(name)
        if check is None:
            yield f"{name} is no expectation; known are {', '.join(_CHECKS)}"
        else:
            yield from check(stand, wanted)


def _open(stand: Stand, wanted: Any) -> Iterator[str]:
    found = sorted(task.activity for task in stand.tasks)
    if found != sorted(wanted):
        yield f"open: expected {sorted(wanted)}, found {found}"


def _due(stand: Stand, wanted: Mapping[str, Any]) -> Iterator[str]:
    for name, on in wanted.items():
        found = stand.due_of(name)
        if found != _day(on):
            yield f"due {name}: expected {on}, found {found}"


def _colour(stand: Stand, wanted: Mapping[str, str]) -> Iterator[str]:
    for name, colour in wanted.items():
        found = stand.colour_of(name)
        if found != colour:
            yield f"colour {name}: expected {colour}, found {found}"


def _facts(stand: Stand, wanted: Mapping[str, Any]) -> Iterator[str]:
    for name, value in wanted.items():
        plain = value.isoformat() if isinstance(value, date) else value
        if stand.facts.get(name) != plain:
            yield f"fact {name}: expected {plain}, found {stand.facts.get(name)}"


def _effects(stand: Stand, wanted: Mapping[str, Any]) -> Iterator[str]:
    for kind, until in wanted.items():
        found = stand.effects.get(kind, "none")
        expected = until if until == "none" else None if until == "open" else _day(until)
        if found != expected:
            yield f"effect {kind}: expected until {until}, found {found}"


def _same(name: str) -> Callable[[Stand, Any], Iterator[str]]:
    def check(stand: Stand, wanted: Any) -> Iterator[str]:
        found = getattr(stand, name)
        if found != wanted:
            yield f"{name}: expected {wanted}, found {found}"

    return check


def _day(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value))


_CHECKS: Mapping[str, Callable[[Stand, Any], Iterator[str]]] = {
    "open": _open,
    "due": _due,
    "colour": _colour,
    "facts": _facts,
    "effects": _effects,
    "rung": _same("rung"),
    "ended": _same("ended"),
    "outcome": _same("outcome"),
    "state": _same("state"),
}
