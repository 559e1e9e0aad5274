"""The shipped pack with one more process, whose cases are opened beside others: a request."""

from collections.abc import Mapping

from tests.support.lint_packs import drawn
from tests.support.packs import shipped_files

_ASKING = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:duban="urn:duban:bpmn:1"
 xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
 xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI"
 id="definitions_asking" targetNamespace="urn:duban:ladder">
<process id="asking" name="请求" isExecutable="true">
<laneSet id="lanes_asking">
<lane id="lane_asking" name="提出人"><extensionElements>
<duban:lane roles="@ROLES@" office="subject"/></extensionElements>
<flowNodeRef>asked</flowNodeRef></lane>
<lane id="lane_answering" name="另组"><extensionElements>
<duban:lane roles="R14" office="banner_organisation"/></extensionElements>
<flowNodeRef>answer</flowNodeRef></lane>
</laneSet>
<startEvent id="asked" name="提出"><extensionElements>
<duban:beside @BESIDE@/></extensionElements></startEvent>
<userTask id="answer" name="答复" duban:form="approve_start" duban:apart="origin"/>
<exclusiveGateway id="answer_split" name="同意？" default="answer_no"/>
<endEvent id="asking_granted" name="同意" duban:outcome="approved"/>
<endEvent id="asking_refused" name="不同意" duban:outcome="refused"/>
<sequenceFlow id="asked_on" sourceRef="asked" targetRef="answer"/>
<sequenceFlow id="answered_on" sourceRef="answer" targetRef="answer_split"/>
<sequenceFlow id="answer_yes" sourceRef="answer_split" targetRef="asking_granted">
<conditionExpression xsi:type="tFormalExpression">start_approval == 'approved'
</conditionExpression></sequenceFlow>
<sequenceFlow id="answer_no" sourceRef="answer_split" targetRef="asking_refused"/>
</process></definitions>"""
_FACTS = """
[asked_on]
type = "date"
name = "提出日期"
level = "L1"

[asked_late]
type = "code"
name = "是否逾期提出"
level = "L1"

[asked_late.choices]
no = "按期"
yes = "逾期"
"""
# What the window needs: from the day of the verification, five workdays.
WINDOW = 'window="R_OBJ" since="verified_on" on="asked_on" late="asked_late"'


def asking_files(
    *,
    processes: str = "ladder",
    when: str = "verified_on is not null",
    takes: str = "problem_type verified_on",
    roles: str = "R10",
    more: str = WINDOW,
) -> Mapping[str, bytes]:
    """Give the files of the shipped pack with the request beside cases of some processes."""
    beside = f'processes="{processes}" when="{when}" takes="{takes}" once="approved" {more}'
    diagram = _ASKING.replace("@BESIDE@", beside).replace("@ROLES@", roles)
    files = shipped_files()
    return {
        **files,
        **drawn({"asking.bpmn": diagram.encode()}),
        "facts.toml": files["facts.toml"] + _FACTS.encode(),
    }
