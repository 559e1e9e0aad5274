"""When matters may be handled as one, and when two people decide it (C06)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

# The fact that ends it: what a notice demands was told to the organisation.
SERVED = "served_on"
MERGE, UNMERGE = "merge", "unmerge"
MERGED_IN, TAKEN_OUT = "merged_in", "taken_out"
# Sources outside the house, to whom the result is owed.
OUTSIDE_SOURCES = frozenset({"patrol", "audit", "petition", "transfer"})


class MergeState(StrEnum):
    """How a merger stands."""

    ASKED = "asked"
    MERGED = "merged"
    REFUSED = "refused"
    UNDONE = "undone"


class Towards(StrEnum):
    """To whom the result of a matter is owed: never a name, which only the vault may hold."""

    REAL_NAME = "real_name"
    PATROL = "patrol"
    AUDIT = "audit"
    PETITION = "petition"
    SUPERIOR = "superior"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class Standing:
    """What of a matter's organisation cases a merger looks at."""

    source: str
    rungs: tuple[int | None, ...]
    served_on: date | None
    has_duty: bool

    @property
    def is_outside(self) -> bool:
        """Say whether somebody outside waits for the result."""
        return self.source in OUTSIDE_SOURCES or self.has_duty


def needs_two(*matters: Standing) -> bool:
    """Say whether a leader has to agree.

    He has to where somebody outside waits for the result, and where a measure has begun;
    two spot checks that found the same are merged by their handler.
    """
    return any(each.is_outside or any(each.rungs) for each in matters)


def earliest(due: list[date | None]) -> date | None:
    """Give the earliest day on which feedback is owed to somebody outside."""
    return min((day for day in due if day is not None), default=None)
