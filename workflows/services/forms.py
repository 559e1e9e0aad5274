"""Form values as they arrive: typed, checked, split into facts and payload."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from workflows.domain.errors import InvalidInput
from workflows.domain.steps import FactValue
from workflows.engine import Definition
from workflows.engine.facts import names_for_expressions


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
    if reading.errors:
        raise ValidationFailed(fields=dict(reading.errors))
    facts = {name: value for name, value in reading.values.items() if name in pack.facts}
    return facts, dict(reading.values)
