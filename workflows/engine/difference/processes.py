"""What differs between the processes of two versions: nodes, ways, lanes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from workflows.engine.difference.changes import (
    NOTHING,
    Aspect,
    Both,
    Change,
    Part,
    Spot,
    joined,
    keys_of,
    named,
    quoted,
    same,
    written,
    yes_no,
)
from workflows.engine.elements import Element, Lane, Process
from workflows.engine.lint.model import Flow, read_processes
from workflows.engine.pack import Pack
from workflows.engine.spoken import say_expression, say_office
from workflows.engine.xml import parse_xml

_KINDS: Mapping[str, Both] = {
    "userTask": ("环节", "task"),
    "manualTask": ("环节", "task"),
    "serviceTask": ("自动办理", "automatic step"),
    "businessRuleTask": ("规则判断", "decision step"),
    "subProcess": ("阶段", "stage"),
    "callActivity": ("子流程", "called process"),
    "exclusiveGateway": ("判断", "choice"),
    "inclusiveGateway": ("多选判断", "inclusive choice"),
    "parallelGateway": ("并行", "parallel split or join"),
    "eventBasedGateway": ("等待", "wait"),
    "startEvent": ("起点", "start"),
    "endEvent": ("终点", "end"),
    "intermediateCatchEvent": ("等待", "wait"),
    "intermediateThrowEvent": ("通知", "signal"),
    "boundaryEvent": ("附带事件", "event"),
}
_DEADLINE: Both = ("时限", "deadline")
_SUBJECTS: Mapping[str | None, Both] = {
    "organisation": ("组织", "an organisation"),
    "person": ("个人", "a person"),
}
_LINES: Mapping[str, Both] = {
    "organisation": ("组织", "organisation"),
    "discipline": ("纪检", "discipline"),
}
_EVENT: Both = ("事件发生当日", "the day of the event")


def compare_processes(old: Pack, new: Pack) -> Iterator[Change]:
    """Say what differs between the processes of two packs."""
    before, after = _processes(old), _processes(new)
    for key in keys_of(before, after):
        if key not in before:
            spot = Spot(Part.PROCESS, after[key].file, key)
            yield spot.added(quoted(("流程", "process"), named(new, "process", key)))
        elif key not in after:
            spot = Spot(Part.PROCESS, before[key].file, key)
            yield spot.removed(quoted(("流程", "process"), named(old, "process", key)))
        else:
            yield from _compare(old, new, before[key], after[key])


def _processes(pack: Pack) -> dict[str, Process]:
    return {key: definition.process for key, definition in pack.processes.items()}


def _compare(old: Pack, new: Pack, before: Process, after: Process) -> Iterator[Change]:
    spot = Spot(Part.PROCESS, after.file, after.id)
    aspects: tuple[Aspect, ...] = (
        (("名称", "name"), written(before.name), written(after.name)),
        (("档", "rung"), _rung(before.rung), _rung(after.rung)),
        (
            ("对象", "subject"),
            _SUBJECTS.get(before.subject, NOTHING),
            _SUBJECTS.get(after.subject, NOTHING),
        ),
    )
    yield from spot.aspects(quoted(("流程", "process"), named(new, "process", after.id)), aspects)
    yield from _compare_lanes(new, before, after)
    yield from _compare_nodes(old, new, before, after)
    yield from _compare_flows(old, new, before, after)


def _compare_lanes(new: Pack, before: Process, after: Process) -> Iterator[Change]:
    old_lanes, new_lanes = _lanes(before), _lanes(after)
    for key in keys_of(old_lanes, new_lanes):
        spot = Spot(Part.LANE, after.file, after.id, key)
        lane = new_lanes.get(key) or old_lanes[key]
        name = lane.name, new.name("lane", key, "en") if key in new_lanes else lane.name
        of = quoted(("泳道", "lane"), name)
        if key not in old_lanes:
            yield spot.added(of)
        elif key not in new_lanes:
            yield spot.removed(of)
        else:
            yield from spot.aspects(of, _lane_aspects(old_lanes[key], new_lanes[key]))


def _lanes(process: Process) -> dict[str, Lane]:
    return {each.lane.id: each.lane for each in process.elements.values() if each.lane}


def _lane_aspects(before: Lane, after: Lane) -> Iterator[Aspect]:
    yield ("名称", "name"), written(before.name), written(after.name)
    yield ("角色", "roles"), joined(map(same, before.roles)), joined(map(same, after.roles))
    yield ("办理单位", "office"), _office(before.office), _office(after.office)


def _office(rule: str | None) -> Both:
    return say_office(rule, "zh"), say_office(rule, "en")


def _rung(number: int | None) -> Both:
    return NOTHING if number is None else (f"第{number}档", f"rung {number}")


def _compare_nodes(old: Pack, new: Pack, before: Process, after: Process) -> Iterator[Change]:
    old_nodes = {each.id: each for each in before.elements.values()}
    new_nodes = {each.id: each for each in after.elements.values()}
    for key in keys_of(old_nodes, new_nodes):
        spot = Spot(Part.NODE, after.file, after.id, key)
        if key not in old_nodes:
            yield spot.added(_node(new, new_nodes[key]))
        elif key not in new_nodes:
            yield spot.removed(_node(old, old_nodes[key]))
        else:
            of = _node(new, new_nodes[key])
            yield from spot.aspects(of, _node_aspects(old, new, old_nodes[key], new_nodes[key]))


def _node(pack: Pack, node: Element) -> Both:
    kind = _DEADLINE if node.timer else _KINDS.get(node.kind, same(node.kind))
    return quoted(kind, named(pack, "activity", node.id))


def _node_aspects(old: Pack, new: Pack, before: Element, after: Element) -> Iterator[Aspect]:
    """Give what differs; what a node refers to counts by its id, whatever it is called now."""
    yield ("名称", "name"), written(before.name), written(after.name)
    for name, read, say in _READINGS:
        if read(before) != read(after):
            yield name, say(old, before), say(new, after)
    for key in sorted({*before.attributes, *after.attributes}):
        name, tell = _ATTRIBUTES.get(key, (same(key), lambda _, value: same(value)))
        was, becomes = before.attributes.get(key), after.attributes.get(key)
        if was != becomes:
            yield (
                name,
                tell(old, was) if was else NOTHING,
                tell(new, becomes) if becomes else NOTHING,
            )


def _within(pack: Pack, node: Element) -> Both:
    return joined(named(pack, "activity", each) for each in node.within)


def _lane(pack: Pack, node: Element) -> Both:
    return NOTHING if node.lane is None else named(pack, "lane", node.lane.id)


def _term(pack: Pack, node: Element) -> Both:
    if node.timer is None:
        return NOTHING
    rule = node.timer.removeprefix("term(").partition(",")[0].rstrip(")")
    zh, en = named(pack, "parameter", rule)
    return (zh, en) if rule == node.timer else (f"{zh}（{node.timer}）", f"{en} ({node.timer})")


def _called(pack: Pack, node: Element) -> Both:
    return NOTHING if node.called is None else named(pack, "process", node.called)


def _arguments(_: Pack, node: Element) -> Both:
    return joined(same(f"{each.name}={each.fact or each.value}") for each in node.arguments)


def _beside(pack: Pack, node: Element) -> Both:
    """Say beside which cases a start event opens one, when, and what it takes over."""
    beside = node.beside
    if beside is None:
        return NOTHING
    parts = [joined(named(pack, "process", each) for each in beside.processes)]
    if beside.when:
        parts.append(
            (say_expression(pack, beside.when, "zh"), say_expression(pack, beside.when, "en"))
        )
    if beside.window:
        parts.append(named(pack, "parameter", beside.window))
    facts = (*beside.takes, *beside.since, *filter(None, (beside.on, beside.late)), *beside.once)
    against = (f"{process}:{outcome}" for process, outcome in beside.unless)
    facts = (*facts, *against)
    parts.append(
        joined(named(pack, "fact", each) if each in pack.facts else same(each) for each in facts)
    )
    return "；".join(each[0] for each in parts), "; ".join(each[1] for each in parts)


_READINGS: tuple[tuple[Both, Callable[[Element], object], Callable[[Pack, Element], Both]], ...] = (
    (
        ("类型", "kind"),
        lambda node: node.kind,
        lambda _, node: _KINDS.get(node.kind, same(node.kind)),
    ),
    (("所在阶段", "stage"), lambda node: node.within, _within),
    (("办理人", "who does it"), lambda node: node.lane and node.lane.id, _lane),
    (("期限", "term"), lambda node: node.timer, _term),
    (("调用的流程", "called process"), lambda node: node.called, _called),
    (
        ("所附环节", "host"),
        lambda node: node.attached_to,
        lambda pack, node: _activities(pack, node.attached_to),
    ),
    (
        ("到时中止所附环节", "interrupts"),
        lambda node: node.interrupting,
        lambda _, node: yes_no(node.interrupting),
    ),
    (("所等来件", "message"), lambda node: node.message, lambda _, node: same(node.message)),
    (("办理参数", "parameters"), lambda node: node.arguments, _arguments),
    (("旁立", "opened beside"), lambda node: node.beside, _beside),
)


def _activities(pack: Pack, names: str | None) -> Both:
    return joined(named(pack, "activity", each) for each in (names or "").split())


def _anchor(pack: Pack, name: str) -> Both:
    return _EVENT if name == "event" else named(pack, "fact", name)


_ATTRIBUTES: Mapping[str, tuple[Both, Callable[[Pack, str], Both]]] = {
    "rung": (("档", "rung"), lambda _, value: (f"第{value}档", f"rung {value}")),
    "form": (("表单", "form"), lambda _, value: same(value)),
    "signatures": (("签名人数", "signatures"), lambda _, value: (f"{value}人", value)),
    "inPerson": (
        ("须本人亲自办理", "reserved in person"),
        lambda _, value: yes_no(value == "true"),
    ),
    "apart": (
        ("须与原案办理人员分开", "apart from the original case"),
        lambda _, value: yes_no(value == "origin"),
    ),
    "heldBy": (
        ("等待旁立案件办结", "waits for cases beside"),
        lambda pack, value: joined(named(pack, "process", each) for each in value.split()),
    ),
    "otherThan": (("须由他人办理的环节", "tasks of another person"), _activities),
    "line": (("办理线", "line"), lambda _, value: _LINES.get(value, same(value))),
    "anchor": (("起算日", "counted from"), _anchor),
    "dueOf": (("所限的环节", "deadline of"), _activities),
    "series": (("按期循环", "repeats"), lambda _, value: yes_no(value == "true")),
    "decision": (("决策表", "decision table"), lambda _, value: same(value)),
    "operation": (("自动办理的内容", "operation"), lambda _, value: same(value)),
    "outcome": (("办结结果", "outcome"), lambda _, value: same(value)),
}


# ------------------------------------------------------------------------- ways


def _compare_flows(old: Pack, new: Pack, before: Process, after: Process) -> Iterator[Change]:
    old_flows, new_flows = flows_of(old, before), flows_of(new, after)
    same_way = _unpaired(old_flows, new_flows)
    for key, flow in new_flows.items():
        spot = Spot(Part.FLOW, after.file, after.id, key)
        was = old_flows.get(key) or same_way.pop((flow.source, flow.target, flow.condition), None)
        if was is None:
            yield spot.added(_with_condition(new, flow))
        else:
            yield from _compare_flow(old, new, was, flow, spot)
    for flow in same_way.values():
        yield Spot(Part.FLOW, before.file, before.id, flow.id).removed(_way(old, flow))


def _unpaired(
    old: Mapping[str, Flow], new: Mapping[str, Flow]
) -> dict[tuple[str, str, str | None], Flow]:
    """Give the ways whose id is gone: an editor may have drawn the same one anew."""
    return {
        (flow.source, flow.target, flow.condition): flow
        for key, flow in old.items()
        if key not in new
    }


def flows_of(pack: Pack, process: Process) -> dict[str, Flow]:
    """Read the ways of a process by their ids."""
    root = parse_xml(pack.files[process.file], process.file)
    flows = (flow for graph in read_processes(root, process.file) for flow in graph.flows)
    return {flow.id: flow for flow in flows}


def _compare_flow(old: Pack, new: Pack, was: Flow, flow: Flow, spot: Spot) -> Iterator[Change]:
    if (was.source, was.target) != (flow.source, flow.target):
        before, after = _way(old, was), _way(new, flow)
        yield spot.changed(
            (f"{before[0]}改为{after[0]}", f"The {before[1]} becomes the {after[1]}")
        )
    has_moved = was.condition != flow.condition
    aspects: tuple[Aspect, ...] = (
        (("条件", "condition"), _condition(old if has_moved else new, was), _condition(new, flow)),
        (("默认走向", "default"), yes_no(was.is_default), yes_no(flow.is_default)),
    )
    yield from spot.aspects(_way(new, flow), aspects)


def _way(pack: Pack, flow: Flow) -> Both:
    source, target = named(pack, "activity", flow.source), named(pack, "activity", flow.target)
    return (
        f"从“{source[0]}”到“{target[0]}”的走向",
        f"way from “{source[1]}” to “{target[1]}”",
    )


def _with_condition(pack: Pack, flow: Flow) -> Both:
    zh, en = _way(pack, flow)
    condition = _condition(pack, flow)
    return (
        (f"{zh}，条件：{condition[0]}", f"{en}, if {condition[1]}") if flow.condition else (zh, en)
    )


def _condition(pack: Pack, flow: Flow) -> Both:
    if not flow.condition:
        return NOTHING
    text = flow.condition
    return say_expression(pack, text, "zh"), say_expression(pack, text, "en")
