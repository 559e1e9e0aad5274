"""About the pages' code: permissions, sentences, translations, and nothing inline."""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

import webapp
import workflows
from tests.support.messages import WEBAPP, messages
from webapp.gates.permissions import permission_of
from webapp.languages import CATALOGUES, read_catalogue
from webapp.sentences import SENTENCES
from webapp.views import blueprints
from workflows.domain.errors import DubanError
from workflows.jobs.sequencing import SequencerReport
from workflows.jobs.sweep import SweepReport

pytestmark = pytest.mark.code
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
_CHINESE = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
_WIDE_SIGNS = re.compile("[：（）；，。]")
_HANDS_OUT = re.compile(r"\b(\w+_download|handed_out|paper_answer|send_file)\(")
_FORM = re.compile(r"<form [^\n]*url_for\('([\w.]+)'[^\n]*")


def _errors() -> Iterator[type[DubanError]]:
    for package in (workflows, webapp):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    waiting = [DubanError]
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        if kind.__module__.partition(".")[0] in {"workflows", "webapp"}:
            yield kind


def test_every_error_has_a_sentence() -> None:
    missing = {kind.code: kind.__module__ for kind in _errors() if kind.code not in SENTENCES}
    assert missing == {}


def test_sentences_name_only_attributes_that_their_error_has() -> None:
    for kind in _errors():
        sentence = SENTENCES[kind.code]
        told = set(re.findall(r"\{(\w+)\}", (kind.__doc__ or "").partition("\n")[0]))
        asked = set(PLACEHOLDER.findall(f"{sentence.happened}{sentence.to_do}"))
        assert asked <= told, kind


def test_every_sentence_belongs_to_an_error() -> None:
    assert set(SENTENCES) <= {kind.code for kind in _errors()}


def _routes() -> Flask:
    app = Flask("routes")
    for blueprint in blueprints():
        app.register_blueprint(blueprint)
    return app


def test_every_route_declares_its_permission() -> None:
    app = _routes()
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    undeclared = [
        rule.rule for rule in rules if permission_of(app.view_functions[rule.endpoint]) is None
    ]
    assert rules
    assert undeclared == []


def test_a_form_that_a_file_answers_can_be_sent_again() -> None:
    """A file leaves the page as it is; other forms are sent once (forms.js)."""
    views = _routes().view_functions.items()
    sources = {name: inspect.getsource(inspect.unwrap(view)) for name, view in views}
    files = {name for name, source in sources.items() if _HANDS_OUT.search(source)}
    forms = [
        (each.group(1), "data-download" in each.group())
        for path in WEBAPP.rglob("*.html")
        for each in _FORM.finditer(path.read_text("utf-8"))
    ]
    assert len([name for name, _ in forms if name in files]) > len(files) / 2
    assert {name for name, is_marked in forms if name in files and not is_marked} == set()


def _english() -> dict[object, object]:
    found: dict[object, object] = {}
    for path in sorted((CATALOGUES / "en").glob("*.po")):
        for message in read_catalogue(path):
            if message.id:
                assert not message.fuzzy, message.id
                found[message.id] = message.string
    return found


def test_every_sentence_of_the_pages_has_its_english() -> None:
    english = _english()
    missing = {
        texts: path.name
        for path, texts in messages()
        if texts and not _is_whole(english.get(texts if len(texts) > 1 else texts[0]))
    }
    assert missing == {}


# What is Chinese for every reader: papers that leave the house. The rest has its English beside
# it, or is no sentence.
_CHINESE_ALWAYS = ("papers/", "case/timetable_paper.py", "review_package/", "outside/downloads.py")
_BOTH_LANGUAGES = (
    "commands/pack_checks.py",
    "commands/replaying.py",
    "commands/simulation_tables.py",
    "dates.py",
    "languages.py",
)
_NO_SENTENCES = ("diagram/text.py", "commands/")
# Names of files that are Chinese inside, and of a day whose sentence is of the catalogue.
_NAMES = ("case/documents.py", "screens/packs.py", "views/exchange.py")
_FROM_JINJA = re.compile(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


def _stray(path: Path) -> list[str]:
    """Give the Chinese texts of a module that are neither docstrings nor given to a catalogue."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    fine: set[int] = set()
    for node in ast.walk(tree):
        named = getattr(getattr(node, "func", None), "attr", None) or getattr(
            getattr(node, "func", None), "id", ""
        )
        if isinstance(node, ast.Call) and named in {"_l", "gettext", "ngettext"}:
            fine.update(id(inner) for inner in ast.walk(node))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            fine.add(id(node.value))
    texts = (each for each in ast.walk(tree) if isinstance(each, ast.Constant))
    return [
        each.value
        for each in texts
        if isinstance(each.value, str) and _CHINESE.search(each.value) and id(each) not in fine
    ]


def test_no_text_of_a_page_stands_outside_of_the_catalogues() -> None:
    known = (*_CHINESE_ALWAYS, *_BOTH_LANGUAGES, *_NO_SENTENCES, *_NAMES)
    stray = {
        named: texts
        for path in sorted(WEBAPP.rglob("*.py"))
        if not (named := path.relative_to(WEBAPP).as_posix()).startswith(known)
        if (texts := _stray(path))
    }
    assert stray == {}
    modules = [path.relative_to(WEBAPP).as_posix() for path in WEBAPP.rglob("*.py")]
    assert [name for name in known if not any(each.startswith(name) for each in modules)] == []
    for path in sorted((WEBAPP / "templates").rglob("*.html")):
        bare = re.sub(
            r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", "", path.read_text("utf-8"), flags=re.DOTALL
        )
        if path.name != "_paper.html":
            assert _CHINESE.findall(bare) == [], path
            assert _WIDE_SIGNS.findall(bare) == [], path


def test_no_translation_is_left_over() -> None:
    used = {texts if len(texts) > 1 else texts[0] for _, texts in messages() if texts}
    assert set(_english()) - used == set()


def test_translations_keep_the_placeholders() -> None:
    for original, translated in _english().items():
        whole = original[0] if isinstance(original, tuple) else str(original)
        for text in translated if isinstance(translated, tuple) else (str(translated),):
            assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(whole)), whole


def _is_whole(translated: object) -> bool:
    return all(translated) if isinstance(translated, tuple) else bool(translated)


@pytest.mark.parametrize(
    "path", sorted((WEBAPP / "templates").rglob("*.html")), ids=lambda p: p.name
)
def test_templates_hold_nothing_that_the_policy_stops(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:|hx-on|<script(?![^>]*\bsrc=)", text)
    assert "| safe" not in text
    assert "|safe" not in text


@pytest.mark.parametrize("report", [SequencerReport(), SweepReport()], ids=["sequencer", "sweep"])
def test_every_number_of_a_job_has_its_word(report: SequencerReport | SweepReport) -> None:
    page = (WEBAPP / "templates/administration/page.html").read_text(encoding="utf-8")
    assert [name for name in report.counts() if f"'{name}': _(" not in page] == []
