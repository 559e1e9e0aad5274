"""The picture of a matter: where each of its cases stands on the four rungs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.words import labels

BEFORE, AFTER = "before", "after"


@dataclass(frozen=True, slots=True)
class LadderCase:
    """A case as a marker on the ladder.

    ``rung`` is None before the first rung; ``passed`` are rungs that it has left behind.
    ``colour`` is one of `words.COLOURS`; ``note`` replaces the colour's word beside it.
    """

    number: str
    subject: str
    url: str
    rung: int | None
    colour: str
    due_on: date | None = None
    note: str = ""
    has_ended: bool = False
    is_current: bool = False
    passed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A rung, or the ground before or after it, with who stands there and who has passed."""

    place: str
    rung: int | None
    name: Any
    cases: tuple[LadderCase, ...] = ()
    passed: tuple[str, ...] = field(default=())


def climb(cases: Iterable[LadderCase]) -> tuple[Step, ...]:
    """Put cases on the ladder: the ground before, four rungs, the ground after."""
    standing: dict[str, list[LadderCase]] = {}
    passed: dict[str, list[str]] = {}
    for case in cases:
        place = AFTER if case.has_ended else str(case.rung) if case.rung else BEFORE
        standing.setdefault(place, []).append(case)
        for rung in case.passed:
            if str(rung) != place:
                passed.setdefault(str(rung), []).append(case.number)
    places: list[tuple[str, int | None, Any]] = [(BEFORE, None, _l("受理核实"))]
    places += [(str(rung), rung, name) for rung, name in labels.RUNGS.items()]
    places += [(AFTER, None, _l("办结"))]
    return tuple(
        Step(place, rung, name, tuple(standing.get(place, ())), tuple(passed.get(place, ())))
        for place, rung, name in places
    )
