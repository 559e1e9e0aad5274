"""Forms: what their files may say, and how typed values are read."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from workflows.domain.steps import FactValue
from workflows.engine.facts import FactDeclaration, FactType, names_for_expressions
from workflows.engine.form_errors import FieldProblem
from workflows.engine.form_files import read_form, read_forms
from workflows.engine.forms import FormSchema, Typed
from workflows.engine.patterns import Pattern, PatternRefused

FACTS = {
    "served_on": FactDeclaration("served_on", FactType.DATE, "送达日期"),
    "score": FactDeclaration("score", FactType.INTEGER, "得分"),
    "percent": FactDeclaration("percent", FactType.DECIMAL, "比例", scale=1),
    "outcome": FactDeclaration(
        "outcome", FactType.CODE, "结论", choices={"extend": "延期", "attribution": "责任认定"}
    ),
    "grounds": FactDeclaration(
        "grounds", FactType.CODES, "情形", choices={"weak": "软弱", "duty": "履职"}
    ),
    "agreed": FactDeclaration("agreed", FactType.BOOL, "同意"),
    "concerned": FactDeclaration("concerned", FactType.PERSON, "当事人"),
    "opinion": FactDeclaration("opinion", FactType.TEXT, "意见"),
}


def form_of(*components: dict[str, Any]) -> bytes:
    return json.dumps({"type": "default", "id": "plan", "components": components}).encode()


def field_of(**properties: Any) -> dict[str, Any]:
    return {"type": "textfield", "key": "opinion", "label": "意见"} | properties


def read(*components: dict[str, Any]) -> FormSchema:
    form, findings = read_form(form_of(*components), "forms/plan.json", FACTS, frozenset({"R"}))
    assert findings == ()
    assert form is not None
    return form


REVIEW = (
    {"type": "text", "text": "## 说明", "id": "Field_1"},
    field_of(type="datetime", subtype="date", key="served_on", validate={"required": True}),
    field_of(type="number", key="score", validate={"min": 0, "max": 100}),
    field_of(type="number", key="percent", decimalDigits=1),
    field_of(type="select", key="outcome", values=[]),
    field_of(
        type="textarea",
        key="opinion",
        label="意见",
        validate={"required": True, "minLength": 2, "maxLength": 10},
        conditional={"hide": '=outcome = "extend"'},
    ),
    field_of(type="checklist", key="grounds", values=[{"value": "weak", "label": "软弱"}]),
    field_of(type="checkbox", key="agreed", validate={"required": True}),
    field_of(type="select", key="concerned", properties={"picker": "person"}),
    field_of(type="filepicker", key="scan", label="扫描件", multiple=True),
    field_of(key="paper", label="文号", validate={"pattern": r"^[A-Z]{1,3}\d{4}$"}),
    field_of(type="number", key="share", label="份额", decimalDigits=2),
)
TYPED: dict[str, Typed] = {
    "served_on": "2026-03-26",
    "score": "82",
    "percent": "9.5",
    "outcome": "attribution",
    "opinion": " 同意\r\n整改 ",
    "grounds": ["weak"],
    "agreed": "on",
    "concerned": "p_17",
    "scan": ["a_1", "a_2"],
    "paper": "ABC2026",
    "share": "1.50",
}


def test_typed_values_become_facts_and_payload() -> None:
    reading = read(*REVIEW).read(TYPED)
    assert dict(reading.errors) == {}
    assert reading.facts == {
        "served_on": "2026-03-26",
        "score": 82,
        "percent": 95,
        "outcome": "attribution",
        "opinion": "同意\n整改",
        "grounds": ["weak"],
        "agreed": True,
        "concerned": "p_17",
    }
    assert {key: reading.values[key] for key in ("scan", "paper", "share")} == {
        "scan": ["a_1", "a_2"],
        "paper": "ABC2026",
        "share": "1.50",
    }


@pytest.mark.parametrize(
    "key,typed,problem",
    [
        ("served_on", "", FieldProblem.REQUIRED),
        ("served_on", "2026-02-30", FieldProblem.NOT_A_DATE),
        ("served_on", "26.3.2026", FieldProblem.UNCLEAR_DATE),
        ("score", "101", FieldProblem.TOO_LARGE),
        ("score", "-1", FieldProblem.TOO_SMALL),
        ("score", "8.5", FieldProblem.TOO_MANY_PLACES),
        ("score", "1e2", FieldProblem.NOT_A_NUMBER),
        ("score", "八十", FieldProblem.NOT_A_NUMBER),
        ("score", "9" * 400, FieldProblem.NOT_A_NUMBER),
        ("percent", "9.55", FieldProblem.TOO_MANY_PLACES),
        ("outcome", "closed", FieldProblem.NOT_A_CHOICE),
        ("opinion", "好", FieldProblem.TOO_SHORT),
        ("opinion", "好" * 11, FieldProblem.TOO_LONG),
        ("opinion", "好\u200b的", FieldProblem.UNPRINTABLE),
        ("opinion", None, FieldProblem.REQUIRED),
        ("grounds", ["duty"], FieldProblem.NOT_A_CHOICE),
        ("agreed", "", FieldProblem.NOT_TICKED),
        ("agreed", "perhaps", FieldProblem.NOT_A_CHOICE),
        ("concerned", "p 17; drop", FieldProblem.NOT_A_CHOICE),
        ("scan", ["a"] * 21, FieldProblem.TOO_MANY_FILES),
        ("paper", "abc", FieldProblem.PATTERN),
        ("surprise", "x", FieldProblem.UNKNOWN_FIELD),
    ],
)
def test_value_that_cannot_be_taken_is_an_error_at_its_field(
    key: str, typed: Typed, problem: FieldProblem
) -> None:
    reading = read(*REVIEW).read(TYPED | {key: typed})
    assert [(at, error.problem) for at, error in reading.errors.items()] == [(key, problem)]
    assert reading.errors[key].text("zh")
    assert "{" not in reading.errors[key].text("en")


@pytest.mark.parametrize(
    "kind,problem",
    [
        ("textarea", FieldProblem.REQUIRED),
        ("select", FieldProblem.NOT_CHOSEN),
        ("radio", FieldProblem.NOT_CHOSEN),
        ("checklist", FieldProblem.NOT_CHOSEN),
        ("checkbox", FieldProblem.NOT_TICKED),
        ("filepicker", FieldProblem.NO_FILE),
    ],
)
def test_what_is_missing_is_asked_for_as_its_field_is_filled(
    kind: str, problem: FieldProblem
) -> None:
    has_choices = problem is FieldProblem.NOT_CHOSEN
    choices = {"values": [{"value": "weak", "label": "软弱"}]} if has_choices else {}
    form = read(field_of(type=kind, key="scan", validate={"required": True}, **choices))
    assert form.read({}).errors["scan"].problem is problem


def test_all_errors_are_reported_at_once() -> None:
    reading = read(*REVIEW).read({"score": "x", "outcome": "y"})
    assert set(reading.errors) == {"score", "outcome", "served_on", "opinion", "agreed"}


def test_field_hidden_by_its_condition_is_neither_required_nor_written() -> None:
    reading = read(*REVIEW).read(TYPED | {"outcome": "extend", "opinion": "x"})
    assert reading.is_valid
    assert reading.hidden == {"opinion"}
    assert "opinion" not in reading.values
    assert "opinion" not in reading.facts


def test_condition_on_an_empty_field_shows_as_the_form_editor_does() -> None:
    form = read(
        field_of(type="select", key="outcome"),
        field_of(key="a", conditional={"hide": '=outcome = "extend"'}),
        field_of(key="b", conditional={"hide": '=outcome != "extend"'}),
    )
    assert form.hidden({}) == {"b"}


def test_condition_may_ask_for_facts_of_the_case_and_parameters() -> None:
    form = read(field_of(conditional={"hide": "=percent > R"}))
    names = names_for_expressions(FACTS, {"percent": 505}, {"R": 50})
    assert form.read({"opinion": "x"}, names).hidden == {"opinion"}
    names = names_for_expressions(FACTS, {"percent": 500}, {"R": 50})
    assert form.read({"opinion": "x"}, names).hidden == frozenset()


def test_hidden_field_counts_as_empty_for_those_behind_it() -> None:
    form = read(
        field_of(type="checkbox", key="agreed"),
        field_of(type="select", key="outcome", conditional={"hide": "=agreed"}),
        field_of(key="opinion", conditional={"hide": '=outcome != "extend"'}),
    )
    assert form.read({"agreed": True, "outcome": "extend", "opinion": "x"}).hidden == {
        "outcome",
        "opinion",
    }


@pytest.mark.parametrize(
    "key,typed,value",
    [
        ("score", 0, 0),
        ("served_on", date(2026, 3, 26), "2026-03-26"),
        ("agreed", True, True),
        ("grounds", "weak", ["weak"]),
        ("grounds", [], None),
        ("score", None, None),
    ],
)
def test_scenarios_may_give_typed_values(key: str, typed: Typed, value: FactValue) -> None:
    assert read(*REVIEW).read(TYPED | {key: typed}).values[key] == value


def test_text_field_has_one_line() -> None:
    assert read(field_of()).read({"opinion": "a\nb"}).values == {"opinion": "a b"}


def test_choices_come_from_the_fact_where_the_form_lists_none() -> None:
    form = read(field_of(type="radio", key="outcome"))
    assert [choice.label for choice in form.fields[0].choices] == ["延期", "责任认定"]


@pytest.mark.parametrize(
    "component,rule",
    [
        (field_of(type="html"), "form-component-unknown"),
        (field_of(type="datetime", subtype="datetime", key="served_on"), "form-component-unknown"),
        (field_of(type="date", key="served_on"), "form-component-unknown"),
        (field_of(type="script"), "form-component-unknown"),
        (field_of(key="has-hyphen"), "form-key"),
        (field_of(key=""), "form-key"),
        (field_of(key=3), "form-key"),
        (field_of(label=""), "form-label"),
        (field_of(label=None), "form-property-value"),
        (field_of(valuesExpression="=x"), "form-property-unsupported"),
        (field_of(validate={"min": 1}), "form-property-unsupported"),
        (field_of(conditional={"show": "=true"}), "form-property-unsupported"),
        (field_of(properties={"onload": "x"}), "form-property-unsupported"),
        (field_of(validate=[]), "form-property-value"),
        (field_of(validate={"required": "yes"}), "form-property-value"),
        (field_of(validate={"maxLength": -1}), "form-property-value"),
        (field_of(type="number", key="score", validate={"min": "0"}), "form-property-value"),
        (field_of(properties={"picker": "person"}), "form-property-value"),
        (field_of(properties={"prefill": "unheard"}), "form-property-value"),
        (field_of(validate={"pattern": "(a+)+$"}), "form-pattern"),
        (field_of(conditional={"hide": "=__import__('os')"}), "form-condition"),
        (field_of(conditional={"hide": "=later == 'x'"}), "form-condition"),
        (field_of(conditional={"hide": "=opinion == 'x'"}), "form-condition"),
        (field_of(key="score"), "form-fact-type"),
        (field_of(type="number", key="score", decimalDigits=1), "form-fact-type"),
        (field_of(type="filepicker"), "form-fact-type"),
        (
            field_of(type="select", key="concerned", properties={"picker": "organisation"}),
            "form-fact-type",
        ),
        (
            field_of(type="select", key="outcome", values=[{"value": "z", "label": "甲"}]),
            "form-choices",
        ),
        (field_of(type="select", key="free", values=[]), "form-choices"),
        (field_of(type="select", key="free", values=[{"value": 1, "label": "a"}]), "form-choices"),
        (
            field_of(type="select", key="free", values=[{"value": "a", "label": "a"}] * 2),
            "form-choices",
        ),
    ],
)
def test_component_outside_the_profile_is_a_finding(component: dict[str, Any], rule: str) -> None:
    _, findings = read_form(form_of(component), "forms/plan.json", FACTS)
    assert [finding.rule for finding in findings] == [rule]
    assert findings[0].file == "forms/plan.json"


def test_key_that_stands_twice_is_a_finding() -> None:
    _, findings = read_form(form_of(field_of(), field_of()), "forms/plan.json", FACTS)
    assert [finding.rule for finding in findings] == ["form-key"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"id": "plan"}',
        b'{"id": "plan", "components": {}}',
        b'{"id": "plan", "components": [3]}',
        b'{"id": "plan", "components": [NaN]}',
        b'{"id": "plan", "components": ' + b"[" * 100_000,
        b'{"id": "plan", "components": [], "x": "' + b"x" * 300_000 + b'"}',
        '{"id": "计划", "components": []}'.encode("gb18030"),
        b'{"id": "plan", "components": [' + b",".join([b"{}"] * 101) + b"]}",
    ],
)
def test_malformed_or_oversized_form_is_a_finding(content: bytes) -> None:
    _, findings = read_form(content, "forms/plan.json", FACTS)
    assert [finding.rule for finding in findings] == ["form-malformed"]


def test_form_is_known_by_the_name_of_its_file() -> None:
    _, findings = read_form(form_of(), "forms/other.json", FACTS)
    assert [finding.rule for finding in findings] == ["form-id"]


def test_forms_are_read_from_their_folder_only() -> None:
    files = {"forms/plan.json": form_of(), "forms/deep/x.json": b"{", "x.json": b"{"}
    forms, findings = read_forms(files, FACTS, frozenset())
    assert (list(forms), findings) == (["plan"], ())


@pytest.mark.parametrize(
    "text,matching,other",
    [
        (r"^\d{17}[\dX]$", "11010519491231002X", "123"),
        (r"^[A-Za-z]+@[a-z]+\.cn$", "a@b.cn", "a@b.com"),
        (r"^(?:内|外)[组办]发\d{1,3}号$", "内组发12号", "内组发号"),
        (r"^(\d{4}-){2}\d$", "2026-2027-1", "2026-1"),
        (r"[^\]]", "a", "]"),
        (r"\d", "a1", "٣"),
        (r"^$|^x?$", "x", "y"),
    ],
)
def test_pattern_matches_as_in_a_browser(text: str, matching: str, other: str) -> None:
    assert Pattern(text).matches(matching)
    assert not Pattern(text).matches(other)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x" * 201,
        "(a+)+$",
        "(a|a)*b",
        "(a*)*b",
        "(a|aa)+$",
        r"a*a*a*a*b",
        r"^(\w+\s?)*$",
        "(?=a)",
        "(?P<x>a)",
        "(?i)a",
        r"(a)\1",
        r"\bword",
        "a**",
        "a*?",
        "a++",
        "*a",
        "(a",
        "a)",
        "[a",
        "[]",
        "[z-a]",
        "[a--b]",
        "[[a]]",
        "{2}",
        "a{3,2}",
        "a{x}",
        "^*",
        "((((((a))))))",
        "a\\",
        r"\x41",
    ],
)
def test_pattern_that_could_run_away_is_refused(text: str) -> None:
    with pytest.raises(PatternRefused):
        Pattern(text)


def test_text_longer_than_a_pattern_may_see_does_not_match() -> None:
    assert not Pattern("a").matches("a" * 201)
