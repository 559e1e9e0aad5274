"""Whole steps remembered by the facts that they asked for (DESIGN 4.6).

A step asks for a few facts, and which it asks for next depends only on the values that it
got. So the same values give the same step. Thousands of cases that walk one pack take
their steps from here; what is not known yet comes from the transition table.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

from workflows.domain.steps import Facts, FactValue, Step, Trigger
from workflows.engine.definition import Definition
from workflows.engine.table import step

CAPACITY = 50_000
_Answer = TypeVar("_Answer")


@dataclass(slots=True)
class _Question:
    """The fact that is asked for next, and what followed each of its values."""

    fact: str
    branches: dict[Hashable, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _Known(Generic[_Answer]):
    """What the values that led here give."""

    answer: _Answer


_Node: TypeAlias = "_Question | _Known[_Answer]"


class _Asked(Mapping[str, FactValue]):
    """Facts that note which of them are asked for, in order."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self.asked_for: dict[str, FactValue] = {}

    def get(self, name: str, default: Any = None) -> Any:
        value = self.asked_for[name] = self._facts.get(name)
        return default if value is None else value

    def __getitem__(self, name: str) -> FactValue:
        value = self.asked_for[name] = self._facts.get(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)


class Memory(Generic[_Answer]):
    """What a pure function of facts gave, by a key and by the values that it asked for."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        """Begin with nothing, and begin anew where more answers than the capacity are kept."""
        self._capacity = capacity
        self._roots: dict[Hashable, _Node[_Answer]] = {}
        self._count = 0

    def answer(self, key: Hashable, facts: Facts, ask: Callable[[Facts], _Answer]) -> _Answer:
        """Give what ``ask`` gives on these facts; it is called only where that is not known."""
        node = self._roots.get(key)
        while type(node) is _Question:
            value: Any = facts.get(node.fact)
            node = node.branches.get(tuple(value) if type(value) is list else value)
        if node is not None:
            return node.answer  # type: ignore[union-attr]
        asked = _Asked(facts)
        answer = ask(asked)
        self._keep(key, asked.asked_for, answer)
        return answer

    def _keep(self, key: Hashable, values: Facts, answer: _Answer) -> None:
        if self._count >= self._capacity:
            self._roots.clear()
            self._count = 0
        self._count += 1
        branches, place = self._roots, key
        for fact, value in values.items():
            node = branches.get(place)
            if not isinstance(node, _Question):
                node = branches[place] = _Question(fact)
            branches, place = node.branches, _hashable(value)
        branches[place] = _Known(answer)


def _hashable(value: FactValue) -> Hashable:
    return tuple(value) if isinstance(value, list) else value


class StepMemory:
    """The steps that the cases of one pack took."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        """Begin with none."""
        self._steps: Memory[Step] = Memory(capacity)

    def step(self, definition: Definition, marking: str, trigger: Trigger, facts: Facts) -> Step:
        """Take one step; arguments and errors are those of `workflows.engine.step`."""
        key = (definition, marking, trigger.type, trigger.path)
        return self._steps.answer(
            key, facts, lambda asked: step(definition, marking, trigger, asked)
        )
