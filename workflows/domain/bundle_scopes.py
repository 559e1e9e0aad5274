"""What a bundle covers: cases, a matter, an organisation's subtree, a period, everything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar, Self

from workflows.domain.errors import InvalidInput


class ScopeKind(StrEnum):
    """The kinds of scope; the values stand in manifests."""

    CASES = "cases"
    MATTER = "matter"
    ORGANISATION = "organisation"
    PERIOD = "period"
    ALL = "all"


class PeriodInvalid(InvalidInput):
    """The period from {from_on} to {to_on} ends before it begins."""

    code: ClassVar[str] = "export_period_invalid"


@dataclass(frozen=True, slots=True)
class BundleScope:
    """What a bundle covers.

    ``ids`` are of cases, of the matter or of the organisation; a period counts the local
    days from ``from_on`` to ``to_on``, both included. An organisation may have a period too:
    then its cases count that something was recorded of in those days.
    """

    kind: ScopeKind
    ids: tuple[str, ...] = ()
    from_on: date | None = None
    to_on: date | None = None

    def __post_init__(self) -> None:
        """Refuse a period that ends before it begins."""
        if self.from_on and self.to_on and self.to_on < self.from_on:
            raise PeriodInvalid(from_on=self.from_on, to_on=self.to_on)

    @property
    def has_house(self) -> bool:
        """Say whether what is no step of a case is covered too, so that nothing may be missing."""
        return self.kind in (ScopeKind.PERIOD, ScopeKind.ALL)

    @property
    def id(self) -> str:
        """Give the one matter or organisation."""
        return self.ids[0]

    def to_json(self) -> dict[str, Any]:
        """Write it as manifests have it."""
        kind = self.kind.value
        if self.kind is ScopeKind.CASES:
            return {"type": kind, "cases": sorted(self.ids)}
        if self.kind in (ScopeKind.MATTER, ScopeKind.ORGANISATION):
            return {"type": kind, kind: self.id, **self._days()}
        return {"type": kind, **self._days()}

    def _days(self) -> dict[str, Any]:
        if self.from_on is None or self.to_on is None:
            return {}
        return {"from": self.from_on.isoformat(), "to": self.to_on.isoformat()}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote."""
        kind = ScopeKind(value["type"])
        days = [date.fromisoformat(value[key]) for key in ("from", "to") if key in value]
        if kind is ScopeKind.CASES:
            return cls(kind, tuple(value["cases"]))
        if kind in (ScopeKind.MATTER, ScopeKind.ORGANISATION):
            return cls(kind, (value[kind.value],), *days)
        return cls(kind, (), *days)
