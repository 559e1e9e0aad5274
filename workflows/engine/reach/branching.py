"""All ways on which a step can go, found by letting SpiffWorkflow run with every answer.

Facts play no part here: which ways can be gone on which facts is asked later, on the trees.
"""

from __future__ import annotations

from typing import Any

from workflows.domain.errors import DubanError
from workflows.domain.steps import Trigger
from workflows.engine.definition import Definition
from workflows.engine.elements import Element
from workflows.engine.execution import settle
from workflows.engine.pack import Pack
from workflows.engine.run import Run
from workflows.engine.ways import Asked, Way, graft

# An automatic loop that counts has a leaf for each round; no step of a ladder has so many.
MOST_LEAVES = 128


class TooManyWays(Exception):
    """One step has more ways than are looked at."""


class _Scripted(Run):
    """A run that is told the truth of each condition and notes what it is asked."""

    def __init__(self, definition: Definition, script: list[bool]) -> None:
        super().__init__(definition, {})
        self._script = script
        self._remembered: dict[str, bool] = {}
        self.asked: list[Asked] = []
        self.nodes: list[tuple[Way, bool]] = []

    def evaluate(self, _: Any, text: str, **_context: object) -> bool:
        condition = self._pack.condition(text)
        known = self._remembered.get(condition.id)
        if known is not None:
            return known
        at = len(self.nodes)
        value = self._script[at] if at < len(self._script) else False
        self.nodes.append((Way(tuple(self.asked), condition), value))
        self.asked.clear()
        self._remembered[condition.id] = value
        return value

    def _forget(self, facts: frozenset[str]) -> None:
        """Ask conditions again whose facts may have changed on the way."""
        for node, _ in self.nodes:
            if node.condition is not None and node.condition.names & facts:
                self._remembered.pop(node.condition.id, None)

    def arm(self, path: str) -> None:
        self.asked.append((Run.arm, path))

    def send(self, message: str) -> None:
        self.asked.append((Run.send, message))

    def reached(self, path: str) -> None:
        self.asked.append((Run.reached, path))

    def operate(self, path: str) -> None:
        self.asked.append((Run.operate, path))
        self._forget(counted_by(self._definition.place(path).element))

    def decide(self, path: str) -> None:
        self.asked.append((Run.decide, path))
        self._forget(decided_by(self._pack, self._definition.place(path).element))


def counted_by(element: Element) -> frozenset[str]:
    """Give the facts that a service task counts."""
    if element.attributes.get("operation") != "count":
        return frozenset()
    return frozenset(
        argument.fact or argument.value or ""
        for argument in element.arguments
        if argument.name == "fact"
    )


def decided_by(pack: Pack, element: Element) -> frozenset[str]:
    """Give the facts that a business rule task writes."""
    decision = pack.decisions.get(element.attributes.get("decision", ""))
    return frozenset(decision.output_names) if decision is not None else frozenset()


def ways_of(definition: Definition, marking: str, trigger: Trigger) -> Way:
    """Give all ways of one step.

    Raises:
        TooManyWays: there are more than are looked at.
    """
    root, scripts = _taken(definition, marking, trigger, [])
    count = 1
    while scripts:
        grown, more = _taken(definition, marking, trigger, scripts.pop())
        graft(root, grown)
        scripts += more
        count += 1
        if count > MOST_LEAVES:
            raise TooManyWays(marking)
    return root


def _taken(
    definition: Definition, marking: str, trigger: Trigger, script: list[bool]
) -> tuple[Way, list[list[bool]]]:
    """Take one way; give it, and the answers with which others part from it."""
    run = _Scripted(definition, script)
    way = _leaf(definition, marking, trigger, run)
    answers = [value for _, value in run.nodes]
    for before, value in reversed(run.nodes):
        before.branches[value] = way
        way = before
    return way, [[*answers[:at], True] for at in range(len(script), len(answers))]


def _leaf(definition: Definition, marking: str, trigger: Trigger, run: _Scripted) -> Way:
    try:
        rest = settle(definition, marking, trigger, run)
    except DubanError as fault:
        return Way(tuple(run.asked), fault=fault)
    return Way(tuple(run.asked), rest=rest)
