"""Counting for overviews: what is too small to be told, how old, how long, in the middle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Generic, TypeVar

# Of persons no smaller number is told: who knows the place could tell who it is [D].
FEWEST_TOLD = 5
# The last day of an age, in natural days; what is older falls into the last age.
AGES_DAYS = (10, 30, 60, 90, 180)
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Told(Generic[Key]):
    """Counts of persons' cases as they may be told; None stands for 1 to 4.

    ``total`` is None with ``is_total_few`` where it is small itself, and None without where
    a part is withheld, since the part would follow from it.
    """

    parts: Mapping[Key, int | None]
    total: int | None
    is_total_few: bool = False


def told(counts: Mapping[Key, int]) -> Told[Key]:
    """Withhold small counts, and the sum that would give one away."""
    parts = {key: None if 0 < count < FEWEST_TOLD else count for key, count in counts.items()}
    total = sum(counts.values())
    if 0 < total < FEWEST_TOLD:
        return Told(parts, None, is_total_few=True)
    return Told(parts, None if None in parts.values() else total)


def age_of(began_on: date, today: date) -> int:
    """Give the place of an age among the ages, the youngest 0."""
    days = (today - began_on).days
    return sum(days > bound for bound in AGES_DAYS)


@dataclass(frozen=True, slots=True)
class Stays:
    """How long cases stayed somewhere, in natural days."""

    count: int
    median_days: float
    longest_days: int

    @classmethod
    def of(cls, days: Sequence[int]) -> Stays:
        """Sum up at least one stay."""
        return cls(len(days), float(median(days)), max(days))


def stays_in(entered: Mapping[int, date], ended_on: date) -> dict[int, int]:
    """Give how many days a case stayed in each rung, from the day that it entered it.

    It stays until it enters the next one. A rung from which it was led back is entered once.
    """
    ways = sorted(entered.items(), key=lambda each: (each[1], each[0]))
    ends = [on for _, on in ways[1:]] + [ended_on]
    return {rung: max((end - on).days, 0) for (rung, on), end in zip(ways, ends, strict=True)}


def ages() -> tuple[tuple[int, int | None], ...]:
    """Give the first and the last day of each age; the last has no end."""
    firsts = (0, *(bound + 1 for bound in AGES_DAYS))
    return tuple(zip(firsts, (*AGES_DAYS, None), strict=True))


__all__ = [
    "AGES_DAYS",
    "FEWEST_TOLD",
    "Stays",
    "Told",
    "age_of",
    "ages",
    "stays_in",
    "told",
]
