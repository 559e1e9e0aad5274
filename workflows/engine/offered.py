"""Which choices of a form's field are open on what is known: by a decision table of the pack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workflows.domain.steps import FactValue
from workflows.engine.errors import DecisionUndecided
from workflows.engine.expressions import Expression, NullCompared, Value
from workflows.engine.forms import Allowed, FormSchema
from workflows.engine.pack import Pack
from workflows.engine.run import Names

OPEN = "yes"


@dataclass(frozen=True, slots=True)
class _Asked:
    """Answers a table's cells from one valuation of the facts."""

    names: Names

    def holds(self, expression: Expression) -> bool:
        return expression.holds(self.names)

    def value(self, expression: Expression) -> Value:
        return expression.evaluate(self.names)


def closed_choices(
    pack: Pack, schema: FormSchema, facts: Mapping[str, FactValue]
) -> dict[str, frozenset[str]]:
    """Give, by field, the choices that a decision table does not allow on these facts.

    A choice of which the table says nothing is closed.
    """
    return {
        each.key: frozenset(
            choice.value
            for choice in each.choices
            if not _is_open(pack, each.allowed, {**facts, each.key: choice.value})
        )
        for each in schema.fields
        if each.allowed is not None
    }


def _is_open(pack: Pack, by: Allowed, facts: Mapping[str, FactValue]) -> bool:
    try:
        answer = pack.decisions[by.decision].answer(_Asked(Names(pack, facts)))
    except (DecisionUndecided, NullCompared):
        return False
    return answer.get(by.output) == OPEN
