"""What happened, as a back-test reads it: plain values that processes can hand on."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CaseHistory:
    """The records of one case.

    ``number`` is empty for a case about a person: a report counts it and does not name
    it. ``records`` are the bodies with the content of their payloads, null where that
    was erased. ``offices`` maps the rules of lanes to the offices of today.
    """

    id: str
    number: str
    process_id: str
    org_path: str
    parent: str | None
    offices: Mapping[str, str]
    records: tuple[tuple[str, bytes | None], ...]


@dataclass(frozen=True, slots=True)
class MatterHistory:
    """The cases of one matter, a case before those that it opened."""

    cases: tuple[CaseHistory, ...]


@dataclass(frozen=True, slots=True)
class Sweeps:
    """When sweeps came: due moments with the first firing that followed, in order.

    A due moment inside a gap in which nothing was swept fires at its end, any other on time:
    a sweep that found nothing left no trace.
    """

    firings: tuple[tuple[datetime, datetime], ...] = ()
    _due: tuple[datetime, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Keep the due moments for searching."""
        object.__setattr__(self, "_due", tuple(due_at for due_at, _ in self.firings))

    @classmethod
    def of(cls, firings: Iterable[tuple[datetime, datetime]]) -> Sweeps:
        """Take due moments and firings in any order; the first firing of each counts."""
        first: dict[datetime, datetime] = {}
        for due_at, fired_at in firings:
            first[due_at] = min(first.get(due_at, fired_at), fired_at)
        return cls(tuple(sorted(first.items())))

    def fires_at(self, due_at: datetime) -> datetime:
        """Give when a clock that is due then is fired."""
        place = bisect_right(self._due, due_at) - 1
        fired_at = self.firings[place][1] if place >= 0 else due_at
        return max(fired_at, due_at)
