"""Conditions and tables: they compile, fit their facts and cover every case."""

from __future__ import annotations

import pytest

from tests.support.lint_packs import lint, rules, spoiled
from workflows.engine.expression_types import Kind, Typing, check_kinds, typing_of_names
from workflows.engine.expressions import Expression
from workflows.engine.lint.nullness import certain_names, unknown_names

CONDITION = "score &gt;= R_PASS"
SPLIT = ' default="f_again"'
AGAIN = '<sequenceFlow id="f_again" sourceRef="enough" targetRef="counted"/>'


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('id')",
        "score.real &gt; 1",
        "score &gt;= R_PLAN",
        "score &gt;= unheard",
        "score",
        "score == 'A'",
        "class_code == 'Z'",
        "class_code == kind + 1",
        "class_code &gt; 'A'",
        "served_on &gt; 'soon'",
        "served_on &gt; '2026-02-30'",
        "score in ['A']",
        "'Z' in class_code",
        "score and agreed",
        "",
        "(" * 500,
    ],
)
def test_condition_outside_the_language_or_the_facts_is_refused(text: str) -> None:
    found = [
        each
        for each in lint(spoiled("top.bpmn", (CONDITION, text)))
        if each.rule == "condition-refused"
    ]
    assert {(each.file, each.element) for each in found} == {("top.bpmn", "f_done")}


@pytest.mark.parametrize(
    "text",
    [
        "score &gt;= R_PASS and share &lt;= 50",
        "class_code == 'A' or served_on &gt;= '2026-01-01'",
        "kind in ['weak', 'duty']",
        "days is null or days + 1 &gt; max(score, 3)",
        "not agreed = false",
    ],
)
def test_condition_of_the_language_is_taken(text: str) -> None:
    assert "condition-refused" not in rules(spoiled("top.bpmn", (CONDITION, text)))


def conditions(first: str, second: str) -> list[str]:
    """Give the findings of a gateway without default, with two conditions."""
    other = AGAIN.replace("/>", f"><conditionExpression>{second}</conditionExpression>")
    found = rules(
        spoiled("top.bpmn", (SPLIT, ""), (CONDITION, first), (AGAIN, other + "</sequenceFlow>"))
    )
    return [rule for rule in found if rule.startswith(("gateway", "condition"))]


@pytest.mark.parametrize(
    "first,second",
    [
        ("score &gt;= R_PASS", "score &lt; R_PASS"),
        ("score &gt;= R_PASS", "not score &gt;= 70"),
        ("class_code == 'A'", "class_code == 'B'"),
        ("class_code in ['A']", "class_code != 'A'"),
        ("agreed", "not agreed"),
        ("score &gt; 3 and agreed", "score &lt;= 3 or agreed == false"),
        ("share &gt; 50.5", "share &lt;= 50.5"),
        ("score is null", "score is not null"),
    ],
)
def test_conditions_that_cover_every_case_need_no_default(first: str, second: str) -> None:
    assert conditions(first, second) == []


@pytest.mark.parametrize(
    "first,second",
    [
        ("score &gt; R_PASS", "score &lt; R_PASS"),
        ("score &gt;= 70", "score &lt; 60"),
        ("share &gt;= 51", "share &lt;= 50"),
        ("class_code == 'A'", "class_code == 'A'"),
        ("agreed", "agreed"),
        ("score &gt; 3 and agreed", "score &lt;= 3"),
    ],
)
def test_conditions_with_a_gap_are_refused_with_an_example(first: str, second: str) -> None:
    assert conditions(first, second) == ["gateway-incomplete"]


def test_example_of_a_gap_is_named() -> None:
    other = AGAIN.replace("/>", "><conditionExpression>score &lt; 60</conditionExpression>")
    files = spoiled("top.bpmn", (SPLIT, ""), (AGAIN, other + "</sequenceFlow>"))
    found = next(each for each in lint(files) if each.rule == "gateway-incomplete")
    assert "score = 60" in found.message("en")
    assert found.element == "enough"


def test_conditions_that_cannot_be_decided_need_a_default() -> None:
    assert conditions("score &gt; days", "score &lt;= days") == ["gateway-undecided"]


def test_flow_of_a_gateway_has_a_condition_or_is_the_default() -> None:
    assert "condition-missing" in rules(spoiled("top.bpmn", (SPLIT, "")))


def test_condition_on_the_default_is_refused() -> None:
    other = AGAIN.replace("/>", "><conditionExpression>agreed</conditionExpression>")
    files = spoiled("top.bpmn", (AGAIN, other + "</sequenceFlow>"))
    assert "condition-on-default" in rules(files)


@pytest.mark.parametrize(
    "old,new,rule",
    [
        ('hitPolicy="FIRST"', 'hitPolicy="PRIORITY"', "table-hit-policy"),
        ('hitPolicy="FIRST"', 'hitPolicy="COLLECT" aggregation="SUM"', "table-hit-policy"),
        ("\nkind<", "\nunheard<", "table-input"),
        ("\nkind<", "\nos.system<", "table-input"),
        ("\nkind<", "<", "table-input"),
        ('name="class_code"', 'name="unheard"', "table-output"),
        ('"weak"', '"strong"', "table-cell"),
        ('"weak"', "&gt;= 3", "table-cell"),
        ('"weak"', "__import__('os')", "table-cell"),
        ('"B"', '"Z"', "table-cell"),
        ('"B"', "B", "table-cell"),
        ('"B"', "3", "table-cell"),
        ('"B"', "open('/etc/passwd')", "table-cell"),
        ('<inputEntry id="c2"><text>-</text></inputEntry>', "", "table-row"),
        ('<decision id="classes"', '<decision id="others"', "table-shape"),
        ("20191111/MODEL", "20300101/MODEL", "table-shape"),
        ("</decisionTable>", "</decisionTable><literalExpression/>", "table-shape"),
        ("</decisionTable>", "</decisionTable><decisionTable/>", "table-shape"),
    ],
)
def test_fault_in_a_decision_table_is_found(old: str, new: str, rule: str) -> None:
    found = lint(spoiled("classes.dmn", (old, new)))
    assert rule in {each.rule for each in found if each.file == "classes.dmn"}


def test_table_may_compare_list_and_ask_for_null() -> None:
    assert rules(spoiled("classes.dmn", ('"weak"', '"weak", "duty"'))) == []
    assert rules(spoiled("classes.dmn", ('"weak"', "null"))) == []
    assert rules(spoiled("classes.dmn", ('"weak"', 'not("weak")'))) == []


NAMES = typing_of_names((), ("R",)) | {
    "n": Typing(Kind.NUMBER),
    "t": Typing(Kind.TEXT),
    "b": Typing(Kind.TRUTH),
    "d": Typing(Kind.DATE),
    "c": Typing(Kind.CODE, frozenset({"x", "y"})),
    "l": Typing(Kind.LIST, frozenset({"x"})),
}


@pytest.mark.parametrize(
    "text", ["n > R", "t == 'any'", "d <= d", "c != 'x'", "'x' in l", "b", "len(l) > len(t)"]
)
def test_kinds_that_go_together(text: str) -> None:
    assert check_kinds(Expression(text).tree, NAMES, Kind.TRUTH) == []


@pytest.mark.parametrize(
    "text",
    [
        "n",
        "n > t",
        "t > t",
        "l == l",
        "'z' in l",
        "n in l",
        "b > b",
        "len(n) > 1",
        "-b > 1",
        "min(c, 1) > 1",
        "c in ['z']",
        "n in t",
        "not n",
        "b or t",
        "d == 'x'",
        "z is null",
    ],
)
def test_kinds_that_do_not_go_together(text: str) -> None:
    assert check_kinds(Expression(text).tree, NAMES, Kind.TRUTH)


@pytest.mark.parametrize(
    "text,known,unknown",
    [
        ("a > 1", "", "a"),
        ("a > b", "a", "b"),
        ("a is null", "", ""),
        ("a is null or a > 1", "", ""),
        ("a is not null and a > 1", "", ""),
        ("a is not null or a > 1", "", "a"),
        ("a is null and a > 1", "", "a"),
        ("not (a is null) and a > 1", "", ""),
        ("a > 1 and a < 3", "", "a"),
        ("(a is not null and b is not null) and a > b", "", ""),
        ("(a is null or b is null) or a > b", "", ""),
        ("len(a) > 1 and 'x' in b", "", "a b"),
    ],
)
def test_names_that_may_be_null_where_they_are_compared(
    text: str, known: str, unknown: str
) -> None:
    tree = Expression(text).tree
    assert unknown_names(tree, frozenset(known.split())) == frozenset(unknown.split())


@pytest.mark.parametrize(
    "text,true,false",
    [
        ("a > b", "a b", "a b"),
        ("a is null", "", "a"),
        ("a is not null and b > 1", "a b", ""),
        ("a is null or b > 1", "", "a b"),
        ("not a is null", "a", ""),
        ("a > 1 and b > 1", "a b", "a"),
        ("a > 1 or b > 1", "a", "a b"),
    ],
)
def test_names_that_a_decided_condition_makes_certain(text: str, true: str, false: str) -> None:
    tree = Expression(text).tree
    assert certain_names(tree, truth=True) == frozenset(true.split())
    assert certain_names(tree, truth=False) == frozenset(false.split())
