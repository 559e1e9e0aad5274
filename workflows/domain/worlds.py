"""Made-up organisation trees of the size of a region and of a country, from a seed.

Names are put together from syllables so that no real unit is meant; every code
begins with SYN-. The same seed gives the same tree on every machine.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

PREFIX = "SYN-"
WATERMARK = "演示数据·虚构"
# Units by level: the sizes of Inner Mongolia and of the country in the tables of 2021.
REGION_SIZE = (1, 12, 117, 1_228, 14_467)
COUNTRY_SIZE = (31, 342, 3_270, 41_355, 618_133)

_DIGITS = (2, 2, 2, 3, 4)
_ENDINGS: tuple[tuple[str, ...], ...] = (
    ("幻境自治区",),
    ("盟", "市"),
    ("旗", "县", "区"),
    ("苏木", "镇", "乡", "街道"),
    ("嘎查", "村村委会", "社区居委会", "嘎查委员会", "村委会"),
)
_FIRST = "苏那伊呼敖白塔绰赫翁锡玛布鄂达巴查甘哈扎乌朝额宝莫查雅"
_MIDDLE = ("布", "日", "拉", "格", "彦", "音", "罕", "仁", "沁", "尔", "其", "兰")
_LAST = ("德兀", "图霁", "岱琮", "根霂", "盖翀", "勒霄", "浑琰", "很霈", "林翯", "台璟")


class _Chance(random.Random):
    """Chance that a seed repeats; nothing secret comes from it."""


class MadeUnit(NamedTuple):
    """A unit as an import reads it; an empty parent makes a root."""

    code: str
    name: str
    parent: str
    level: int


def made_up_tree(seed: int, size: Sequence[int] = REGION_SIZE) -> Iterator[MadeUnit]:
    """Give a tree with exactly so many units on each level, parents before children."""
    chance = _Chance(seed)
    above: list[str] = [""]
    for level, count in enumerate(size, start=1):
        here = []
        for parent, children in zip(above, _shares(chance, len(above), count), strict=True):
            for number in range(1, children + 1):
                code = f"{parent or PREFIX}{number:0{_DIGITS[level - 1]}d}"
                here.append(code)
                yield MadeUnit(code, _name(chance, level), parent, level)
        above = here


def _shares(chance: _Chance, holders: int, count: int) -> list[int]:
    """Divide so many children among holders: one for each, the rest by chance."""
    shares = [1] * holders
    for holder in chance.choices(range(holders), k=count - holders):
        shares[holder] += 1
    return shares


def _name(chance: _Chance, level: int) -> str:
    middle = "".join(chance.choices(_MIDDLE, k=chance.randint(1, 2)))
    stem = chance.choice(_FIRST) + middle + chance.choice(_LAST)
    return stem + chance.choice(_ENDINGS[level - 1])
