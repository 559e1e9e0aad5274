"""A step whose facts are not at hand, led through the diagram by the recorded trace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workflows.domain.entries import split_place
from workflows.domain.steps import Trigger
from workflows.engine.definition import Definition
from workflows.engine.errors import EngineError
from workflows.engine.execution import settle
from workflows.engine.expressions import Expression
from workflows.engine.run import Run


class TraceEnds(EngineError):
    """The diagram asks {expression}, but the trace says {recorded}."""

    code = "trace_ends"


class _Led(Run):
    """A run that answers conditions from a trace and knows no fact."""

    def __init__(self, definition: Definition, trace: Sequence[Sequence[Any]]) -> None:
        super().__init__(definition, {})
        self._answers: Iterator[Sequence[Any]] = iter(trace)

    def holds(self, expression: Expression) -> bool:
        recorded = next(self._answers, None)
        if recorded is None or recorded[0] != expression.id:
            raise TraceEnds(expression=expression.id, recorded=recorded)
        return bool(recorded[1])

    def refuse_more(self) -> None:
        """Make sure that the diagram asked all that the trace answers."""
        left = next(self._answers, None)
        if left is not None:
            raise TraceEnds(expression="nothing more", recorded=left)

    def arm(self, path: str) -> None:
        """Note no term: which one it is depends on facts."""

    def operate(self, path: str) -> None:
        """Do nothing: what an operation works on depends on facts."""

    def decide(self, path: str) -> None:
        """Ask a table and write nothing: its conditions stand in the trace, its answer does not."""
        element = self._definition.place(path).element
        self._pack.decisions[element.attributes["decision"]].ask(self)


def follow(
    definition: Definition, marking: str, trigger: Trigger, record: Mapping[str, Any]
) -> dict[str, Any]:
    """Let the engine go where a record's trace leads.

    Returns:
        What can be told of the record without facts: marking, tasks by path, the paths of
        clocks, whether it ended.

    Raises:
        EngineError: The diagram cannot be gone through so.
    """
    run = _Led(definition, record["trace"])
    rest = settle(definition, marking, trigger, run)
    run.refuse_more()
    return {
        "to": rest.marking_hash,
        "opened": sorted((task.path, task.activity) for task in rest.opened),
        "closed": sorted(rest.closed),
        "armed": sorted(rest.clocks),
        "cancelled": sorted(rest.cancelled),
        "ended": rest.ended,
    }


def told_paths(record: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a record says of the same."""
    effects = record["effects"]
    return {
        "to": record["to"],
        "opened": sorted((_path(each["task"]), each["activity"]) for each in effects["opened"]),
        "closed": sorted(map(_path, effects["closed"])),
        "armed": sorted(_path(each["clock"]) for each in effects["armed"]),
        "cancelled": sorted(map(_path, effects["cancelled"])),
        "ended": effects["ended"],
    }


def _path(place: str) -> str:
    return split_place(place)[0]
