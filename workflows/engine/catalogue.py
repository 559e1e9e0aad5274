"""Names of what a pack holds, in Chinese from its files, in English from en.toml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workflows.engine.elements import Process
from workflows.engine.facts import FactDeclaration
from workflows.engine.forms import FormSchema
from workflows.engine.parameters import Parameter

Chinese = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Names by kind and id.

    Kinds are ``process``, ``activity`` (any node of a diagram), ``lane``, ``fact``,
    ``parameter``, ``choice`` (``fact.code``), ``form.<id>`` (a field's key), and in English
    ``table`` (a decision) and ``row`` (``decision.number``).
    """

    chinese: Chinese
    english: Mapping[str, object]

    def name(self, kind: str, key: str, language: str) -> str:
        """Give a name; what English lacks is given in Chinese, what both lack as its id."""
        english = self._english(kind, key) if language == "en" else None
        if english is None and language == "en" and kind.startswith("form."):
            english = self._english("fact", key)  # a field that is called as its fact
        return english or self.chinese.get((kind, key)) or key

    def _english(self, kind: str, key: str) -> str | None:
        """Look a name up under its table, a dotted one whole or table by table."""
        table: object = self.english
        for part in kind.split("."):
            table = table.get(part) if isinstance(table, dict) else None
        if not isinstance(table, dict):
            return None
        found = table.get(key)
        first, dot, rest = key.partition(".")
        if found is None and dot and isinstance(inner := table.get(first), dict):
            found = inner.get(rest)
        return found if isinstance(found, str) and found else None


def chinese_names(
    processes: Mapping[str, Process],
    facts: Mapping[str, FactDeclaration],
    parameters: Mapping[str, Parameter],
    forms: Mapping[str, FormSchema],
) -> Chinese:
    """Collect the Chinese names of a pack."""
    names = dict(_of_diagrams(processes))
    for fact in facts.values():
        names["fact", fact.name] = fact.label
        for code, label in fact.choices.items():
            names["choice", f"{fact.name}.{code}"] = label
    for parameter in parameters.values():
        names["parameter", parameter.name] = parameter.label
    for form in forms.values():
        for field in form.fields:
            names[f"form.{form.id}", field.key] = field.label
    return names


def _of_diagrams(processes: Mapping[str, Process]) -> Iterator[tuple[tuple[str, str], str]]:
    for process in processes.values():
        yield ("process", process.id), process.name
        for element in process.elements.values():
            if element.name != element.id:
                yield ("activity", element.id), element.name
            if element.lane is not None:
                yield ("lane", element.lane.id), element.lane.name
