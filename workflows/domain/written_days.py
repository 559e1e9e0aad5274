"""Writing days, and reading them as people write them: 2026.3.1, 3月1日, 二〇二六年三月一日, 明天.

The year comes first, as it does in Chinese, or the month is a word. What could be two days is
refused rather than guessed: 3/1/2026, 26.3.1, 周三 without a week, a weekday that is another day's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from enum import StrEnum

_RECORDED = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_WEEKDAYS = "一二三四五六日"
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS_EN = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_MONTHS = tuple(name[:3].lower() for name in MONTHS_EN)
_MONTH = rf"(?P<month_word>{'|'.join(_MONTHS)})[a-z]*\.?"
_EXCEL_EPOCH = date(1899, 12, 30)
_SERIALS = range(20_000, 80_000)  # 1954 to 2119
_AWAY = {
    "大前天": -3,
    "前天": -2,
    "昨天": -1,
    "昨日": -1,
    "yesterday": -1,
    "今天": 0,
    "今日": 0,
    "today": 0,
    "明天": 1,
    "明日": 1,
    "tomorrow": 1,
    "后天": 2,
    "大后天": 3,
}
_WEEKS = {"上": -1, "本": 0, "这": 0, "下": 1}
_TIME = re.compile(r"\s+\d{1,2}:\d{2}(?::\d{2})?$")
_WEEKDAY = re.compile(r"\s*\(?(?:星期|周|礼拜)([一二三四五六日天])\)?$")
_WEEK = re.compile(r"([上本这下])个?(?:星期|周|礼拜)([一二三四五六日天])")
_WHOLE = (
    re.compile(
        r"(?P<year>\d{4})\s*[-./年。]\s*(?P<month>\d{1,2})\s*[-./月。]\s*(?P<day>\d{1,2})\s*[日号]?"
    ),
    re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"),
    re.compile(rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[ -]{_MONTH},?[ -](?P<year>\d{{4}})"),
    re.compile(rf"{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}})"),
)
_OF_SOME_YEAR = (
    re.compile(r"(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号]?"),
    re.compile(r"(?P<month>\d{1,2})[-/](?P<day>\d{1,2})"),
    re.compile(rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)? {_MONTH}"),
    re.compile(rf"{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?"),
)
# What is meant for a day and may be two: another order, a short year, a weekday without a week.
_UNCLEAR = re.compile(
    r"\d{1,2}[-./年]\d{1,2}[-./月]\d{1,4}[日号]?|\d{1,2}\.\d{1,2}|(?:星期|周|礼拜)[一二三四五六日天]"
)


def day_zh(on: date) -> str:
    """Write a day in Chinese: 2026年3月1日."""
    return f"{on.year}年{on.month}月{on.day}日"


def day_en(on: date) -> str:
    """Write a day in English: 1 March 2026."""
    return f"{on.day} {MONTHS_EN[on.month - 1]} {on.year}"


def weekday_zh(on: date) -> str:
    """Write a day with its weekday, as a term is told: 2026年3月1日（周日）."""
    return f"{day_zh(on)}（周{_WEEKDAYS[on.weekday()]}）"


def weekday_en(on: date) -> str:
    """Write a day with its weekday in English: Sun 1 March 2026."""
    return f"{_WEEKDAYS_EN[on.weekday()]} {day_en(on)}"


def write_if_day(text: str, language: str) -> str:
    """Write out a text that is a day as records keep it; any other stays as it is."""
    try:
        on = date.fromisoformat(text) if _RECORDED.fullmatch(text) else None
    except ValueError:
        on = None
    if on is None:
        return text
    return day_zh(on) if language == "zh" else day_en(on)


class Side(StrEnum):
    """On which side of today a day lies whose year is not written."""

    THIS_YEAR = "this_year"
    PAST = "past"
    COMING = "coming"


class NotADayError(ValueError):
    """What is written is no day of the calendar."""


class UnclearDayError(NotADayError):
    """What is written may be more than one day."""


def read_written_day(text: str, today: date | None = None, side: Side = Side.THIS_YEAR) -> date:
    """Read a day, in any width of figures and in Chinese ones.

    Args:
        text: What is written; a time of day behind it is left out, a weekday has to be right.
        today: Where it is known, days without a year and words like 明天 are read too.
        side: Which year is meant where none is written.

    Raises:
        UnclearDayError: It may be more than one day.
        NotADayError: It is no day at all.
    """
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    found = _by_words(plain, today) or _serial(plain)
    if found is not None:
        return found
    plain = _in_figures(_TIME.sub("", plain))
    said = _WEEKDAY.search(plain)
    bare = plain[: said.start()] if said else plain
    on = _first(_WHOLE, bare, _whole) or _first(_OF_SOME_YEAR, bare, _near(today, side))
    if on is None:
        raise UnclearDayError(text) if _UNCLEAR.fullmatch(bare or plain) else NotADayError(text)
    if said is not None and on.weekday() != _weekday(said[1]):
        raise UnclearDayError(text)
    return on


def _by_words(plain: str, today: date | None) -> date | None:
    if today is None:
        return None
    if plain in _AWAY:
        return today + timedelta(days=_AWAY[plain])
    found = _WEEK.fullmatch(plain)
    if found is None:
        return None
    days = 7 * _WEEKS[found[1]] + _weekday(found[2]) - today.weekday()
    return today + timedelta(days=days)


def _serial(plain: str) -> date | None:
    is_serial = plain.isdecimal() and len(plain) == 5 and int(plain) in _SERIALS
    return _EXCEL_EPOCH + timedelta(days=int(plain)) if is_serial else None


def _weekday(character: str) -> int:
    return _WEEKDAYS.index("日" if character == "天" else character)


def _in_figures(plain: str) -> str:
    """Write the Chinese figures of year, month and day as ours: 二〇二六年十一月三十日."""
    return re.sub(r"[〇○零一二三四五六七八九十廿卅]+(?=\s*[年月日号])", _figure, plain)


def _figure(found: re.Match[str]) -> str:
    written = found[0].replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = written.partition("十")
    if not ten:
        return written.translate(_DIGITS)
    return f"{tens.translate(_DIGITS) or '1'}{ones.translate(_DIGITS) or '0'}"


def _first(
    patterns: tuple[re.Pattern[str], ...], plain: str, make: Callable[[int, int, int], date]
) -> date | None:
    for pattern in patterns:
        found = pattern.fullmatch(plain)
        if found is not None:
            parts = found.groupdict()
            word = parts.get("month_word")
            month = _MONTHS.index(word) + 1 if word else int(parts["month"])
            return make(int(parts.get("year") or 0), month, int(parts["day"]))
    return None


def _whole(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise NotADayError(f"{year}-{month}-{day}") from error


def _near(today: date | None, side: Side) -> Callable[[int, int, int], date]:
    """Give what finds the year that is meant."""

    def make(_: int, month: int, day: int) -> date:
        if today is None:
            raise UnclearDayError(f"{month}-{day}")
        on = _whole(today.year, month, day)
        if side is Side.PAST and on > today:
            return _whole(today.year - 1, month, day)
        if side is Side.COMING and on < today:
            return _whole(today.year + 1, month, day)
        return on

    return make
