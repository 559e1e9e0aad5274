"""Facts that may still be null where a case needs them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.lint_packs import field, form, lint, spoiled


def needed(files: dict[str, bytes]) -> set[tuple[str | None, str]]:
    """Give the places of a pack that need a fact, with the fact."""
    found = lint(files)
    assert {each.rule for each in found if each.is_error} <= {"fact-may-be-null"}
    return {
        (each.element, each.message("en").split("“")[2].split("”")[0])
        for each in found
        if each.rule == "fact-may-be-null"
    }


def with_form(name: str, *fields: dict[str, Any]) -> dict[str, bytes]:
    return spoiled("top.bpmn") | {f"forms/{name}.json": form(name, *fields)}


def test_fact_of_a_required_field_is_known_behind_the_task() -> None:
    assert needed(spoiled("top.bpmn")) == set()


def test_fact_of_a_field_that_may_stay_empty_is_not() -> None:
    assert needed(with_form("accept", field("score", required=False))) == {("enough", "score")}


def test_fact_that_no_form_writes_is_not() -> None:
    assert needed(with_form("accept")) == {("enough", "score")}


def test_tick_is_always_known() -> None:
    files = with_form("accept", field("agreed", "checkbox", required=False), field("score"))
    top = spoiled("top.bpmn", ("score &gt;= R_PASS", "agreed and score &gt;= R_PASS"))
    assert needed(files | {"top.bpmn": top["top.bpmn"]}) == set()


def test_question_for_null_makes_it_safe() -> None:
    top = spoiled("top.bpmn", ("score &gt;= R_PASS", "score is not null and score &gt;= R_PASS"))
    assert needed(top | {"forms/accept.json": form("accept")}) == set()


def test_anchor_of_a_clock_must_be_known_when_it_is_armed() -> None:
    assert needed(with_form("intake", field("kind", "select"))) == {("plan_due", "served_on")}


def test_class_of_a_term_must_be_known_when_it_is_armed() -> None:
    files = spoiled("classes.dmn", ("<text>-</text>", '<text>"duty"</text>'), ('"A"', ""))
    assert needed(files) == {("term_due", "class_code")}


def test_input_of_a_table_must_be_known_where_it_is_compared() -> None:
    empty = {"forms/intake.json": form("intake", DATE)}
    assert needed(spoiled("classes.dmn") | empty) == set()
    order = spoiled("classes.dmn", ("\nkind<", "\nscore<"), ('"weak"', "&gt;= 3"))
    assert needed(order | empty) == {("classify", "score")}


DATE = {
    "type": "datetime",
    "subtype": "date",
    "key": "served_on",
    "label": "日期",
    "validate": {"required": True},
}
GUARD = {"conditional": {"hide": "=kind is null or kind != 'weak'"}}


@pytest.mark.parametrize(
    "condition,is_safe",
    [
        ("kind == 'weak' and score &gt;= 1", False),
        ("agreed and score &gt;= 1", False),
    ],
)
def test_field_behind_a_condition_is_not_known_inside_one_expression(
    condition: str, *, is_safe: bool
) -> None:
    files = spoiled("top.bpmn", ("score &gt;= R_PASS", condition)) | {
        "forms/accept.json": form(
            "accept", field("agreed", "checkbox"), field("kind", "select"), field("score") | GUARD
        )
    }
    assert (needed(files) == set()) is is_safe


def guarded(first: str) -> dict[str, bytes]:
    """Make a pack that asks for a guarded field behind a gateway with a condition."""
    work = spoiled(
        "work.bpmn",
        (
            '<endEvent id="work_end" name="工作结束"/>',
            '<exclusiveGateway id="g" default="x3"/><exclusiveGateway id="h" default="x5"/>'
            '<endEvent id="work_end" name="工作结束"/>',
        ),
        (
            'sourceRef="accept" targetRef="work_end"/>',
            'sourceRef="accept" targetRef="g"/><sequenceFlow id="x2" sourceRef="g" targetRef="h">'
            f"<conditionExpression>{first}</conditionExpression></sequenceFlow>"
            '<sequenceFlow id="x3" sourceRef="g" targetRef="work_end"/>'
            '<sequenceFlow id="x4" sourceRef="h" targetRef="work_end"><conditionExpression>'
            "days &gt; 3</conditionExpression></sequenceFlow>"
            '<sequenceFlow id="x5" sourceRef="h" targetRef="work_end"/>',
        ),
    )
    return work | {
        "forms/plan.json": form("plan"),
        "forms/accept.json": form(
            "accept", field("kind", "select"), field("score"), field("days") | GUARD
        ),
    }


def test_field_that_a_condition_shows_is_known_where_that_condition_holds() -> None:
    assert needed(guarded("kind == 'weak'")) == set()
    assert needed(guarded("kind != 'duty'")) == set()


def test_field_that_a_condition_may_hide_is_not_known_elsewhere() -> None:
    assert needed(guarded("kind == 'duty'")) == {("h", "days")}
    assert needed(guarded("score &gt; 3")) == {("h", "days")}


def test_later_form_that_may_empty_a_fact_makes_it_unknown_again() -> None:
    second = '<userTask id="more" name="补充" duban:form="more"/>'
    files = spoiled(
        "work.bpmn",
        (
            '<endEvent id="work_end" name="工作结束"/>',
            f'{second}<endEvent id="work_end" name="终"/>',
        ),
        (
            'sourceRef="accept" targetRef="work_end"/>',
            'sourceRef="accept" targetRef="more"/>'
            '<sequenceFlow id="x" sourceRef="more" targetRef="work_end"/>',
        ),
    )
    files["forms/more.json"] = form("more", field("score", required=False))
    assert needed(files) == {("enough", "score")}


def parallel(other_end: str) -> dict[str, bytes]:
    """Make a called process in which two branches run side by side to ends of their own."""
    return spoiled(
        "work.bpmn",
        (
            '<userTask id="accept"',
            '<parallelGateway id="fork"/><userTask id="side" name="旁支"/>'
            f'<endEvent id="side_end" name="旁支结束">{other_end}</endEvent><userTask id="accept"',
        ),
        (
            'sourceRef="work_begin" targetRef="accept"/>',
            'sourceRef="work_begin" targetRef="fork"/>'
            '<sequenceFlow id="x1" sourceRef="fork" targetRef="accept"/>'
            '<sequenceFlow id="x2" sourceRef="fork" targetRef="side"/>'
            '<sequenceFlow id="x3" sourceRef="side" targetRef="side_end"/>',
        ),
    )


def test_branches_side_by_side_all_come_to_their_ends() -> None:
    assert needed(parallel("")) == set()


def test_branch_that_stops_the_others_leaves_their_facts_unknown() -> None:
    assert needed(parallel("<terminateEventDefinition/>")) == {("enough", "score")}


def test_way_around_a_task_through_its_interrupting_timer_does_not_know_its_facts() -> None:
    late = (
        '<boundaryEvent id="late" name="逾期" attachedToRef="accept"><timerEventDefinition>'
        "<timeDuration>R_PLAN</timeDuration></timerEventDefinition></boundaryEvent>"
        '<sequenceFlow id="x" sourceRef="late" targetRef="work_end"/>'
    )
    files = spoiled("work.bpmn", ("</process>", f"{late}</process>"))
    assert needed(files) == {("enough", "score")}


def test_reminder_beside_a_task_takes_nothing_away() -> None:
    late = (
        '<boundaryEvent id="late" name="提示" attachedToRef="accept" cancelActivity="false">'
        "<timerEventDefinition><timeDuration>R_PLAN</timeDuration></timerEventDefinition>"
        '</boundaryEvent><endEvent id="late_end" name="已提示"/>'
        '<sequenceFlow id="x" sourceRef="late" targetRef="late_end"/>'
    )
    assert needed(spoiled("work.bpmn", ("</process>", f"{late}</process>"))) == set()


def test_subject_of_a_case_to_open_must_be_known() -> None:
    files = spoiled(
        "top.bpmn",
        ('duban:operation="count"', 'duban:operation="open_case"'),
        (
            '<duban:parameter name="fact" value="rework_count"/>',
            '<duban:parameter name="process" value="work"/>'
            '<duban:parameter name="subject" fact="person"/>',
        ),
    )
    assert needed(files) == {("counted", "person")}


def test_counted_fact_is_known() -> None:
    files = spoiled("top.bpmn", ("score &gt;= R_PASS", "rework_count &lt; 2"))
    assert needed(files) == {("enough", "rework_count")}
    begun = spoiled(
        "top.bpmn",
        ("score &gt;= R_PASS", "rework_count &lt; 2"),
        ('sourceRef="classify" targetRef="again"', 'sourceRef="classify" targetRef="counted"'),
    )
    assert needed(begun) == set()
