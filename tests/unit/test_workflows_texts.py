"""Where below the pages a Chinese text may stand, and why; a new one elsewhere is found.

What a page says is the catalogues' of webapp. Below it stand only texts that are Chinese for every
reader, texts that have their English beside them, and what is read and never shown.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import workflows

pytestmark = pytest.mark.code
_ROOT = Path(workflows.__file__).parent
_CHINESE = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")

# Chinese and English stand beside each other: in a pair, or in two tables with the same keys.
_IN_PAIRS = ("engine/", "services/imports/problems.py", "services/imports/refused_files.py")
_IN_TABLES = (
    "audit/place_time.py",
    "audit/report.py",
    "audit/verdict_words.py",
    "domain/budgets.py",
    "domain/derivation_words.py",
    "domain/pauses.py",
    "jobs/checkpoint_mail.py",
)
_MADE_UP = (
    "domain/demo_",
    "domain/worlds.py",
    "jobs/demo_",
    "jobs/scenario",
    "services/demo/",
)
# Names of days, kinds, columns and offices by which tables, names and texts are recognised.
_RECOGNISED = (
    "domain/organisations.py",
    "domain/secret_words.py",
    "domain/subjects.py",
    "domain/weak_lax.py",
    "domain/written_days.py",
    "queries/reports/ledger.py",
    "services/exports/gathering.py",
    "services/imports/matters.py",
    "services/imports/people.py",
    "services/imports/tables.py",
    "services/imports/unit_tables.py",
    "services/tracks/superior.py",
)
_NAMES_OF_DAYS = ("domain/calendars.py", "domain/statutory.py", "store/calendar_source.py")
# Official papers, their numbers and tables, and what is written into records, which are evidence
# and stay as they were written: Chinese for every reader.
_OFFICIAL = (
    "queries/organisations/changes.py",
    "services/desk/errands.py",
    "services/desk/meetings.py",
    "services/exports/packages.py",
    "services/imports/exchange.py",
    "services/imports/rejected.py",
    "services/numbers.py",
    "services/papers/",
    "services/reports/",
    "services/secrecy/interventions.py",
    "services/sheets.py",
    "services/staff/delegating.py",
    "services/staff/first_accounts.py",
    "services/steps/attribution.py",
    "services/steps/effects.py",
    "store/erasing.py",
)
# What is said in pairs by its position, not as a pair: halves of sentences, and signs of figures.
_HALVES = {
    "workflows/engine/check/rung_time.py": 4,
    "workflows/engine/difference/processes.py": 1,
    "workflows/engine/difference/rules.py": 2,
    "workflows/engine/facts.py": 2,
    "workflows/engine/forms.py": 2,
    "workflows/engine/lint/structure.py": 3,
    "workflows/engine/spoken.py": 1,
    "workflows/services/imports/problems.py": 2,
}


def _texts(node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node, node.value
    elif isinstance(node, ast.JoinedStr):
        yield node, "".join(str(each.value) for each in node.values if _is_text(each))
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _beside(node: ast.AST) -> list[ast.expr]:
    """Give what stands beside each other in a tuple, a call, a table, or on both sides of an if."""
    match node:
        case ast.Tuple() | ast.List():
            return node.elts
        case ast.Call():
            return [*node.args, *(each.value for each in node.keywords)]
        case ast.Dict():
            return node.values
        case ast.IfExp():
            return [node.body, node.orelse]
    return []


@cache
def _chinese(path: Path) -> tuple[tuple[str, bool], ...]:
    """Give the Chinese texts of a module that are no docstrings, and whether English is beside."""
    text = path.read_text(encoding="utf-8")
    if not _CHINESE.search(text):
        return ()
    nodes = list(ast.walk(ast.parse(text)))
    documents = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    paired: set[int] = set()
    for node in nodes:
        texts = [text for each in _beside(node) for text in _texts(each)]
        if any(not _CHINESE.search(text) for _, text in texts):
            paired |= {id(inner) for each, _ in texts for inner in ast.walk(each)}
    return tuple(
        (node.value, id(node) in paired)
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if _CHINESE.search(node.value) and id(node) not in documents
    )


def _modules() -> dict[str, Path]:
    return {path.relative_to(_ROOT).as_posix(): path for path in sorted(_ROOT.rglob("*.py"))}


def test_a_chinese_text_stands_only_where_there_is_a_reason() -> None:
    known = (*_IN_PAIRS, *_IN_TABLES, *_MADE_UP, *_RECOGNISED, *_NAMES_OF_DAYS, *_OFFICIAL)
    stray = [name for name, path in _modules().items() if not name.startswith(known)]
    assert [name for name in stray if _chinese(_ROOT / name)] == []


def test_each_reason_is_of_a_module_that_has_chinese_texts() -> None:
    having = [name for name, path in _modules().items() if _chinese(path)]
    known = (*_IN_PAIRS, *_IN_TABLES, *_MADE_UP, *_RECOGNISED, *_NAMES_OF_DAYS, *_OFFICIAL)
    assert [each for each in known if not any(name.startswith(each) for name in having)] == []


def test_where_texts_come_in_pairs_none_lacks_its_english() -> None:
    alone = {
        f"workflows/{name}": texts
        for name, path in _modules().items()
        if name.startswith(_IN_PAIRS)
        if (texts := [text for text, has_english in _chinese(path) if not has_english])
    }
    assert {name: len(texts) for name, texts in alone.items()} == _HALVES, alone
