"""SpiffWorkflow's workflow and tasks without identity, time and task data.

Tokens are numbered in the order in which they are made, so that a run on the
same marking, trigger and facts is the same run.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import ErrorEventDefinition
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.engine.errors import StepBudgetExceeded, UncaughtError
from workflows.engine.spiff.places import (
    BROADCAST,
    SENT_OUT,
    THROWN_UP,
    Inclusive,
    Waiting,
    beside,
    is_live,
    path_of,
)

STEP_BUDGET = 2_000


class Token(Task):
    """A SpiffWorkflow task with a running number for an id, and no data."""

    def __init__(
        self,
        workflow: Any,
        task_spec: TaskSpec,
        parent: Task | None = None,
        state: int = TaskState.FUTURE,
    ) -> None:
        self.id = workflow.top_workflow.number()
        workflow.tasks[self.id] = self
        self.workflow = workflow
        self._parent = None if parent is None else parent.id
        self._children: list[int] = []
        self._state = state
        self.triggered = False
        self.task_spec = task_spec
        self.thread_id = 0
        self.data: dict[str, Any] = {}
        self.internal_data: dict[str, Any] = {}
        self.last_state_change = 0.0
        if parent is not None:
            parent._children.append(self.id)

    def _add_child(self, task_spec: TaskSpec, state: int = TaskState.FUTURE) -> Token:
        return Token(self.workflow, task_spec, self, state)

    def _set_state(self, value: int) -> None:
        self._state = value

    def _ready(self) -> None:
        if self.has_state(TaskState.FINISHED_MASK):
            return
        self._state = TaskState.READY
        self.task_spec._on_ready(self)
        if not self.task_spec.takes_turn:
            self.run()
        elif not self.task_spec.manual:
            self.workflow.top_workflow.agenda.append(self)

    def _inherit_data(self) -> None:
        """Inherit nothing: facts are global to the case."""


class _Scoped:
    """What the case's net and the nets of its scopes have in common."""

    spec: BpmnProcessSpec
    tasks: dict[int, Token]
    completed: bool
    prefix: str

    def _plant(self) -> None:
        """Make the root token of a scope."""
        self.task_tree = Token(self, self.spec.start)

    def live(self) -> Iterator[Token]:
        """Give the live tokens of this scope, oldest first."""
        return (token for token in self.tasks.values() if is_live(token))

    def cancel_all(self) -> None:
        """End all tokens of this scope and of the scopes within."""
        self.completed = True
        for token in list(self.live()):
            token.cancel()


class Net(_Scoped, BpmnWorkflow):
    """A running case."""

    def __init__(
        self, spec: BpmnProcessSpec, specs: Mapping[str, BpmnProcessSpec], script_engine: Any
    ) -> None:
        self.agenda: deque[Token] = deque()
        self.prefix = ""
        self._numbered = 0
        super().__init__(
            spec, subprocess_specs=specs, script_engine=script_engine, deserializing=True
        )
        self._plant()

    def number(self) -> int:
        """Give the next token's number."""
        self._numbered += 1
        return self._numbered

    def create_subprocess(self, my_task: Task, spec_name: str) -> SubNet:
        """Make the net of a scope."""
        inner = SubNet(self.subprocess_specs[spec_name], my_task, self)
        self.subprocesses[my_task.id] = inner
        return inner

    def finish(self) -> None:
        """End the case."""
        self.cancel_all()

    def scopes(self) -> list[_Scoped]:
        """Give this net and those of all open scopes."""
        return [self, *self.subprocesses.values()]

    def settle(self, limit: int = STEP_BUDGET) -> None:
        """Run everything that needs nobody, until only people, clocks and messages are left.

        Raises:
            StepBudgetExceeded: it does not come to rest.
        """
        spent = 0
        while self.agenda or self._open_inclusive_joins():
            token = self.agenda.popleft()
            if token._state != TaskState.READY:
                continue
            spent += 1
            if spent > limit:
                raise StepBudgetExceeded(limit=limit, path=path_of(token))
            token.run()

    def _open_inclusive_joins(self) -> bool:
        """Let inclusive joins go on that no other token can reach any more."""
        enabled = [
            token
            for scope in self.scopes()
            for token in scope.live()
            if isinstance(token.task_spec, Inclusive)
            and token._state == TaskState.WAITING
            and token.task_spec.is_enabled(token)
        ]
        for token in sorted(enabled, key=path_of):
            token._ready()
        return bool(self.agenda)

    def throw(self, my_task: Task, definition: EventDefinition) -> None:
        """Throw an event: errors and escalations up, signals to all, messages out.

        Raises:
            UncaughtError: nobody catches the error.
        """
        if isinstance(definition, SENT_OUT):
            self.script_engine.send(definition.name)
        elif isinstance(definition, BROADCAST):
            self.script_engine.send(definition.name)
            self._broadcast(definition)
        elif (
            isinstance(definition, THROWN_UP)
            and not self._catch_above(my_task, definition)
            and isinstance(definition, ErrorEventDefinition)
        ):
            raise UncaughtError(error=definition.code, path=path_of(my_task))

    def _broadcast(self, definition: EventDefinition) -> None:
        """Let every waiting event of this case catch a signal, each at most once.

        Paths give the order, which therefore does not depend on the case's past.
        """
        waiting = [token for scope in self.scopes() for token in scope.live()]
        for token in sorted(waiting, key=path_of):
            spec = token.task_spec
            if isinstance(spec, Waiting) and spec.catches(token, definition):
                spec.catch(token)

    def _catch_above(self, my_task: Task, definition: EventDefinition) -> bool:
        """Let the nearest enclosing scope catch it whose boundary events fit.

        The event for exactly this code comes before the one for any code. (In
        SpiffWorkflow boundary events of other activities may catch it, too.)
        """
        scope = my_task.workflow
        while isinstance(scope, SubNet):
            fitting = [
                event
                for event in beside(scope.host)
                if isinstance(event.task_spec, BoundaryEvent)
                and event.task_spec.catches(event, definition)
            ]
            if fitting:
                first = min(fitting, key=_rank)
                first.task_spec.catch(first)
                return True
            scope = scope.host.workflow
        return False


def _rank(event: Task) -> tuple[bool, str]:
    """Put the event for one code before the one for any, and else take them by name."""
    return event.task_spec.event_definition.code is None, event.task_spec.name


class SubNet(_Scoped, BpmnSubWorkflow):
    """The tokens inside a subprocess or a called process; ``host`` is its own token."""

    def __init__(self, spec: BpmnProcessSpec, host: Task, top: Net) -> None:
        self.host = host
        self.prefix = f"{path_of(host)}/"
        super().__init__(spec, host.id, top, deserializing=True)
        self._plant()

    @property
    def parent_workflow(self) -> Any:
        """Give the net that the host stands in."""
        return self.host.workflow

    def _calculate_depth(self) -> int:
        return int(self.host.workflow.depth) + 1

    def cancel(self, _success: bool = False) -> list[Task]:
        """End this scope from outside."""
        self.cancel_all()
        return []

    def finish(self) -> None:
        """End this scope from inside; its host goes on."""
        self.cancel_all()
        self.top_workflow.subprocesses.pop(self.host.id, None)
        self.host._ready()
