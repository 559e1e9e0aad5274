"""Objects of an OCEL 2.0 log as they are gathered, and the declarations of their types."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from workflows.audit.process_log import Value
from workflows.domain.records import format_time

# The time that the standard gives to what was so from the start.
ALWAYS = "1970-01-01T00:00:00Z"
CLEARED = "null"
# A bool is an int, so it comes first.
_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (Decimal, "float"),
    (datetime, "time"),
)


@dataclass(slots=True)
class OcelObject:
    """An object that is being gathered: values by time, and how it is tied to others."""

    id: str
    type: str
    values: list[tuple[str, Value | None, str]] = field(default_factory=list)
    ties: list[tuple[str, str]] = field(default_factory=list)
    clocks: set[str] = field(default_factory=set)

    def set(self, at: datetime | str, **values: Value | None) -> None:
        """Give attributes new values from a moment on."""
        time = at if isinstance(at, str) else format_time(at)
        self.values += [(name, value, time) for name, value in values.items()]

    def told(self) -> list[tuple[str, Value | None, str]]:
        """Give name, value and time of what is told: that nothing was ever set is not."""
        return [each for at, each in enumerate(self.values) if self._is_told(at, *each)]

    def _is_told(self, at: int, name: str, value: Value | None, _time: str) -> bool:
        before = self.values[:at]
        return value is not None or any(
            known == name and was is not None for known, was, _ in before
        )


@dataclass(slots=True)
class DeclaredTypes:
    """The types that were met, each with its attributes and their types."""

    known: dict[str, dict[str, str]] = field(default_factory=dict)

    def meet(self, name: str, attributes: Iterable[tuple[str, Value | None]]) -> None:
        """Note that something of a type has these attributes."""
        declared = self.known.setdefault(name, {})
        for attribute, value in attributes:
            declared[attribute] = declared.get(attribute) or _type_of(value)

    def as_json(self) -> list[dict[str, Any]]:
        """Give the declarations."""
        return [
            {
                "name": name,
                "attributes": [
                    {"name": attribute, "type": type_ or "string"}
                    for attribute, type_ in declared.items()
                ],
            }
            for name, declared in sorted(self.known.items())
        ]


def _type_of(value: Value | None) -> str:
    if value is None:
        return ""
    for kind, name in _TYPES:
        if isinstance(value, kind):
            return name
    return "string"


def text_of(value: Value | None) -> str:
    """Write a value as the published schema takes it."""
    if value is None:
        return CLEARED
    if isinstance(value, bool):
        return "true" if value else "false"
    return format_time(value) if isinstance(value, datetime) else str(value)
