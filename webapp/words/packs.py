"""What a pack calls its things, and how values of its forms and facts are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from webapp.dates import day_if
from webapp.languages import language
from webapp.sayings import gettext, listed, named
from workflows.domain.closed_fields import is_closed
from workflows.domain.reviews import REVIEW
from workflows.engine import Pack
from workflows.engine.forms import FieldKind, FormField
from workflows.services.packs import pack_of
from workflows.store.transaction import Session


@dataclass(frozen=True, slots=True)
class PackWords:
    """A pack's names in the page's language; ``names`` are those behind ids."""

    pack: Pack
    names: Mapping[str, str] = field(default_factory=dict)

    def activity(self, id_: str) -> str:
        """Name a node of a diagram, or the review that stands on none."""
        if id_ == REVIEW:
            return gettext("核查后果")
        return self.pack.name("activity", id_, language())

    def place(self, path: str) -> str:
        """Name what lies at a path, with or without its count."""
        return self.activity(path.partition("#")[0].rpartition("/")[2])

    def process(self, id_: str) -> str:
        """Name a process."""
        return self.pack.name("process", id_, language())

    def fact(self, name: str) -> str:
        """Name a fact."""
        return self.pack.name("fact", name, language())

    def field(self, form_id: str, key: str) -> str:
        """Name a field of a form."""
        return self.pack.name(f"form.{form_id}", key, language())

    def rule(self, code: str) -> str:
        """Name a parameter, the rule of a clock."""
        return self.pack.name("parameter", code, language())

    def basis(self, code: str) -> str:
        """Give the basis of a parameter: the rule from above, or that the unit set it."""
        parameter = self.pack.parameters.get(code)
        if parameter is None:
            return ""
        is_own = parameter.is_local and language() == "en"
        return gettext("本单位自定") if is_own else parameter.basis

    def on_diagram(self, kind: str, key: str, chinese: str) -> str:
        """Name what a diagram shows; flows are named as activities are."""
        named = self.pack.name("activity" if kind == "flow" else kind, key, language())
        return chinese if named == key else named

    def value(self, name: str, value: Any) -> str:
        """Write the value of a fact; of one that is closed to the reader, that it is."""
        if value is None:
            return ""
        if is_closed(value):
            return gettext("（不在您的查看范围内）")
        if isinstance(value, list):
            return listed(self.value(name, each) for each in value)
        if isinstance(value, bool):
            return gettext("是") if value else gettext("否")
        declared = self.pack.facts.get(name)
        if declared is not None and str(value) in declared.choices:
            return self.pack.name("choice", f"{name}.{value}", language())
        if declared is not None and isinstance(value, int):
            return declared.show(value)
        return self.names.get(str(value)) or day_if(str(value))

    def filled(self, form_id: str | None, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Write what was filled into a form, field by field in its order; empty ones left out."""
        for _, label, value in self.filled_fields(form_id, values):
            yield label, value

    def filled_fields(
        self, form_id: str | None, values: Mapping[str, Any]
    ) -> Iterator[tuple[str, str, str]]:
        """Write what was filled into a form, each field with its key before it."""
        schema = self.pack.forms.get(form_id or "")
        for each in schema.fields if schema else ():
            value = values.get(each.key)
            # A 0 was filled in, an unset tick was not.
            if each.is_input and value is not False and value not in (None, "", []):
                section = f"form.{form_id}"
                label = self.pack.name(section, each.key, language())
                yield each.key, label, self._typed(each, value)

    def _typed(self, each: FormField, value: Any) -> str:
        if is_closed(value):
            return self.value(each.key, value)
        if each.kind is FieldKind.CHECKBOX:
            return gettext("是")
        labels = {choice.value: choice.label for choice in each.choices}
        several = value if isinstance(value, list) else [value]
        return listed(self._choice(each, labels, one) for one in several)

    def _choice(self, each: FormField, labels: Mapping[str, str], value: Any) -> str:
        text = ("true" if value else "false") if isinstance(value, bool) else str(value)
        if text in labels:
            key = f"{each.key}.{text}"
            named = self.pack.name("choice", key, language())
            return labels[text] if named == key else named
        if each.fact is not None:
            return self.value(each.key, value)
        return self.names.get(text) or day_if(text)

    def person(self, id_: str | None) -> str:
        """Name an account or a person; jobs by what they do."""
        if id_ is None:
            return ""
        if id_.startswith("system:"):
            return gettext("系统巡检") if id_ == "system:sweep" else gettext("系统")
        return str(named(self.names.get(id_, id_)))


def speaker_for(session: Session, pack_hash: str) -> PackWords:
    """Give the words of the pack that a case runs on."""
    return PackWords(pack_of(session, pack_hash))
