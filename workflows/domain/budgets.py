"""How much time a rule gives, and how people write it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal, Self, cast, get_args

from workflows.domain.errors import InvalidInput
from workflows.domain.written_days import day_en, day_zh

Unit = Literal["workdays", "days", "months", "date"]
Language = Literal["zh", "en"]

_UNITS: frozenset[str] = frozenset(get_args(Unit))
_LARGEST = 36_500
_WRITTEN = re.compile(
    r"(?P<amount>[-+]?\d{1,5})\s*(?:"
    r"(?P<workdays>workdays?|wd|个?工作日)"
    r"|(?P<days>days?|d|日|天|个?自然日)"
    r"|(?P<months>months?|m|个月|月)"
    r")",
    re.IGNORECASE,
)
_UNROLLED = re.compile(r"^(?P<budget>.*\S)\s*(?:\s(?:unrolled|raw)|不顺延)$", re.IGNORECASE)


class InvalidBudget(InvalidInput):
    """{text} is no budget: write "10 workdays", "60 days", "1 month" or a date like 2026-05-25."""

    code = "invalid_budget"
    text: str


class ClockKind(StrEnum):
    """What a period is for: only the deadline of an act moves off a holiday."""

    ACT = "act"
    EFFECT = "effect"
    OBSERVATION = "observation"


@dataclass(frozen=True, slots=True)
class Budget:
    """An amount of time in one unit.

    A negative amount counts back from the anchor. For the unit ``date`` the amount
    is the last day itself as the integer YYYYMMDD, so that a record stays readable,
    or 0 where the anchor is the last day.
    """

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        """Refuse unknown units, absurd amounts and dates that do not exist."""
        if self.unit not in _UNITS:
            raise InvalidBudget(text=f"{self.amount} {self.unit}")
        if self.unit == "date":
            _ = self.on
        elif abs(self.amount) > _LARGEST:
            raise InvalidBudget(text=f"{self.amount} {self.unit}")

    @classmethod
    def of(cls, amount: int, unit: str) -> Self:
        """Make a budget from a stored or configured unit, which may be wrong."""
        return cls(amount, cast("Unit", unit))

    @classmethod
    def until(cls, on: date) -> Self:
        """Make the budget that ends on a given day."""
        return cls(on.year * 10_000 + on.month * 100 + on.day, "date")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a budget as people write it, in English or Chinese, or an ISO date."""
        written = _WRITTEN.fullmatch(text.strip())
        if written:
            unit = next(name for name in ("workdays", "days", "months") if written[name])
            return cls(int(written["amount"]), cast("Unit", unit))
        try:
            return cls.until(date.fromisoformat(text.strip()))
        except ValueError as error:
            raise InvalidBudget(text=repr(text)) from error

    @property
    def on(self) -> date | None:
        """Give the day of a budget of the unit ``date``, null where it is the anchor."""
        if self.unit != "date" or self.amount == 0:
            return None
        try:
            return date(self.amount // 10_000, self.amount // 100 % 100, self.amount % 100)
        except ValueError as error:
            raise InvalidBudget(text=str(self.amount)) from error

    def times(self, count: int) -> Budget:
        """Give the budget of the count-th term of a series."""
        if self.unit == "date":
            raise InvalidBudget(text=f"{count} × {self.amount} {self.unit}")
        return Budget(self.amount * count, self.unit)

    def text(self, language: Language = "zh") -> str:
        """Write the budget with its unit spelled out, natural days named as such."""
        if self.unit == "date":
            if self.on is None:
                return _ANCHOR_DAY_TEXT[language]
            return day_zh(self.on) if language == "zh" else day_en(self.on)
        if language == "zh":
            return f"{self.amount}{_CHINESE[self.unit]}"
        plural = "" if abs(self.amount) == 1 else "s"
        return f"{self.amount} {_ENGLISH[self.unit]}{plural}"


# The budget of a clock whose anchor is its last day.
ANCHOR_DAY = Budget(0, "date")

_ANCHOR_DAY_TEXT = {"zh": "起算日当日", "en": "the anchor day itself"}
_CHINESE = {"workdays": "个工作日", "days": "日（自然日）", "months": "个月"}
_ENGLISH = {"workdays": "workday", "days": "calendar day", "months": "month"}


def parse_term(text: str) -> tuple[Budget, ClockKind]:
    """Read a budget and its kind: "6 months unrolled" is an effect, all else an act."""
    unrolled = _UNROLLED.match(text.strip())
    if unrolled:
        return Budget.parse(unrolled["budget"]), ClockKind.EFFECT
    return Budget.parse(text), ClockKind.ACT
