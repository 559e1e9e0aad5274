"""Checks on the values of forms: read from checks.toml, applied to what was typed."""

from typing import Any

import pytest

from workflows.engine import Pack, build_pack, load_pack
from workflows.engine.facts import names_for_expressions
from workflows.engine.form_errors import FieldError
from workflows.engine.lint import lint_files
from workflows.engine.loading import read_files
from workflows.shipped import shipped_pack_dir

PACK = load_pack(shipped_pack_dir())
MEETING = {
    "decision_outcome": "as_proposed",
    "approved_on": "2026-05-14",
    "minutes_no": "常委会纪要〔2026〕12号",
    "members_due": "11",
    "members_present": "8",
    "votes_for": "6",
}


def errors(
    form: str, values: dict[str, Any], pack: Pack = PACK, **facts: Any
) -> dict[str, FieldError]:
    names = names_for_expressions(pack.facts, facts, pack.constants)
    return dict(pack.forms[form].read(values, names).errors)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"votes_against": "1", "abstentions": "1"},
        {"decision_outcome": "returned", "votes_for": "2"},
    ],
)
def test_a_meeting_that_adds_up_is_taken(changed: dict[str, str]) -> None:
    assert errors("decision", {**MEETING, **changed}) == {}


@pytest.mark.parametrize(
    "changed, field, said",
    [
        ({"members_present": "7"}, "members_present", "三分之二"),
        ({"members_present": "12"}, "members_due", "多于应到人数"),
        ({"votes_for": "9"}, "votes_for", "不符"),
        ({"votes_against": "1", "abstentions": "2"}, "votes_for", "不符"),
        ({"votes_against": "2"}, "votes_for", "不符"),
        ({"votes_for": "5"}, "votes_for", "一半"),
    ],
)
def test_a_meeting_that_cannot_decide_is_refused_with_the_rule_and_what_to_do(
    changed: dict[str, str], field: str, said: str
) -> None:
    found = errors("decision", {**MEETING, **changed})
    assert said in found[field].text()
    assert "《" in found[field].text("en")


def test_a_check_about_a_form_or_field_that_is_none_is_a_fault_of_the_pack() -> None:
    files = dict(read_files(shipped_pack_dir()))
    files["checks.toml"] = (
        b'[one]\nforms = ["nowhere", "decision"]\nfield = "votes_for"\nholds = "votes_for > 0"\n'
        b'zh = "x"\nen = "x"\nbasis = "x"\n'
        b'[two]\nforms = ["decision"]\nfield = "votes_for"\nholds = "nothing > 0"\n'
        b'zh = "x"\nen = "x"\nbasis = "x"\n'
        b'[three]\nforms = ["decision"]\nmore = 1\n'
    )
    found = {(each.rule, each.element) for each in lint_files(files) if each.is_error}
    assert found == {
        ("check-form", "one"),
        ("check-condition", "two"),
        ("toml-unknown-key", "three"),
        ("toml-bad-value", "three"),
    }


def test_a_choice_by_a_table_that_is_none_is_a_fault_of_the_pack() -> None:
    files = dict(read_files(shipped_pack_dir()))
    form = files["forms/proposal.json"].decode()
    files["forms/proposal.json"] = form.replace("who_may_decide.", "who_may_not.").encode()
    assert "reference-dangles" in {each.rule for each in lint_files(files) if each.is_error}


def repealed(until: str) -> Pack:
    """Give the shipped pack with the rules on adjustment repealed after a day."""
    files = dict(read_files(shipped_pack_dir()))
    checks = files["checks.toml"].decode()
    first = "from = 2015-07-19\n"
    files["checks.toml"] = checks.replace(first, f"{first}until = {until}\n").encode()
    assert not [each for each in lint_files(files) if each.is_error]
    return build_pack(files)


@pytest.mark.parametrize(
    "facts_until_on, approved_on, is_taken",
    [
        ("2026-06-30", "2026-06-30", True),
        ("2026-05-10", "2026-07-01", False),
        ("2026-07-01", "2026-08-03", False),
        ("2015-07-18", "2026-06-30", False),
        (None, "2026-06-30", True),
        (None, "2026-07-01", False),
    ],
)
def test_a_measure_whose_basis_was_repealed_or_came_later_is_refused_with_what_to_do(
    facts_until_on: str | None, approved_on: str, *, is_taken: bool
) -> None:
    known = {"proposed_measure": "adjustment", "facts_until_on": facts_until_on}
    pack = repealed("2026-06-30")
    meeting = {**MEETING, "approved_on": approved_on}
    found = errors("decision", meeting, pack, **known)
    assert set(found) == (set() if is_taken else {"decision_outcome"})
    if not is_taken:
        assert "从旧兼从轻" in found["decision_outcome"].text()
        assert "returned" in found["decision_outcome"].text("en")
    lighter = {**meeting, "decision_outcome": "returned"}
    assert errors("decision", lighter, pack, **known) == {}


def test_x25_a_rule_that_changed_within_a_case_leaves_other_measures_and_the_procedure_alone() -> (
    None
):
    """The case moved to the new version: its procedure holds, old facts keep the old measures."""
    pack = repealed("2026-06-30")
    old = {"facts_until_on": "2026-05-10", "start_approved_on": "2026-07-06"}
    proposal = {"lighter": "不足以警示", "reason": "履职不力"}
    refused = errors("proposal", {**proposal, "proposed_measure": "adjustment"}, pack, **old)
    assert "从旧兼从轻" in refused["proposed_measure"].text()
    assert "proposed_measure" not in errors(
        "proposal", {**proposal, "proposed_measure": "admonishment"}, pack, **old
    )
    meeting = {**MEETING, "approved_on": "2026-07-20", "members_present": "7"}
    known = {**old, "proposed_measure": "admonishment"}
    assert set(errors("decision", meeting, pack, **known)) == {"members_present"}


@pytest.mark.parametrize(
    "term", ["until = 2026-06-30", 'from = "2015"\non = ["approved_on"]', "from = 2015-07-19"]
)
def test_a_check_that_does_not_say_rightly_when_its_rule_is_in_force_is_a_fault(term: str) -> None:
    files = dict(read_files(shipped_pack_dir()))
    files["checks.toml"] = (
        f'[one]\nforms = ["decision"]\nfield = "votes_for"\nholds = "votes_for > 0"\n'
        f'zh = "x"\nen = "x"\nbasis = "x"\n{term}\n'
    ).encode()
    assert {each.rule for each in lint_files(files) if each.is_error} == {"check-term"}
