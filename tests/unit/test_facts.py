"""Facts: declarations and the values they take."""

from __future__ import annotations

from decimal import Decimal

import pytest

from workflows.domain.steps import FactValue
from workflows.engine.expressions import Expression, Value
from workflows.engine.facts import (
    FactDeclaration,
    FactType,
    Level,
    WrongFactValue,
    names_for_expressions,
    read_facts,
)

FILE = """
[served_on]
type = "date"
name = "送达日期"

[dissatisfied_percent]
type = "decimal"
scale = 1
unit = "percent"
name = "不满意比例"

[rework_count]
type = "integer"
unit = "times"
name = "返工次数"

[outcome]
type = "code"
name = "研判结论"
choices = { extend = "延期", attribution = "责任认定" }

[grounds]
type = "codes"
name = "情形"
choices = { weak = "软弱涣散", duty = "履职不到位" }

[is_group]
type = "bool"
name = "是否集体"

[concerned]
type = "person"
level = "L2"
name = "当事人"
"""


@pytest.fixture(scope="module")
def facts() -> dict[str, FactDeclaration]:
    declarations, findings = read_facts(FILE.encode())
    assert findings == ()
    return dict(declarations)


def test_declarations_are_read_with_types_choices_and_levels(
    facts: dict[str, FactDeclaration],
) -> None:
    assert facts["served_on"].type is FactType.DATE
    assert facts["dissatisfied_percent"].scale == 1
    assert list(facts["outcome"].choices) == ["extend", "attribution"]
    assert facts["concerned"].level is Level.L2
    assert facts["served_on"].level is Level.L1


@pytest.mark.parametrize(
    "name,text,value",
    [
        ("served_on", " 2026-03-26 ", "2026-03-26"),
        ("dissatisfied_percent", "9.5", 95),
        ("dissatisfied_percent", "50", 500),
        ("rework_count", "-2", -2),
        ("rework_count", "2.0", 2),
        ("outcome", "extend", "extend"),
        ("grounds", "duty, weak", ["weak", "duty"]),
        ("is_group", "true", True),
        ("is_group", "否", False),
        ("concerned", "p_17", "p_17"),
        ("served_on", "  ", None),
    ],
)
def test_typed_text_becomes_a_value_and_back(
    facts: dict[str, FactDeclaration], name: str, text: str, value: FactValue
) -> None:
    assert facts[name].parse(text) == value
    assert facts[name].parse(facts[name].show(value)) == value


@pytest.mark.parametrize(
    "name,text",
    [
        ("served_on", "2026-02-30"),
        ("served_on", "20260301"),
        ("served_on", "2026-3-1"),
        ("served_on", "２０２６-03-01"),
        ("dissatisfied_percent", "9.55"),
        ("dissatisfied_percent", "1e3"),
        ("dissatisfied_percent", "NaN"),
        ("rework_count", "1.5"),
        ("rework_count", "9007199254740992"),
        ("rework_count", "two"),
        ("rework_count", "٣"),
        ("outcome", "closed"),
        ("grounds", "weak,weak"),
        ("grounds", "weak,other"),
        ("is_group", "maybe"),
        ("concerned", "p" * 10_001),
    ],
)
def test_text_of_another_type_is_refused_and_names_the_fact(
    facts: dict[str, FactDeclaration], name: str, text: str
) -> None:
    with pytest.raises(WrongFactValue) as caught:
        facts[name].parse(text)
    assert caught.value.fact == name
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "name,value",
    [
        ("is_group", 1),
        ("rework_count", True),
        ("rework_count", 1.0),
        ("rework_count", "1"),
        ("served_on", 20260326),
        ("outcome", ""),
        ("grounds", "weak"),
        ("grounds", [1]),
        ("grounds", [["weak"]]),
    ],
)
def test_stored_value_of_another_type_is_refused(
    facts: dict[str, FactDeclaration], name: str, value: object
) -> None:
    with pytest.raises(WrongFactValue):
        facts[name].check(value)


def test_null_is_a_value_of_every_fact(facts: dict[str, FactDeclaration]) -> None:
    assert all(declaration.check(None) is None for declaration in facts.values())


@pytest.mark.parametrize(
    "name,value,stored",
    [
        ("dissatisfied_percent", Decimal("9.5"), 95),
        ("dissatisfied_percent", 9, 90),
        ("rework_count", Decimal("3.0"), 3),
        ("grounds", ("duty", "weak"), ["weak", "duty"]),
        ("is_group", False, False),
        ("outcome", None, None),
    ],
)
def test_value_of_an_expression_becomes_a_stored_one(
    facts: dict[str, FactDeclaration], name: str, value: Value, stored: FactValue
) -> None:
    assert facts[name].convert(value) == stored


@pytest.mark.parametrize(
    "name,value", [("rework_count", Decimal("1.5")), ("outcome", 3), ("is_group", Decimal(1))]
)
def test_value_of_an_expression_that_does_not_fit_is_refused(
    facts: dict[str, FactDeclaration], name: str, value: Value
) -> None:
    with pytest.raises(WrongFactValue):
        facts[name].convert(value)


def test_expressions_see_decimals_at_their_real_size(facts: dict[str, FactDeclaration]) -> None:
    names = names_for_expressions(facts, {"dissatisfied_percent": 505}, {"R_FAIL": 50})
    assert Expression("dissatisfied_percent > R_FAIL").holds(names)
    assert not Expression("dissatisfied_percent >= 50.6").holds(names)
    assert Expression("served_on is null").holds(names)


@pytest.mark.parametrize(
    "text,rule",
    [
        ("[a]\ntype='date'", "toml-bad-value"),
        ("[a]\ntype='float'\nname='甲'", "fact-type-unknown"),
        ("[a]\ntype='date'\nname='甲'\nscale=2", "fact-key-misplaced"),
        ("[a]\ntype='decimal'\nname='甲'\nscale=7", "toml-bad-value"),
        ("[a]\ntype='decimal'\nname='甲'\nscale=true", "toml-bad-value"),
        ("[a]\ntype='code'\nname='甲'", "toml-bad-value"),
        ("[a]\ntype='code'\nname='甲'\nchoices={}", "toml-bad-value"),
        ("[a]\ntype='code'\nname='甲'\nchoices={x=1}", "toml-bad-value"),
        ("[a]\ntype='date'\nname='甲'\nlevel='L4'", "toml-bad-value"),
        ("[a]\ntype='date'\nname='甲'\ncolour='red'", "toml-unknown-key"),
        ("['a-b']\ntype='date'\nname='甲'", "toml-bad-name"),
        ("[__class__]\ntype='date'\nname='甲'", "toml-bad-name"),
        ("[null]\ntype='date'\nname='甲'", "toml-bad-name"),
        ("[len]\ntype='date'\nname='甲'", "toml-bad-name"),
        ("a = 3", "toml-not-a-table"),
        ("[a\ntype='date'", "toml-malformed"),
        ("x = " + "[" * 5_000, "toml-malformed"),
    ],
)
def test_broken_declaration_is_a_finding_at_its_line(text: str, rule: str) -> None:
    declarations, findings = read_facts(text.encode())
    assert [finding.rule for finding in findings] == [rule]
    assert findings[0].file == "facts.toml"
    assert findings[0].line in (1, 2, None)
    assert not declarations


def test_file_in_another_encoding_is_a_finding() -> None:
    _, findings = read_facts("[a]\ntype='date'\nname='甲'".encode("gb18030"))
    assert findings[0].rule == "toml-malformed"


def test_huge_file_is_a_finding() -> None:
    _, findings = read_facts(b"#" * 600_000)
    assert findings[0].rule == "toml-too-large"
