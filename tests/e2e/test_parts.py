"""The pieces that pages are made of, in a browser: ladder, forms, diagram, keyboard."""

from collections.abc import Callable
from datetime import date
from functools import cache

import pytest
from flask import render_template_string
from playwright.sync_api import Dialog, Page, expect

from tests.e2e.conftest import Live
from webapp.case.ladder import LadderCase, climb
from webapp.diagram import draw, progress_by_process, read_plan
from webapp.forms.packs import FormTexts, pack_form
from webapp.gates.permissions import Permission, requires
from workflows.engine import Pack, load_pack
from workflows.engine.facts import names_for_expressions
from workflows.shipped import shipped_pack_dir

PAGE = """{% extends "layout.html" %}
{% from "components/ladder.html" import ladder %}
{% from "components/tasks.html" import task_card %}
{% from "components/diagrams.html" import diagram %}
{% from "components/fields.html" import pack_fields, csrf %}
{% block heading %}各部件{% endblock %}
{% block content %}
{{ ladder(steps) }}
{% for name in ('甲', '乙') %}
{% call task_card({'name': name, 'url': '/parts?' ~ name, 'case_number': '1',
   'organisation': '某支部', 'colour': 'red'}, level=2) %}
<button data-claim class="btn btn-sm btn-primary">领取</button>
{% endcall %}{% endfor %}
<form method="post" data-guard>{{ csrf() }}{{ pack_fields(form) }}<button>办结</button></form>
{{ diagram(picture, '流程图') }}
{% endblock %}"""


@cache
def _pack() -> Pack:
    return load_pack(shipped_pack_dir())


@requires(Permission.PUBLIC)
def _show() -> str:
    pack = _pack()
    progress = progress_by_process(
        pack.processes["ladder"], ["call_rectification/notice"], ["accept", "verify"]
    )
    plan = read_plan(pack.files["rectification.bpmn"], "rectification.bpmn")
    return render_template_string(
        PAGE,
        steps=climb(
            [
                LadderCase("督〔2026〕17号-1", "某支部", "/a", 2, "red", date(2026, 3, 10)),
                LadderCase("督〔2026〕17号-2", "某书记", "/b", 3, "blue", passed=(1, 2)),
            ]
        ),
        form=pack_form(
            pack.forms["intake"],
            FormTexts(),
            known=names_for_expressions(pack.facts, {}, pack.constants),
        ),
        picture=draw(
            plan, progress["rectification"], title=plan.name, description="停在下达通知书"
        ),
    )


@pytest.fixture
def parts(live_demo: Live, page: Page) -> Page:
    # The server has answered nobody yet, so that a page can still be added.
    live_demo.site.app.add_url_rule("/parts", view_func=_show)
    page.goto(f"{live_demo.address}/parts")
    return page


def test_the_pieces_have_no_barriers(
    parts: Page, find_barriers: Callable[[Page], list[str]]
) -> None:
    assert find_barriers(parts) == []


def test_higher_rungs_stand_higher_and_cases_stand_on_them(parts: Page) -> None:
    tops = [
        box["y"]
        for rung in range(1, 5)
        if (box := parts.locator(f".step-{rung} .tread").bounding_box())
    ]
    assert tops == sorted(tops, reverse=True)
    assert len(set(tops)) == 4
    case = parts.locator(".step-3 .marker").bounding_box()
    tread = parts.locator(".step-3 .tread").bounding_box()
    assert case is not None
    assert tread is not None
    assert case["y"] + case["height"] <= tread["y"] + 1


def test_a_field_shows_when_its_condition_holds_and_is_sent_only_then(parts: Page) -> None:
    fix = parts.locator("#f-fix")
    expect(fix).to_be_hidden()
    expect(fix).to_be_disabled()
    parts.get_by_label("立行立改").check()
    expect(fix).to_be_visible()
    expect(fix).to_be_enabled()
    parts.get_by_label("按程序办理").check()
    expect(fix).to_be_hidden()


def test_a_date_is_written_out_beside_its_field(parts: Page) -> None:
    parts.locator("#f-found_on").fill("2026-03-02")
    expect(parts.locator("#f-found_on-written")).to_contain_text("2026年3月2日")


def test_leaving_with_something_typed_asks_first(parts: Page) -> None:
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    parts.on("dialog", answer)
    parts.locator("#f-description").press_sequentially("三次会议没有记录")
    parts.goto("about:blank")
    assert asked == ["beforeunload"]


def test_j_and_k_walk_the_rows_and_enter_opens_one(parts: Page) -> None:
    rows = parts.locator("[data-row]")
    parts.keyboard.press("j")
    expect(rows.nth(0)).to_be_focused()
    parts.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    parts.keyboard.press("k")
    expect(rows.nth(0)).to_be_focused()
    parts.keyboard.press("Enter")
    parts.wait_for_url("**/parts?*")


def test_letters_typed_into_a_field_are_no_orders(parts: Page) -> None:
    field = parts.locator("#f-description")
    field.focus()
    parts.keyboard.type("jkc")
    expect(field).to_have_value("jkc")
    expect(field).to_be_focused()


def test_a_diagram_says_where_the_case_stands(parts: Page) -> None:
    current = parts.locator(".diagram .d-current title")
    expect(current).to_have_text("下达整改通知书（当前位置）")


def test_a_diagram_is_enlarged_and_moved_by_keys_wheel_and_pointer(parts: Page) -> None:
    sheet = parts.get_by_role("region", name="流程图")
    said = parts.locator("[data-diagram-tools] output")
    sheet.focus()
    parts.keyboard.press("0")
    assert sheet.evaluate("each => each.scrollWidth - each.clientWidth") == 0
    for _ in range(9):
        parts.keyboard.press("+")
    enlarged = said.inner_text()
    box = sheet.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = sheet.evaluate("each => each.scrollLeft")
    parts.mouse.move(x, y)
    parts.mouse.down()
    parts.mouse.move(x - 60, y, steps=3)
    parts.mouse.up()
    assert sheet.evaluate("each => each.scrollLeft") == before + 60
    parts.keyboard.down("Control")
    parts.mouse.wheel(0, 50)
    parts.keyboard.up("Control")
    expect(said).not_to_have_text(enlarged)
    parts.get_by_role("button", name="适合").click()
    parts.emulate_media(media="print")
    assert sheet.evaluate("each => each.scrollWidth - each.clientWidth") == 0
