"""How made-up officers act: the table made_up.toml, read (DESIGN 4.6)."""

from __future__ import annotations

import tomllib
from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any

_TABLE = Path(__file__).with_name("made_up.toml")


@dataclass(frozen=True, slots=True)
class Span:
    """Whole numbers from one to another, each as likely."""

    first: int
    last: int

    @classmethod
    def of(cls, table: Mapping[str, int]) -> Span:
        """Read ``{ from = 1, to = 6 }``."""
        return cls(table["from"], table["to"])

    def draw(self, chance: Random) -> int:
        """Draw one."""
        return self.first + int(chance.random() * (self.last - self.first + 1))


@dataclass(frozen=True, slots=True)
class Shares:
    """Values with how often each is drawn."""

    values: tuple[str, ...]
    limits: tuple[int, ...]

    @classmethod
    def of(cls, table: Mapping[str, int], among: Sequence[str] | None = None) -> Shares:
        """Read ``value = weight``; of those that are not among the given ones none is drawn."""
        kept = {name: weight for name, weight in table.items() if among is None or name in among}
        return cls(tuple(kept), tuple(accumulate(kept.values())))

    def draw(self, chance: Random) -> str:
        """Draw a value."""
        return self.values[bisect(self.limits, chance.random() * self.limits[-1])]


@dataclass(frozen=True, slots=True)
class Customs:
    """The table: who is late how often, what is chosen, how long things take."""

    opened_over_days: int
    followed_days: int
    in_time_percent: Span
    late_days: Span
    free_days: Span
    late: Mapping[str, int]
    stalling: frozenset[str]
    after_missed: Shares
    shares: Mapping[str, Mapping[str, int]]
    numbers: Mapping[str, Span]


def read_customs() -> Customs:
    """Read the table that comes with the program."""
    table: dict[str, Any] = tomllib.loads(_TABLE.read_text("utf-8"))
    pace = table["pace"]
    return Customs(
        opened_over_days=table["cases"]["opened_over_days"],
        followed_days=table["cases"]["followed_days"],
        in_time_percent=Span.of(pace["in_time_percent"]),
        late_days=Span.of(pace["late_days"]),
        free_days=Span.of(pace["free_days"]),
        late=table["late"],
        stalling=frozenset(table["stalling"]["activities"]),
        after_missed=Shares.of(table["stalling"]["after_missed"]),
        shares=table["share"],
        numbers={name: Span.of(span) for name, span in table["number"].items()},
    )
