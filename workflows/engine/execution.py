"""SpiffWorkflow runs: a marking and a trigger in; where the tokens come to rest, out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workflows.domain.steps import Facts, OpenedTask, Step, Trigger, TriggerType
from workflows.engine import marking as markings
from workflows.engine.definition import Definition
from workflows.engine.errors import NotStanding
from workflows.engine.run import Run
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

START = Trigger(TriggerType.START)
_TASKS = (Work, ManualWork)


@dataclass(frozen=True, slots=True)
class Rest:
    """Where the tokens of a run came to rest.

    It is the same for all facts on which the diagram's conditions have the same truth;
    what else a step gives, a `Run` has gathered. ``clocks`` are the timers that the
    step leaves running and that did not run before.
    """

    marking: str
    marking_hash: str
    opened: tuple[OpenedTask, ...]
    closed: tuple[str, ...]
    clocks: tuple[str, ...]
    cancelled: tuple[str, ...]
    awaited: tuple[str, ...]
    rung: int | None
    ended: bool

    def step(self, run: Run) -> Step:
        """Give the step of a run that led here."""
        return Step(
            marking=self.marking,
            marking_hash=self.marking_hash,
            opened=self.opened,
            closed=self.closed,
            armed=tuple(run.armed[path] for path in self.clocks),
            cancelled=self.cancelled,
            operations=tuple(run.operations),
            thrown=tuple(run.thrown),
            awaited=self.awaited,
            trace=tuple(run.trace),
            facts_written=run.written,
            rung=self.rung,
            outcome=run.outcome,
            ended=self.ended,
        )


def step(definition: Definition, marking: str, trigger: Trigger, facts: Facts) -> Step:
    """Take one step in SpiffWorkflow, whether the transition table knows it or not.

    Args and errors are those of `workflows.engine.step`.
    """
    run = Run(definition, facts)
    return settle(definition, marking, trigger, run).step(run)


def settle(definition: Definition, marking: str, trigger: Trigger, run: Run) -> Rest:
    """Let SpiffWorkflow run from a marking, or from the start, until only people can go on.

    Args:
        definition: The process that the case walks.
        marking: Where it stands; nothing is read of it for the start.
        trigger: What happened.
        run: Answers what the diagram asks on the way.

    Raises:
        NotStanding: the case does not stand there, or not for this kind of trigger.
        InvalidMarking: the marking is none of this definition's.
        EngineError, ExpressionFailed: the step cannot be taken on these facts.
    """
    if trigger.type is TriggerType.START:
        specs = definition.pack.specs
        net = Net(specs[definition.process_id], specs, run)
        net.task_tree._ready()
        net.settle()
        return _rest(definition, net, {}, None)
    net, before = markings.hydrate(definition, marking, run)
    token = before.get(trigger.path)
    if token is None or not _is_for(token, trigger.type):
        raise NotStanding(path=trigger.path)
    if trigger.type is TriggerType.TASK:
        token.run()
    else:
        token.task_spec.catch(token)
    net.settle()
    return _rest(definition, net, before, token)


def _is_for(token: Token, trigger: TriggerType) -> bool:
    """Tell whether this kind of trigger moves this kind of token."""
    spec = token.task_spec
    if trigger is TriggerType.TASK:
        return isinstance(spec, _TASKS)
    kind = Countdown if trigger is TriggerType.CLOCK else SENT_OUT
    return isinstance(spec, Waiting) and isinstance(spec.event_definition, kind)


def _rest(
    definition: Definition, net: Net, before: Mapping[str, Token], moved: Token | None
) -> Rest:
    """Compare the tokens before and after: what is the same object has stayed."""
    state = markings.dehydrate(net)
    text = markings.write(state)
    after = {path_of(token): token for token in _leaves(net)}
    gone = [path for path, token in before.items() if not is_live(token)]
    new = [path for path, token in after.items() if before.get(path) is not token]
    tasks = [path for path, token in after.items() if isinstance(token.task_spec, _TASKS)]
    return Rest(
        marking=text,
        marking_hash=markings.hash_of(text),
        opened=tuple(
            OpenedTask(path, path.rpartition("/")[2])
            for path in new
            if isinstance(after[path].task_spec, _TASKS)
        ),
        closed=tuple(path for path in gone if isinstance(before[path].task_spec, _TASKS)),
        clocks=tuple(path for path in new if _is_clock(after[path])),
        cancelled=tuple(
            path for path in gone if _is_clock(before[path]) and before[path] is not moved
        ),
        awaited=tuple(
            sorted(path for path, token in after.items() if _is_for(token, TriggerType.MESSAGE))
        ),
        rung=_rung(definition, tasks or list(after)),
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
