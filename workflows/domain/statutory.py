"""Days off that the law itself fixes, for years whose notice is not out yet.

Source of the rule: 全国年节及纪念日放假办法 as in force since 2025: New Year 1 day,
Spring Festival 4 from the eve, Qingming 1, Labour Day 2, Dragon Boat 1, Mid-Autumn 1,
National Day 3. Which days are swapped around them only the yearly notice says, so
everything computed here is provisional.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

FIRST_YEAR = 1990
LAST_YEAR = 2099

_FIXED = (
    (1, 1, "元旦"),
    (5, 1, "劳动节"),
    (5, 2, "劳动节"),
    (10, 1, "国庆节"),
    (10, 2, "国庆节"),
    (10, 3, "国庆节"),
)

# First day of the lunar year, Qingming, fifth day of the fifth month, fifteenth of
# the eighth. Years beyond this table know their fixed days only.
_MOVING = {
    2027: ((2, 6), (4, 5), (6, 9), (9, 15)),
    2028: ((1, 26), (4, 4), (5, 28), (10, 3)),
    2029: ((2, 13), (4, 4), (6, 16), (9, 22)),
    2030: ((2, 3), (4, 5), (6, 5), (9, 12)),
    2031: ((1, 23), (4, 5), (6, 24), (10, 1)),
    2032: ((2, 11), (4, 4), (6, 12), (9, 19)),
    2033: ((1, 31), (4, 4), (6, 1), (9, 8)),
    2034: ((2, 19), (4, 5), (6, 20), (9, 27)),
    2035: ((2, 8), (4, 5), (6, 10), (9, 16)),
    2036: ((1, 28), (4, 4), (5, 30), (10, 4)),
    2037: ((2, 15), (4, 4), (6, 18), (9, 24)),
    2038: ((2, 4), (4, 5), (6, 7), (9, 13)),
    2039: ((1, 24), (4, 5), (5, 27), (10, 2)),
    2040: ((2, 12), (4, 4), (6, 14), (9, 20)),
    2041: ((2, 1), (4, 4), (6, 3), (9, 10)),
    2042: ((1, 22), (4, 4), (6, 22), (9, 28)),
    2043: ((2, 10), (4, 5), (6, 11), (9, 17)),
    2044: ((1, 30), (4, 4), (5, 31), (10, 5)),
    2045: ((2, 17), (4, 4), (6, 19), (9, 25)),
    2046: ((2, 6), (4, 4), (6, 8), (9, 15)),
    2047: ((1, 26), (4, 5), (5, 29), (10, 4)),
    2048: ((2, 14), (4, 4), (6, 15), (9, 22)),
    2049: ((2, 2), (4, 4), (6, 4), (9, 11)),
    2050: ((1, 23), (4, 4), (6, 23), (9, 30)),
}


@cache
def statutory_days(year: int) -> dict[date, str]:
    """Give the days off of a year with their names, in order of the calendar."""
    days = {date(year, month, day): name for month, day, name in _FIXED}
    for on, name in _moving_days(year):
        # 2031 has Mid-Autumn on National Day: both names, one day.
        days[on] = f"{days[on]}、{name}" if on in days else name
    return dict(sorted(days.items()))


def _moving_days(year: int) -> Iterator[tuple[date, str]]:
    if year not in _MOVING:
        return
    spring, qingming, dragon_boat, mid_autumn = (date(year, *md) for md in _MOVING[year])
    for offset in range(-1, 3):
        yield spring + timedelta(days=offset), "春节"
    yield qingming, "清明节"
    yield dragon_boat, "端午节"
    yield mid_autumn, "中秋节"


def statutory_name(on: date) -> str:
    """Give the name of a day off by the rule, empty for any other day."""
    return statutory_days(on.year).get(on, "")


@cache
def expected_workdays() -> bytes:
    """Give one byte for each day of the range: 1 where the rule has people work."""
    first, last = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
    week = bytes(int((first.weekday() + offset) % 7 < 5) for offset in range(7))
    count = (last - first).days + 1
    flags = bytearray((week * (count // 7 + 1))[:count])
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        for on in statutory_days(year):
            flags[(on - first).days] = 0
    return bytes(flags)
