"""Which open task a recorded act belongs to under another pack: by activity id, in order.

An act is done where its activity is open at its time, or not at all. Nothing is guessed:
what does not fit is said and counted.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from workflows.domain.steps import Facts
from workflows.engine.facts import WrongFactValue
from workflows.engine.pack import Pack
from workflows.engine.simulation.deeds import Deed
from workflows.engine.walk import Walk

_TASKS = ("userTask", "manualTask")


class Reason(StrEnum):
    """Why an act no longer fits."""

    NOT_OPENED = "not_opened"
    ENDED = "ended"
    UNKNOWN = "unknown"
    NOT_OPEN = "not_open"
    SEVERAL = "several"
    REFUSED = "refused"


class Misfit(NamedTuple):
    """An act that does not fit; ``stands`` are the activities open at its time."""

    case: str
    seq: int
    activity: str
    on: date
    reason: Reason
    stands: tuple[str, ...] = ()
    error: str = ""


def activities_of(pack: Pack) -> frozenset[str]:
    """Give the ids of all human tasks and awaited messages of a pack."""
    elements = [
        element
        for definition in pack.processes.values()
        for element in definition.process.elements.values()
    ]
    return frozenset(
        name
        for element in elements
        for name in (element.id if element.kind in _TASKS else None, element.message)
        if name is not None
    )


def place_for(walk: Walk, deed: Deed, known: Container[str]) -> str | Reason:
    """Find the path of the open task, or of the waiting event, that an act belongs to.

    The path of its own record comes first. Where the pack has moved the activity, the one
    open task of that id is it; of several none is.
    """
    path = deed.path
    if path in walk.tasks and deed.kind != "message_received":
        return path
    name = str(deed.record["trigger"]["name"])
    if deed.kind == "message_received":
        for path in walk.awaited:
            if walk.definition.message(path).message == name:
                return path
        return Reason.NOT_OPEN if name in known else Reason.UNKNOWN
    fitting = [each for each in walk.tasks if each.rpartition("/")[2] == name]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        return Reason.SEVERAL
    return Reason.NOT_OPEN if name in known else Reason.UNKNOWN


def lacking(pack: Pack, facts: Facts) -> Iterator[str]:
    """Give the facts that a pack does not know, or that cannot have these values in it."""
    for name, value in facts.items():
        declaration = pack.facts.get(name)
        try:
            if declaration is None or declaration.check(value) != value:
                yield name
        except WrongFactValue:
            yield name


def stands_at(walk: Walk) -> tuple[str, ...]:
    """Give the activities that are open."""
    return tuple(sorted({path.rpartition("/")[2] for path in walk.tasks}))
