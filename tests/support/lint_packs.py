"""A small pack without a fault, to be spoiled in one place by each test of the linter."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lxml import etree

from workflows.engine.findings import Finding
from workflows.engine.lint import lint_files

_BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"'
    ' xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
    ' xmlns:di="http://www.omg.org/spec/DD/20100524/DI"'
    ' xmlns:duban="urn:duban:bpmn:1" id="defs" targetNamespace="urn:test">\n'
)
_LANE = (
    '<laneSet id="lanes"><lane id="lane_handle" name="承办科室"><extensionElements>'
    '<duban:lane roles="R03 R01" office="banner_organisation"/></extensionElements>'
    "@REFS@</lane></laneSet>\n"
)
TOP = (
    _HEAD
    + """<escalation id="esc" name="转研判" escalationCode="review"/>
<message id="msg" name="extension_requested"/>
<process id="top" name="督办流程" isExecutable="true" duban:rung="2" duban:subject="organisation">
"""
    + _LANE
    + """<startEvent id="begin" name="登记" duban:form="intake"/>
<businessRuleTask id="classify" name="分类" duban:decision="classes"/>
<exclusiveGateway id="again" name=""/>
<userTask id="plan" name="报送方案" duban:form="plan" duban:signatures="2"/>
<boundaryEvent id="plan_due" name="方案期限" attachedToRef="plan" cancelActivity="false"
 duban:anchor="served_on" duban:dueOf="plan"><timerEventDefinition id="t1"><timeDuration
 xsi:type="tFormalExpression">R_PLAN</timeDuration></timerEventDefinition></boundaryEvent>
<endEvent id="reminded" name="已提示"/>
<subProcess id="term" name="整改期限内">
<startEvent id="term_begin" name="期限开始"/>
<callActivity id="term_work" name="整改" calledElement="work"/>
<endEvent id="term_end" name="已验收"><terminateEventDefinition id="t2"/></endEvent>
<boundaryEvent id="term_due" name="整改期限" attachedToRef="term_work" cancelActivity="true"
 duban:anchor="event"><timerEventDefinition id="t3"><timeDuration
 xsi:type="tFormalExpression">term(R_RECT, class_code, days)</timeDuration></timerEventDefinition>
</boundaryEvent>
<endEvent id="term_review" name="转研判"><escalationEventDefinition id="t4" escalationRef="esc"/>
</endEvent>
<sequenceFlow id="t_f1" sourceRef="term_begin" targetRef="term_work"/>
<sequenceFlow id="t_f2" sourceRef="term_work" targetRef="term_end"/>
<sequenceFlow id="t_f3" sourceRef="term_due" targetRef="term_review"/>
</subProcess>
<boundaryEvent id="escalated" name="转研判" attachedToRef="term" cancelActivity="true">
<escalationEventDefinition id="t5" escalationRef="esc"/></boundaryEvent>
<endEvent id="reviewed" name="转入研判" duban:outcome="review"/>
<exclusiveGateway id="enough" name="合格?" default="f_again"/>
<serviceTask id="counted" name="记返工" duban:operation="count"><extensionElements>
<duban:parameter name="fact" value="rework_count"/></extensionElements></serviceTask>
<endEvent id="done" name="办结" duban:outcome="closed"/>
<sequenceFlow id="f1" sourceRef="begin" targetRef="classify"/>
<sequenceFlow id="f2" sourceRef="classify" targetRef="again"/>
<sequenceFlow id="f3" sourceRef="again" targetRef="plan"/>
<sequenceFlow id="f4" sourceRef="plan" targetRef="term"/>
<sequenceFlow id="f5" sourceRef="plan_due" targetRef="reminded"/>
<sequenceFlow id="f6" sourceRef="term" targetRef="enough"/>
<sequenceFlow id="f_done" sourceRef="enough" targetRef="done"><conditionExpression
 xsi:type="tFormalExpression">score &gt;= R_PASS</conditionExpression></sequenceFlow>
<sequenceFlow id="f_again" sourceRef="enough" targetRef="counted"/>
<sequenceFlow id="f7" sourceRef="counted" targetRef="again"/>
<sequenceFlow id="f8" sourceRef="escalated" targetRef="reviewed"/>
</process></definitions>"""
)
WORK = (
    _HEAD
    + '<process id="work" name="整改工作" isExecutable="true">\n'
    + _LANE
    + """<startEvent id="work_begin" name="着手"/>
<userTask id="accept" name="验收" duban:form="accept"/>
<endEvent id="work_end" name="工作结束"/>
<sequenceFlow id="w1" sourceRef="work_begin" targetRef="accept"/>
<sequenceFlow id="w2" sourceRef="accept" targetRef="work_end"/>
</process></definitions>"""
)
TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="分类"
 namespace="urn:test"><decision id="classes" name="分类"><decisionTable id="table"
 hitPolicy="FIRST"><input id="in1" label="情形"><inputExpression id="ie1" typeRef="string"><text>
kind</text></inputExpression></input><output id="out1" name="class_code" typeRef="string"/>
<rule id="r1"><inputEntry id="c1"><text>"weak"</text></inputEntry>
<outputEntry id="o1"><text>"B"</text></outputEntry></rule>
<rule id="r2"><inputEntry id="c2"><text>-</text></inputEntry>
<outputEntry id="o2"><text>"A"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""
FACTS = """
[kind]
type = "code"
name = "情形"
choices = { weak = "软弱", duty = "履职" }
[class_code]
type = "code"
name = "类别"
choices = { A = "甲类", B = "乙类" }
[served_on]
type = "date"
name = "送达日期"
[score]
type = "integer"
name = "得分"
[days]
type = "integer"
name = "天数"
[rework_count]
type = "integer"
name = "返工次数"
[person]
type = "person"
name = "当事人"
[share]
type = "decimal"
scale = 1
name = "比例"
[agreed]
type = "bool"
name = "同意"
"""
PARAMETERS = """
[R_PLAN]
name = "方案"
value = 10
unit = "workdays"
kind = "act"
basis = "本单位自定"
[R_RECT]
name = "期限"
kind = "act"
by = "class_code"
basis = "本单位自定"
values = { A = { value = 15, unit = "days" }, B = { value = 60, unit = "days" } }
[R_PASS]
name = "合格"
value = 70
unit = "score"
basis = "本单位自定"
"""
ABOUT = 'id = "t"\ntitle = { zh = "测试", en = "Test" }\nversion = "1"\nentry = "top"\n'
ENGLISH = """
[process]
top = "Top"
work = "Work"
[activity]
begin = "Begin"
classify = "Classify"
plan = "Plan"
plan_due = "Plan due"
reminded = "Reminded"
term = "Term"
term_begin = "Begin"
term_work = "Work"
term_end = "End"
term_due = "Due"
term_review = "Review"
escalated = "Escalated"
reviewed = "Reviewed"
enough = "Enough?"
counted = "Counted"
done = "Done"
work_begin = "Begin"
accept = "Accept"
work_end = "End"
[lane]
lane_handle = "Handling"
[fact]
kind = "Kind"
class_code = "Class"
served_on = "Served on"
score = "Score"
days = "Days"
rework_count = "Reworks"
person = "Person"
share = "Share"
agreed = "Agreed"
[choice.kind]
weak = "Weak"
duty = "Duty"
[choice.class_code]
A = "A"
B = "B"
[parameter]
R_PLAN = "Plan"
R_RECT = "Term"
R_PASS = "Pass"
"""


def field(key: str, kind: str = "number", *, required: bool = True, **more: Any) -> dict[str, Any]:
    """Write a form field."""
    return {"type": kind, "key": key, "label": "栏", "validate": {"required": required}} | more


def form(form_id: str, *fields: Mapping[str, Any]) -> bytes:
    """Write a form file."""
    return json.dumps({"type": "default", "id": form_id, "components": fields}).encode()


def sound_pack() -> dict[str, bytes]:
    """Make the files of a pack in which the linter finds nothing."""
    date = {"type": "datetime", "subtype": "date", "key": "served_on", "label": "日期"}
    return {
        "top.bpmn": TOP.encode(),
        "work.bpmn": WORK.encode(),
        "classes.dmn": TABLE.encode(),
        "facts.toml": FACTS.encode(),
        "parameters.toml": PARAMETERS.encode(),
        "pack.toml": ABOUT.encode(),
        "en.toml": ENGLISH.encode(),
        "forms/intake.json": form(
            "intake", field("kind", "select"), date | {"validate": {"required": True}}
        ),
        "forms/plan.json": form("plan", field("days", required=False)),
        "forms/accept.json": form("accept", field("score")),
    }


def spoiled(file: str, *changes: tuple[str, str]) -> dict[str, bytes]:
    """Make the sound pack with texts of one file replaced; each must be there."""
    files = sound_pack()
    text = files[file].decode()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    files[file] = text.encode()
    return files


def drawn(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Draw every diagram that can be parsed, and put its nodes into its lane."""
    return {
        file: _draw(content) if file.endswith(".bpmn") else content
        for file, content in files.items()
    }


def lint(files: Mapping[str, bytes]) -> tuple[Finding, ...]:
    """Draw and check a pack."""
    return lint_files(drawn(files))


def rules(files: Mapping[str, bytes]) -> list[str]:
    """Give the codes of the findings of a pack, once drawn, each once."""
    return sorted({finding.rule for finding in lint(files)})


def _draw(content: bytes) -> bytes:
    text = content.decode()
    try:
        root = etree.fromstring(content)
    except etree.XMLSyntaxError:
        return content
    shapes, edges, references = "", "", ""
    for element in root.iter(f"{{{_BPMN}}}*"):
        name, id_ = etree.QName(element).localname, element.get("id")
        if name == "sequenceFlow":
            edges += (
                f'<bpmndi:BPMNEdge bpmnElement="{id_}"><di:waypoint x="1" y="1"/>'
                '<di:waypoint x="9" y="9"/></bpmndi:BPMNEdge>'
            )
        elif name == "lane" or (name.endswith(("Event", "ask", "Gateway", "ocess", "ctivity"))):
            if name == "process":
                continue
            shapes += (
                f'<bpmndi:BPMNShape bpmnElement="{id_}">'
                '<dc:Bounds x="1" y="1" width="9" height="9"/></bpmndi:BPMNShape>'
            )
            if name != "lane":
                references += f"<flowNodeRef>{id_}</flowNodeRef>"
    plane = f'<bpmndi:BPMNDiagram><bpmndi:BPMNPlane bpmnElement="x">{shapes}{edges}'
    plane += "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></definitions>"
    text = text.replace("@REFS@", references).replace("</definitions>", plane)
    return text.encode()
