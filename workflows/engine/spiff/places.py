"""What SpiffWorkflow does at each node of a diagram, corrected where it must be.

A token is a SpiffWorkflow task. It is live while it is ready, waiting or started;
no token is made for what may come later, so nothing but the live tokens matters.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from SpiffWorkflow.bpmn.specs.control import BpmnStartTask
from SpiffWorkflow.bpmn.specs.defaults import (
    BoundaryEvent,
    CallActivity,
    EndEvent,
    EventBasedGateway,
    ExclusiveGateway,
    InclusiveGateway,
    IntermediateCatchEvent,
    IntermediateThrowEvent,
    ManualTask,
    ParallelGateway,
    ServiceTask,
    StartEvent,
    SubWorkflowTask,
    UserTask,
)
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import (
    ErrorEventDefinition,
    EscalationEventDefinition,
    SignalEventDefinition,
)
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import (
    NoneEventDefinition,
    TerminateEventDefinition,
)
from SpiffWorkflow.bpmn.specs.mixins import BpmnSpecMixin
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.engine.errors import NoFlowTaken, UnsafeMarking

LIVE = TaskState.WAITING | TaskState.READY | TaskState.STARTED


def is_live(token: Task) -> bool:
    """Tell whether a token still stands where it is."""
    return bool(token._state & LIVE)


def path_of(token: Task) -> str:
    """Give the path of a token: scopes and id, joined by a slash."""
    return f"{token.workflow.prefix}{token.task_spec.name}"


class Place(BpmnSpecMixin):
    """A node that passes its token on; the base of all our specs.

    Tokens at nodes of the diagram take turns; what only we put between them takes none.
    """

    takes_turn = True

    def _predict(self, _task: Task, *_: Any, **__: Any) -> None:
        """Guess nothing: what may come later is in the diagram, not in the marking."""

    def _update_hook(self, _task: Task) -> bool:
        return True

    def _on_ready(self, my_task: Task) -> None:
        self._on_ready_hook(my_task)

    def _on_ready_hook(self, my_task: Task) -> None:
        """Do nothing on becoming ready."""

    def _run_hook(self, _task: Task) -> bool:
        return True

    def _on_complete_hook(self, my_task: Task) -> None:
        """Do nothing more on completion."""

    def _on_cancel(self, my_task: Task) -> None:
        """Do nothing more on cancellation."""

    def _on_complete(self, my_task: Task) -> None:
        self._detach(my_task)
        self._on_complete_hook(my_task)
        if my_task.workflow.completed:
            return
        for spec in self.flows(my_task):
            my_task._add_child(spec, TaskState.FUTURE)
        for child in my_task.children:
            if not child.has_state(TaskState.FINISHED_MASK):
                child.task_spec._update(child)

    def _detach(self, my_task: Task) -> None:
        """End the boundary events of an activity that is done."""
        if isinstance(self, BoundaryEvent):
            return
        for event in list(beside(my_task)):
            event.cancel()

    def flows(self, _task: Task) -> list[TaskSpec]:
        """Give the specs behind the flows that receive a token."""
        return list(self.outputs)


def beside(token: Task) -> Iterator[Task]:
    """Give the others of an activity and its boundary events that are still open.

    An event that has happened is none of them: its token is on its way.
    """
    host = token.parent
    if host is None or not isinstance(host.task_spec, Host):
        return
    for other in host.children:
        has_happened = isinstance(other.task_spec, BoundaryEvent) and not _waits(other)
        if other is not token and is_live(other) and not has_happened:
            yield other


def _waits(token: Task) -> bool:
    return bool(token._state == TaskState.WAITING)


class Host(Place):
    """Stands before an activity with boundary events and gives each of them a token."""

    takes_turn = False


class StartMark(Place, BpmnStartTask):
    """The root of every scope."""

    takes_turn = False


class EndMark(Place):
    """Takes the token of an end event; the scope ends with its last token.

    A token that arrives while others live is gone, as chapter 13.5.6 has it: it
    leaves no trace in the marking. (SpiffWorkflow keeps it waiting in the tree.)
    """

    takes_turn = False

    def _update_hook(self, my_task: Task) -> bool:
        if any(is_live(token) for token in my_task.workflow.tasks.values()):
            my_task.cancel()
            return False
        return True

    def _on_complete_hook(self, my_task: Task) -> None:
        my_task.workflow.finish()


class Begin(Place, StartEvent):
    """A start event; whatever starts the case is known by then."""


class Work(Place, UserTask):
    """A user task, done by people."""


class ManualWork(Place, ManualTask):
    """A manual task, done by people."""


class Operation(Place, ServiceTask):
    """A service task that calls one of the closed list of operations."""

    def _run_hook(self, my_task: Task) -> bool:
        my_task.workflow.script_engine.operate(path_of(my_task))
        return True


class RuleTask(Place):
    """A business rule task: a decision table that writes facts."""

    def _run_hook(self, my_task: Task) -> bool:
        my_task.workflow.script_engine.decide(path_of(my_task))
        return True


class Choice(Place, ExclusiveGateway):
    """An exclusive gateway: the first flow whose condition holds, else the default."""

    def flows(self, my_task: Task) -> list[TaskSpec]:
        """Evaluate the conditions in the order of the diagram's sequence flows."""
        specs = self._wf_spec.task_specs
        for condition, name in self.cond_task_specs:
            if condition is not None and condition._matches(my_task):
                return [specs[name]]
        if self.default_task_spec is None:
            raise NoFlowTaken(path=path_of(my_task))
        return [specs[self.default_task_spec]]


class _Join(Place):
    """Holds one token for all that have arrived, and knows by which flows they came."""

    goes_on_at_once = True

    def _update_hook(self, my_task: Task) -> bool:
        if len(self._inputs) == 1:
            return True
        source = my_task.parent.task_spec.name
        waiting = self._waiting(my_task)
        if waiting is None:
            waiting = my_task
            waiting._set_state(TaskState.WAITING)
            waiting.internal_data["arrived"] = []
        else:
            my_task.cancel()
        arrived = waiting.internal_data["arrived"]
        if source in arrived:
            raise UnsafeMarking(path=path_of(my_task))
        arrived.append(source)
        if self.goes_on_at_once and self.is_enabled(waiting):
            waiting._ready()
        return False

    def _waiting(self, my_task: Task) -> Task | None:
        for token in my_task.workflow.tasks.values():
            if token.task_spec is self and _waits(token):
                return token
        return None

    def is_enabled(self, my_task: Task) -> bool:
        """Tell whether a token has come by every flow."""
        return set(my_task.internal_data["arrived"]) == set(self._inputs)


class Parallel(_Join, ParallelGateway):
    """A parallel gateway: one token from each incoming flow, one to each outgoing.

    Arrivals are counted anew each time, so that a join works in a loop as well.
    """


class Inclusive(_Join, InclusiveGateway):
    """An inclusive gateway, its join by tokens and paths as table 13.3 defines it.

    It looks round when all other tokens have come to rest, so that the order in which
    they move changes nothing.
    """

    goes_on_at_once = False

    def is_enabled(self, my_task: Task) -> bool:
        """Tell whether no token upstream can still come by a flow that is empty."""
        arrived = set(my_task.internal_data["arrived"])
        if arrived >= set(self._inputs):
            return True
        others = (token for token in my_task.workflow.tasks.values() if _holds_token(token))
        return all(
            not (reached := self._reach(_stands_at(token))) - arrived or reached & arrived
            for token in others
            if token.task_spec is not self
        )

    def _reach(self, start: TaskSpec) -> set[str]:
        """Give the incoming flows that a token at a spec can reach, but not through here.

        Paths are formed of sequence flows: no boundary event is on one through its activity.
        """
        seen, agenda, reached = {start.name}, [start], set[str]()
        while agenda:
            spec = agenda.pop()
            for output in spec.outputs[-1:] if isinstance(spec, Host) else spec.outputs:
                if output is self:
                    reached.add(spec.name)
                elif output.name not in seen:
                    seen.add(output.name)
                    agenda.append(output)
        return reached

    def flows(self, my_task: Task) -> list[TaskSpec]:
        """Take every flow whose condition holds, else the default."""
        specs = self._wf_spec.task_specs
        defaults = [name for condition, name in self.cond_task_specs if condition is None]
        holding = [
            name
            for condition, name in self.cond_task_specs
            if condition is not None and condition._matches(my_task)
        ]
        if not holding and not defaults:
            raise NoFlowTaken(path=path_of(my_task))
        return [specs[name] for name in holding or defaults]


def _holds_token(token: Task) -> bool:
    """Tell whether BPMN sees a token here; a waiting boundary event has none of its own."""
    return is_live(token) and not (isinstance(token.task_spec, BoundaryEvent) and _waits(token))


def _stands_at(token: Task) -> TaskSpec:
    """Give the node of a token; before an event has happened, its event-based gateway's."""
    race = token.parent.task_spec
    return race if isinstance(race, Race) and _waits(token) else token.task_spec


class Waiting(Place):
    """An event that waits until it is said to have happened."""

    event_definition: EventDefinition

    def _update_hook(self, my_task: Task) -> bool:
        my_task._set_state(TaskState.WAITING)
        self.event_definition.update_task(my_task)
        return False

    def catches(self, my_task: Task, event: EventDefinition) -> bool:
        """Tell whether a thrown event is meant for this one."""
        return _waits(my_task) and bool(self.event_definition == event)


class Catch(Waiting, IntermediateCatchEvent):
    """An intermediate event; behind an event-based gateway the first one wins."""

    def catch(self, my_task: Task, _event: EventDefinition | None = None) -> None:
        """Let it happen."""
        race = my_task.parent
        if isinstance(race.task_spec, Race):
            for other in race.children:
                if other is not my_task:
                    other.cancel()
        my_task._ready()


class Race(Place, EventBasedGateway):
    """An event-based gateway: all its events wait, each with its own token."""

    def connect(self, child: TaskSpec) -> None:
        """Leave the event with its own definition (SpiffWorkflow merges them here)."""
        TaskSpec.connect(self, child)


class Boundary(Waiting, BoundaryEvent):
    """A boundary event.

    One that does not interrupt and is no timer waits on, for it may happen again
    while the activity is open. (In SpiffWorkflow it happens once.)
    """

    def catch(self, my_task: Task, _event: EventDefinition | None = None) -> None:
        """Let it happen."""
        if self.cancel_activity:
            for other in list(beside(my_task)):
                other.cancel()
        elif not isinstance(self.event_definition, Countdown):
            again = my_task.parent._add_child(self, TaskState.FUTURE)
            self._update(again)
        my_task._ready()


class Countdown(EventDefinition):
    """A timer that only a trigger fires: no clock is read here."""

    def update_task(self, my_task: Task) -> None:
        """Say that the timer has started."""
        my_task.workflow.script_engine.arm(path_of(my_task))


class Throw(Place, IntermediateThrowEvent):
    """An intermediate event that throws."""

    def _on_complete_hook(self, my_task: Task) -> None:
        my_task.workflow.top_workflow.throw(my_task, self.event_definition)


class End(Place, EndEvent):
    """An end event: plain, or throwing, or ending its whole scope."""

    def _on_complete_hook(self, my_task: Task) -> None:
        my_task.workflow.script_engine.reached(path_of(my_task))
        if isinstance(self.event_definition, TerminateEventDefinition):
            my_task.workflow.finish()
        else:
            my_task.workflow.top_workflow.throw(my_task, self.event_definition)


class _Scope(Place):
    """An activity with tokens of its own inside."""

    spec: str

    def _update_hook(self, my_task: Task) -> bool:
        my_task._set_state(TaskState.STARTED)
        inner = my_task.workflow.top_workflow.create_subprocess(my_task, self.spec)
        inner.task_tree._ready()
        return False

    def _on_cancel(self, my_task: Task) -> None:
        inner = my_task.workflow.top_workflow.subprocesses.pop(my_task.id, None)
        # What has ended inside is gone already, though the activity has not had its turn.
        if inner is not None:
            inner.cancel()


class Inside(_Scope, SubWorkflowTask):
    """An embedded subprocess."""


class Call(_Scope, CallActivity):
    """A call of another process of the pack; facts are global, nothing is mapped."""


THROWN_UP = (ErrorEventDefinition, EscalationEventDefinition)
BROADCAST = SignalEventDefinition
SENT_OUT = MessageEventDefinition
SILENT = NoneEventDefinition
