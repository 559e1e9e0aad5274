"""One run of the engine: what a diagram asks for on its way, answered from the facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from workflows.domain.steps import (
    ArmedClock,
    Facts,
    FactValue,
    OperationCall,
    TraceEntry,
)
from workflows.engine.definition import Definition
from workflows.engine.elements import Argument, Element
from workflows.engine.errors import DecisionUndecided, ScriptRefused, UnknownDecision
from workflows.engine.expressions import Expression, NullCompared, Value
from workflows.engine.facts import WrongFactValue
from workflows.engine.pack import Pack


class Names(Mapping[str, Value]):
    """The names that expressions see: facts, null where never written, and parameters."""

    def __init__(self, pack: Pack, facts: Mapping[str, FactValue]) -> None:
        self._declared = pack.facts
        self._constants = pack.constants
        self._facts = facts

    def __getitem__(self, name: str) -> Value:
        declaration = self._declared.get(name)
        if declaration is None:
            return self._constants[name]
        return declaration.for_expression(self._facts.get(name))

    def __contains__(self, name: object) -> bool:
        return name in self._declared or name in self._constants

    def __iter__(self) -> Iterator[str]:
        yield from self._declared
        yield from self._constants

    def __len__(self) -> int:
        return len(self._declared) + len(self._constants)


class Known(Mapping[str, FactValue]):
    """Facts as they were given, and before them what the run has written."""

    def __init__(self, given: Facts, written: Facts) -> None:
        self._given = given
        self._written = written

    def get(self, name: str, default: Any = None) -> Any:
        """Give a fact, or what stands for one that was never written."""
        if name in self._written:
            return self._written[name]
        return self._given.get(name, default)

    def __getitem__(self, name: str) -> FactValue:
        return self._written[name] if name in self._written else self._given[name]

    def __iter__(self) -> Iterator[str]:
        yield from self._given.keys() | self._written.keys()

    def __len__(self) -> int:
        return len(self._given.keys() | self._written.keys())


class Run:
    """One run of the engine; to SpiffWorkflow it is the script engine.

    Everything that a step gives beside the new marking is gathered here, and depends
    on the facts that it asks for and on what the run was asked, in order. So asking the
    same again, without SpiffWorkflow, gathers the same. The facts are read where they
    are, and never changed.
    """

    def __init__(self, definition: Definition, facts: Facts) -> None:
        self._definition = definition
        self._pack = definition.pack
        self.written: dict[str, FactValue] = {}
        self._facts = Known(facts, self.written)
        self._names = Names(self._pack, self._facts)
        self.trace: list[TraceEntry] = []
        self.operations: list[OperationCall] = []
        self.thrown: list[str] = []
        self.armed: dict[str, ArmedClock] = {}
        self.outcome: str | None = None

    def evaluate(self, _: Any, text: str, **_context: object) -> bool:
        """Give the truth of a sequence flow's condition."""
        return self.holds(self._pack.condition(text))

    def execute(self, _: Any, script: str, **_context: object) -> NoReturn:
        """Refuse a script."""
        raise ScriptRefused(text=script[:80])

    def holds(self, expression: Expression) -> bool:
        """Give the truth of a condition and put it on the trace."""
        value = expression.holds(self._names)
        operands = {name: self._operand(name) for name in sorted(expression.names)}
        self.trace.append(TraceEntry(expression.id, value, operands))
        return value

    def _operand(self, name: str) -> FactValue:
        if name in self._pack.facts:
            value: FactValue = self._facts.get(name)
            return value
        return self._pack.constants[name]

    def value(self, expression: Expression) -> Value:
        """Give the value of a decision table's output."""
        return expression.evaluate(self._names)

    def arm(self, path: str) -> None:
        """Start the clock of a timer."""
        timer = self._definition.timer(path)
        term = self._pack.term(timer.term, self._facts)
        self.armed[path] = ArmedClock(
            path=path,
            rule=term.rule,
            budget=term.budget,
            kind=term.kind,
            anchor=timer.anchor,
            due_of=timer.due_of,
            series=timer.series,
        )

    def send(self, message: str) -> None:
        """Note a message or signal that leaves the case."""
        self.thrown.append(message)

    def reached(self, path: str) -> None:
        """Note the outcome of an end event of the case's own process."""
        if "/" not in path:
            outcome = self._definition.place(path).element.attributes.get("outcome")
            self.outcome = outcome or self.outcome

    def operate(self, path: str) -> None:
        """Call an operation: counting at once, everything else by the services."""
        element = self._definition.place(path).element
        name = element.attributes.get("operation", "")
        if name == "count":
            self._count(element)
            return
        parameters = {argument.name: self._resolve(argument) for argument in element.arguments}
        self.operations.append(OperationCall(path, name, parameters))

    def _resolve(self, argument: Argument) -> FactValue:
        value: FactValue = argument.value
        return value if argument.fact is None else self._facts.get(argument.fact)

    def _count(self, element: Element) -> None:
        for argument in element.arguments:
            if argument.name == "fact":
                fact = argument.fact or argument.value or ""
                count = self._facts.get(fact)
                self._write(fact, (count if isinstance(count, int) else 0) + 1)

    def decide(self, path: str) -> None:
        """Answer the decision table of a business rule task and write its outputs."""
        element = self._definition.place(path).element
        for fact, value in _answer(self._pack, element.attributes.get("decision", ""), self):
            self._write(fact, value)

    def _write(self, fact: str, value: FactValue) -> None:
        self.written[fact] = value


class _Suggestion(Run):
    """Answers one decision table outside of a case."""

    def __init__(self, pack: Pack, facts: Facts) -> None:
        definition = next(iter(pack.processes.values()))
        super().__init__(definition, facts)


def _answer(pack: Pack, decision_id: str, run: Run) -> Iterator[tuple[str, FactValue]]:
    decision = pack.decisions.get(decision_id)
    if decision is None:
        raise UnknownDecision(decision=decision_id)
    for fact, value in decision.answer(run).items():
        declaration = pack.facts.get(fact)
        if declaration is None:
            raise WrongFactValue(fact=fact, value=ascii(value)[:80], reason="it is no fact")
        yield fact, declaration.convert(value)


def decide(pack: Pack, decision_id: str, facts: Facts) -> Mapping[str, FactValue]:
    """Answer a decision table alone, as a suggestion.

    Returns:
        What the table would write; nothing while a fact it asks for is null, or
        when no rule fits.

    Raises:
        UnknownDecision: the pack has no such table.
        DecisionAmbiguous: more than one rule of a UNIQUE table fits.
    """
    try:
        return dict(_answer(pack, decision_id, _Suggestion(pack, facts)))
    except (NullCompared, DecisionUndecided):
        return {}
