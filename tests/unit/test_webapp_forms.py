"""Forms of the shipped pack as pages show and take them."""

from collections.abc import Iterator
from functools import cache
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from webapp.app import babel
from webapp.forms.packs import FormTexts, PackForm, pack_form
from workflows.engine import Pack, load_pack
from workflows.engine.facts import names_for_expressions
from workflows.shipped import shipped_pack_dir


@pytest.fixture(scope="module")
def app() -> Flask:
    app = Flask("forms")
    app.config.update(SECRET_KEY="made up", WTF_CSRF_ENABLED=False)
    babel.init_app(app, default_locale="zh_Hans_CN")
    return app


@cache
def _pack() -> Pack:
    return load_pack(shipped_pack_dir())


@pytest.fixture
def sent(app: Flask) -> Iterator[Any]:
    """Send values to a form and give it back as the view has it."""
    contexts = []

    def send(form_id: str, values: dict[str, Any], language: Any = "zh", **more: Any) -> PackForm:
        context = app.test_request_context("/", method="POST", data=values)
        context.push()
        contexts.append(context)
        texts = FormTexts.of(_pack(), language, more.pop("pickers", None))
        known = names_for_expressions(_pack().facts, {}, _pack().constants)
        return pack_form(_pack().forms[form_id], texts, known=known, **more)

    yield send
    for context in reversed(contexts):
        context.pop()


INTAKE = {
    "problem_type": "P101",
    "source": "spot_check",
    "found_on": "2026-03-02",
    "description": "三次会议没有记录",
    "disposition": "procedure",
}


@pytest.mark.parametrize("form_id", sorted(load_pack(shipped_pack_dir()).forms))
def test_every_shipped_form_is_shown_part_by_part(sent: Any, form_id: str) -> None:
    form = sent(form_id, {})
    fields = [part.field for part in form.parts() if part.field is not None]
    assert [field.name for field in fields] == [
        each.key for each in _pack().forms[form_id].fields if each.is_input
    ]
    assert all(str(field()) and str(field.label) for field in fields)


def test_a_whole_form_is_taken_with_its_types(sent: Any) -> None:
    form = sent("intake", INTAKE)
    assert form.validate(), form.errors
    assert form.reading.values["found_on"] == "2026-03-02"
    assert form.reading.facts["problem_type"] == "P101"


def test_every_missing_field_is_told_at_once_and_what_was_typed_stays(sent: Any) -> None:
    form = sent("intake", {"description": "三次会议没有记录"})
    assert not form.validate()
    wrong = {form[name].name for name in form.errors}
    assert wrong >= {"problem_type", "source", "found_on", "disposition"}
    assert "三次会议没有记录" in str(form["f_description"]())


def test_a_wrong_date_keeps_its_text_beside_the_error(sent: Any) -> None:
    form = sent("intake", INTAKE | {"found_on": "2026-02-30"})
    assert not form.validate()
    assert form["f_found_on"].errors
    assert "2026-02-30" in str(form["f_found_on"]())


def test_a_field_is_asked_for_only_where_its_condition_shows_it(sent: Any) -> None:
    assert sent("intake", INTAKE).validate()
    fixed = sent("intake", INTAKE | {"disposition": "immediate_fix"})
    assert not fixed.validate()
    assert [fixed[name].name for name in fixed.errors] == ["fix"]


def test_a_hidden_field_that_is_sent_anyway_is_not_written(sent: Any) -> None:
    form = sent("intake", INTAKE | {"fix": "没有人问过"})
    assert form.validate()
    assert "fix" not in form.reading.values


def test_a_choice_that_is_not_offered_is_refused(sent: Any) -> None:
    form = sent("intake", INTAKE | {"problem_type": "P999"})
    assert not form.validate()
    assert form["f_problem_type"].errors


def test_a_draft_goes_before_what_is_known(app: Flask) -> None:
    with app.test_request_context("/"):
        form = pack_form(
            _pack().forms["intake"],
            FormTexts(),
            known={},
            draft={"description": "还没写完", "problem_type": "P102"},
        )
        assert "还没写完" in str(form["f_description"]())
        assert form["f_problem_type"].data == "P102"


def test_files_come_with_their_names(sent: Any) -> None:
    form = sent("intake", INTAKE | {"evidence": (BytesIO(b"x"), "记录.pdf")})
    assert form.validate(), form.errors
    assert form.reading.values["evidence"] == ["记录.pdf"]
    assert [file.filename for file in form.uploads()["evidence"]] == ["记录.pdf"]


def test_english_names_come_from_the_pack(sent: Any) -> None:
    form = sent("intake", {}, language="en")
    labels = {part.field.name: part.field.label.text for part in form.parts() if part.field}
    assert labels["problem_type"].isascii()
    assert all(choice.label.isascii() for choice in form["f_source"].choices[1:])


def test_errors_that_a_service_found_stand_at_their_fields(sent: Any) -> None:
    form = sent("intake", INTAKE)
    form.take_errors({"source": "来源已停用", "nowhere": "其他问题"})
    assert form["f_source"].errors == ["来源已停用"]
    assert form.form_errors == ["其他问题"]
