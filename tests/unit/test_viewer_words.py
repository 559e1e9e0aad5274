"""The viewer's catalogues: a sentence for all the verifier can find, and no word too many."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import workflows.audit
from webapp.case import story as case_story
from workflows.audit import report, shipping, verdict_words
from workflows.domain.errors import DubanError

pytestmark = pytest.mark.code
SOURCES = Path(workflows.audit.__file__).parent / "viewer_src"
ENTRY = re.compile(
    r'^  (\w+): \[\s*("(?:[^"\\]|\\.)*"),\s*("(?:[^"\\]|\\.)*"),?\s*\],$', re.MULTILINE
)
# Keys that are put together from a part and a code of the journal.
PUT_TOGETHER = tuple(
    f"{part}_"
    for part in [
        "about",
        "by",
        "case",
        "column",
        "diagram",
        "filter",
        "finding",
        "house",
        "kind",
        "mark",
        "menu",
        "outside",
        "page",
        "proved",
        "reason",
        "role",
        "rung",
        "scope",
        "search",
        "start_what",
        "step",
        "told",
        "unproved",
        "verdict",
        "why",
    ]
)


def entries(name: str) -> dict[str, tuple[str, str]]:
    """Read a catalogue: Chinese and English by key."""
    text = (SOURCES / "words" / name).read_text(encoding="utf-8")
    found = {
        key: (ast.literal_eval(zh), ast.literal_eval(en)) for key, zh, en in ENTRY.findall(text)
    }
    assert len(found) == len(re.findall(r"^  \w+: \[", text, re.MULTILINE)), name
    return found


# The viewer does not say what a value must be, nor the path of a file that it was handed.
SAID_SHORTER = {
    "anchor_unreadable",
    "bundle_unreadable",
    "manifest_broken",
    "payload_invalid",
    "record_invalid",
}


def verifier_errors() -> Iterator[type[DubanError]]:
    """Give the errors that the modules of verify.py can raise."""
    for package, name, _ in shipping.MODULES:
        module = importlib.import_module(f"{package}.{name.removesuffix('.py')}")
        for each in vars(module).values():
            if isinstance(each, type) and issubclass(each, DubanError) and "code" in vars(each):
                yield each


def test_viewer_says_what_is_wrong_in_the_words_of_verify_py() -> None:
    said = entries("problems.js")
    expected = {
        error.code: (verdict_words._PROBLEMS[error.code], _docstring(error).replace("`", ""))
        for error in verifier_errors()
        if error.code in verdict_words._PROBLEMS
    }
    expected.pop("not_canonical_json")  # is always told with the line
    assert expected.keys() - said.keys() == set()
    shared = expected.keys() - SAID_SHORTER
    assert {code: said[code] for code in shared} == {code: expected[code] for code in shared}


def _docstring(error: type[DubanError]) -> str:
    return (error.__doc__ or "").partition("\n")[0]


def test_viewer_names_the_same_steps_as_the_verifier() -> None:
    text = (SOURCES / "words" / "problems.js").read_text(encoding="utf-8")
    rows = re.findall(r'^  \["(\w+)", "([^"]+)", "([^"]+)"\],$', text, re.MULTILINE)
    assert (
        tuple((prefix, en, zh) for prefix, zh, en in rows if prefix != "viewer_") == report._STAGES
    )


@pytest.mark.parametrize("name", ["pages.js", "records.js", "problems.js"])
def test_both_languages_fill_in_the_same(name: str) -> None:
    for key, (zh, en) in entries(name).items():
        assert zh.strip(), key
        assert en.strip(), key
        assert set(re.findall(r"\{(\w+)", en)) == set(re.findall(r"\{(\w+)", zh)), key


def test_no_word_is_missing_and_none_is_left_over() -> None:
    code = "".join(
        path.read_text(encoding="utf-8")
        for path in sorted(SOURCES.rglob("*.js"))
        if path.parent.name != "words"
    )
    known = set(entries("pages.js")) | set(entries("records.js"))
    assert set(re.findall(r'\bt\("(\w+)"', code)) - known == set()
    unused = {key for key in known if f'"{key}"' not in code and f"'{key}'" not in code}
    assert [key for key in sorted(unused) if not key.startswith(PUT_TOGETHER)] == []


def test_page_and_viewer_have_words_for_the_same_interventions() -> None:
    story = (SOURCES / "reading" / "story.js").read_text(encoding="utf-8")
    (listed,) = re.findall(r"const INTERVENTIONS = \[(.*?)\];", story, re.DOTALL)
    source = ast.parse(Path(case_story.__file__).read_text(encoding="utf-8"))
    (told,) = [
        node
        for node in ast.walk(source)
        if isinstance(node, ast.FunctionDef) and node.name == "_intervention"
    ]
    (words,) = [node for node in ast.walk(told) if isinstance(node, ast.Dict)]
    known = {ast.literal_eval(key) for key in words.keys if key is not None}
    assert set(re.findall(r"\w+", listed)) == known
    assert known >= {"sign", "recuse", "void_effects"}
