"""Diagrams for tests, written in a few lines of words instead of XML.

One node a line: its kind, its id, its attributes, ``on`` its host (``on~`` for an
event that does not interrupt), and behind an arrow where its flows lead::

    start s -> plan
    user plan rung=3 -> enough
    boundary late on~ plan timer=R_PLAN -> reminded
    xor enough -> done when score >= 70 | plan
    end reminded
    end done outcome=closed

What is indented below a ``sub`` lies inside of it.
"""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:duban="urn:duban:bpmn:1" targetNamespace="urn:test">'
)
_TAGS = {
    "start": "startEvent",
    "end": "endEvent",
    "user": "userTask",
    "manual": "manualTask",
    "service": "serviceTask",
    "rule": "businessRuleTask",
    "sub": "subProcess",
    "call": "callActivity",
    "xor": "exclusiveGateway",
    "or": "inclusiveGateway",
    "and": "parallelGateway",
    "race": "eventBasedGateway",
    "catch": "intermediateCatchEvent",
    "throw": "intermediateThrowEvent",
    "boundary": "boundaryEvent",
}
_EVENTS = ("timer", "message", "error", "escalation", "signal", "terminate")
_LINE = re.compile(r"(\w+) (\w+)((?: \w+(?:=\S+)?)*?)(?: (on~?) (\w+))?((?: \w+(?:=\S+)?)*?)")

FACTS = """
[ok]
type = "bool"
name = "可以"
[n]
type = "integer"
name = "次数"
unit = "次"
[kind]
type = "code"
name = "类别"
choices = { A = "甲", B = "乙" }
[days]
type = "integer"
name = "天数"
unit = "天"
[served_on]
type = "date"
name = "送达日期"
"""
PARAMETERS = """
[R_A]
name = "甲期限"
value = 10
unit = "workdays"
kind = "act"
basis = "本单位自定"
[R_B]
name = "乙期限"
value = 3
unit = "months"
kind = "observation"
basis = "本单位自定"
[R_MAX]
name = "上限"
value = 2
unit = "count"
basis = "本单位自定"
[R_CLASS]
name = "分类期限"
kind = "act"
by = "kind"
basis = "本单位自定"
values = { A = { value = 15, unit = "days" }, B = { value = 60, unit = "days" } }
"""
ABOUT = 'id = "test"\ntitle = { zh = "测试包", en = "Test pack" }\nversion = "1"\nentry = "top"\n'


def pack_files(**processes: str) -> dict[str, bytes]:
    """Make the files of a pack from the diagrams of its processes."""
    files = {f"{name}.bpmn": diagram(name, text) for name, text in processes.items()}
    files["facts.toml"] = FACTS.encode()
    files["parameters.toml"] = PARAMETERS.encode()
    files["pack.toml"] = ABOUT.encode()
    return files


def diagram(process_id: str, text: str, attributes: str = 'duban:rung="2"') -> bytes:
    """Write a diagram as BPMN."""
    lines = [line for line in text.splitlines() if line.strip()]
    shallowest = min(len(line) - len(line.lstrip()) for line in lines)
    named: dict[str, set[str]] = {}
    body, _ = _scope([line[shallowest:] for line in lines], 0, 0, named)
    declared = "".join(_declare(kind, name) for kind in sorted(named) for name in named[kind])
    process = f'<process id="{process_id}" isExecutable="true" {attributes}>{body}</process>'
    return f"{_HEAD}{declared}{process}</definitions>".encode()


def _declare(kind: str, name: str) -> str:
    code = f' {kind}Code="{name}"' if kind in ("error", "escalation") else ""
    return f'<{kind} id="{kind}_{name}" name="{name}"{code}/>'


def _scope(lines: list[str], at: int, indent: int, named: dict[str, set[str]]) -> tuple[str, int]:
    """Write the lines of one indentation, and those inside of them."""
    parts: list[str] = []
    while at < len(lines):
        line = lines[at]
        depth = len(line) - len(line.lstrip())
        if depth < indent:
            break
        inner, after = "", at + 1
        if line.strip().startswith("sub "):
            deeper = len(lines[after]) - len(lines[after].lstrip())
            inner, after = _scope(lines, after, deeper, named)
        parts.append(_node(line.strip(), inner, named))
        at = after
    return "".join(parts), at


def _node(line: str, inner: str, named: dict[str, set[str]]) -> str:
    head, _, tail = line.partition(" -> ")
    written = _LINE.fullmatch(head)
    assert written, head
    kind, id_, before, on, host, after = written.groups()
    words = (before + after).split()
    attributes = dict(word.partition("=")[::2] for word in words)
    flows = [_flow(id_, target) for target in tail.split(" | ")] if tail else []
    default = next((flow for flow, condition in flows if condition is None), None)
    own = f' id="{id_}"'
    if host:
        own += f' attachedToRef="{host}" cancelActivity="{str(on == "on").lower()}"'
    if kind in ("xor", "or") and default and len(flows) > 1:
        own += f' default="{_flow_id(default)}"'
    content = inner + _event(attributes, named) + _operation(kind, attributes)
    own += "".join(_attribute(kind, name, value) for name, value in attributes.items())
    tag = _TAGS[kind]
    return f"<{tag}{own}>{content}</{tag}>" + "".join(flow for flow, _ in flows)


def _flow(source: str, text: str) -> tuple[str, str | None]:
    target, _, condition = text.strip().partition(" when ")
    inner = (
        f'<conditionExpression xsi:type="tFormalExpression">{escape(condition)}'
        "</conditionExpression>"
        if condition
        else ""
    )
    flow = (
        f'<sequenceFlow id="f_{source}_{target}" sourceRef="{source}"'
        f' targetRef="{target}">{inner}</sequenceFlow>'
    )
    return flow, condition or None


def _flow_id(flow: str) -> str:
    found = re.search(r'id="([^"]+)"', flow)
    assert found
    return found[1]


def _event(attributes: dict[str, str], named: dict[str, set[str]]) -> str:
    for kind in _EVENTS:
        if kind not in attributes:
            continue
        value = attributes.pop(kind)
        if kind == "terminate":
            return "<terminateEventDefinition/>"
        if kind == "timer":
            return (
                f"<timerEventDefinition><timeDuration>{value}</timeDuration></timerEventDefinition>"
            )
        if not value:
            return f"<{kind}EventDefinition/>"
        named.setdefault(kind, set()).add(value)
        return f'<{kind}EventDefinition {kind}Ref="{kind}_{value}"/>'
    return ""


def _operation(kind: str, attributes: dict[str, str]) -> str:
    if kind != "service":
        return ""
    parameters = "".join(
        f'<duban:parameter name="{name}" '
        + (f'fact="{value[1:]}"/>' if value.startswith("@") else f'value="{value}"/>')
        for name, value in attributes.items()
        if name != "operation"
    )
    for name in [name for name in attributes if name != "operation"]:
        del attributes[name]
    return f"<extensionElements>{parameters}</extensionElements>" if parameters else ""


def _attribute(kind: str, name: str, value: str) -> str:
    if kind == "call" and name == "process":
        return f" calledElement={quoteattr(value)}"
    return f" duban:{name}={quoteattr(value)}"
