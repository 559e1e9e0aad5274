"""The verdict is said in both languages, and says the right thing."""

import ast
import importlib
import string
from importlib import resources

import pytest

from workflows.audit.anchors import AnchorInGap
from workflows.audit.place_time import at_place
from workflows.audit.report import verdict_text
from workflows.audit.shipping import MODULES
from workflows.audit.verdict_words import _PROBLEMS, _REASONS, problem_words
from workflows.audit.verifier import Verdict
from workflows.audit.zipform import ZipFormBroken
from workflows.domain.errors import DubanError
from workflows.domain.journal_errors import BundleError, JournalError

ABSTRACT = {DubanError, JournalError, BundleError}


def shipped_errors() -> list[type[DubanError]]:
    found: list[type[DubanError]] = []
    for package, name, _ in MODULES:
        module = importlib.import_module(f"{package}.{name.removesuffix('.py')}")
        found += [
            each
            for each in vars(module).values()
            if isinstance(each, type)
            and issubclass(each, DubanError)
            and each.__module__ == module.__name__
            and each not in ABSTRACT
        ]
    return [each for each in found if each.__module__ != "workflows.domain.errors"]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("error", shipped_errors(), ids=lambda error: error.code)
def test_each_problem_is_said_in_chinese_with_all_it_tells(error: type[DubanError]) -> None:
    told = fields((error.__doc__ or "").split("\n", 1)[0])
    assert fields(_PROBLEMS[error.code]) == told


def test_no_words_are_kept_for_problems_that_do_not_exist() -> None:
    assert {error.code for error in shipped_errors()} == _PROBLEMS.keys()


def reasons_in(source: str) -> set[str]:
    """Give the texts that stand as ``reason=…`` or are handed to ``broken(…)``."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg == "reason":
            found |= texts_of(node.value)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "broken":
            found |= {text for value in node.args for text in texts_of(value)}
    return found


def texts_of(value: ast.expr) -> set[str]:
    is_text = isinstance(value, ast.Constant) and isinstance(value.value, str)
    return {value.value} if is_text else set()


def test_each_fixed_reason_is_said_in_chinese() -> None:
    sources = [resources.files(package).joinpath(name).read_text() for package, name, _ in MODULES]
    missing = {reason for source in sources for reason in reasons_in(source)} - _REASONS.keys()
    assert {reason for reason in missing if not reason.startswith("not {")} == set()


def test_reason_is_translated_and_english_is_the_errors_own() -> None:
    problem = ZipFormBroken(offset=3, reason="this is no zip")
    assert problem_words(problem, "zh") == "第 3 字节处不是规定形式的压缩包：不是压缩包。"
    assert problem_words(problem, "en") == str(problem)


def test_what_a_bundle_says_of_itself_cannot_draw_on_the_terminal() -> None:
    scope = {"type": "all"}
    manifest = {"origin": "旗\x1b[2J", "recipient": "甲\u202e乙\n通过", "scope": scope}
    said = verdict_text("a.zip", Verdict(manifest=manifest), "zh")
    assert "旗\\u{1b}[2J" in said
    assert "甲\\u{202e}乙\\u{a}通过" in said
    assert all(line.isprintable() for line in said.splitlines())


@pytest.mark.parametrize(
    "moment,chinese,english",
    [
        (
            "2026-03-01T16:00:07.999999Z",
            "2026年3月2日 00:00:07（北京时间，UTC+8）",
            "2 March 2026 00:00:07 (Beijing time, UTC+8)",
        ),
        ("2026-03-01", "2026-03-01", "2026-03-01"),
        ("9999-12-31T23:00:00.000000Z",) * 3,
        (None, None, None),
    ],
)
def test_moments_are_told_on_the_clock_of_the_place_with_its_zone(
    moment: str | None, chinese: str | None, english: str | None
) -> None:
    assert (at_place(moment, "zh"), at_place(moment, "en")) == (chinese, english)


def test_a_problem_and_the_verdict_tell_no_moment_in_utc() -> None:
    told = {"since": "2026-03-01T16:00:07.000000Z", "until": "2026-03-02T16:00:07.000000Z"}
    gap = AnchorInGap(label="x", size=7, **told)
    assert "2026年3月2日" in problem_words(gap, "zh")
    assert "3 March 2026" in problem_words(gap, "en")
    manifest = {"made_at": told["since"], "scope": {"type": "all"}}
    said = verdict_text("a.zip", Verdict(manifest=manifest), "zh")
    assert "2026年3月2日 00:00:07（北京时间，UTC+8）" in said
