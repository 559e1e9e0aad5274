"""Conditions of the shipped pack, written as officers would say them."""

import re
from collections.abc import Iterator
from functools import cache

import pytest
from flask import Flask

from webapp.app import babel
from webapp.languages import use_po_files
from webapp.words.expressions import condition_in_words
from webapp.words.packs import PackWords
from workflows.engine import Pack, load_pack
from workflows.engine.expressions import Expression
from workflows.engine.xml import parse_xml
from workflows.shipped import shipped_pack_dir

_CONDITION = "{http://www.omg.org/spec/BPMN/20100524/MODEL}conditionExpression"
# Ids and operators of the engine's language.
_ENGINE = re.compile(r"\w+_\w+|[=!<>]=|\bnull\b|\bNone\b")


@pytest.fixture(params=["zh_Hans_CN", "en"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    app = Flask("words")
    app.config.update(SECRET_KEY="made up")
    babel.init_app(app, locale_selector=lambda: request.param)
    use_po_files(app)
    with app.test_request_context("/"):
        yield request.param


@cache
def _pack() -> Pack:
    return load_pack(shipped_pack_dir())


def _conditions() -> Iterator[Expression]:
    for file, content in _pack().files.items():
        if file.endswith(".bpmn"):
            for element in parse_xml(content, file).iter(_CONDITION):
                yield _pack().condition((element.text or "").strip())
    for decision in _pack().decisions.values():
        yield from decision.conditions


def _said(text: str) -> str:
    return condition_in_words(Expression(text), PackWords(_pack()))


def test_no_condition_speaks_as_an_engine_does(language: str) -> None:
    said = [condition_in_words(each, PackWords(_pack())) for each in _conditions()]
    assert len(said) > 50
    assert [each for each in said if _ENGINE.search(each)] == []


@pytest.mark.parametrize(
    "text, zh, en",
    [
        (
            "reply_finding == 'sufficient'",
            "答复核查结论为“充分”",
            "Finding on the reply is “Sufficient”",
        ),
        (
            "acceptance_score >= R_PASS and dissatisfied_percent is null",
            "验收得分不低于验收合格分（70），且尚无不满意票占比",
            "Score is at least Pass mark (70), and Dissatisfied is not known",
        ),
        (
            "entry_rung == suggested_rung",
            "起步档与建议起步档一致",
            "Entry rung is the same as Suggested entry rung",
        ),
        (
            "problem_weight in ['minor', 'ordinary']",
            "问题程度为“轻微，可即知即改”、“一般”之一",
            "Weight is one of “Minor, can be mended at once”, “Ordinary”",
        ),
        ("'weak_lax' in grounds", "情形含“软弱涣散”", "Grounds contains “Weak and lax”"),
        (
            "not (finding == 'unfounded')",
            "并非核实结论为“不成立”",
            "it is not so that Finding is “Unfounded”",
        ),
    ],
)
def test_a_condition_is_said_in_both_languages(language: str, text: str, zh: str, en: str) -> None:
    assert _said(text) == (en if language == "en" else zh)
