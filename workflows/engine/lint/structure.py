"""How nodes may be joined: flows, events, gateways, loops (DESIGN 4.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

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
JOIN_IN_LOOP = Rule(
    "join-in-loop",
    "汇合网关“{id}”在循环中；第二次经过时引擎会提前放行。",
    "The joining gateway “{id}” lies in a loop; on the second pass the engine fires it early.",
    "请把并行部分放进子流程，再由循环进入子流程。",
    "Put the parallel part into a subprocess and let the loop enter that.",
)
EVENT_GATEWAY = Rule(
    "event-gateway",
    "事件网关“{id}”之后应有至少两个捕获事件，各只有一条入线，其中计时最多一个（引擎只认第一个计时）。",
    "Behind the event-based gateway “{id}” stand two catching events or more, each with this one"
    " flow, and one timer at most (the engine uses the first only).",
    "请改用边界计时或合并计时。",
    "Use a boundary timer, or make one timer of them.",
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
_CONDITIONAL = frozenset({"exclusiveGateway", "inclusiveGateway"})
_HOSTS = frozenset(
    {"userTask", "manualTask", "serviceTask", "businessRuleTask", "subProcess", "callActivity"}
)


def check_structure(process: Process) -> Iterator[Finding]:
    """Check flows, starts and ends, events and gateways of one process."""
    yield from _check_flows(process)
    for scope in (process.id, *_subprocesses(process)):
        yield from _check_scope(process, scope)
        yield from _check_loops(process, scope)
    for node in process.nodes.values():
        yield from _check_ends(process, node)
        if node.tag.endswith("Event"):
            yield from _check_event(process, node)
        if node.tag == "eventBasedGateway":
            yield from _check_event_gateway(process, node)


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
        zh = "引擎中消息边界事件只触发一次；请在子流程内等待消息。"
        en = "in the engine it fires only once; wait for the message inside a subprocess."
        yield _kind(process, node, kind, zh, en)
    elif kind not in _CAN_BOUND:
        zh, en = "不在允许的范围内。", "it is outside the profile."
        yield _kind(process, node, kind or "/".join(_NONE), zh, en)
    elif kind == "error" and node.element.get("cancelActivity", "true") != "true":
        zh = "错误总是中断。"
        yield _kind(process, node, kind, zh, "an error always interrupts.")


def _kind(process: Process, node: Node, kind: str, zh: str, en: str) -> Finding:
    return process.found(EVENT_KIND, node, kind=kind, reason_zh=zh, reason_en=en)


def _check_event_gateway(process: Process, node: Node) -> Iterator[Finding]:
    targets = [process.nodes.get(flow.target) for flow in process.outgoing(node.id)]
    catches = [
        target
        for target in targets
        if target is not None
        and target.tag == "intermediateCatchEvent"
        and len(process.incoming(target.id)) == 1
    ]
    timers = sum("timer" in target.events for target in catches)
    if len(catches) != len(targets) or len(targets) < 2 or timers > 1:
        yield process.found(EVENT_GATEWAY, node, id=node.id)


def _check_loops(process: Process, scope: str) -> Iterator[Finding]:
    edges = edges_of(process, scope)
    for component in strong_components(edges):
        if len(component) == 1:
            continue
        for node_id in component:
            node = process.nodes[node_id]
            is_join = len(process.incoming(node_id)) > 1
            if node.tag in ("parallelGateway", "inclusiveGateway") and is_join:
                yield process.found(JOIN_IN_LOOP, node, id=node_id)


def edges_of(process: Process, scope: str) -> Mapping[str, Sequence[str]]:
    """Give where a token of a scope may go next: along flows, and from host to event."""
    nodes = {node.id: node for node in process.inside(scope)}
    edges: dict[str, list[str]] = {node: [] for node in nodes}
    for flow in process.flows:
        if flow.source in nodes and flow.target in nodes:
            edges[flow.source].append(flow.target)
    for node in nodes.values():
        if node.host in nodes:
            edges[node.host].append(node.id)
    return edges


def strong_components(edges: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """Find the sets of nodes that reach each other (Tarjan's way, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[tuple[str, ...]] = []
    for root in edges:
        work = [(root, iter(edges[root]))] if root not in index else []
        while work:
            node, following = work[-1]
            if node not in index:
                index[node] = low[node] = len(index)
                stack.append(node)
            for target in following:
                if target not in index:
                    work.append((target, iter(edges[target])))
                    break
                if target in stack:
                    low[node] = min(low[node], index[target])
            else:
                work.pop()
                if work:
                    parent = work[-1][0]
                    low[parent] = min(low[parent], low[node])
                if low[node] == index[node]:
                    cut = stack.index(node)
                    found.append(tuple(stack[cut:]))
                    del stack[cut:]
    return found
