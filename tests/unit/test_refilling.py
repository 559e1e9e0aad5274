"""A form is filled in as it was sent, and what is wrong stands at its fields."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_babel import Babel
from lxml import html

from webapp.forms.refilling import refill

PAGE = """<!DOCTYPE html><html lang="zh"><body><main>
<form action="/other"><input name="reason" value="别处"></form>
<details><summary>改</summary><form action="/here/%E6%97%97?q=1" method="post">
<input type="hidden" name="csrf_token" value="t"><input type="hidden" name="row" value="2">
<label for="r">理由 <span>*</span></label><input id="r" name="reason" maxlength="5" required>
<textarea name="text" aria-describedby="about">旧的</textarea>
<input type="date" name="on" min="2026-11-01"><input type="number" name="days" min="1" max="5">
<select name="place" required><option value="">—</option><option value="a">甲</option></select>
<div><input type="radio" name="kind" value="x" checked><label>x</label></div>
<div><input type="radio" name="kind" value="y"></div><input type="checkbox" name="tick" value="1">
<input type="password" name="secret"><input type="file" name="scan"><button>送</button>
</form></details></main></body></html>"""
GOOD = {
    "row": ["2"],
    "reason": ["𠮷堃镕"],
    "text": ["\n=1+1 <script>alert(1)</script> 🙂"],
    "on": ["2026-11-23"],
    "days": ["3"],
    "place": ["a"],
    "kind": ["y"],
    "tick": ["1"],
    "secret": ["甲乙丙"],
}


def refilled(at: tuple[str, ...] = (), has_files: bool = False, **sent: list[str]) -> str:
    app = Flask(__name__)
    Babel(app, default_locale="zh_Hans_CN")
    with app.test_request_context():
        page = refill(PAGE, "/here/旗?q=1", GOOD | sent, "不行", at, has_files=has_files)
    assert page is not None
    return page


def told(page: str) -> dict[str, str]:
    """Give what is said of each field that is marked as wrong, through its description."""
    root = html.document_fromstring(page)
    found = {}
    for field in root.xpath("//*[@aria-invalid='true']"):
        key = field.get("aria-describedby").split()[-1]
        found[field.get("name")] = root.get_element_by_id(key).text
        assert root.xpath(f"//div[@role='alert']//a[@href='#{field.get('id')}']")
    return found


@pytest.mark.parametrize("field", ["place", "kind"])
def test_a_choice_that_is_not_offered_is_told_at_its_field(field: str) -> None:
    page = refilled(**{field: ["no such choice"]})
    assert told(page) == {field: "选的不在可选的范围内，请重新选择。"}


def test_everything_typed_is_there_again_and_harmless() -> None:
    page = refilled()
    root = html.document_fromstring(page)
    form = root.forms[1]
    assert form.fields["reason"] == "𠮷堃镕"
    # The first line's end after the tag is none of the text: a browser passes over it.
    assert form.fields["text"].lstrip("\n") == GOOD["text"][0].lstrip("\n")
    assert "<script>" not in page
    assert (form.fields["on"], form.fields["days"], form.fields["place"]) == (
        "2026-11-23",
        "3",
        "a",
    )
    assert (form.fields["kind"], form.fields["tick"]) == ("y", "1")
    assert "甲乙丙" not in page, "a password is never sent back"
    assert root.forms[0].fields["reason"] == "别处"
    assert root.xpath("//details/@open")
    assert told(page) == {}
    assert "附件" not in page
    assert "附件须重新选择" in refilled(has_files=True)


@pytest.mark.parametrize(
    "sent, said",
    [
        ({"reason": [" "]}, {"reason": "请填写。"}),
        ({"reason": ["一二三四五六"]}, {"reason": "最多 5 字，现在有 6 字。"}),
        ({"on": ["今天"], "days": ["六"]}, {"on": "“今天”不是日期。", "days": "1 至 5"}),
        (
            {"on": ["2026-10-31"], "days": ["6"]},
            {"on": "不能早于 2026年11月1日。", "days": "1 至 5"},
        ),
        ({"place": [""]}, {"place": "请选择。"}),
    ],
)
def test_what_a_field_asks_for_is_said_at_it(
    sent: dict[str, list[str]], said: dict[str, str]
) -> None:
    page = refilled(**sent)
    found = told(page)
    assert found.keys() == said.keys()
    assert all(said[name] in text for name, text in found.items())
    for name in sent.keys() & {"reason", "on"}:
        assert html.document_fromstring(page).forms[1].fields[name] == sent[name][0]


def test_a_service_may_name_the_field_once_even_of_a_group() -> None:
    assert told(refilled(at=("kind",))) == {"kind": "不行"}
    assert "about" in refilled(at=("text",))


def test_a_page_without_the_form_gives_nothing() -> None:
    assert refill(PAGE, "/here/旗?q=2", GOOD, "不行") is None
    assert refill(PAGE, "/here/旗?q=1", GOOD | {"row": ["3"]}, "不行") is None
