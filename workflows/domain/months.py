"""Calendar months at the place, in which reports are made and requests are counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

from workflows.domain.clocks import due_at_of

_DECEMBER = 12


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of a year."""

    year: int
    number: int

    @classmethod
    def of(cls, on: date) -> Self:
        """Give the month of a day."""
        return cls(on.year, on.month)

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Read 2026-11, as a month field sends it; anything else is None."""
        try:
            return cls.of(date.fromisoformat(f"{text}-01"))
        except ValueError:
            return None

    @property
    def first_on(self) -> date:
        """Give its first day."""
        return date(self.year, self.number, 1)

    @property
    def last_on(self) -> date:
        """Give its last day."""
        after = self.after.first_on if self.year < date.max.year else date.max
        return after - timedelta(days=1)

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """Give the moments at which it begins and is over."""
        return due_at_of(self.first_on - timedelta(days=1)), due_at_of(self.last_on)

    @property
    def before(self) -> Month:
        """Give the month before."""
        return Month.of(self.first_on - timedelta(days=1))

    @property
    def after(self) -> Month:
        """Give the month after."""
        return Month(self.year + self.number // _DECEMBER, self.number % _DECEMBER + 1)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"
