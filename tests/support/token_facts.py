"""What the token game knows and asks: the project's expressions and decision tables."""

from __future__ import annotations

from collections.abc import Mapping

from tests.support.token_diagrams import Flow, Node
from workflows.domain.steps import FactValue, TraceEntry
from workflows.engine import Pack
from workflows.engine.expressions import Expression, Value
from workflows.engine.run import Names


class Asked:
    """The facts of a case, and each condition that was asked of them, in order."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self.facts: dict[str, FactValue] = {}
        self.trace: list[TraceEntry] = []

    def tell(self, facts: Mapping[str, FactValue]) -> None:
        """Take what is known from now on, and ask anew."""
        self.facts.update(facts)
        self.trace = []

    def passes(self, flow: Flow) -> bool:
        """Tell whether a flow's condition lets a token pass."""
        return flow.condition is None or self.holds(self._pack.condition(flow.condition))

    def holds(self, expression: Expression) -> bool:
        """Give the truth of a condition, for flows and decision tables."""
        value = expression.holds(Names(self._pack, self.facts))
        operands = {
            name: self.facts.get(name) if name in self._pack.facts else self._pack.constants[name]
            for name in sorted(expression.names)
        }
        self.trace.append(TraceEntry(expression.id, value, operands))
        return value

    def value(self, expression: Expression) -> Value:
        """Give the value of a decision table's output."""
        return expression.evaluate(Names(self._pack, self.facts))

    def decide(self, node: Node) -> None:
        """Write what the decision table of a business rule task says."""
        for fact, value in self._pack.decisions[str(node.decision)].answer(self).items():
            self.facts[fact] = self._pack.facts[fact].convert(value)

    def count(self, fact: str) -> None:
        """Count one more."""
        count = self.facts.get(fact)
        self.facts[fact] = (count if isinstance(count, int) else 0) + 1
