"""Which running terms deserve a look before they run out, and why: items, never people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from workflows.domain.calendars import Calendar

# Working days left say something only of a term of which at least this share is used [D]:
# a term of three days would else be warned of from its first day.
HALF_PERCENT = 50


class Cause(StrEnum):
    """Why an item is warned of."""

    USED = "used"
    LEFT = "left"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class WarningRules:
    """Thresholds from the pack's parameters.

    Attributes:
        used_percent: From this share of the term on, in natural days.
        left_workdays: From so many working days left on, once half the term is used.
        silent_days: From so many natural days without a new record on.
    """

    used_percent: int = 80
    left_workdays: int = 5
    silent_days: int = 30


@dataclass(frozen=True, slots=True)
class Term:
    """A running term: its days, and the day of the last record of its case."""

    anchor_on: date
    due_on: date
    last_record_on: date

    def used_percent(self, today: date) -> int:
        """Give the share of its natural days that has passed, rounded down."""
        whole = (self.due_on - self.anchor_on).days
        return 100 if whole <= 0 else 100 * (today - self.anchor_on).days // whole

    def silent_days(self, today: date) -> int:
        """Give how many natural days there was no record."""
        return (today - self.last_record_on).days


def causes_of(
    term: Term, rules: WarningRules, calendar: Calendar, today: date
) -> Iterator[tuple[Cause, int]]:
    """Give why a term that has not run out is warned of, each with its figure."""
    used = term.used_percent(today)
    if used >= rules.used_percent:
        yield Cause.USED, used
    left = calendar.workdays_between(today, term.due_on)
    if used >= HALF_PERCENT and left <= rules.left_workdays:
        yield Cause.LEFT, left
    silent = term.silent_days(today)
    if silent >= rules.silent_days:
        yield Cause.SILENT, silent
