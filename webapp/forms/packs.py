"""Forms of a pack as WTForms: the engine's schema is read once and rendered field by field.

What is typed is judged by the schema alone, so that a page, a paper entry and a scenario
take and refuse the same values.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    MultipleFileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.widgets import CheckboxInput, DateInput, ListWidget, NumberInput

from webapp.dates import read_day
from webapp.forms.conditions import shown_when
from webapp.forms.pasted import rows_in_words
from workflows.domain.steps import FactValue
from workflows.engine import Pack
from workflows.engine.expressions import Value
from workflows.engine.findings import Language
from workflows.engine.form_errors import FieldError
from workflows.engine.forms import (
    WRITTEN_PICKERS,
    FieldKind,
    FormField,
    FormReading,
    FormSchema,
    Typed,
)
from workflows.services.casework import ValidationFailed

Choices = Sequence[tuple[str, str]]
# Names something of a pack by kind and key, as `Pack.name` does; the key where it has none.
Catalogue = Callable[[str, str], str]
_PREFIX = "f_"  # keys of a pack may be called as attributes of a form are
_LONG = {"rows": 4}


class ChecklistField(SelectMultipleField):
    """Several boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


_CHOOSING: Mapping[FieldKind, Callable[..., Any]] = {
    FieldKind.SELECT: SelectField,
    FieldKind.RADIO: RadioField,
    FieldKind.CHECKLIST: ChecklistField,
}


class _Required:
    """Marks a field as required; the schema judges whether it is filled."""

    field_flags: Mapping[str, bool] = {"required": True}

    def __call__(self, form: Any, field: Any) -> None:
        """Leave the judgement to the schema."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a form in its order: a field, or a text between fields.

    ``shown_when`` is the condition as JSON for the page's script, empty without one.
    """

    kind: FieldKind
    field: Any
    text: str
    shown_when: str


@dataclass(frozen=True, slots=True)
class FormTexts:
    """In which language a form is shown, and what its pickers offer.

    ``english`` gives English names; ``pickers`` the people or organisations to choose from,
    by the field's key; ``closed`` the choices that are not open to this subject.
    """

    language: Language = "zh"
    english: Catalogue | None = None
    pickers: Mapping[str, Choices] | None = None
    closed: Mapping[str, frozenset[str]] | None = None

    @classmethod
    def of(
        cls,
        pack: Pack,
        language: Language,
        pickers: Mapping[str, Choices] | None = None,
        closed: Mapping[str, frozenset[str]] | None = None,
    ) -> FormTexts:
        """Take the names from a pack's own catalogue."""
        return cls(language, lambda kind, key: pack.name(kind, key, "en"), pickers, closed)

    def name(self, kind: str, key: str, chinese: str) -> str:
        """Give a name in the page's language; Chinese where there is no other."""
        if self.language == "zh" or self.english is None:
            return chinese
        english = self.english(kind, key)
        return english if english and english != key else chinese

    def choices(self, field: FormField) -> Choices:
        """Give what a field lets choose from."""
        if field.picker is not None:
            return (self.pickers or {}).get(field.key, ())
        closed = (self.closed or {}).get(field.key, ())
        return [
            (each.value, self.name("choice", f"{field.key}.{each.value}", each.label))
            for each in field.choices
            if each.value not in closed
        ]


class PackForm(FlaskForm):
    """A form of a pack on a page."""

    _schema: FormSchema
    _texts: FormTexts
    _known: Mapping[str, Value]
    reading: FormReading | None = None

    def typed(self) -> dict[str, Typed]:
        """Give what came in by key, as typed; hidden fields are not among it."""
        return {each.key: self._typed(each) for each in self._inputs() if self._came(each)}

    def uploads(self) -> dict[str, list[Any]]:
        """Give the files that came in, by key."""
        pickers = (each for each in self._inputs() if each.kind is FieldKind.FILEPICKER)
        return {
            each.key: [file for file in self._field(each).data or () if _is_file(file)]
            for each in pickers
        }

    def level(self) -> str:
        """Give how confidential the form is: as its most confidential fact that is not closed."""
        facts = (each.fact for each in self._schema.fields if not each.is_closed)
        return max((fact.level.value for fact in facts if fact), default="L1")

    def validate(self, extra_validators: Any = None) -> bool:
        """Judge what was typed by the schema; every error stands at its field."""
        if not super().validate(extra_validators):
            return False
        self.reading = self._schema.read(self.typed(), self._known)
        self.take_errors(self.reading.errors)
        return self.reading.is_valid

    def take_errors(self, errors: Mapping[str, FieldError | str]) -> None:
        """Put errors beside their fields: the schema's, or those that a service found."""
        for key, error in errors.items():
            name = _PREFIX + key
            text = error if isinstance(error, str) else error.text(self._texts.language)
            if name in self._fields:
                self._fields[name].errors = [text]
            else:
                self.form_errors.append(text)

    def parts(self) -> Iterable[Part]:
        """Give the pieces of the form in their order."""
        for each in self._schema.fields:
            condition = (
                shown_when(each.hide, self._schema, self._known) if each.hide is not None else None
            )
            yield Part(
                kind=each.kind,
                field=self._field(each) if each.is_input else None,
                text=self._texts.name(f"form.{self._schema.id}", each.key, each.text),
                shown_when=json.dumps(condition, ensure_ascii=False) if condition else "",
            )

    def pickers(self) -> frozenset[str]:
        """Give the keys of the fields that choose people or organisations."""
        return frozenset(
            each.key
            for each in self._inputs()
            if each.picker and each.picker not in WRITTEN_PICKERS
        )

    def _inputs(self) -> Iterable[FormField]:
        return (each for each in self._schema.fields if each.is_input)

    def _field(self, each: FormField) -> Field:
        return self._fields[_PREFIX + each.key]

    def _came(self, each: FormField) -> bool:
        return bool(self._field(each).raw_data)

    def _typed(self, each: FormField) -> Typed:
        field = self._field(each)
        if each.kind is FieldKind.FILEPICKER:
            return [str(file.filename) for file in field.data or () if _is_file(file)]
        raw = [str(value) for value in field.raw_data]
        if each.kind is FieldKind.DATE:
            on = read_day(raw[-1])
            return raw[-1] if on is None else on.isoformat()
        if each.kind is FieldKind.CHECKLIST:
            return raw
        return rows_in_words(raw[-1]) if each.kind is FieldKind.TEXTAREA else raw[-1]


def errors_of(error: ValidationFailed) -> Mapping[str, FieldError]:
    """Give the errors that a service found in a form, by field."""
    return cast("Mapping[str, FieldError]", error.fields)


def pack_form(
    schema: FormSchema,
    texts: FormTexts,
    *,
    known: Mapping[str, Value],
    facts: Mapping[str, FactValue] | None = None,
    draft: Mapping[str, Any] | None = None,
    prefix: str = "",
) -> PackForm:
    """Make the form that a page shows or that came in with this request.

    Args:
        schema: The form as the pack declares it.
        texts: Language, names and what pickers offer.
        known: What conditions may ask for besides the form's own fields.
        facts: What is known of the case, for fields that are filled in at first.
        draft: What was typed and saved before; it goes before facts.
        prefix: Goes before each field's name and id, where a page has several forms.
    """
    attributes: dict[str, Any] = {
        _PREFIX + each.key: _make_field(schema.id, each, texts, prefix)
        for each in schema.fields
        if each.is_input
    }
    attributes |= {"_schema": schema, "_texts": texts, "_known": known}
    made = type("PackFormOf" + schema.id.title(), (PackForm,), attributes)
    values = _at_first(schema, facts or {}, draft or {})
    start = {_PREFIX + key: value for key, value in values.items()}
    form: PackForm = made(data=start, prefix=prefix)
    return form


def _at_first(
    schema: FormSchema, facts: Mapping[str, FactValue], draft: Mapping[str, Any]
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for each in schema.fields:
        if not each.is_input or each.kind is FieldKind.FILEPICKER:
            continue
        known = facts.get(each.prefill) if each.prefill else None
        value = draft.get(each.key, known)
        if value is not None:
            values[each.key] = _as_typed(each, value)
    return values


def _as_typed(each: FormField, value: Any) -> Any:
    if each.kind is FieldKind.CHECKLIST:
        return [str(item) for item in value] if isinstance(value, list) else [str(value)]
    if each.kind is FieldKind.CHECKBOX:
        return value is True or str(value).lower() in {"true", "on", "y", "1"}
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value[-1] if isinstance(value, list) and value else value)


def _make_field(form_id: str, each: FormField, texts: FormTexts, prefix: str) -> Any:
    section = f"form.{form_id}"
    common: dict[str, Any] = {
        "label": texts.name(section, each.key, each.label),
        "description": texts.name(section, f"{each.key}_description", each.description),
        "name": each.key,
        "id": f"{prefix}f-{each.key}",
        "validators": [_Required()] if each.is_required else [],
    }
    if each.kind in _CHOOSING:
        nothing = [("", "—")] if each.kind is FieldKind.SELECT else []
        offered = [SelectChoice(*choice) for choice in (*nothing, *texts.choices(each))]
        return _CHOOSING[each.kind](**common, choices=offered, validate_choice=False)
    match each.kind:
        case FieldKind.TEXTAREA:
            return TextAreaField(**common, render_kw=_LONG | {"maxlength": each.max_length})
        case FieldKind.NUMBER:
            return StringField(**common, widget=NumberInput(), render_kw=_number_attributes(each))
        case FieldKind.DATE:
            return StringField(**common, widget=DateInput())
        case FieldKind.CHECKBOX:
            return BooleanField(**common)
        case FieldKind.FILEPICKER:
            return MultipleFileField(**common, render_kw={"multiple": each.is_multiple})
        case _:
            return StringField(**common, render_kw={"maxlength": each.max_length})


def _number_attributes(each: FormField) -> dict[str, str]:
    step = "1" if each.decimal_places == 0 else f"0.{'0' * (each.decimal_places - 1)}1"
    attributes = {"step": step, "inputmode": "decimal"}
    if each.minimum is not None:
        attributes["min"] = str(each.minimum)
    if each.maximum is not None:
        attributes["max"] = str(each.maximum)
    return attributes


def _is_file(value: Any) -> bool:
    return bool(getattr(value, "filename", ""))
