"""What a diagram refers to: forms, parameters, tables, processes, lanes (DESIGN 4.2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from workflows.domain.clocks import ClockKind
from workflows.domain.effects import EffectKind
from workflows.engine.facts import FactType
from workflows.engine.findings import Finding, Rule, Severity
from workflows.engine.forms import Allowed
from workflows.engine.lint.model import BPMN, PEOPLE, Node, PackView, Process, line_of
from workflows.engine.lint.tables import read_table
from workflows.engine.parameters import Parameter, TermCall, TermRefused, parse_term

OFFICE_RULES = (
    "subject",
    "parent_committee",
    "banner_organisation",
    "banner_discipline",
    "banner_committee",
    "league_organisation",
    "league_committee",
    "superior_organisation",
    "matter_office",
    "person_concerned",
)
ROLE = re.compile(r"R(?:0[1-9]|1\d|2[0-2])", re.ASCII)

REFERENCE_DANGLES = Rule(
    "reference-dangles",
    "{what_zh}“{name}”不存在。",
    "There is no {what_en} “{name}”.",
    "请改正名称，或补上所缺的文件或条目。",
    "Correct the name, or add what is missing.",
)
REFERENCE_MISSING = Rule(
    "reference-missing",
    "“{id}”没有写明{what_zh}。",
    "“{id}” does not name its {what_en}.",
    "请补上。",
    "Add it.",
)
CALL_NEEDS_MESSAGE = Rule(
    "call-needs-message",
    "“{id}”调用的流程“{called}”以消息开始，而调用不带来消息。",
    "“{id}” calls “{called}”, which begins with a message, and a call brings none.",
    "请改用普通开始事件，或用消息联系两个流程。",
    "Begin it with a plain start event, or link the two processes by the message.",
)
TERMINATES_CASE = Rule(
    "terminates-case",
    "“{id}”会终止整个案件；终止结束只能用在子流程或被调用的流程中。",
    "“{id}” would end the whole case; a terminate end stands in subprocesses and called processes.",
    "请改用普通结束事件，并让其他路径自行结束。",
    "Use a plain end event, and let the other paths end by themselves.",
)
CALLS_ITSELF = Rule(
    "calls-itself",
    "流程经由“{id}”调用自身：{path}",
    "Through “{id}” the process calls itself: {path}",
    "请改用循环连线。",
    "Draw a loop instead.",
)
TASK_WITHOUT_LANE = Rule(
    "task-without-lane",
    "“{id}”不在写明角色和办理单位的泳道中。",
    "“{id}” stands in no lane with roles and an office.",
    "请放入泳道，并写 duban:lane roles、office。",
    "Put it into a lane that has duban:lane with roles and office.",
)
LANE_WRONG = Rule(
    "lane-wrong",
    "泳道“{id}”的{what_zh}“{value}”不正确。",
    "The lane “{id}” has a wrong {what_en} “{value}”.",
    "可用：{known}。",
    "Possible: {known}.",
)
LANE_OF_PERSON = Rule(
    "lane-of-person",
    "泳道“{id}”归当事人办理，但该流程的对象不是个人。",
    "The lane “{id}” is the person concerned, but the process is about no person.",
    "请改办理单位，或把流程的 duban:subject 设为 person。",
    "Change the office, or make the process one with duban:subject person.",
)
TIMER_EXPRESSION = Rule(
    "timer-expression",
    "计时“{text}”不正确：{reason}",
    "The timer “{text}” is wrong: {reason}",
    "只能写一个参数名，或 term(参数, 分类要素[, 天数要素])；期限不能写死。",
    "Write one parameter, or term(parameter, class fact[, days fact]); no fixed duration.",
)
OPERATION_ARGUMENT = Rule(
    "operation-argument",
    "操作 {operation} 的参数“{name}”不正确：应为{wanted_zh}。",
    "The parameter “{name}” of the operation {operation} is wrong: it must be {wanted_en}.",
    "请改正。",
    "Correct it.",
)
MESSAGE_WITHOUT_NAME = Rule(
    "event-without-name",
    "事件“{id}”没有指向有名称的消息、信号、错误或升级定义。",
    "The event “{id}” refers to no named message, signal, error or escalation.",
    "请选择定义。",
    "Choose a definition.",
)
UNUSED = Rule(
    "unused",
    "{what_zh}“{name}”没有被使用。",
    "Nothing uses the {what_en} “{name}”.",
    "如不需要，请删除。",
    "Remove it if it is not needed.",
    Severity.WARNING,
)

_REFERRED = ("message", "signal", "error", "escalation")


@dataclass(frozen=True, slots=True)
class _Argument:
    """What one parameter of an operation may be."""

    fits: Callable[[PackView, str | None, str | None], bool]
    zh: str
    en: str
    is_required: bool = True


def check_references(view: PackView) -> Iterator[Finding]:
    """Check every name by which a diagram refers to something else."""
    for process in view.processes.values():
        yield from _check_lanes(process)
        for node in process.nodes.values():
            yield from _check_node(view, process, node)
    yield from _check_terminations(view)
    yield from _check_recursion(view)
    yield from _check_allowed(view)
    yield from _check_unused(view)


def _check_node(view: PackView, process: Process, node: Node) -> Iterator[Finding]:
    form = node.own.get("form")
    if form is not None and form not in view.forms:
        yield process.found(REFERENCE_DANGLES, node, what_zh="表单", what_en="form", name=form[:64])
    needs_lane = node.tag in PEOPLE or (node.tag == "intermediateCatchEvent" and form is not None)
    if needs_lane and (node.lane is None or not node.lane.roles or not node.lane.office):
        yield process.found(TASK_WITHOUT_LANE, node, id=node.id)
    if node.tag == "callActivity":
        yield from _check_name(process, node, "流程", "process", node.called, view.processes)
        called = view.processes.get(node.called or "")
        if called is not None and starts_by_message(called):
            yield process.found(CALL_NEEDS_MESSAGE, node, called=called.id)
    if node.tag == "businessRuleTask":
        decisions = {file.removesuffix(".dmn"): file for file in view.tables}
        named = node.own.get("decision")
        yield from _check_name(process, node, "决策表", "decision table", named, decisions)
    if node.tag == "serviceTask":
        yield from _check_operation(view, process, node)
    if "timer" in node.events:
        yield from _check_timer(view, process, node)
    yield from _check_other_than(view, process, node)
    yield from _check_held_by(view, process, node)
    yield from _check_event(process, node)


def _check_name(
    process: Process, node: Node, zh: str, en: str, name: str | None, known: Mapping[str, object]
) -> Iterator[Finding]:
    if not name:
        yield process.found(REFERENCE_MISSING, node, id=node.id, what_zh=zh, what_en=en)
    elif name not in known:
        yield process.found(REFERENCE_DANGLES, node, what_zh=zh, what_en=en, name=name[:64])


def _check_event(process: Process, node: Node) -> Iterator[Finding]:
    """Check that an event names a message, signal, error or escalation of the file."""
    root = process.element.getroottree().getroot()
    for kind in _REFERRED:
        event = node.element.find(f"{BPMN}{kind}EventDefinition")
        if event is None:
            continue
        reference = event.get(f"{kind}Ref")
        is_catch_all = node.tag == "boundaryEvent" and kind in ("error", "escalation")
        if reference is None and is_catch_all:
            continue
        named = [
            each
            for each in root.iterfind(f"{BPMN}{kind}")
            if each.get("id") == reference and each.get("name")
        ]
        if not named:
            yield process.found(MESSAGE_WITHOUT_NAME, node, id=node.id)


def _check_lanes(process: Process) -> Iterator[Finding]:
    lanes = {node.lane.id: node.lane for node in process.nodes.values() if node.lane}
    places = {
        element.get("id"): line_of(element) for element in process.element.iter(f"{BPMN}lane")
    }
    for lane in lanes.values():
        line = places.get(lane.id)
        for role in lane.roles:
            if not ROLE.fullmatch(role):
                yield LANE_WRONG.found(
                    process.file,
                    lane.id,
                    line,
                    id=lane.id,
                    what_zh="角色",
                    what_en="role",
                    value=role[:64],
                    known="R01–R22",
                )
        if lane.office is not None and lane.office not in OFFICE_RULES:
            yield LANE_WRONG.found(
                process.file,
                lane.id,
                line,
                id=lane.id,
                what_zh="办理单位",
                what_en="office",
                value=lane.office[:64],
                known=", ".join(OFFICE_RULES),
            )
        if lane.office == "person_concerned" and process.subject == "organisation":
            yield LANE_OF_PERSON.found(process.file, lane.id, line, id=lane.id)


def _check_other_than(view: PackView, process: Process, node: Node) -> Iterator[Finding]:
    """Make sure that a task of another person names activities of the pack, or ``start``."""
    known = {"start", *(name for each in view.processes.values() for name in each.nodes)}
    for name in node.own.get("otherThan", "").split():
        if name not in known:
            yield process.found(
                REFERENCE_DANGLES, node, what_zh="任务", what_en="activity", name=name[:64]
            )


def _check_held_by(view: PackView, process: Process, node: Node) -> Iterator[Finding]:
    """Make sure that what holds a task is opened beside cases."""
    beside = {
        each.id
        for each in view.processes.values()
        if any(start.beside is not None for start in each.nodes.values())
    }
    for name in node.own.get("heldBy", "").split():
        if name not in beside:
            yield process.found(
                REFERENCE_DANGLES,
                node,
                what_zh="旁立流程",
                what_en="process opened beside cases",
                name=name[:64],
            )


def _check_timer(view: PackView, process: Process, node: Node) -> Iterator[Finding]:
    text = node.timer or ""
    try:
        reason = _wrong_term(view, parse_term(text))
    except TermRefused as error:
        reason = error.reason
    if reason:
        yield process.found(TIMER_EXPRESSION, node, text=text[:64], reason=reason)
    anchor = node.own.get("anchor", "event")
    fact = view.facts.get(anchor)
    if anchor != "event" and (fact is None or fact.type is not FactType.DATE):
        yield process.found(
            REFERENCE_DANGLES, node, what_zh="日期要素", what_en="date fact", name=anchor[:64]
        )
    due_of = node.own.get("dueOf")
    if due_of is not None and due_of not in process.nodes:
        yield process.found(
            REFERENCE_DANGLES, node, what_zh="任务", what_en="activity", name=due_of[:64]
        )


def _wrong_term(view: PackView, call: TermCall) -> str:
    """Say what is wrong with a timer's expression that has the right form, or nothing."""
    parameter = view.parameters.get(call.rule)
    if parameter is None or not parameter.is_time:
        return f"{call.rule} is no parameter of time"
    if parameter.by != call.by:
        wanted = f"term({call.rule}, {parameter.by})" if parameter.by else call.rule
        return f"write {wanted}"
    days = view.facts.get(call.shortened_by or "")
    if call.shortened_by is not None and (days is None or days.type is not FactType.INTEGER):
        return f"{call.shortened_by} is no integer fact"
    return ""


def _is_fact(*types: FactType) -> Callable[[PackView, str | None, str | None], bool]:
    def fits(view: PackView, value: str | None, fact: str | None) -> bool:
        declared = view.facts.get(fact or value or "")
        return declared is not None and declared.type in types

    return fits


def _is_literal(_: PackView, value: str | None, fact: str | None) -> bool:
    return bool(value) and fact is None


def _are_terms(view: PackView, value: str | None, fact: str | None) -> bool:
    known = {name for name, parameter in view.parameters.items() if parameter.is_time}
    return fact is None and bool(value) and set((value or "").split()) <= known


def _is_effect_kind(_: PackView, value: str | None, fact: str | None) -> bool:
    return fact is None and value in set(EffectKind)


def _is_effect_length(view: PackView, value: str | None, fact: str | None) -> bool:
    """Take a length that never moves off a holiday: no act's, and no workdays."""
    parameter = view.parameters.get(value or "")
    if fact is not None or parameter is None or parameter.kind is not ClockKind.EFFECT:
        return False
    return _unit_of(parameter) in ("days", "months")


def _is_percent(view: PackView, value: str | None, fact: str | None) -> bool:
    parameter = view.parameters.get(value or "")
    return fact is None and parameter is not None and _unit_of(parameter) == "percent"


def _unit_of(parameter: Parameter) -> str:
    return parameter.amount.unit if parameter.amount else ""


def _are_facts(view: PackView, value: str | None, fact: str | None) -> bool:
    return fact is None and value is not None and set(value.split()) <= view.facts.keys()


def _is_process(view: PackView, value: str | None, fact: str | None) -> bool:
    return fact is None and value in view.processes


def _is_reach(_view: PackView, value: str | None, fact: str | None) -> bool:
    return fact is None and value in {"matter", "everywhere"}


# What acts on a person: an effect that begins, and a case that is opened about somebody.
PERSON_MEASURES = frozenset({"start_effect", "open_case"})
_PEOPLE_OR_PLACES = _is_fact(FactType.PERSON, FactType.ORGANISATION)
_TERMS = _Argument(_are_terms, "以时间计的参数", "parameters of time")
_TEXT = _Argument(_is_literal, "固定值", "a literal")
OPERATIONS: Mapping[str, Mapping[str, _Argument]] = {
    "open_case": {
        "process": _Argument(_is_process, "流程名称", "the name of a process"),
        "subject": _Argument(_PEOPLE_OR_PLACES, "人员或组织要素", "a person or organisation fact"),
        "takes": _Argument(
            _are_facts, "以空格分开的要素", "facts parted by spaces", is_required=False
        ),
    },
    "send_message": {
        "message": _TEXT,
        "to": _Argument(_is_literal, _TEXT.zh, _TEXT.en, is_required=False),
    },
    "extend_clock": {
        "rule": _TERMS,
        "most": _Argument(
            _is_percent, "以百分比计的参数", "a parameter in percent", is_required=False
        ),
        "days": _Argument(_is_fact(FactType.INTEGER), "整数要素", "an integer fact"),
    },
    "pause_clocks": {"rules": _TERMS, "reason": _TEXT},
    "resume_clocks": {"rules": _TERMS},
    "count": {"fact": _Argument(_is_fact(FactType.INTEGER), "整数要素", "an integer fact")},
    "issue_paper": {"document": _TEXT},
    "void_effects": {},
    "stop_cases": {"where": _Argument(_is_reach, "matter 或 everywhere", "matter or everywhere")},
    "start_effect": {
        "kind": _Argument(_is_effect_kind, "影响的种类", "a kind of effect"),
        # Without a rule the effect lasts for the year, or until the term of office ends.
        "rule": _Argument(
            _is_effect_length,
            "影响类、按自然日或月计的参数",
            "a parameter of the kind effect in days or months",
            is_required=False,
        ),
        "anchor": _Argument(_is_fact(FactType.DATE), "日期要素", "a date fact"),
    },
}


def _check_operation(view: PackView, process: Process, node: Node) -> Iterator[Finding]:
    name = node.own.get("operation")
    yield from _check_name(process, node, "操作", "operation", name, OPERATIONS)
    known = OPERATIONS.get(name or "")
    if known is None:
        return
    given = {argument: (value, fact) for argument, value, fact in node.arguments}
    for argument in sorted(given.keys() | known.keys()):
        value, fact = given.get(argument, (None, None))
        wanted = known.get(argument)
        is_double = value is not None and fact is not None
        if wanted is not None and not wanted.is_required and argument not in given:
            continue
        if wanted is None or is_double or not wanted.fits(view, value, fact):
            yield process.found(
                OPERATION_ARGUMENT,
                node,
                operation=name,
                name=argument[:64],
                wanted_zh=wanted.zh if wanted else f"其中之一：{', '.join(known)}",
                wanted_en=wanted.en if wanted else f"one of {', '.join(known)}",
            )


def starts_by_message(process: Process) -> bool:
    """Tell whether a message opens cases of this process."""
    return any(
        node.tag == "startEvent" and "message" in node.events for node in process.inside(process.id)
    )


def opens_beside(process: Process) -> bool:
    """Tell whether cases of this process are opened beside others."""
    return any(node.beside is not None for node in process.inside(process.id))


def _calls(process: Process) -> Iterator[Node]:
    return (node for node in process.nodes.values() if node.tag == "callActivity")


def _check_recursion(view: PackView) -> Iterator[Finding]:
    """Find the call activities by which a process comes back to itself."""
    for process in view.processes.values():
        for node in _calls(process):
            path = _path_to(view, node.called or "", process.id)
            if path:
                text = " → ".join((process.id, *path))
                yield process.found(CALLS_ITSELF, node, id=node.id, path=text)


def _check_terminations(view: PackView) -> Iterator[Finding]:
    """Find the terminate ends that would end more than a scope: those of cases."""
    called = {node.called for process in view.processes.values() for node in _calls(process)}
    roots = root_processes(view)
    for process in view.processes.values():
        if process.id in called and process.id not in roots:
            continue
        for node in process.inside(process.id):
            if node.tag == "endEvent" and "terminate" in node.events:
                yield process.found(TERMINATES_CASE, node, id=node.id)


def root_processes(view: PackView) -> frozenset[str]:
    """Give the processes in which cases begin: the entry, and what is opened somehow."""
    nodes = [node for process in view.processes.values() for node in process.nodes.values()]
    opened = {value for node in nodes for name, value, _ in node.arguments if name == "process"}
    return frozenset(
        process.id
        for process in view.processes.values()
        if process.id in {view.entry, *opened}
        or starts_by_message(process)
        or opens_beside(process)
    )


def _path_to(view: PackView, start: str, goal: str) -> tuple[str, ...]:
    """Find a way along calls from one process to another, or nothing."""
    ways: dict[str, tuple[str, ...]] = {start: (start,)} if start in view.processes else {}
    for name in (open_ := list(ways)):
        if name == goal:
            return ways[name]
        for node in _calls(view.processes[name]):
            called = node.called or ""
            if called in view.processes and called not in ways:
                ways[called] = (*ways[name], called)
                open_.append(called)
    return ()


def _fields_by_table(view: PackView) -> Iterator[tuple[str, str, Allowed]]:
    """Give the fields of forms whose choices go by a decision table."""
    for form in view.forms.values():
        for each in form.fields:
            if each.allowed is not None:
                yield form.id, each.key, each.allowed


def _check_allowed(view: PackView) -> Iterator[Finding]:
    """Check that the tables by which choices go exist and write what is asked of them."""
    for form, key, by in _fields_by_table(view):
        root = view.tables.get(f"{by.decision}.dmn")
        table = None if root is None else read_table(root)
        if table is None or by.output not in table.outputs:
            name = f"{by.decision}.{by.output}"[:64]
            yield REFERENCE_DANGLES.found(
                f"forms/{form}.json",
                key,
                what_zh="决策表",
                what_en="decision table",
                name=name,
            )


def _check_unused(view: PackView) -> Iterator[Finding]:
    nodes = [node for process in view.processes.values() for node in process.nodes.values()]
    forms = {node.own.get("form") for node in nodes}
    used = {node.called for node in nodes} | root_processes(view)
    decisions = {f"{node.own.get('decision')}.dmn" for node in nodes}
    decisions |= {f"{each.decision}.dmn" for _, _, each in _fields_by_table(view)}
    for form in sorted(view.forms.keys() - forms):
        yield UNUSED.found(f"forms/{form}.json", what_zh="表单", what_en="form", name=form)
    for process in view.processes.values():
        if process.id not in used:
            yield UNUSED.found(
                process.file, process.id, what_zh="流程", what_en="process", name=process.id
            )
    for table in sorted(view.tables.keys() - decisions):
        name = table.removesuffix(".dmn")
        yield UNUSED.found(table, what_zh="决策表", what_en="decision table", name=name)
