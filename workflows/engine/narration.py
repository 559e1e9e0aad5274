"""What a step asked on its way and what it was answered, told node by node.

A record's trace holds expressions and their truth. Taking the step again on the same
facts tells where each was asked: which gateway, which row of which table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from workflows.domain.steps import Facts, FactValue, Step, TraceEntry, Trigger
from workflows.engine.decisions import FittingRule
from workflows.engine.definition import Definition
from workflows.engine.execution import settle
from workflows.engine.expressions import Expression
from workflows.engine.run import Run
from workflows.engine.spiff.places import path_of


@dataclass(frozen=True, slots=True)
class Choice:
    """A gateway: what it asked, and the ids of the nodes it went on to."""

    path: str
    asked: tuple[tuple[Expression, TraceEntry], ...]
    taken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision table: the rows that fitted and what it wrote."""

    path: str
    decision: str
    rules: tuple[FittingRule, ...]
    operands: Mapping[str, FactValue]
    written: Mapping[str, FactValue]


@dataclass(frozen=True, slots=True)
class Operated:
    """A service task: an operation by name, and what it counted to, if it counted."""

    path: str
    operation: str
    written: Mapping[str, FactValue]


Told: TypeAlias = Choice | Answer | Operated


@dataclass(frozen=True, slots=True)
class Narrative:
    """A step with what it passed, in order."""

    step: Step
    told: tuple[Told, ...]


def narrate(definition: Definition, marking: str, trigger: Trigger, facts: Facts) -> Narrative:
    """Take a step and tell what it asked on its way.

    Raises:
        NotStanding, EngineError, ExpressionFailed: The step cannot be taken on these facts.
    """
    run = _Telling(definition, facts)
    step = settle(definition, marking, trigger, run).step(run)
    return Narrative(step, tuple(run.told))


class _Telling(Run):
    """A run that notes where it is asked."""

    def __init__(self, definition: Definition, facts: Facts) -> None:
        super().__init__(definition, facts)
        self.told: list[Told] = []
        self._asking: object = None

    def evaluate(self, _: Any, text: str, **_context: object) -> bool:
        condition = self._pack.condition(text)
        value = self.holds(condition)
        self._note(_, (condition, self.trace[-1]))
        return value

    def _note(self, gateway: Any, question: tuple[Expression, TraceEntry]) -> None:
        """Note a question with those that the same token asked before it."""
        asked = [question]
        if self._asking is gateway and isinstance(before := self.told[-1], Choice):
            asked = [*before.asked, question]
            self.told.pop()
        self._asking = gateway
        truths = {each.text: entry.value for each, entry in asked}
        self.told.append(Choice(path_of(gateway), tuple(asked), _taken(gateway, truths)))

    def decide(self, path: str) -> None:
        start = len(self.trace)
        super().decide(path)
        entries = self.trace[start:]
        name = self._definition.place(path).element.attributes.get("decision", "")
        table = self._pack.decisions[name]
        operands = {key: value for entry in entries for key, value in entry.operands.items()}
        rules = table.fitting({entry.expression: entry.value for entry in entries})
        written = {key: self.written[key] for key in table.output_names if key in self.written}
        self.told.append(Answer(path, name, rules, operands, written))

    def operate(self, path: str) -> None:
        before = dict(self.written)
        super().operate(path)
        name = self._definition.place(path).element.attributes.get("operation", "")
        counted = {key: value for key, value in self.written.items() if before.get(key) != value}
        self.told.append(Operated(path, name, counted))


def _taken(token: Any, truths: Mapping[str, bool]) -> tuple[str, ...]:
    """Give where the flows lead whose condition holds, else where the default leads."""
    spec = token.task_spec
    flows = [(condition, name) for condition, name in spec.cond_task_specs if condition]
    holding = [name for condition, name in flows if truths.get(condition.args[0].strip())]
    defaults = [name for condition, name in spec.cond_task_specs if condition is None]
    default = getattr(spec, "default_task_spec", None)
    return tuple(holding or defaults or filter(None, [default]))
