"""Checks on the values of forms: read from checks.toml, applied to what was typed."""

from typing import Any

import pytest

from workflows.engine import load_pack
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


def errors(form: str, values: dict[str, Any], **facts: Any) -> dict[str, FieldError]:
    names = names_for_expressions(PACK.facts, facts, PACK.constants)
    return dict(PACK.forms[form].read(values, names).errors)


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
