"""What documents name must be there, fit their level, and tell nobody where it came from."""

from __future__ import annotations

import pytest

from tests.support.lint_packs import FACTS, field, form, lint, sound_pack

NOTICE = """
code = "D07"
name = "通知书"
en = "Notice"
activities = ["plan"]
layout = "official"
level = "L1"
word = "改通"
addressee = "organisation"
served_on = ["served_on"]
when = "kind is not null"

[[part]]
text = "于{served_on}送达{organisation}。"

[[part]]
heading = "问题"
fields = ["class_code", "plan.days", "start.kind"]
clock = "R_PLAN"
basis = ["R_PLAN"]
"""


def found(*changes: tuple[str, str], name: str = "D07", facts: str = FACTS) -> set[str]:
    """Give the rules that a document breaks once it is changed."""
    text = NOTICE
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    files = sound_pack()
    date = {"type": "datetime", "subtype": "date", "key": "served_on", "label": "日期"}
    source = {"type": "textfield", "key": "source_note", "label": "来源"}
    informant = {"type": "textfield", "key": "informant_name", "label": "举报人"}
    files["forms/intake.json"] = form("intake", field("kind", "select"), date, source, informant)
    files["facts.toml"] = facts.encode()
    files[f"documents/{name}.toml"] = text.encode()
    return {each.rule for each in lint(files) if each.file.startswith("documents/")}


def test_the_document_as_it_should_be_is_sound() -> None:
    assert found() == set()


@pytest.mark.parametrize(
    "old,new,rule",
    [
        ('activities = ["plan"]', 'activities = ["plans"]', "reference-dangles"),
        ('"class_code"', '"class_codes"', "reference-dangles"),
        ("plan.days", "plan.hours", "reference-dangles"),
        ("plan.days", "nothing.days", "reference-dangles"),
        ("{organisation}", "{organisations}", "reference-dangles"),
        ("{organisation}", "{served_number}", "reference-dangles"),
        ('clock = "R_PLAN"', 'clock = "R_NONE"', "reference-dangles"),
        ('basis = ["R_PLAN"]', 'basis = ["R_NONE"]', "reference-dangles"),
        ('basis = ["R_PLAN"]', 'beside = "work"', "reference-dangles"),
        ('served_on = ["served_on"]', 'served_on = ["service"]', "reference-dangles"),
        ("kind is not null", "kind == 1", "condition-refused"),
        ("kind is not null", "kind ==", "toml-bad-value"),
        ("start.kind", "start.source_note", "document-tells-source"),
        ("start.kind", "start.informant_name", "document-tells-source"),
        ('word = "改通"', "", "document-numberless"),
        ('word = "改通"', 'word = "责令整改"', "toml-bad-value"),
        ('level = "L1"', 'level = "L9"', "toml-bad-value"),
        ('name = "通知书"', "", "toml-bad-value"),
        ('layout = "official"', 'layout = "poster"', "toml-bad-value"),
        ('layout = "official"', 'layout = "official"\ncolour = "red"', "toml-unknown-key"),
        ('heading = "问题"', 'heading = "问题"\nsize = 3', "toml-unknown-key"),
        ('word = "改通"', 'word = "改通"\ndecision = true', "document-unreasoned"),
    ],
)
def test_what_is_wrong_is_found(old: str, new: str, rule: str) -> None:
    assert rule in found((old, new))


def test_what_stays_in_the_file_may_say_where_it_came_from_but_never_who_informed() -> None:
    kept = ('addressee = "organisation"', "")
    assert found(kept, ("start.kind", "start.source_note")) == set()
    assert found(kept, ("start.kind", "start.informant_name")) == {"document-tells-source"}


def test_a_document_is_as_confidential_as_what_it_names() -> None:
    facts = FACTS.replace("[class_code]", '[class_code]\nlevel = "L2"')
    assert "document-level" in found(facts=facts)
    assert found(('"L1"', '"L2"'), facts=facts) == set()


def test_a_file_is_called_by_the_code_of_its_document() -> None:
    assert "toml-bad-value" in found(name="D08")
    assert "toml-bad-value" in found(name="notice")
    assert found(name="D07_again") == set()
