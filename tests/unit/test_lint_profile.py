"""The profile: what a diagram may not have, and that it is named."""

from __future__ import annotations

import pytest

from tests.support.lint_packs import lint, rules, sound_pack, spoiled
from workflows.engine.findings import Severity
from workflows.engine.lint import lint_files

PLAN = '<userTask id="plan" name="报送方案"'
EVENT = '<endEvent id="done"'
BEGIN = '<startEvent id="begin" name="登记" duban:form="intake"/>'
DURATION = '<timeDuration\n xsi:type="tFormalExpression">R_PLAN</timeDuration>'


def test_sound_pack_has_no_finding() -> None:
    assert lint(sound_pack()) == ()


@pytest.mark.parametrize(
    "name",
    [
        "scriptTask",
        "task",
        "sendTask",
        "receiveTask",
        "complexGateway",
        "transaction",
        "adHocSubProcess",
        "dataObject",
        "ioSpecification",
    ],
)
def test_element_outside_the_profile_is_refused(name: str) -> None:
    files = spoiled("top.bpmn", (EVENT, f'<{name} id="extra" name="多余"/>{EVENT}'))
    found = [finding for finding in lint(files) if finding.rule == "element-refused"]
    assert [(each.file, each.element) for each in found] == [("top.bpmn", "extra")]
    assert name in found[0].message("en")
    assert found[0].line is not None


@pytest.mark.parametrize(
    "inner",
    [
        "<multiInstanceLoopCharacteristics/>",
        "<standardLoopCharacteristics/>",
        "<script>import os</script>",
        '<extensionElements><spiff:preScript xmlns:spiff="http://spiffworkflow.org/bpmn/schema/1.0'
        '/core">x = 1</spiff:preScript></extensionElements>',
        '<extensionElements><camunda:executionListener xmlns:camunda="http://camunda.org/schema'
        '/1.0/bpmn" expression="${x}"/></extensionElements>',
    ],
)
def test_loops_and_scripts_of_tasks_are_refused(inner: str) -> None:
    files = spoiled(
        "top.bpmn",
        (f'{PLAN} duban:form="plan" duban:signatures="2"/>', f"{PLAN}>{inner}</userTask>"),
    )
    assert "element-refused" in rules(files)


@pytest.mark.parametrize(
    "new",
    [
        "<timeCycle>R3/P1D</timeCycle>",
        "<timeDate>2026-05-25T00:00:00Z</timeDate>",
    ],
)
def test_timer_with_cycle_or_date_is_refused(new: str) -> None:
    assert "element-refused" in rules(spoiled("top.bpmn", (DURATION, new)))


@pytest.mark.parametrize("event", ["compensate", "link", "conditional", "cancel"])
def test_event_that_the_engine_does_not_honour_is_refused(event: str) -> None:
    definition = f"<{event}EventDefinition/>"
    files = spoiled("work.bpmn", ('name="工作结束"/>', f'name="工作结束">{definition}</endEvent>'))
    assert "element-refused" in rules(files)


def test_event_subprocess_is_refused_with_its_reason() -> None:
    inner = (
        '<subProcess id="es" name="申诉" triggeredByEvent="true"><startEvent id="e1" name="始">'
        '<messageEventDefinition messageRef="msg"/></startEvent><endEvent id="e2" name="终"/>'
        '<sequenceFlow id="e3" sourceRef="e1" targetRef="e2"/></subProcess>'
    )
    found = lint(spoiled("top.bpmn", (EVENT, inner + EVENT)))
    assert any(
        each.element == "es" and "process of its own" in each.message("en") for each in found
    )


@pytest.mark.parametrize(
    "attribute",
    [
        'isForCompensation="true"',
        'startQuantity="2"',
        'cancelActivity="1"',
        'triggeredByEvent="1"',
        'completionQuantity="2"',
        'implementation="##WebService"',
        'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" camunda:assignee="x"',
    ],
)
def test_attribute_outside_the_profile_is_refused(attribute: str) -> None:
    files = spoiled("top.bpmn", (PLAN, f"{PLAN} {attribute}"))
    assert rules(files) == ["attribute-refused"]


@pytest.mark.parametrize(
    "attribute,rule",
    [
        ('duban:colour="red"', "duban-unknown"),
        ('duban:operation="count"', "duban-unknown"),
        ('duban:anchor="event"', "duban-unknown"),
        ('duban:rung="5"', "duban-value"),
        ('duban:rung="two"', "duban-value"),
        ('duban:line="police"', "duban-value"),
    ],
)
def test_own_attribute_must_be_known_and_right(attribute: str, rule: str) -> None:
    assert rules(spoiled("top.bpmn", (PLAN, f"{PLAN} {attribute}"))) == [rule]


def test_more_signatures_than_people_can_give_are_refused() -> None:
    files = spoiled("top.bpmn", ('duban:signatures="2"', 'duban:signatures="9"'))
    assert rules(files) == ["duban-value"]


def test_own_element_must_stand_where_it_is_read() -> None:
    files = spoiled(
        "top.bpmn",
        (
            BEGIN,
            BEGIN[:-2] + '><extensionElements><duban:lane roles="R01"/></extensionElements>'
            "</startEvent>",
        ),
    )
    assert rules(files) == ["duban-unknown"]


def test_colours_and_names_of_editors_are_taken() -> None:
    files = spoiled(
        "top.bpmn",
        (
            'id="defs"',
            'id="defs" exporter="x" xmlns:modeler="http://camunda.org/schema/modeler/1.0"'
            ' modeler:executionPlatform="y"',
        ),
    )
    assert rules(files) == []


def test_id_that_stands_twice_is_refused() -> None:
    files = spoiled("top.bpmn", ('id="reminded"', 'id="done"'), ('"reminded"', '"done"'))
    assert "id-twice" in rules(files)


@pytest.mark.parametrize(
    "content,rule",
    [
        (b"<definitions", "xml-malformed"),
        (b"<!DOCTYPE x><definitions/>", "xml-doctype"),
        (b"<a>" + b" " * 2_200_000 + b"</a>", "xml-too-large"),
        (b"<definitions/>", "not-bpmn"),
        (b"<html/>", "not-bpmn"),
    ],
)
def test_hostile_or_foreign_file_is_a_finding_and_no_error(content: bytes, rule: str) -> None:
    findings = lint_files(sound_pack() | {"extra.bpmn": content})
    assert rule in {each.rule for each in findings if each.file == "extra.bpmn"}


@pytest.mark.parametrize("file", ["facts.toml", "parameters.toml", "pack.toml", "en.toml"])
def test_pack_without_a_needed_file_says_so(file: str) -> None:
    files = sound_pack()
    del files[file]
    assert "file-missing" in rules(files)


@pytest.mark.parametrize("file", ["run.py", "forms/deep/x.json", "forms/x.js", "../x.bpmn"])
def test_file_without_a_place_in_a_pack_is_refused(file: str) -> None:
    assert "file-unknown" in {each.rule for each in lint(sound_pack() | {file: b""})}


def test_empty_pack_is_a_list_of_findings() -> None:
    assert {each.rule for each in lint_files({})} >= {"file-missing", "pack-about"}


def test_finding_reads_as_one_line_in_both_languages() -> None:
    found = lint(spoiled("top.bpmn", (PLAN, f'{PLAN} duban:rung="5"')))[0]
    assert found.severity is Severity.ERROR
    assert found.text("en").startswith(f"top.bpmn:{found.line} plan [duban-value]: ")
    assert found.text("zh").startswith(f"top.bpmn:{found.line} plan [duban-value]:")
    assert "\n" not in found.text("zh")
