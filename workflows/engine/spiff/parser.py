"""Diagrams into SpiffWorkflow specs, with our places and without reading anything else.

Embedded subprocesses are known by their path inside the process (``ladder/term``),
so that two processes may use the same id; messages, signals and errors are looked
up in their own file; flows are taken in the order of the file, wherever they are drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.event_parsers import (
    ERROR_EVENT_XPATH,
    ESCALATION_EVENT_XPATH,
    MESSAGE_EVENT_XPATH,
    SIGNAL_EVENT_XPATH,
    TERMINATION_EVENT_XPATH,
    BoundaryEventParser,
    EndEventParser,
    EventBasedGatewayParser,
    EventDefinitionParser,
    IntermediateCatchEventParser,
    IntermediateThrowEventParser,
    StartEventParser,
)
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.task_parsers import (
    CallActivityParser,
    ConditionalGatewayParser,
    GatewayParser,
)
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import (
    ErrorEventDefinition,
    EscalationEventDefinition,
    SignalEventDefinition,
)
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec

from workflows.engine.spiff.places import (
    Begin,
    Boundary,
    Call,
    Catch,
    Choice,
    Countdown,
    End,
    EndMark,
    Host,
    Inclusive,
    Inside,
    ManualWork,
    Operation,
    Parallel,
    Race,
    RuleTask,
    StartMark,
    Throw,
    Work,
)

# No XML id contains a number sign.
_START, _END = "#start", "#end"
_ENDS = [
    MESSAGE_EVENT_XPATH,
    SIGNAL_EVENT_XPATH,
    ERROR_EVENT_XPATH,
    ESCALATION_EVENT_XPATH,
    TERMINATION_EVENT_XPATH,
]


class Scope(BpmnProcessSpec):
    """The spec of a process or an embedded subprocess."""

    def __init__(self, name: str, description: str | None = None, filename: str | None = None):
        WorkflowSpec.__init__(self, name=name, filename=filename)
        self.bpmn_start_events: list[TaskSpec] = []
        self.start = StartMark(self, _START)
        self.end = EndMark(self, _END)
        self.description = description
        self.io_specification = None
        self.data_objects: dict[str, Any] = {}
        self.data_stores: dict[str, Any] = {}
        self.correlation_keys: dict[str, list[str]] = {}

    def close(self) -> None:
        """Lead every node without outgoing flow to the end of the scope."""
        for spec in list(self.task_specs.values()):
            if not spec._outputs and spec is not self.end:
                spec.connect(self.end)


class _ScopeParser(ProcessParser):
    """Parses one process or one embedded subprocess."""

    @property
    def bpmn_id(self) -> str:
        """Give the path of the scope inside its process."""
        return scope_key(self.node)

    def create_spec(self) -> Scope:
        """Make the empty spec."""
        return Scope(self.bpmn_id, description=self.get_name(), filename=self.filename)

    def add_tasks(self) -> None:
        """Parse from the last node of the file to the first.

        SpiffWorkflow follows the flows and would go deeper with every node; this way
        what comes next has mostly been parsed before. Boundary events come with
        their activity.
        """
        for node in reversed(self.node):
            if node.tag in self.parser.PARSER_CLASSES and node.tag != full_tag("boundaryEvent"):
                self.parse_node(node)
        super().add_tasks()

    def _parse(self) -> None:
        super()._parse()
        self.spec.close()


def scope_key(node: Any) -> str:
    """Give the path of a process or subprocess element inside its process."""
    ids = [node.get("id")]
    while node.tag != full_tag("process"):
        node = node.getparent()
        if node.tag in _SCOPES:
            ids.append(node.get("id"))
    return "/".join(reversed(ids))


_SCOPES = {full_tag("process"), full_tag("subProcess")}


class _Node(TaskParser):
    """What all our node parsers share."""

    def get_position(self, _node: Any = None) -> dict[str, float]:
        """Give every node the same place: the order of the file decides."""
        return {"x": 0.0, "y": 0.0}

    def _add_boundary_event(self, children: list[Any]) -> TaskSpec:
        # SpiffWorkflow looks for a host by exactly this name.
        host = Host(self.spec, f"{self.bpmn_id}.BoundaryEventSplit", lane=self.task.lane)
        for node in children:
            host.connect(self.process_parser.parse_node(node))
        host.connect(self.task)
        return host


class _Task(_Node):
    """Tasks."""


class _Gateway(_Node, GatewayParser):
    """Parallel gateways."""


class _Conditional(_Node, ConditionalGatewayParser):
    """Exclusive and inclusive gateways."""


class _Call(_Node, CallActivityParser):
    """Call activities."""


class _Inside(_Node):
    """Embedded subprocesses."""

    def create_task(self) -> TaskSpec:
        """Register the inside as a scope of its own."""
        parser = self.process_parser.parser
        parser.create_parser(self.node, filename=self.filename, lane=self.lane)
        key = scope_key(self.node)
        parser.process_parsers[key].parent = self.process_parser
        return self.spec_class(
            self.spec, self.bpmn_id, subworkflow_spec=key, **self.bpmn_attributes
        )


class _Event(_Node, EventDefinitionParser):
    """Events."""

    def parse_timer_event(self, _event: Any) -> EventDefinition:
        """Take no time from the file: the definition of the pack knows the rule."""
        return Countdown(self.bpmn_id)

    def parse_message_event(self, event: Any) -> EventDefinition:
        """Name the message."""
        message = self._referred("message", event.get("messageRef"))
        return MessageEventDefinition(message.get("name") or message.get("id"))

    def parse_signal_event(self, event: Any) -> EventDefinition:
        """Name the signal."""
        signal = self._referred("signal", event.get("signalRef"))
        return SignalEventDefinition(signal.get("name") or signal.get("id"))

    def parse_error_event(self, event: Any) -> EventDefinition:
        """Take the error's code; without a reference any error is meant."""
        return ErrorEventDefinition(*self._code("error", "errorCode", event.get("errorRef")))

    def parse_escalation_event(self, event: Any) -> EventDefinition:
        """Take the escalation's code; without a reference any escalation is meant."""
        return EscalationEventDefinition(
            *self._code("escalation", "escalationCode", event.get("escalationRef"))
        )

    def _code(self, tag: str, attribute: str, reference: str | None) -> tuple[str, str | None]:
        if reference is None:
            return f"any {tag}", None
        element = self._referred(tag, reference)
        code = element.get(attribute) or element.get("name") or element.get("id")
        return code, code

    def _referred(self, tag: str, reference: str | None) -> Any:
        for element in self.process_parser.document_root.iterfind(full_tag(tag)):
            if element.get("id") == reference:
                return element
        self.raise_validation_exception(f"There is no {tag} {reference}")
        raise AssertionError


class _Start(_Event, StartEventParser):
    """Start events."""

    def create_task(self) -> TaskSpec:
        """Start at once: the trigger has happened by then."""
        task = self._create_task(NoneEventDefinition())
        self.spec.start.connect(task)
        return task


class _End(_Event, EndEventParser):
    """End events; SpiffWorkflow reads one that throws a signal as a plain end."""

    def create_task(self) -> TaskSpec:
        """Read everything that an end may throw."""
        task = self._create_task(self.get_event_definition(_ENDS))
        task.connect(self.spec.end)
        return task


class _CatchEvent(_Event, IntermediateCatchEventParser):
    """Intermediate catching events."""


class _ThrowEvent(_Event, IntermediateThrowEventParser):
    """Intermediate throwing events."""


class _BoundaryEvent(_Event, BoundaryEventParser):
    """Boundary events."""


class _Race(_Event, EventBasedGatewayParser):
    """Event-based gateways."""


class DiagramParser(BpmnParser):
    """SpiffWorkflow's parser for the profile of DESIGN 4.3 and nothing more."""

    PROCESS_PARSER_CLASS = _ScopeParser
    PARSER_CLASSES: Mapping[str, tuple[type, type]] = {
        full_tag(tag): classes
        for tag, classes in {
            "startEvent": (_Start, Begin),
            "endEvent": (_End, End),
            "userTask": (_Task, Work),
            "manualTask": (_Task, ManualWork),
            "serviceTask": (_Task, Operation),
            "businessRuleTask": (_Task, RuleTask),
            "subProcess": (_Inside, Inside),
            "callActivity": (_Call, Call),
            "exclusiveGateway": (_Conditional, Choice),
            "inclusiveGateway": (_Conditional, Inclusive),
            "parallelGateway": (_Gateway, Parallel),
            "eventBasedGateway": (_Race, Race),
            "intermediateCatchEvent": (_CatchEvent, Catch),
            "intermediateThrowEvent": (_ThrowEvent, Throw),
            "boundaryEvent": (_BoundaryEvent, Boundary),
        }.items()
    }

    def __init__(self) -> None:
        super().__init__()
        # SpiffWorkflow knows documents by the id of their root object: keep them.
        self._roots: list[etree._Element] = []

    def add(self, root: etree._Element, filename: str) -> None:
        """Add one diagram."""
        self._roots.append(root)
        self.add_bpmn_xml(root, filename)

    def specs(self) -> dict[str, Scope]:
        """Give the specs of all processes and subprocesses by their path."""
        found: dict[str, Scope] = {}
        # Parsing a scope makes the parsers of the subprocesses in it.
        while missing := self.process_parsers.keys() - found.keys():
            found.update({key: self.process_parsers[key].get_spec() for key in sorted(missing)})
        return found
