"""What a diagram refers to must be there, and be of the right kind."""

from __future__ import annotations

import pytest

from tests.support.lint_packs import WORK, form, lint, rules, sound_pack, spoiled


@pytest.mark.parametrize(
    "old,new,rule",
    [
        ('duban:form="plan"', 'duban:form="plans"', "reference-dangles"),
        ('duban:decision="classes"', 'duban:decision="other"', "reference-dangles"),
        (' duban:decision="classes"', "", "reference-missing"),
        ('calledElement="work"', 'calledElement="other"', "reference-dangles"),
        (' calledElement="work"', "", "reference-missing"),
        ('duban:operation="count"', 'duban:operation="shell"', "reference-dangles"),
        (' duban:operation="count"', "", "reference-missing"),
        ('duban:dueOf="plan"', 'duban:dueOf="term_works"', "reference-dangles"),
        ('duban:anchor="served_on"', 'duban:anchor="score"', "reference-dangles"),
        ('duban:anchor="served_on"', 'duban:anchor="unheard_on"', "reference-dangles"),
        ('escalationRef="esc"', 'escalationRef="none"', "event-without-name"),
        ('roles="R03 R01"', 'roles="R03 R99"', "lane-wrong"),
        ('roles="R03 R01"', 'roles=""', "task-without-lane"),
        ('office="banner_organisation"', 'office="anyone"', "lane-wrong"),
        (' office="banner_organisation"', "", "task-without-lane"),
        ('office="banner_organisation"', 'office="person_concerned"', "lane-of-person"),
        ("@REFS@", "", "task-without-lane"),
    ],
)
def test_wrong_reference_is_a_finding(old: str, new: str, rule: str) -> None:
    assert rule in rules(spoiled("top.bpmn", (old, new)))


@pytest.mark.parametrize(
    "text",
    [
        "P10D",
        "PT1H",
        "'P10D'",
        "R_PASS",
        "R_RECT",
        "R_UNKNOWN",
        "term(R_PLAN, class_code)",
        "term(R_RECT, kind)",
        "term(R_RECT, class_code, served_on)",
        "term(R_RECT, 'A')",
        "10",
        "",
        "__import__('os').system('id')",
    ],
)
def test_timer_takes_parameters_only(text: str) -> None:
    files = spoiled("top.bpmn", (">R_PLAN<", f">{text}<"))
    found = [each for each in lint(files) if each.rule == "timer-expression"]
    assert [(each.file, each.element) for each in found] == [("top.bpmn", "plan_due")]


COUNT = '<duban:parameter name="fact" value="rework_count"/>'


@pytest.mark.parametrize(
    "operation,parameters,is_right",
    [
        ("count", COUNT, True),
        ("count", '<duban:parameter name="fact" fact="rework_count"/>', True),
        ("count", '<duban:parameter name="fact" value="served_on"/>', False),
        ("count", "", False),
        ("count", COUNT + '<duban:parameter name="by" value="2"/>', False),
        ("count", '<duban:parameter name="fact" value="score" fact="score"/>', False),
        (
            "open_case",
            '<duban:parameter name="process" value="work"/>'
            '<duban:parameter name="subject" fact="person"/>',
            True,
        ),
        (
            "open_case",
            '<duban:parameter name="process" value="nothing"/>'
            '<duban:parameter name="subject" fact="person"/>',
            False,
        ),
        (
            "open_case",
            '<duban:parameter name="process" value="work"/>'
            '<duban:parameter name="subject" fact="score"/>',
            False,
        ),
        (
            "pause_clocks",
            '<duban:parameter name="rules" value="R_RECT R_PLAN"/>'
            '<duban:parameter name="reason" value="review"/>',
            True,
        ),
        ("resume_clocks", '<duban:parameter name="rules" value="R_RECT R_PASS"/>', False),
        (
            "extend_clock",
            '<duban:parameter name="rule" value="R_RECT"/>'
            '<duban:parameter name="days" fact="days"/>',
            True,
        ),
        (
            "extend_clock",
            '<duban:parameter name="rule" value="R_RECT"/>'
            '<duban:parameter name="days" value="30"/>',
            False,
        ),
        (
            "start_effect",
            '<duban:parameter name="kind" value="promotion"/>'
            '<duban:parameter name="anchor" fact="served_on"/>',
            True,
        ),
        (
            "start_effect",
            '<duban:parameter name="kind" value="shame"/>'
            '<duban:parameter name="anchor" fact="served_on"/>',
            False,
        ),
        (
            "start_effect",
            '<duban:parameter name="kind" value="promotion"/>'
            '<duban:parameter name="rule" value="R_RECT"/>'
            '<duban:parameter name="anchor" fact="served_on"/>',
            False,
        ),
        ("issue_paper", '<duban:parameter name="document" value="D12"/>', True),
        ("issue_paper", '<duban:parameter name="document" fact="score"/>', False),
        ("send_message", '<duban:parameter name="message" value="x"/>', True),
    ],
)
def test_operation_takes_its_own_parameters(
    operation: str, parameters: str, *, is_right: bool
) -> None:
    files = spoiled(
        "top.bpmn",
        ('duban:operation="count"', f'duban:operation="{operation}"'),
        (COUNT, parameters),
    )
    assert ("operation-argument" not in rules(files)) is is_right


def test_process_that_begins_with_a_message_is_not_called() -> None:
    begun = '<startEvent id="work_begin" name="着手"><messageEventDefinition messageRef="m"/>'
    files = spoiled(
        "work.bpmn",
        ('<process id="work"', '<message id="m" name="reply"/><process id="work"'),
        ('<startEvent id="work_begin" name="着手"/>', f"{begun}</startEvent>"),
    )
    assert [(each.rule, each.element) for each in lint(files)] == [
        ("call-needs-message", "term_work")
    ]


def test_process_that_calls_itself_is_refused_with_the_way() -> None:
    call = '<callActivity id="back" name="返回" calledElement="top"/>'
    files = spoiled(
        "work.bpmn",
        ('<userTask id="accept" name="验收" duban:form="accept"/>', call),
        ('"accept"', '"back"'),
    )
    found = [each for each in lint(files) if each.rule == "calls-itself"]
    assert {(each.file, each.element) for each in found} == {
        ("top.bpmn", "term_work"),
        ("work.bpmn", "back"),
    }
    assert "top → work → top" in found[0].message("en")


def test_what_nothing_uses_is_a_warning() -> None:
    files = sound_pack() | {
        "forms/extra.json": form("extra"),
        "extra.bpmn": WORK.replace('id="work"', 'id="extra"').encode(),
        "extra.dmn": sound_pack()["classes.dmn"].replace(b'"classes"', b'"extra"'),
    }
    found = [each for each in lint(files) if each.rule == "unused"]
    assert [each.file for each in found] == ["extra.bpmn", "extra.dmn", "forms/extra.json"]
    assert not any(each.is_error for each in found)


def test_name_is_a_fact_or_a_parameter_but_not_both() -> None:
    more = '[R_PASS]\ntype = "integer"\nname = "分"\n[kind]'
    assert "name-taken" in rules(spoiled("facts.toml", ("[kind]", more)))


@pytest.mark.parametrize(
    "old,new,rule",
    [
        ('by = "class_code"', 'by = "score"', "parameter-class"),
        ('by = "class_code"', 'by = "unheard"', "parameter-class"),
        ("{ A = { value = 15", "{ Z = { value = 15", "parameter-class"),
        (', B = { value = 60, unit = "days" }', "", "parameter-class-without-value"),
    ],
)
def test_parameter_by_class_has_the_classes_of_its_fact(old: str, new: str, rule: str) -> None:
    assert rule in rules(spoiled("parameters.toml", (old, new)))
