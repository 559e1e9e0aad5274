"""Decision tables: read and answered by SpiffWorkflow, their cells in our own language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lxml import etree
from SpiffWorkflow.dmn.engine.DMNEngine import DMNEngine
from SpiffWorkflow.dmn.parser.BpmnDmnParser import BpmnDmnParser
from SpiffWorkflow.dmn.specs.model import DecisionTable, Rule

from workflows.engine.errors import DecisionAmbiguous, DecisionUndecided
from workflows.engine.expressions import Expression, Value, cell_expression


class Evaluator(Protocol):
    """Who gives expressions their names, and remembers that they were asked."""

    def holds(self, expression: Expression) -> bool:
        """Give the truth of a condition."""
        ...

    def value(self, expression: Expression) -> Value:
        """Give the value of an expression."""
        ...


@dataclass(frozen=True, slots=True)
class _Asker:
    """Stands where SpiffWorkflow expects a task with its workflow and script engine."""

    evaluator: Evaluator
    outputs: Mapping[str, Expression]

    @property
    def workflow(self) -> _Asker:
        return self

    @property
    def script_engine(self) -> _Asker:
        return self

    def evaluate(self, _: Any, text: str) -> Value:
        """Give the value of an output cell."""
        return self.evaluator.value(self.outputs[text])


@dataclass(frozen=True, slots=True)
class Row:
    """A rule of a decision table as it is written; an empty condition fits anything."""

    id: str
    number: int
    note: str
    conditions: tuple[str, ...]
    results: tuple[str, ...]

    @property
    def cells(self) -> tuple[str, ...]:
        """Give what is written in it, from left to right."""
        return (*self.conditions, *self.results, self.note)


@dataclass(frozen=True, slots=True)
class Grid:
    """A decision table to be read: columns as label and what they compare or write."""

    name: str
    policy: str
    inputs: tuple[tuple[str, str], ...]
    outputs: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class FittingRule:
    """A row of a table whose conditions were all met; the description is its author's."""

    number: int
    description: str
    conditions: tuple[Expression, ...]


class Decision(DMNEngine):
    """One decision table.

    UNIQUE means it: two rules that fit are an error (SpiffWorkflow takes the first).
    FIRST takes the first, COLLECT gives lists.
    """

    def __init__(self, decision_id: str, name: str, table: DecisionTable) -> None:
        super().__init__(table)
        self.id = decision_id
        self.name = name
        self._conditions = {rule.id: tuple(_conditions(rule)) for rule in table.rules}
        texts = {entry.text for rule in table.rules for entry in rule.outputEntries if entry.text}
        self._outputs = {text: Expression(text) for text in texts}

    @property
    def output_names(self) -> tuple[str, ...]:
        """Give the facts that this table writes."""
        return tuple(output.name or output.label for output in self.decision_table.outputs)

    @property
    def conditions(self) -> tuple[Expression, ...]:
        """Give the conditions of all input cells."""
        return tuple(each for row in self._conditions.values() for each in row)

    @property
    def outputs(self) -> tuple[tuple[str, Expression], ...]:
        """Give the facts that this table writes with every expression that fills them."""
        return tuple(
            (entry.output.name or entry.output.label, self._outputs[entry.text])
            for rule in self.decision_table.rules
            for entry in rule.outputEntries
            if entry.text
        )

    @property
    def grid(self) -> Grid:
        """Give the table as it is written."""
        table = self.decision_table
        return Grid(
            name=self.name,
            policy=table.hit_policy,
            inputs=tuple((each.label, each.expression or each.label) for each in table.inputs),
            outputs=tuple((each.label, each.name or each.label) for each in table.outputs),
            rows=tuple(_row(rule) for rule in table.rules),
        )

    def answer(self, evaluator: Evaluator) -> Mapping[str, Value]:
        """Answer the table.

        Raises:
            DecisionUndecided: no rule fits.
            DecisionAmbiguous: more than one rule of a UNIQUE table fits.
            NullCompared, ExpressionFailed: a cell has no value.
        """
        asker = _Asker(evaluator, self._outputs)
        result: Mapping[str, Value] = self.result(asker)
        if not result:
            raise DecisionUndecided(decision=self.id)
        return {name: value if value != "" else None for name, value in result.items()}

    def ask(self, evaluator: Evaluator) -> None:
        """Ask the conditions of the table in their order, whatever it would answer."""
        self.decide(_Asker(evaluator, self._outputs))

    def decide(self, task: _Asker) -> list[Rule]:
        """Give the rules that fit, in the order of the table."""
        policy = self.decision_table.hit_policy
        fitting: list[Rule] = []
        for rule in self.decision_table.rules:
            if all(task.evaluator.holds(condition) for condition in self._conditions[rule.id]):
                fitting.append(rule)
                if policy == "FIRST":
                    break
        if policy == "UNIQUE" and len(fitting) > 1:
            rows = ", ".join(str(rule.row_number) for rule in fitting)
            raise DecisionAmbiguous(decision=self.id, rows=rows)
        return fitting

    def fitting(self, truths: Mapping[str, bool]) -> tuple[FittingRule, ...]:
        """Give the rows that fit where the truth of each condition, by its id, is known."""
        rows = ((rule, self._conditions[rule.id]) for rule in self.decision_table.rules)
        found = [
            FittingRule(rule.row_number, rule.description or "", conditions)
            for rule, conditions in rows
            if all(truths.get(condition.id) for condition in conditions)
        ]
        return tuple(found[:1] if self.decision_table.hit_policy == "FIRST" else found)


def read_decision(root: etree._Element, file: str) -> Decision:
    """Read the decision table of a DMN file."""
    parser = BpmnDmnParser()
    parser.add_dmn_xml(root, file)
    decision_id = next(iter(parser.dmn_parsers))
    engine = parser.get_engine(decision_id, root)
    element = root.find("{*}decision")
    name = None if element is None else element.get("name")
    return Decision(decision_id, name or decision_id, engine.decision_table)


def _row(rule: Rule) -> Row:
    return Row(
        id=rule.id,
        number=rule.row_number,
        note=rule.description or "",
        conditions=tuple(", ".join(lhs for lhs in entry.lhs if lhs) for entry in rule.inputEntries),
        results=tuple(entry.text or "" for entry in rule.outputEntries),
    )


def _conditions(rule: Rule) -> list[Expression]:
    """Compile the input cells of a rule, leaving out those that accept anything."""
    cells = (
        cell_expression(entry.input.expression or entry.input.label, lhs)
        for entry in rule.inputEntries
        for lhs in entry.lhs
        if lhs
    )
    return [cell for cell in cells if cell is not None]
