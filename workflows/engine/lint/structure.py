"""How nodes may be joined: flows, events, gateways (DESIGN 4.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from workflows.engine.findings import Finding, Rule
from workflows.engine.lint.model import Node, Process, line_of

FLOW_DANGLES = Rule(
    "flow-dangles",
    "连线“{id}”的起点或终点不在同一流程（子流程）内。",
    "The flow “{id}” does not begin and end at nodes of one process or subprocess.",
    "请重新连接，或删除连线。",
    "Connect it again, or remove it.",
)
DEAD_END = Rule(
    "dead-end",
    "“{id}”没有{side_zh}连线。",
    "“{id}” has no {side_en} flow.",
    "每条路径都应从开始事件走到结束事件。",
    "Every path leads from the start event to an end event.",
)
FLOW_MISPLACED = Rule(
    "flow-misplaced",
    "“{id}”不能有{side_zh}连线。",
    "“{id}” may not have {side_en} flows.",
    "请删除该连线。",
    "Remove the flow.",
)
START_COUNT = Rule(
    "start-count",
    "“{id}”应恰有一个开始事件和至少一个结束事件。",
    "“{id}” needs exactly one start event and at least one end event.",
    "请补上或删除。",
    "Add or remove events.",
)
EVENT_KIND = Rule(
    "event-kind",
    "此处的事件不能是“{kind}”：{reason_zh}",
    "This event may not be of the kind “{kind}”: {reason_en}",
    "请改用允许的事件。",
    "Use a kind that the profile has.",
)
BOUNDARY_HOST = Rule(
    "boundary-host",
    "边界事件“{id}”没有附在同一范围内的任务或子流程上。",
    "The boundary event “{id}” sits on no activity of its scope.",
    "请把它放到任务、调用活动或子流程的边上。",
    "Put it on the border of a task, call activity or subprocess.",
)
FLOW_TWICE = Rule(
    "flow-twice",
    "有两条连线从“{source}”到汇合网关“{id}”，引擎分不清是从哪一条来的。",
    "Two flows lead from “{source}” to the joining gateway “{id}”, which cannot tell them apart.",
    "请删除一条，或在其中一条上放一个任务。",
    "Remove one, or put a task on it.",
)
EVENT_GATEWAY = Rule(
    "event-gateway",
    "事件网关“{id}”之后应有至少两个捕获事件，各只有一条入线。",
    "Behind the event-based gateway “{id}” stand two catching events or more, each with this one"
    " flow.",
    "请改用边界事件，或重新连接。",
    "Use a boundary event, or connect them again.",
)
CONDITION_MISPLACED = Rule(
    "condition-misplaced",
    "连线“{id}”的条件不起作用：条件只能在排他网关或包容网关之后。",
    "The condition of the flow “{id}” has no effect: conditions stand behind exclusive and"
    " inclusive gateways.",
    "请加排他网关，或删除条件。",
    "Add an exclusive gateway, or remove the condition.",
)

_NONE = ("空", "none")
_CAN_START = frozenset({"message"})
_CAN_CATCH = frozenset({"timer", "message", "signal"})
_CAN_THROW = frozenset({"message", "signal", "escalation"})
_CAN_END = frozenset({"message", "signal", "error", "escalation", "terminate"})
_CAN_BOUND = frozenset({"timer", "signal", "error", "escalation"})
_JOINS = frozenset({"parallelGateway", "inclusiveGateway"})
_CONDITIONAL = frozenset({"exclusiveGateway", "inclusiveGateway"})
_HOSTS = frozenset(
    {"userTask", "manualTask", "serviceTask", "businessRuleTask", "subProcess", "callActivity"}
)


def check_structure(process: Process) -> Iterator[Finding]:
    """Check flows, starts and ends, events and gateways of one process."""
    yield from _check_flows(process)
    for scope in (process.id, *_subprocesses(process)):
        yield from _check_scope(process, scope)
    for node in process.nodes.values():
        yield from _check_ends(process, node)
        if node.tag.endswith("Event"):
            yield from _check_event(process, node)
        if node.tag == "eventBasedGateway":
            yield from _check_event_gateway(process, node)
        if node.tag in _JOINS:
            yield from _check_join(process, node)


def _subprocesses(process: Process) -> tuple[str, ...]:
    return tuple(node.id for node in process.nodes.values() if node.tag == "subProcess")


def _check_flows(process: Process) -> Iterator[Finding]:
    for flow in process.flows:
        ends = [process.nodes.get(flow.source), process.nodes.get(flow.target)]
        if any(node is None or node.scope != flow.scope for node in ends):
            yield process.found(FLOW_DANGLES, flow)
            continue
        source = process.nodes[flow.source]
        if flow.condition is not None and source.tag not in _CONDITIONAL:
            yield process.found(CONDITION_MISPLACED, flow)


def _check_scope(process: Process, scope: str) -> Iterator[Finding]:
    nodes = process.inside(scope)
    starts = sum(node.tag == "startEvent" for node in nodes)
    ends = sum(node.tag == "endEvent" for node in nodes)
    if starts != 1 or ends == 0:
        node = process.nodes.get(scope)
        line = node.line if node else line_of(process.element)
        yield START_COUNT.found(process.file, scope, line, id=scope)


def _check_ends(process: Process, node: Node) -> Iterator[Finding]:
    begins = node.tag in ("startEvent", "boundaryEvent")
    ends = node.tag == "endEvent"
    sides = (
        (process.incoming(node.id), begins, "入", "incoming"),
        (process.outgoing(node.id), ends, "出", "outgoing"),
    )
    for flows, is_border, zh, en in sides:
        if is_border and flows:
            yield process.found(FLOW_MISPLACED, node, id=node.id, side_zh=zh, side_en=en)
        elif not is_border and not flows:
            yield process.found(DEAD_END, node, id=node.id, side_zh=zh, side_en=en)


def _check_event(process: Process, node: Node) -> Iterator[Finding]:
    if len(node.events) > 1:
        yield _kind(process, node, "+".join(node.events), "一个事件只能有一种。", "one kind only.")
        return
    kind = node.events[0] if node.events else None
    if node.tag == "boundaryEvent":
        yield from _check_boundary(process, node, kind)
    elif node.tag == "startEvent":
        is_top = node.scope == process.id
        if kind is not None and not (is_top and kind in _CAN_START):
            zh = "案件由操作或消息开启，子流程由连线进入。"
            en = "cases are opened by operations or messages, subprocesses by their flow."
            yield _kind(process, node, kind, zh, en)
    else:
        known = {
            "endEvent": _CAN_END | {None},
            "intermediateThrowEvent": _CAN_THROW | {None},
            "intermediateCatchEvent": _CAN_CATCH,
        }[node.tag]
        if kind not in known:
            zh, en = "不在允许的范围内。", "it is outside the profile."
            yield _kind(process, node, kind or "/".join(_NONE), zh, en)


def _check_boundary(process: Process, node: Node, kind: str | None) -> Iterator[Finding]:
    host = process.nodes.get(node.host or "")
    if host is None or host.scope != node.scope or host.tag not in _HOSTS:
        yield process.found(BOUNDARY_HOST, node, id=node.id)
    if kind == "message":
        zh = "消息边界事件可以重复发生，重复提交会被当作又一份来文；请在子流程内等待消息。"
        en = (
            "it may happen again and again, and a second click would count as a second message;"
            " wait for the message inside a subprocess."
        )
        yield _kind(process, node, kind, zh, en)
    elif kind not in _CAN_BOUND:
        zh, en = "不在允许的范围内。", "it is outside the profile."
        yield _kind(process, node, kind or "/".join(_NONE), zh, en)
    elif kind == "error" and node.element.get("cancelActivity", "true") != "true":
        zh = "错误总是中断。"
        yield _kind(process, node, kind, zh, "an error always interrupts.")


def _kind(process: Process, node: Node, kind: str, zh: str, en: str) -> Finding:
    return process.found(EVENT_KIND, node, kind=kind, reason_zh=zh, reason_en=en)


def _check_join(process: Process, node: Node) -> Iterator[Finding]:
    sources = Counter(flow.source for flow in process.incoming(node.id))
    for source, count in sources.items():
        if count > 1:
            yield process.found(FLOW_TWICE, node, source=source)


def _check_event_gateway(process: Process, node: Node) -> Iterator[Finding]:
    targets = [process.nodes.get(flow.target) for flow in process.outgoing(node.id)]
    catches = [
        target
        for target in targets
        if target is not None
        and target.tag == "intermediateCatchEvent"
        and len(process.incoming(target.id)) == 1
    ]
    if len(catches) != len(targets) or len(targets) < 2:
        yield process.found(EVENT_GATEWAY, node, id=node.id)
