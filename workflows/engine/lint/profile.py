"""The profile: which elements and attributes a diagram may have (DESIGN 4.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from workflows.engine.findings import Finding, Rule
from workflows.engine.lint.model import BPMN, DUBAN, line_of, local

NOT_BPMN = Rule(
    "not-bpmn",
    "文件的根元素不是 BPMN 2.0 的 definitions。",
    "The root of the file is no definitions element of BPMN 2.0.",
    "请用 BPMN 2.0 编辑器导出。",
    "Export it from a BPMN 2.0 editor.",
)
ELEMENT_REFUSED = Rule(
    "element-refused",
    "不允许使用元素 {name}:{reason_zh}",
    "The element {name} may not be used: {reason_en}",
    "请删除该元素，或改用允许的元素。",
    "Remove it, or use an element of the profile.",
)
ATTRIBUTE_REFUSED = Rule(
    "attribute-refused",
    "元素 {owner} 不允许有属性 {name}。",
    "The element {owner} may not have the attribute {name}.",
    "请删除该属性。",
    "Remove the attribute.",
)
DUBAN_UNKNOWN = Rule(
    "duban-unknown",
    "元素 {owner} 不认识 {name}。",
    "The element {owner} knows no {name}.",
    "可用：{known}。",
    "Known here: {known}.",
)
DUBAN_VALUE = Rule(
    "duban-value",
    "{name} 的值“{value}”不正确。",
    "{name} cannot be “{value}”.",
    "可用：{known}。",
    "Possible: {known}.",
)
ID_TWICE = Rule(
    "id-twice",
    "标识“{id}”在文件中出现两次或为空。",
    "The id “{id}” stands twice in the file, or is empty.",
    "请使每个元素的 id 唯一。",
    "Give every element an id of its own.",
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_STRUCTURE = _words(
    "definitions process collaboration participant laneSet lane childLaneSet flowNodeRef"
    " sequenceFlow conditionExpression incoming outgoing extensionElements documentation"
    " textAnnotation text association group category categoryValue"
    " message signal error escalation"
)
_NODES = _words(
    "startEvent endEvent intermediateCatchEvent intermediateThrowEvent boundaryEvent userTask"
    " manualTask serviceTask businessRuleTask subProcess callActivity exclusiveGateway"
    " parallelGateway inclusiveGateway eventBasedGateway"
)
_EVENT_DEFINITIONS = _words(
    "timerEventDefinition messageEventDefinition signalEventDefinition errorEventDefinition"
    " escalationEventDefinition terminateEventDefinition timeDuration"
)
_ALLOWED = _STRUCTURE | _NODES | _EVENT_DEFINITIONS

_REASONS: Mapping[str, tuple[str, str]] = {
    "scriptTask": ("脚本就是程序，不受围栏约束。", "a script is a program outside the fence."),
    "script": ("脚本就是程序，不受围栏约束。", "a script is a program outside the fence."),
    "timeCycle": (
        "循环计时在三次触发后打开了三个比宿主活得更久的任务。",
        "three ticks opened three tasks that outlived their host.",
    ),
    "timeDate": (
        "时限只能用参数，不能写死日期。",
        "deadlines come from parameters, not from dates.",
    ),
    "multiInstanceLoopCharacteristics": (
        "多实例的数量取决于数据，位置不再有限。",
        "its size depends on what is typed, and markings must stay finite.",
    ),
    "standardLoopCharacteristics": (
        "循环请用网关和连线画出。",
        "loops are drawn with a gateway and flows.",
    ),
    "compensateEventDefinition": (
        "引擎把补偿当作什么也不做。",
        "the engine silently does nothing for compensation.",
    ),
    "linkEventDefinition": (
        "引擎把链接事件当作什么也不做。",
        "the engine silently does nothing for links.",
    ),
    "conditionalEventDefinition": (
        "条件只能写在网关的连线上。",
        "conditions stand on the flows of gateways only.",
    ),
    "cancelEventDefinition": ("不使用事务子流程。", "there are no transactions here."),
    "transaction": ("不使用事务子流程。", "there are no transactions here."),
    "adHocSubProcess": ("顺序必须画出来。", "the order must be drawn."),
    "task": ("请写明是人工任务还是服务任务。", "say whether people or an operation do it."),
    "sendTask": ("请用消息抛出事件。", "use a message throw event."),
    "receiveTask": ("请用消息捕获事件。", "use a message catch event."),
    "complexGateway": ("引擎不支持。", "the engine does not know it."),
    "messageFlow": (
        "流程之间只用操作和消息名称联系。",
        "processes meet by operations and messages.",
    ),
}
_UNKNOWN_REASON = ("不在允许的范围内。", "it is outside the profile.")
_FOREIGN_REASON = (
    "其他工具的扩展可能带有脚本。",
    "extensions of other tools may carry scripts.",
)

# Attributes without a namespace that change nothing, or are read.
_ATTRIBUTES = _words(
    "id name default sourceRef targetRef attachedToRef cancelActivity calledElement messageRef"
    " signalRef errorRef escalationRef errorCode escalationCode isExecutable isClosed processType"
    " processRef gatewayDirection associationDirection textFormat isHorizontal categoryValueRef"
    " partitionElementRef targetNamespace exporter exporterVersion triggeredByEvent"
)
_FIXED: Mapping[str, str] = {
    "isForCompensation": "false",
    "parallelMultiple": "false",
    "isInterrupting": "true",
    "instantiate": "false",
    "eventGatewayType": "Exclusive",
    "startQuantity": "1",
    "completionQuantity": "1",
    "expressionLanguage": "",
    "typeLanguage": "",
}
_YES_OR_NO = frozenset({"cancelActivity", "triggeredByEvent"})
# Colours and the names of editors: looks alone.
_HARMLESS = (
    "http://www.omg.org/spec/BPMN/20100524/DI",
    "http://www.omg.org/spec/DD/20100524/",
    "http://www.omg.org/spec/BPMN/non-normative/color/",
    "http://bpmn.io/schema/bpmn/biocolor/",
    "http://camunda.org/schema/modeler/",
    "http://www.w3.org/2001/XMLSchema-instance",
)

_TASK_ATTRIBUTES = frozenset(
    {"form", "signatures", "rung", "line", "otherThan", "apart", "inPerson", "heldBy"}
)
_DUBAN_ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "process": frozenset({"rung", "subject", "level"}),
    "subProcess": frozenset({"rung"}),
    "startEvent": frozenset({"form", "rung"}),
    "userTask": _TASK_ATTRIBUTES,
    "manualTask": _TASK_ATTRIBUTES,
    "serviceTask": frozenset({"operation", "rung"}),
    "businessRuleTask": frozenset({"decision", "rung"}),
    "callActivity": frozenset({"rung"}),
    "boundaryEvent": frozenset({"anchor", "dueOf", "series", "rung"}),
    "intermediateCatchEvent": frozenset({"anchor", "dueOf", "series", "form", "rung", "line"}),
    "endEvent": frozenset({"outcome"}),
}
_DUBAN_VALUES: Mapping[str, tuple[str, ...]] = {
    "rung": ("0", "1", "2", "3", "4"),
    "subject": ("organisation", "person"),
    "level": ("L3",),
    "signatures": ("1", "2", "3"),
    "line": ("organisation", "discipline"),
    "series": ("true", "false"),
    "apart": ("origin",),
    "inPerson": ("true",),
}
_DUBAN_ELEMENTS: Mapping[str, tuple[str, frozenset[str]]] = {
    "lane": ("lane", frozenset({"roles", "office"})),
    "parameter": ("serviceTask", frozenset({"name", "value", "fact"})),
    "beside": (
        "startEvent",
        frozenset(
            {"processes", "when", "takes", "on", "once", "unless", "window", "since"}
            | {"late", "person"}
        ),
    ),
}


def check_profile(root: etree._Element, file: str) -> Iterator[Finding]:
    """Refuse every element and attribute that is not on the list."""
    if root.tag != f"{BPMN}definitions":
        yield NOT_BPMN.found(file, line=line_of(root))
        return
    ids: set[str] = set()
    for element in root.iter():
        if _is_looks(element):
            continue
        yield from _check_element(element, file)
        yield from _check_attributes(element, file)
        yield from _check_id(element, file, ids)


def _is_looks(element: etree._Element) -> bool:
    return str(element.tag).startswith(tuple("{" + name for name in _HARMLESS))


def _place(element: etree._Element) -> tuple[str | None, int | None]:
    """Give the nearest id and the line of an element."""
    at: etree._Element | None = element
    while at is not None and at.get("id") is None:
        at = at.getparent()
    return (None if at is None else at.get("id")), line_of(element)


def _check_element(element: etree._Element, file: str) -> Iterator[Finding]:
    tag, name = str(element.tag), local(element)
    element_id, line = _place(element)
    if tag.startswith(DUBAN):
        yield from _check_own_element(element, file)
    elif not tag.startswith(BPMN):
        zh, en = _FOREIGN_REASON
        yield ELEMENT_REFUSED.found(
            file, element_id, line, name=tag[:120], reason_zh=zh, reason_en=en
        )
    elif name not in _ALLOWED:
        zh, en = _REASONS.get(name, _UNKNOWN_REASON)
        yield ELEMENT_REFUSED.found(file, element_id, line, name=name, reason_zh=zh, reason_en=en)
    elif name == "subProcess" and element.get("triggeredByEvent") == "true":
        yield ELEMENT_REFUSED.found(
            file,
            element_id,
            line,
            name="eventSubProcess",
            reason_zh="引擎忽略其是否中断，且启动一次后同一流程的其他案件无法结束；请另建流程，用消息联系。",
            reason_en="the engine ignores isInterrupting, and starting one keeps later cases from"
            " ending; make it a process of its own, linked by a message.",
        )


def _check_own_element(element: etree._Element, file: str) -> Iterator[Finding]:
    name = local(element)
    element_id, line = _place(element)
    holder = element.getparent()
    owner = None if holder is None else holder.getparent()
    known = _DUBAN_ELEMENTS.get(name)
    if known is None or owner is None or local(owner) != known[0]:
        owner_name = "?" if owner is None else local(owner)
        wanted = ", ".join(f"duban:{each} ({_DUBAN_ELEMENTS[each][0]})" for each in _DUBAN_ELEMENTS)
        yield DUBAN_UNKNOWN.found(
            file, element_id, line, owner=owner_name, name=f"duban:{name}", known=wanted
        )
        return
    for attribute in element.attrib:
        if str(attribute) not in known[1]:
            yield DUBAN_UNKNOWN.found(
                file,
                element_id,
                line,
                owner=f"duban:{name}",
                name=str(attribute)[:64],
                known=", ".join(sorted(known[1])),
            )


def _check_attributes(element: etree._Element, file: str) -> Iterator[Finding]:
    if not str(element.tag).startswith(BPMN):
        return
    element_id, line = _place(element)
    for raw, raw_value in element.attrib.items():
        name, value = str(raw), str(raw_value)
        if name.startswith(DUBAN):
            yield from _check_own_attribute(element, file, name.removeprefix(DUBAN), value)
        elif name.startswith("{"):
            if not name.startswith(tuple("{" + each for each in _HARMLESS)):
                yield ATTRIBUTE_REFUSED.found(
                    file, element_id, line, owner=local(element), name=name[:120]
                )
        elif (name not in _ATTRIBUTES and (_FIXED.get(name) or value) != value) or (
            name in _YES_OR_NO and value not in ("true", "false")
        ):
            yield ATTRIBUTE_REFUSED.found(
                file, element_id, line, owner=local(element), name=f'{name}="{value}"'[:120]
            )
        elif name not in _ATTRIBUTES and name not in _FIXED:
            yield ATTRIBUTE_REFUSED.found(
                file, element_id, line, owner=local(element), name=name[:120]
            )


def _check_own_attribute(
    element: etree._Element, file: str, name: str, value: str
) -> Iterator[Finding]:
    element_id, line = _place(element)
    known = _DUBAN_ATTRIBUTES.get(local(element), frozenset())
    if name not in known:
        names = ", ".join(f"duban:{each}" for each in sorted(known)) or "–"
        yield DUBAN_UNKNOWN.found(
            file,
            element_id,
            line,
            owner=local(element),
            name=f"duban:{name}"[:64],
            known=names,
        )
    elif name in _DUBAN_VALUES and value not in _DUBAN_VALUES[name]:
        possible = ", ".join(_DUBAN_VALUES[name])
        yield DUBAN_VALUE.found(
            file, element_id, line, name=f"duban:{name}", value=value[:64], known=possible
        )


def _check_id(element: etree._Element, file: str, ids: set[str]) -> Iterator[Finding]:
    if not str(element.tag).startswith(BPMN):
        return
    name, element_id = local(element), element.get("id")
    needs_id = name in _NODES or name in ("process", "sequenceFlow", "lane")
    if element_id in ids or (needs_id and not element_id):
        yield ID_TWICE.found(file, element_id, line_of(element), id=element_id or "")
    if element_id:
        ids.add(element_id)
