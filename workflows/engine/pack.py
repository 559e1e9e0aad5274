"""Packs: a folder of diagrams, tables, forms and parameters, known by its hash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from workflows.domain.steps import FactValue
from workflows.engine.catalogue import Catalogue
from workflows.engine.decisions import Decision
from workflows.engine.definition import Definition
from workflows.engine.documents import Documents
from workflows.engine.expressions import Expression
from workflows.engine.facts import FactDeclaration
from workflows.engine.forms import FormSchema
from workflows.engine.guardrails import Guardrails
from workflows.engine.parameters import Parameter, Term, resolve_term
from workflows.engine.spiff.parser import Scope


@dataclass(frozen=True, eq=False)
class Pack:
    """One version of a pack; immutable, shared by all threads, equal only to itself.

    ``specs`` are SpiffWorkflow's, by process and subprocess path; no run changes them.
    ``constants`` are the plain parameters that conditions may name.
    """

    hash: str
    files: Mapping[str, bytes]
    processes: Mapping[str, Definition]
    decisions: Mapping[str, Decision]
    facts: Mapping[str, FactDeclaration]
    parameters: Mapping[str, Parameter]
    forms: Mapping[str, FormSchema]
    constants: Mapping[str, int]
    guardrails: Guardrails
    documents: Documents
    specs: Mapping[str, Scope]
    about: Mapping[str, object] = field(repr=False)
    catalogue: Catalogue = field(repr=False)
    _conditions: dict[str, Expression] = field(repr=False)
    _terms: dict[str, Term] = field(repr=False)

    @cached_property
    def closed_fields(self) -> frozenset[str]:
        """Give the keys of fields whose values records commit to one by one."""
        return frozenset(
            each.key for form in self.forms.values() for each in form.fields if each.is_closed
        )

    @property
    def id(self) -> str:
        """Give the name under which the pack's versions are known."""
        return str(self.about.get("id", ""))

    @property
    def version_label(self) -> str:
        """Give the label that people know this version by."""
        return str(self.about.get("version", ""))

    @property
    def entry(self) -> str:
        """Give the process that a new matter's case starts with."""
        return str(self.about.get("entry", ""))

    def title(self, language: str = "zh") -> str:
        """Give the pack's title."""
        title = self.about.get("title")
        if isinstance(title, dict):
            return str(title.get(language) or title.get("zh") or self.id)
        return str(self.about.get(f"title_{language}") or title or self.id)

    def name(self, kind: str, key: str, language: str = "zh") -> str:
        """Give the name of a process, activity, lane, fact, parameter, choice or form field.

        Args:
            kind: ``process``, ``activity``, ``lane``, ``fact``, ``parameter``, ``choice``
                or ``form.<id>``.
            key: the id; ``fact.code`` for a choice, the field's key for a form.
            language: ``zh`` or ``en``; English falls back to Chinese, Chinese to the key.
        """
        return self.catalogue.name(kind, key, language)

    def number(self, name: str) -> int | None:
        """Give the number of a parameter, whatever its unit; none where the pack has no such."""
        parameter = self.parameters.get(name)
        return parameter.amount.value if parameter and parameter.amount else None

    def condition(self, text: str) -> Expression:
        """Give a condition, parsed once."""
        found = self._conditions.get(text)
        if found is None:
            found = self._conditions[text] = Expression(text)
        return found

    def term(self, text: str, facts: Mapping[str, FactValue]) -> Term:
        """Compute how long a timer runs on these facts.

        Raises:
            TermRefused, TermUnknown: it cannot be computed.
        """
        found = self._terms.get(text)
        return found if found is not None else resolve_term(text, self.parameters, facts)
