"""Parameters and the terms of timers."""

from __future__ import annotations

import pytest

from workflows.domain.clocks import Budget, ClockKind
from workflows.domain.steps import FactValue
from workflows.engine.dated import lightest, weigh
from workflows.engine.parameters import (
    Parameter,
    TermCall,
    TermRefused,
    TermUnknown,
    constants_of,
    parse_term,
    read_parameters,
    resolve_term,
)

FILE = """
[R_PLAN]
name = "整改方案"
value = 10
unit = "workdays"
kind = "act"
basis = "本单位自定"
local = true

[R_RECT]
name = "整改期限"
kind = "act"
by = "class_code"
basis = "本单位自定"
values = { A = { value = 15, unit = "days" }, D = { value = 12, unit = "months" } }

[R_PASS]
name = "合格分数"
value = 70
unit = "score"
basis = "本单位自定"
"""


@pytest.fixture(scope="module")
def parameters() -> dict[str, Parameter]:
    read, findings = read_parameters(FILE.encode())
    assert findings == ()
    return dict(read)


def test_parameters_are_read_with_basis_and_local_mark(parameters: dict[str, Parameter]) -> None:
    assert parameters["R_PLAN"].is_local
    assert not parameters["R_RECT"].is_local
    assert parameters["R_RECT"].by == "class_code"
    assert constants_of(parameters) == {"R_PASS": 70}


@pytest.mark.parametrize(
    "text,facts,budget",
    [
        ("R_PLAN", {}, Budget(10, "workdays")),
        ("term(R_RECT, class_code)", {"class_code": "A"}, Budget(15, "days")),
        ("term( R_RECT ,class_code, days )", {"class_code": "D"}, Budget(12, "months")),
        ("term(R_RECT, class_code, days)", {"class_code": "A", "days": 9}, Budget(9, "days")),
        ("term(R_RECT, class_code, days)", {"class_code": "A", "days": 15}, Budget(15, "days")),
    ],
)
def test_term_is_the_parameters_or_a_shorter_one(
    parameters: dict[str, Parameter], text: str, facts: dict[str, FactValue], budget: Budget
) -> None:
    term = resolve_term(text, parameters, facts)
    assert term.budget == budget
    assert term.kind is ClockKind.ACT
    assert term.rule == parse_term(text).rule


@pytest.mark.parametrize(
    "facts,fact",
    [
        ({}, "class_code"),
        ({"class_code": "Z"}, "class_code"),
        ({"class_code": "A", "days": 16}, "days"),
        ({"class_code": "A", "days": 0}, "days"),
        ({"class_code": "A", "days": True}, "days"),
    ],
)
def test_term_that_cannot_be_computed_names_the_fact(
    parameters: dict[str, Parameter], facts: dict[str, FactValue], fact: str
) -> None:
    with pytest.raises(TermUnknown) as caught:
        resolve_term("term(R_RECT, class_code, days)", parameters, facts)
    assert caught.value.fact == fact


@pytest.mark.parametrize(
    "text",
    [
        "P10D",
        "P10D + 1",
        "'P10D'",
        "PT1H",
        "10",
        "R_PASS",
        "R_NONE",
        "R_RECT",
        "term(R_RECT)",
        "term(R_RECT, other)",
        "term(R_RECT, 'A')",
        "term(R_RECT, class_code, 15)",
        "term(R_RECT, class_code, days, more)",
        "timedelta(days=1)",
        "",
        "R_PLAN R_PLAN",
        "__import__('os')",
    ],
)
def test_timer_takes_no_literal_and_no_other_expression(
    parameters: dict[str, Parameter], text: str
) -> None:
    with pytest.raises(TermRefused):
        resolve_term(text, parameters, {"class_code": "A"})


def test_term_call_names_what_it_needs() -> None:
    assert parse_term("term(R, c, d)") == TermCall("R", "c", "d")


BASE = "name='甲'\nbasis='本单位自定'\n"


@pytest.mark.parametrize(
    "body,rule",
    [
        ("value=1\nunit='days'", "parameter-without-kind"),
        ("value=1\nunit='score'\nkind='act'", "parameter-kind-misplaced"),
        ("", "parameter-value"),
        ("kind='act'\nby='x'", "parameter-value"),
        ("value=1\nunit='count'\nvalues={A={value=1,unit='count'}}\nby='x'", "parameter-value"),
        (
            "by='x'\nkind='act'\nvalues={A={value=1,unit='days'},B={value=1,unit='count'}}",
            "parameter-mixed-units",
        ),
        ("value=1\nunit='hours'\nkind='act'", "toml-bad-value"),
        ("value=-1\nunit='days'\nkind='act'", "toml-bad-value"),
        ("value=4000\nunit='days'\nkind='act'", "toml-bad-value"),
        ("value=1.5\nunit='count'", "toml-bad-value"),
        ("value=true\nunit='count'", "toml-bad-value"),
        ("value=1\nunit='days'\nkind='soon'", "toml-bad-value"),
        ("value=1\nunit='count'\nlocal='yes'", "toml-bad-value"),
        ("by='x'\nkind='act'\nvalues={}", "toml-bad-value"),
        ("by='x'\nkind='act'\nvalues={A=3}", "toml-bad-value"),
        ("value=1\nunit='count'\nnote='x'", "toml-unknown-key"),
    ],
)
def test_broken_parameter_is_a_finding_at_its_line(body: str, rule: str) -> None:
    parameters, findings = read_parameters(f"\n[R_X]\n{BASE}{body}".encode())
    assert [(finding.rule, finding.line) for finding in findings] == [(rule, 2)]
    assert not parameters


DATED = """
[R_EFF]
name = "影响期"
value = {value}
unit = "months"
kind = "{kind}"
basis = "《新规定》"
from = 2026-07-01
before = [{{ from = {before}, value = 6, basis = "《旧规定》" }}]
on = ["facts_until_on", "approved_on"]
"""


@pytest.mark.parametrize(
    "value, facts_on, decided_on, taken",
    [
        (12, "2026-05-31", "2026-07-10", ("《旧规定》", 6)),
        (3, "2026-05-31", "2026-07-10", ("《新规定》", 3)),
        (12, "2026-07-01", "2026-07-10", ("《新规定》", 12)),
        (3, "2026-05-31", "2026-06-30", ("《旧规定》", 6)),
        (6, "2026-05-31", "2026-07-10", ("《旧规定》", 6)),
        (3, "2010-01-01", "2026-06-30", ("《旧规定》", 6)),
    ],
)
def test_the_lighter_of_the_rule_of_the_facts_and_that_of_the_decision_counts(
    value: int, facts_on: str, decided_on: str, taken: tuple[str, int]
) -> None:
    content = DATED.format(value=value, kind="effect", before="2015-01-01")
    read, findings = read_parameters(content.encode())
    assert findings == ()
    dated = read["R_EFF"]
    facts: dict[str, FactValue] = {"facts_until_on": facts_on, "approved_on": decided_on}
    version = lightest(weigh(dated.versions, dated.days, facts)).version
    assert (version.basis, version.value) == taken
    assert weigh(dated.versions, dated.days, {}) == ()


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "act"},
        {"before": "2026-07-01"},
        {"before": '"2015-01-01"'},
        {"kind": 'effect"\nby = "x'},
    ],
)
def test_a_length_that_does_not_say_rightly_since_when_is_a_finding(
    changed: dict[str, str],
) -> None:
    content = DATED.format(**{"value": 3, "kind": "effect", "before": "2015-01-01", **changed})
    _, findings = read_parameters(content.encode())
    assert [each.rule for each in findings if each.is_error]


def test_parameter_without_basis_is_a_finding() -> None:
    _, findings = read_parameters(b"[R_X]\nname='x'\nvalue=1\nunit='count'")
    assert [finding.rule for finding in findings] == ["toml-bad-value"]
    assert "basis" in findings[0].message("en")
