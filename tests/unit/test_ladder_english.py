"""The ladder's English is whole: no page of it shows Chinese that is not data."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from webapp.diagram import read_plan
from webapp.screens.packs import table_views
from workflows.engine.loading import load_pack
from workflows.engine.pack import Pack

_CHINESE = re.compile("[\u3400-\u9fff]")
LADDER = Path(__file__).resolve().parents[2] / "bpmn" / "ladder"


@pytest.fixture(scope="module", name="pack")
def _pack() -> Pack:
    return load_pack(LADDER)


def _names(pack: Pack) -> Iterator[tuple[str, str, str]]:
    """Give what pages ask the catalogue for, with what the Chinese page shows."""
    for form in pack.forms.values():
        for each in form.fields:
            section = f"form.{form.id}"
            yield section, each.key, each.label or each.text
            yield section, f"{each.key}_description", each.description
            for choice in each.choices:
                yield "choice", f"{each.key}.{choice.value}", choice.label
    for path in pack.files:
        if path.endswith(".bpmn"):
            for flow in read_plan(pack.files[path], path).flows:
                yield "activity", flow.id, flow.name


def test_fields_their_help_their_choices_and_arrows_have_their_english(pack: Pack) -> None:
    asked = [(kind, key) for kind, key, chinese in _names(pack) if _CHINESE.search(chinese)]
    named = {(kind, key): pack.name(kind, key, "en") for kind, key in asked}
    assert len(asked) > 500
    assert [at for at, name in named.items() if name == at[1] or _CHINESE.search(name)] == []


def test_decision_tables_and_what_stands_beside_their_rows_have_their_english(pack: Pack) -> None:
    shown = [
        (table.name, [row.note for row in table.rows if row.note])
        for table in table_views(pack, "en")
    ]
    notes = [note for _, of_table in shown for note in of_table]
    assert len(shown) > 10
    assert len(notes) > 60
    assert [text for text in (*dict(shown), *notes) if _CHINESE.search(text)] == []
