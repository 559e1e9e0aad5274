"""What a case's course has come to, as far as its deviations ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from workflows.domain.records import Record


@dataclass(frozen=True, slots=True)
class Noted:
    """A record with its place in the log, and its payload where the reader is shown it.

    ``kept_back`` says why there is none: ``confidential``, ``erased``, or "" where the
    record carries nothing; ``fields`` where single values of the payload are withheld.
    """

    index: int | None
    record: Record
    payload: Mapping[str, Any] | None
    kept_back: str = ""


@dataclass(frozen=True, slots=True)
class DatedTerm:
    """A clock as the last record that dated it left it."""

    rule: str
    task: str | None
    due_on: date
    due_at: datetime
    is_provisional: bool
    dated_by: Noted


@dataclass(slots=True)
class CourseState:
    """What a case's course has come to; an undoing goes back to an earlier one."""

    terms: dict[str, DatedTerm] = field(default_factory=dict)
    running: set[str] = field(default_factory=set)
    pauses: dict[str, Noted] = field(default_factory=dict)
    entries: dict[str, Noted] = field(default_factory=dict)
    # Tasks that a deadline opened, with the record that did.
    raised: dict[str, Noted] = field(default_factory=dict)
    stopped: Noted | None = None

    def copy(self) -> CourseState:
        """Give a state of its own that goes on from here."""
        return CourseState(
            dict(self.terms),
            set(self.running),
            dict(self.pauses),
            dict(self.entries),
            dict(self.raised),
            self.stopped,
        )
