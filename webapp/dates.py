"""How dates and moments are written on screens; every format stands here."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from flask import g
from flask_babel import get_locale, gettext, ngettext

from workflows.domain.derivation_words import name_en
from workflows.domain.written_days import (
    NotADayError,
    Side,
    UnclearDayError,
    day_en,
    day_zh,
    read_written_day,
    weekday_en,
    weekday_zh,
    write_if_day,
)

PLACE = ZoneInfo("Asia/Shanghai")


def in_english() -> bool:
    """Say whether the page is in English."""
    return str(get_locale()).startswith("en")


def local(moment: datetime) -> datetime:
    """Give a moment on the clock of the place."""
    return moment.astimezone(PLACE)


def today_of(moment: datetime) -> date:
    """Give the day that a moment falls on at the place."""
    return local(moment).date()


def day(on: date | None) -> str:
    """Write a date: 2026年11月23日."""
    if on is None:
        return ""
    return day_en(on) if in_english() else day_zh(on)


def day_short(on: date | None) -> str:
    """Write a date without its year, for narrow places: 11月23日."""
    return day(on).removesuffix(f" {on.year}").removeprefix(f"{on.year}年") if on else ""


def day_long(on: date | None) -> str:
    """Write a date as a term is told, with the day of the week: 2026年11月23日（周一）."""
    if on is None:
        return ""
    return weekday_en(on) if in_english() else weekday_zh(on)


def moment(at: datetime | None) -> str:
    """Write a moment to the minute: 2026年11月23日 14:05."""
    return "" if at is None else f"{day(local(at).date())} {clock(at)}"


def moment_exact(at: datetime | None) -> str:
    """Write a moment to the second, for records: 2026年11月23日 14:05:09."""
    return "" if at is None else f"{day(local(at).date())} {local(at):%H:%M:%S}"


def clock(at: datetime | None) -> str:
    """Write the time of day: 14:05."""
    return "" if at is None else f"{local(at):%H:%M}"


def machine(at: date | datetime | None) -> str:
    """Write a date or moment for the datetime attribute of a time element."""
    if isinstance(at, datetime):
        return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return "" if at is None else at.isoformat()


def day_if(text: str) -> str:
    """Write a value as a day if it is one as records keep it; else as it is."""
    return write_if_day(text, "en" if in_english() else "zh")


def read_day(text: str, side: Side = Side.THIS_YEAR) -> date | None:
    """Read a day as a date field sends it or as people write it; what is no day is None."""
    try:
        return read_written_day(text, _today(), side)
    except NotADayError:
        return None


def day_written(text: str, side: Side = Side.THIS_YEAR) -> date:
    """Read a day as ``read_day`` does.

    Raises:
        ValueError: It is none, or may be more than one; the message is the sentence to show.
    """
    try:
        return read_written_day(text, _today(), side)
    except UnclearDayError as error:
        raise ValueError(
            gettext(
                "看不准“%(text)s”是哪一天。请写成 2026年3月1日 或者 2026-03-01，年份写四位。",
                text=text[:20],
            )
        ) from error
    except NotADayError as error:
        raise ValueError(
            gettext("“%(text)s”不是日期。请写成 2026年3月1日 或者 2026-03-01。", text=text[:20])
        ) from error


def _today() -> date | None:
    """Give the day of the request; None outside of one."""
    return today_of(g.now) if "now" in g else None


def left(due_on: date | None, today: date) -> str:
    """Say how far a due date is, in natural days: 今天到期, 还有 3 天, 逾期 2 天."""
    if due_on is None:
        return ""
    days = (due_on - today).days
    if days == 0:
        return str(gettext("今天到期"))
    if days > 0:
        return str(ngettext("还有 %(num)s 天", "还有 %(num)s 天", days))
    return str(ngettext("逾期 %(num)s 天", "逾期 %(num)s 天", -days))


def left_beside(colour: str, due_on: date | None, today: date) -> str:
    """Say the same beside the word of a colour: 逾期 · 2 天, 预警 · 已过 2 天."""
    if due_on is None or due_on >= today:
        return left(due_on, today)
    days = (today - due_on).days
    if colour == "red":
        return str(ngettext("%(num)s 天", "%(num)s 天", days))
    return str(ngettext("已过 %(num)s 天", "已过 %(num)s 天", days))


def lasting(seconds: int) -> str:
    """Say how long something took, in two units: 2 天 3 小时, 3 小时 5 分钟, 12 分钟."""
    minutes = max(seconds, 0) // 60
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [
        days and ngettext("%(num)s 天", "%(num)s 天", days),
        hours and ngettext("%(num)s 小时", "%(num)s 小时", hours),
        rest and not days and ngettext("%(num)s 分钟", "%(num)s 分钟", rest),
    ]
    return " ".join(str(part) for part in parts if part) or str(gettext("不到 1 分钟"))


def paper_date(on: date | None) -> str:
    """Write the date of a paper, Chinese whatever the page speaks: 2026年3月9日."""
    return "" if on is None else day_zh(on)


def day_name(name: str) -> str:
    """Name a day of the calendar, 春节 or a make-up working day; local days keep their own name."""
    return name_en(name) if in_english() else name


FILTERS = {
    "day_name": day_name,
    "day": day,
    "kept_day": date.fromisoformat,  # of a plan or record, which keep days as text
    "day_short": day_short,
    "day_long": day_long,
    "moment": moment,
    "moment_exact": moment_exact,
    "clock": clock,
    "lasting": lasting,
    "machine": machine,
    "paper_date": paper_date,
}
