"""The step: marking, trigger and facts in; new marking and effects out. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from workflows.domain.steps import (
    ArmedClock,
    Facts,
    FactValue,
    OpenedTask,
    OperationCall,
    Step,
    TraceEntry,
    Trigger,
    TriggerType,
)
from workflows.engine import marking as markings
from workflows.engine.definition import Definition
from workflows.engine.elements import Argument, Element
from workflows.engine.errors import (
    DecisionUndecided,
    NotStanding,
    ScriptRefused,
    UnknownDecision,
)
from workflows.engine.expressions import Expression, NullCompared, Value
from workflows.engine.facts import WrongFactValue
from workflows.engine.pack import Pack
from workflows.engine.spiff.net import Net, Token
from workflows.engine.spiff.places import (
    SENT_OUT,
    Countdown,
    ManualWork,
    Waiting,
    Work,
    is_live,
    path_of,
)

_TASKS = (Work, ManualWork)


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


class Run:
    """One run of the engine; to SpiffWorkflow it is the script engine."""

    def __init__(self, definition: Definition, facts: Facts) -> None:
        self._definition = definition
        self._pack = definition.pack
        self._facts: dict[str, FactValue] = dict(facts)
        self._names = Names(self._pack, self._facts)
        self.trace: list[TraceEntry] = []
        self.operations: list[OperationCall] = []
        self.thrown: list[str] = []
        self.armed: dict[str, ArmedClock] = {}
        self.written: dict[str, FactValue] = {}
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
            return self._facts.get(name)
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
        return argument.value if argument.fact is None else self._facts.get(argument.fact)

    def _count(self, element: Element) -> None:
        for argument in element.arguments:
            if argument.name == "fact":
                fact = argument.fact or argument.value or ""
                count = self._facts.get(fact)
                self._write(fact, (count if isinstance(count, int) else 0) + 1)

    def decide(self, _: Any, path: str) -> None:
        """Answer the decision table of a business rule task and write its outputs."""
        element = self._definition.place(path).element
        for fact, value in _answer(self._pack, element.attributes.get("decision", ""), self):
            self._write(fact, value)

    def _write(self, fact: str, value: FactValue) -> None:
        self._facts[fact] = value
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


def start(definition: Definition, facts: Facts) -> Step:
    """Start a case.

    Raises:
        EngineError, ExpressionFailed: the case cannot be started on these facts.
    """
    run = Run(definition, facts)
    specs = definition.pack.specs
    net = Net(specs[definition.process_id], specs, run)
    net.task_tree._ready()
    net.settle()
    return _step(definition, net, run, {}, None)


def step(definition: Definition, marking: str, trigger: Trigger, facts: Facts) -> Step:
    """Take one step.

    Args:
        definition: The process that the case walks.
        marking: Where it stands, as a step before gave it.
        trigger: What happened; its path is the task, the timer or the waiting event.
        facts: What is known, what the completed task wrote included.

    Raises:
        NotStanding: the case does not stand there, or not for this kind of trigger.
        InvalidMarking: the marking is none of this definition's.
        EngineError, ExpressionFailed: the step cannot be taken on these facts.
    """
    if trigger.type is TriggerType.START:
        return start(definition, facts)
    run = Run(definition, facts)
    net, before = markings.hydrate(definition, marking, run)
    token = before.get(trigger.path)
    if token is None or not _is_for(token, trigger.type):
        raise NotStanding(path=trigger.path)
    if trigger.type is TriggerType.TASK:
        token.run()
    else:
        token.task_spec.catch(token)
    net.settle()
    return _step(definition, net, run, before, token)


def _is_for(token: Token, trigger: TriggerType) -> bool:
    """Tell whether this kind of trigger moves this kind of token."""
    spec = token.task_spec
    if trigger is TriggerType.TASK:
        return isinstance(spec, _TASKS)
    kind = Countdown if trigger is TriggerType.CLOCK else SENT_OUT
    return isinstance(spec, Waiting) and isinstance(spec.event_definition, kind)


def _step(
    definition: Definition, net: Net, run: Run, before: Mapping[str, Token], moved: Token | None
) -> Step:
    """Compare the tokens before and after: what is the same object has stayed."""
    state = markings.dehydrate(net)
    text = markings.write(state)
    after = {path_of(token): token for token in _leaves(net)}
    gone = [path for path, token in before.items() if not is_live(token)]
    new = [path for path, token in after.items() if before.get(path) is not token]
    tasks = [path for path, token in after.items() if isinstance(token.task_spec, _TASKS)]
    return Step(
        marking=text,
        marking_hash=markings.hash_of(text),
        opened=tuple(
            OpenedTask(path, path.rpartition("/")[2])
            for path in new
            if isinstance(after[path].task_spec, _TASKS)
        ),
        closed=tuple(path for path in gone if isinstance(before[path].task_spec, _TASKS)),
        armed=tuple(run.armed[path] for path in new if _is_clock(after[path])),
        cancelled=tuple(
            path for path in gone if _is_clock(before[path]) and before[path] is not moved
        ),
        operations=tuple(run.operations),
        thrown=tuple(run.thrown),
        awaited=tuple(
            sorted(path for path, token in after.items() if _is_for(token, TriggerType.MESSAGE))
        ),
        trace=tuple(run.trace),
        facts_written=run.written,
        rung=_rung(definition, tasks or list(after)),
        outcome=run.outcome,
        ended=not state,
    )


def _leaves(net: Net) -> list[Token]:
    """Give the open tasks and waiting events of all scopes in the order of their making."""
    leaves = [
        token
        for scope in net.scopes()
        for token in scope.live()
        if isinstance(token.task_spec, (*_TASKS, Waiting))
    ]
    return sorted(leaves, key=lambda token: int(token.id))


def _is_clock(token: Token) -> bool:
    return _is_for(token, TriggerType.CLOCK)


def _rung(definition: Definition, paths: list[str]) -> int | None:
    """Give the highest rung of the open tasks; where none is open, of what is awaited."""
    rungs = (definition.place(path).rung for path in paths)
    return max((rung for rung in rungs if rung is not None), default=None)
