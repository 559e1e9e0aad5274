"""Diagrams drawn from the shipped pack's own layout."""

from collections.abc import Iterator
from functools import cache

import pytest
from flask import Flask
from lxml import etree

from webapp.app import babel
from webapp.diagram import Plan, Progress, draw, follow, progress_by_process, read_plan
from webapp.diagram.text import fit, width_of, wrap
from workflows.engine import Pack, load_pack
from workflows.shipped import shipped_pack_dir

DIAGRAMS = sorted(path.name for path in shipped_pack_dir().glob("*.bpmn"))


@pytest.fixture(scope="module", autouse=True)
def page() -> Iterator[None]:
    app = Flask("diagrams")
    babel.init_app(app, default_locale="zh_Hans_CN")
    with app.test_request_context():
        yield


@cache
def _pack() -> Pack:
    return load_pack(shipped_pack_dir())


def _plan(file: str) -> Plan:
    return read_plan(_pack().files[file], file)


def _drawn(plan: Plan, progress: Progress, **more: object) -> etree._Element:
    picture = draw(plan, progress, title="图", description="说明", **more)  # type: ignore[arg-type]
    return etree.fromstring(picture.svg)


def _group(svg: etree._Element, name: str) -> etree._Element:
    (found,) = [
        group
        for group in svg.iter("g")
        if group.find("title") is not None and (group.findtext("title") or "").startswith(name)
    ]
    return found


@pytest.mark.parametrize("file", DIAGRAMS)
def test_every_shipped_diagram_is_drawn_whole(file: str) -> None:
    plan = _plan(file)
    svg = _drawn(plan, Progress())
    drawn = [group for group in svg.iter("g") if group.find("title") is not None]
    assert len(drawn) == len([n for n in plan.nodes if n.kind not in {"participant", "lane"}])
    assert len(list(svg.iter("polygon"))) >= len(plan.flows)
    assert not [element for element in svg.iter() if element.get("style")]


def test_a_case_is_marked_where_it_stands_and_where_it_has_been() -> None:
    progress = progress_by_process(
        _pack().processes["ladder"],
        ["call_rectification/term/term_work/plan_review#1"],
        ["accept#1", "verify#1", "call_rectification/notice#2"],
    )
    ladder = _drawn(_plan("ladder.bpmn"), progress["ladder"])
    assert "d-current" in _group(ladder, "限期整改").get("class", "")
    assert "d-been" in _group(ladder, "受理审查（已办）").get("class", "")
    work = _drawn(_plan("work.bpmn"), progress["work"])
    assert "当前位置" in (_group(work, "方案审核").findtext("title") or "")
    assert progress["rectification"].counts == {"notice": 2}


def test_gateways_between_done_steps_count_as_passed_and_side_ways_do_not() -> None:
    plan = _plan("ladder.bpmn")
    followed = follow(plan, Progress(frozenset({"verify"}), frozenset({"accept"})))
    assert "accept_split" in followed.been
    assert "decline" not in followed.been | followed.possible
    assert "call_rectification" in followed.possible


def test_nothing_is_marked_without_a_case() -> None:
    followed = follow(_plan("ladder.bpmn"), Progress())
    assert not followed.been | followed.current | followed.possible


def test_names_from_a_file_are_escaped() -> None:
    svg = _drawn(_plan("criticism.bpmn"), Progress(), name=lambda *_: "<b>&</b>")
    assert "<b>&</b>" in [title.text for title in svg.iter("title")]


def test_a_called_process_can_be_opened_from_its_call() -> None:
    svg = _drawn(_plan("ladder.bpmn"), Progress(), links={"call_rectification": "/x?a=1&b=2"})
    assert [link.get("href") for link in svg.iter("a")] == ["/x?a=1&b=2"]


def test_chinese_breaks_between_characters_and_latin_between_words() -> None:
    assert wrap("报送整改方案", 36, 12, 9) == ["报送整", "改方案"]
    assert wrap("Review the plan", 60, 12, 9) == ["Review", "the plan"]


def test_a_line_never_begins_with_a_closing_mark() -> None:
    assert wrap("整改方案\uff0c报送", 48, 12, 9) == ["整改方案\uff0c", "报送"]


def test_what_does_not_fit_ends_with_an_ellipsis() -> None:
    lines, size = fit("很长的名称" * 20, 80, 40, (12, 10))
    assert size == 10
    assert lines[-1].endswith("…")
    assert all(width_of(line, size) <= 80 + size for line in lines)


def test_english_name_is_written_smaller_rather_than_cut() -> None:
    lines, size = fit("Rectification within a deadline", 88, 58, (13, 12, 11, 10))
    assert " ".join(lines) == "Rectification within a deadline"
    assert size < 13
    assert fit("Escalation review", 88, 58, (13, 12)) == (["Escalation", "review"], 13)
    cut, smallest = fit("Unübersetzbarkeitsnachweisverfahren", 60, 58, (13, 10))
    assert ("".join(cut), smallest) == ("Unübersetzbarkeitsnachweisverfahren", 10)
