"""What nothing moves on any more, and nobody would see: orphans (DESIGN 7)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class OrphanKind(StrEnum):
    """What is wrong; an incident of the same name tells people."""

    CASE_STRANDED = "case_stranded"  # open, and no task, clock or message can move it
    TASK_UNCLAIMABLE = "task_unclaimable"  # nobody could claim it today
    TASK_HELD = "task_held"  # whoever claimed it has no account any more
    CLOCK_MISSED = "clock_missed"  # due long before the last sweep, which passed it over
    MARKING_UNKNOWN = "marking_unknown"  # the case stands where its definition has no place
    ROWS_DIFFER = "rows_differ"  # its rows say something else than its records


@dataclass(frozen=True, slots=True, order=True)
class Orphan:
    """One of them; ``detail`` is the task's or clock's ``path#n``, or what differs."""

    kind: OrphanKind
    case_id: str
    detail: str = ""
