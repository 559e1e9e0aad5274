"""How an installation is: one sign for each thing that may fail without anybody noticing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

Value = str | int | datetime | None


class Light(StrEnum):
    """How a sign stands: in order, worth a look, or to be seen to now."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


_ORDER = tuple(Light)


@dataclass(frozen=True, slots=True)
class Sign:
    """What is looked at, how it stands, and by which values."""

    code: str
    light: Light
    values: Mapping[str, Value] = field(default_factory=dict)


def worst(signs: Iterable[Sign]) -> Light:
    """Give the light of the whole: the worst of all."""
    return worst_light(*(sign.light for sign in signs))


def worst_light(*lights: Light) -> Light:
    """Give the worst of some lights; without any it is green."""
    return max(lights, key=_ORDER.index, default=Light.GREEN)


def by_age(age: timedelta | None, yellow: timedelta, red: timedelta) -> Light:
    """Judge how long ago something was; what never was is as bad as what is too old."""
    if age is None or age > red:
        return Light.RED
    return Light.YELLOW if age > yellow else Light.GREEN


def by_space(free_bytes: int, total_bytes: int) -> Light:
    """Judge the free space of a disk: red below 1 GiB or 2 %, yellow below 5 GiB or 10 %."""
    share = free_bytes * 100 // max(total_bytes, 1)
    if free_bytes < 2**30 or share < 2:
        return Light.RED
    return Light.YELLOW if free_bytes < 5 * 2**30 or share < 10 else Light.GREEN
