"""Every act that the house records has words on the auditor's pages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from webapp.words.audit import HOUSE_ACTS, KINDS, LOOKS
from workflows.domain.record_kinds import RecordKind
from workflows.services.secrecy.looking import Looked

ROOT = Path(__file__).parents[2]
_RECORDERS = {"append_house": 3, "note_event": 3}


def recorded_names() -> Iterator[str]:
    """Give the names of house records that are written as they are, or by a constant."""
    for path in sorted((ROOT / "workflows").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            place = _RECORDERS.get(node.func.id)
            if place is None or len(node.args) <= place:
                continue
            name = node.args[place]
            if isinstance(name, ast.Constant):
                yield str(name.value)
            elif isinstance(name, ast.Name) and name.id.isupper():
                module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
                yield getattr(import_module(module), name.id)


@pytest.mark.code
def test_every_act_of_the_house_has_words() -> None:
    names = set(recorded_names())
    assert {"login", "looked", "exported", "checkpoint_given"} <= names
    assert names - HOUSE_ACTS.keys() == set()


@pytest.mark.code
def test_every_kind_of_record_and_look_has_words() -> None:
    assert {kind.value for kind in RecordKind} - KINDS.keys() == set()
    assert {each.value for each in Looked} - LOOKS.keys() == set()
