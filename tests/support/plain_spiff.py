"""A case kept alive in plain SpiffWorkflow, with its own specs, as the other opinion.

Nothing of our adapter is used: SpiffWorkflow's parser, specs and workflow run the
same files. What has no meaning of its own there is given: the truth of conditions,
facts that operations and decision tables write, and timers that never fire by
themselves. One fault is mended, for without that nothing could be compared: see
``_InterruptsAtOnce``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.event_parsers import BoundaryEventParser
from SpiffWorkflow.bpmn.parser.task_parsers import CallActivityParser, SubWorkflowParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.config import DEFAULT_CONFIG
from SpiffWorkflow.bpmn.specs.defaults import (
    BoundaryEvent,
    CallActivity,
    EventBasedGateway,
    NoneTask,
    ServiceTask,
    SubWorkflowTask,
)
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows.domain.steps import FactValue, Trigger, TriggerType
from workflows.engine import Definition, decide
from workflows.engine.run import Names

_PAST = datetime(2000, 1, 1, tzinfo=UTC).isoformat()


class _Acting(ServiceTask):
    """A service or business rule task that writes its facts."""

    def _execute(self, my_task: Task) -> bool:
        my_task.workflow.script_engine.act(self.bpmn_id)
        return True


class _InterruptsAtOnce(BoundaryEvent):
    """Interrupts its activity when it happens.

    SpiffWorkflow 3.2.0 interrupts when the event has its turn; what is deeper inside
    has it first and goes on by its normal flow.
    """

    def catch(self, my_task: Task, event: BpmnEvent) -> None:
        super().catch(my_task, event)
        if self.cancel_activity:
            for other in my_task.parent.children:
                if not isinstance(other.task_spec, BoundaryEvent):
                    other.cancel()


class _StaysEnded:
    """Keeps a scope ended that was interrupted from inside."""

    def _on_subworkflow_completed(self, subworkflow: Any, my_task: Task) -> None:
        if not my_task.has_state(TaskState.FINISHED_MASK):
            super()._on_subworkflow_completed(subworkflow, my_task)


class _Inside(_StaysEnded, SubWorkflowTask):
    """An embedded subprocess."""


class _Called(_StaysEnded, CallActivity):
    """A call activity."""


class _Parser(BpmnParser):
    OVERRIDE_PARSER_CLASSES: Mapping[str, tuple[type, type]] = {
        full_tag("serviceTask"): (TaskParser, _Acting),
        full_tag("businessRuleTask"): (TaskParser, _Acting),
    }


_SERIALIZER = BpmnWorkflowSerializer(
    BpmnWorkflowSerializer.configure({**DEFAULT_CONFIG, _Acting: DEFAULT_CONFIG[NoneTask]})
)


class _MendedParser(_Parser):
    OVERRIDE_PARSER_CLASSES: Mapping[str, tuple[type, type]] = {
        **_Parser.OVERRIDE_PARSER_CLASSES,
        full_tag("boundaryEvent"): (BoundaryEventParser, _InterruptsAtOnce),
        full_tag("subProcess"): (SubWorkflowParser, _Inside),
        full_tag("callActivity"): (CallActivityParser, _Called),
    }


class _Engine(PythonScriptEngine):
    """Answers conditions on the facts of the case."""

    def __init__(self, definition: Definition, facts: dict[str, FactValue]) -> None:
        super().__init__()
        self._definition = definition
        self.facts = facts
        self._elements = {
            element.id: element
            for other in definition.pack.processes.values()
            for element in other.process.elements.values()
        }

    def evaluate(self, task: Task, expression: str, external_context: object = None) -> Any:
        """Give a condition's truth; a timer is set to a time that never comes."""
        if external_context is None:
            return "P9000D"
        names = Names(self._definition.pack, self.facts)
        return self._definition.pack.condition(expression).holds(names)

    def act(self, element_id: str) -> None:
        """Count, or answer a decision table."""
        element = self._elements[element_id]
        attributes = element.attributes
        if "decision" in attributes:
            self.facts.update(decide(self._definition.pack, attributes["decision"], self.facts))
        elif attributes.get("operation") == "count":
            fact = next(
                argument.fact or argument.value or ""
                for argument in element.arguments
                if argument.name == "fact"
            )
            count = self.facts.get(fact)
            self.facts[fact] = (count if isinstance(count, int) else 0) + 1


@lru_cache(maxsize=4)
def _specs(definition: Definition, mended: bool) -> tuple[Any, Any]:
    """Parse the pack of a process, as SpiffWorkflow does by itself."""
    parser = _MendedParser() if mended else _Parser()
    for file, content in definition.pack.files.items():
        if file.endswith(".bpmn"):
            root = etree.fromstring(content)
            # Without the drawing, flows stand in the order of the file.
            for drawing in root.findall("{*}BPMNDiagram"):
                root.remove(drawing)
            parser.add_bpmn_xml(root, file)
    process_id = definition.process_id
    return parser.get_spec(process_id), parser.get_subprocess_specs(process_id)


class PlainCase:
    """One case that lives on in memory."""

    def __init__(
        self, definition: Definition, facts: Mapping[str, FactValue], *, mended: bool = True
    ) -> None:
        self._engine = _Engine(definition, dict(facts))
        self._workflow = BpmnWorkflow(*_specs(definition, mended), script_engine=self._engine)
        self._workflow.do_engine_steps()

    def save(self) -> str:
        """Write the case as SpiffWorkflow's own JSON, its specs included."""
        text: str = _SERIALIZER.serialize_json(self._workflow)
        return text

    def load(self, text: str) -> None:
        """Go on with a case that was written before."""
        self._workflow = _SERIALIZER.deserialize_json(text)
        self._workflow.script_engine = self._engine

    @property
    def facts(self) -> dict[str, FactValue]:
        """Give what is known of the case."""
        return self._engine.facts

    @property
    def ended(self) -> bool:
        """Tell whether the case has ended."""
        return bool(self._workflow.is_completed())

    def standing(self) -> Counter[Trigger]:
        """Give what may happen next, and how often it stands there."""
        return Counter(trigger for trigger, _ in self._open())

    def move(self, trigger: Trigger, facts: Mapping[str, FactValue]) -> None:
        """Let one of the things happen that may happen, with these facts known by then."""
        self.facts.update(facts)
        token = next(token for each, token in self._open() if each == trigger)
        if trigger.type is TriggerType.TASK:
            token.run()
        elif trigger.type is TriggerType.CLOCK:
            token.internal_data["event_value"] = _PAST
            self._workflow.refresh_timers()
        else:
            definition = _definition(token, trigger)
            token.task_spec.catch(token, BpmnEvent(definition, payload={}, correlations={}))
            token.task_spec._update(token)
        self._workflow.do_engine_steps()

    def _open(self) -> Iterator[tuple[Trigger, Task]]:
        for token in self._workflow.get_tasks(state=TaskState.READY | TaskState.WAITING):
            spec = token.task_spec
            prefix = _prefix(token)
            if token.state == TaskState.READY and spec.manual:
                yield Trigger(TriggerType.TASK, prefix + spec.name), token
            elif token.state == TaskState.WAITING and isinstance(spec, EventBasedGateway):
                for event, name in zip(
                    spec.event_definition.event_definitions, spec._outputs, strict=True
                ):
                    yield from _waits(event, prefix + name, token)
            elif token.state == TaskState.WAITING and hasattr(spec, "event_definition"):
                yield from _waits(spec.event_definition, prefix + spec.name, token)


def _waits(event: object, path: str, token: Task) -> Iterator[tuple[Trigger, Task]]:
    if isinstance(event, TimerEventDefinition):
        yield Trigger(TriggerType.CLOCK, path), token
    elif isinstance(event, MessageEventDefinition):
        yield Trigger(TriggerType.MESSAGE, path), token


def _definition(token: Task, trigger: Trigger) -> Any:
    spec = token.task_spec
    if isinstance(spec, EventBasedGateway):
        at = spec._outputs.index(trigger.path.rpartition("/")[2])
        return spec.event_definition.event_definitions[at]
    return spec.event_definition


def _prefix(token: Task) -> str:
    workflow, prefix = token.workflow, ""
    while workflow.parent_task_id is not None:
        host = workflow.top_workflow.get_task_from_id(workflow.parent_task_id)
        prefix = f"{host.task_spec.name}/{prefix}"
        workflow = host.workflow
    return prefix


def repeats(definition: Definition, trigger: Trigger) -> bool:
    """Tell whether SpiffWorkflow lets happen once what may happen again and again."""
    if trigger.type is not TriggerType.MESSAGE:
        return False
    event = definition.message(trigger.path)
    return event.attached_to is not None and not event.interrupting
