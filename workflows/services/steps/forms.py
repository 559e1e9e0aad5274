"""Form values as they arrive: typed, checked, split into facts and payload."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from workflows.domain.errors import InvalidInput
from workflows.domain.steps import FactValue
from workflows.engine import Definition, Pack
from workflows.engine.facts import names_for_expressions
from workflows.engine.form_errors import FieldError, FieldProblem
from workflows.engine.forms import FormSchema
from workflows.engine.offered import closed_choices

# Who is named together is each time another person.
_TOGETHER = (("talker", "recorder"), ("review_leader", "review_second", "review_third"))
_PERSON_CONCERNED = "subject_person"


class ValidationFailed(InvalidInput):
    """Some fields need another value: {fields}"""

    code: ClassVar[str] = "validation_failed"


def read_form(
    definition: Definition,
    form_name: str | None,
    values: Mapping[str, Any],
    known: Mapping[str, FactValue],
) -> tuple[dict[str, FactValue], dict[str, Any]]:
    """Read and check form values: those that are facts, and all as the payload keeps them.

    Raises:
        ValidationFailed: Naming every field that needs another value.
    """
    if form_name is None:
        return {}, {}
    pack = definition.pack
    names = names_for_expressions(pack.facts, known, pack.constants)
    reading = pack.forms[form_name].read(values, names)
    schema = pack.forms[form_name]
    errors = (
        dict(reading.errors)
        or _wrong_people(schema, reading.values, known)
        or _not_open(pack, schema, reading.values, known)
    )
    if errors:
        raise ValidationFailed(fields=errors)
    facts = {name: value for name, value in reading.values.items() if name in pack.facts}
    return facts, dict(reading.values)


def _not_open(
    pack: Pack, schema: FormSchema, values: Mapping[str, Any], known: Mapping[str, FactValue]
) -> dict[str, FieldError]:
    """Refuse choices that the pack's table does not allow for this subject (DOMAIN 2.3)."""
    errors = {}
    for key, closed in closed_choices(pack, schema, known).items():
        field = schema.field(key)
        if values.get(key) in closed and field is not None and field.allowed is not None:
            table = pack.decisions[field.allowed.decision].name
            errors[key] = FieldError(FieldProblem.NOT_OPEN, field.label, table)
    return errors


def _wrong_people(
    schema: FormSchema, values: Mapping[str, Any], known: Mapping[str, FactValue]
) -> dict[str, FieldError]:
    """Refuse a talk recorded by the talker, a review group of two, and the person concerned.

    Source: separation of duties of the officers' rules, 谈话人 R08, 记录人 R09, 复核组 R14.
    """
    errors = {}
    for together in _TOGETHER:
        for at, key in enumerate(together):
            field = schema.field(key)
            person = values.get(key)
            if field is None or person is None:
                continue
            if person == known.get(_PERSON_CONCERNED):
                errors[key] = FieldError(FieldProblem.PERSON_CONCERNED, field.label)
            for other in together[:at]:
                met = schema.field(other)
                if met is not None and values.get(other) == person:
                    errors[key] = FieldError(FieldProblem.SAME_PERSON, field.label, met.label)
    return errors
