"""What expressions mean, and what they refuse."""

from __future__ import annotations

from decimal import Decimal

import pytest

from workflows.engine.expressions import (
    Expression,
    ExpressionFailed,
    ExpressionRefused,
    NullCompared,
    Value,
    cell_expression,
)

FACTS: dict[str, Value] = {
    "acceptance_score": 82,
    "dissatisfied_percent": Decimal("9.5"),
    "rework_count": 1,
    "R_PASS": 70,
    "R_REWORK_MAX": 2,
    "review_outcome": "attribution",
    "served_on": "2026-03-26",
    "grounds": ["weak", "complaints"],
    "is_group": True,
    "plan_due": None,
}


@pytest.mark.parametrize(
    "text,value",
    [
        ("acceptance_score >= R_PASS and dissatisfied_percent <= 50", True),
        ("dissatisfied_percent == 9.5", True),
        ("dissatisfied_percent < 9.25", False),
        ("rework_count < R_REWORK_MAX", True),
        ("review_outcome == 'attribution'", True),
        ('review_outcome = "extend"', False),
        ("review_outcome != 'extend' or false", True),
        ("served_on >= '2026-01-01'", True),
        ("'weak' in grounds", True),
        ("review_outcome not in ['attribution', 'closed']", False),
        ("rework_count in (1, 2)", True),
        ("plan_due is null", True),
        ("plan_due is not null and plan_due > '2026-01-01'", False),
        ("plan_due = null", True),
        ("null != plan_due", False),
        ("not is_group", False),
        ("not (is_group and rework_count > 1)", True),
        ("1 + 2 * 3 - 4", 3),
        ("-7 // 2", -4),
        ("-7.5 // 2", Decimal(-4)),
        ("7.5 // 2", Decimal(3)),
        ("0.1 + 0.2 == 0.3", True),
        ("max(rework_count, 3, 2) + min(4, 5) + len(grounds) + len('区县')", 11),
        ("- -3", 3),
        ("'督办'", "督办"),
        ("['A', 'B']", ("A", "B")),
    ],
)
def test_expression_gives_its_value(text: str, value: Value) -> None:
    assert Expression(text).evaluate(FACTS) == value


@pytest.mark.parametrize(
    "text",
    [
        "plan_due == '2026-01-01'",
        "plan_due + 1",
        "is_group and plan_due",
        "plan_due in ['a']",
        "'a' in plan_due",
        "len(plan_due)",
        "not plan_due",
        "min(plan_due, 1)",
    ],
)
def test_comparing_null_names_the_fact(text: str) -> None:
    with pytest.raises(NullCompared) as caught:
        Expression(text).evaluate(FACTS)
    assert caught.value.attributes["fact"] == "plan_due"
    assert "plan_due" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "acceptance_score == '82'",
        "acceptance_score and is_group",
        "is_group + 1",
        "is_group < true",
        "grounds < grounds",
        "review_outcome in served_on",
        "1 in ['a']",
        "'a' + 'b'",
        "'a' * 3",
        "acceptance_score // 0",
        "acceptance_score // 0.0",
        "unheard_of == 1",
        "len(3)",
        "[grounds]",
        "9007199254740991 + 1",
        "9007199254740991 * 9007199254740991",
        "0 - 9007199254740991 - 1",
        " * ".join(["1.234567"] * 12),
    ],
)
def test_what_does_not_go_together_fails_by_name(text: str) -> None:
    with pytest.raises(ExpressionFailed) as caught:
        Expression(text).evaluate(FACTS)
    assert not isinstance(caught.value, NullCompared)


def test_number_from_outside_is_bounded_too() -> None:
    with pytest.raises(ExpressionFailed, match="beyond"):
        Expression("x > 0").evaluate({"x": 2**80})


def test_condition_must_be_a_truth_value() -> None:
    with pytest.raises(ExpressionFailed, match="number"):
        Expression("acceptance_score").holds(FACTS)
    assert Expression("is_group").holds(FACTS) is True


def test_or_stops_at_the_first_true_term() -> None:
    assert Expression("plan_due is null or plan_due > '2026-01-01'").holds(FACTS)


ATTACKS = [
    "",
    "   ",
    "().__class__.__bases__[0].__subclasses__()",
    "__import__('os').system('id')",
    "__builtins__",
    "acceptance_score.__class__",
    "grounds[0]",
    "f'{acceptance_score}'",
    "b'bytes'",
    "r'raw'",
    "lambda: 1",
    "[x for x in grounds]",
    "(y := 5)",
    "{'a': 1}",
    "{1, 2}",
    "1 if is_group else 2",
    "2 ** 64",
    "1 << 62",
    "1 / 2",
    "5 % 2",
    "'%s' % 1",
    "eval('1')",
    "open('/etc/passwd')",
    "term(R_PASS)",
    "len()",
    "len(1, 2)",
    "len(*grounds)",
    "max(key=1)",
    "'''long'''",
    r"'esc\x41'",
    "'unclosed",
    "'line\nbreak'",
    "'zero\u200bwidth'",
    "a b",
    "a and",
    "and a",
    "1 < 2 < 3",
    "a == b == c",
    "a not b",
    "a is b",
    "a is not 3",
    "a in 'text'",
    "1e9",
    "0x10",
    "1_000",
    "9007199254740992",
    "9" * 900,
    "1.1234567",
    "1.",
    ".5",
    "None",
    "True",
    "x; y",
    "x\ny",
    "x # comment",
    "x\x00",
    "\ufeffx",
    "ｌｅｎ('a')",
    "ａcceptance_score > 1",
    "ﬁle",
    "аcceptance_score",  # begins with a Cyrillic letter
    "事项 == 1",
    "٣ > 2",
    "x == “A”",
    "?",
    "[]",
    "()",
    "(1, 2)",
    "a" * 65,
    "a" * 1_001,
    "(" * 400 + "1" + ")" * 400,
    "not " * 200 + "true",
    "- " * 300 + "1",
    "[" * 300 + "1" + "]" * 300,
    "len(" * 200 + "'a'" + ")" * 200,
    "+".join(["1"] * 30),
    "1," * 450,
]


@pytest.mark.parametrize("text", ATTACKS)
def test_expression_that_tries_to_leave_the_fence_is_refused(text: str) -> None:
    with pytest.raises(ExpressionRefused) as caught:
        Expression(text)
    assert caught.value.position >= 1
    assert len(str(caught.value)) < 400


def test_long_alternatives_do_not_count_as_depth() -> None:
    text = " or ".join(f"rework_count == {n}" for n in range(40))
    assert Expression(text).holds(FACTS)


def test_spelling_does_not_change_the_identity() -> None:
    one = Expression('(acceptance_score>=R_PASS)  and review_outcome = "extend"')
    two = Expression("acceptance_score >= R_PASS and (review_outcome=='extend')")
    assert one.id == two.id
    assert one.names == {"acceptance_score", "R_PASS", "review_outcome"}


@pytest.mark.parametrize("text", ["a - (b - c)", "(a - b) - c", "not (a and b) or c", "'it''s'"])
def test_identity_is_an_expression_with_the_same_identity(text: str) -> None:
    if "''" in text:
        text = '"it\'s" == a'
    assert Expression(Expression(text).id).id == Expression(text).id


def test_brackets_that_matter_stay() -> None:
    assert Expression("a - (b - c)").id != Expression("a - b - c").id


@pytest.mark.parametrize(
    "cell,matching,other",
    [
        (">= 70", 70, 69),
        ("< R_PASS", 69, 70),
        ("70", 70, 71),
        ("70, 80, > 90", 91, 71),
        ("[60..80)", 60, 80),
        ("(60..80]", 80, 60),
        ("]60..80[", 61, 60),
        ("[R_PASS - 10..R_PASS]", 65, 71),
        ("not(60, 70)", 80, 70),
        ("not(>= 70)", 10, 70),
        ("? > 3 and ? < 9", 5, 10),
        ("not(? > 3)", 2, 4),
        ("in [1, 2]", 2, 3),
        ("in (1, 2)", 1, 3),
        ("!= 5", 4, 5),
        ("= 5", 5, 4),
        ("(1 + 2)", 3, 4),
    ],
)
def test_cell_asks_about_its_input(cell: str, matching: int, other: int) -> None:
    condition = cell_expression("score", cell)
    assert condition is not None
    assert condition.holds({"score": matching, "R_PASS": 70})
    assert not condition.holds({"score": other, "R_PASS": 70})


@pytest.mark.parametrize("cell", ["'A'", '"A","B"', "in ['A']", "not('C')", "? in ['A', 'D']"])
def test_cell_of_codes(cell: str) -> None:
    condition = cell_expression("class_code", cell)
    assert condition is not None
    assert condition.holds({"class_code": "A"})
    assert not condition.holds({"class_code": "C"})


@pytest.mark.parametrize("cell", ["", " ", "-", " - "])
def test_empty_cell_takes_any_value(cell: str) -> None:
    assert cell_expression("score", cell) is None


def test_plain_cell_is_not_met_by_null_and_a_comparison_of_null_is_an_error() -> None:
    plain, null, order = (cell_expression("x", cell) for cell in ("3", "null", "> 3"))
    assert plain is not None
    assert null is not None
    assert order is not None
    assert not plain.holds({"x": None})
    assert null.holds({"x": None})
    assert not null.holds({"x": 3})
    with pytest.raises(NullCompared):
        order.holds({"x": None})


@pytest.mark.parametrize(
    "cell", [">", ">= 70,", "[60..80", "60..80", "not(", "70 80", "? ?", ">= >= 3", "[1..2..3]"]
)
def test_broken_cell_is_refused(cell: str) -> None:
    with pytest.raises(ExpressionRefused):
        cell_expression("score", cell)
