"""What a pack's decision tables suggest for a field while its form is being filled in.

A field whose key is that of a decision table gets the table's suggestion: the entry rung.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from webapp.words.packs import PackWords
from workflows.domain.steps import FactValue
from workflows.engine import decide
from workflows.engine.facts import names_for_expressions
from workflows.engine.forms import FormSchema


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a table suggests for a field; ``value`` is empty while it cannot tell."""

    key: str
    value: str


def suggestions(
    speak: PackWords,
    schema: FormSchema | None,
    typed: Mapping[str, Any],
    facts: Mapping[str, FactValue],
) -> Iterator[Suggestion]:
    """Ask the tables on what is known and what was typed so far."""
    pack = speak.pack
    wanted = [each for each in (schema.fields if schema else ()) if each.key in pack.decisions]
    if schema is None or not wanted:
        return
    names = names_for_expressions(pack.facts, facts, pack.constants)
    known = {**facts, **schema.read(typed, names).facts}
    for each in wanted:
        answer = decide(pack, each.key, known)
        texts = [speak.value(each.key, value) for value in answer.values()]
        yield Suggestion(each.key, "、".join(filter(None, texts)))
