"""Reading a day as people write it."""

from datetime import date

import pytest

from workflows.domain.written_days import (
    NotADayError,
    Side,
    UnclearDayError,
    read_written_day,
)

_FIRST_OF_MARCH = date(2026, 3, 1)  # a Sunday
_TODAY = date(2026, 3, 10)  # a Tuesday


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01",
        "2026-3-1",
        "2026/3/1",
        "2026.3.1",
        "2026。3。1",
        "2026年3月1日",
        "2026 年 3 月 1 日",
        " 2026年3月1号 ",
        "２０２６．３．１",
        "２０２６年３月１日",
        "20260301",
        "２０２６０３０１",
        "46082",
        "二〇二六年三月一日",
        "二零二六年三月一日",
        "二○二六年三月一日",
        "2026-03-01 00:00:00",
        "2026/3/1 14:05",
        "2026年3月1日（周日）",
        "2026年3月1日 星期天",
        "1 March 2026",
        "1st Mar 2026",
        "March 1, 2026",
        "1-Mar-2026",
    ],
)
def test_a_whole_day_is_read_in_every_way_of_writing_it(text: str) -> None:
    assert read_written_day(text) == _FIRST_OF_MARCH


@pytest.mark.parametrize(
    "text, on",
    [
        ("二〇二六年十一月三十日", date(2026, 11, 30)),
        ("二〇二六年十月二十一日", date(2026, 10, 21)),
        ("二〇二六年十二月十日", date(2026, 12, 10)),
        ("2026年廿一日", None),
    ],
)
def test_chinese_figures_above_ten_are_read(text: str, on: date | None) -> None:
    if on is None:
        with pytest.raises(NotADayError):
            read_written_day(text)
    else:
        assert read_written_day(text) == on


@pytest.mark.parametrize("text", ["3月1日", "三月一日", "3月1号", "3/1", "3-1", "1 March", "Mar 1"])
def test_without_a_year_it_is_this_years(text: str) -> None:
    assert read_written_day(text, _TODAY) == _FIRST_OF_MARCH


def test_the_side_decides_where_this_year_cannot_be_meant() -> None:
    assert read_written_day("12月1日", _TODAY, Side.PAST) == date(2025, 12, 1)
    assert read_written_day("3月1日", _TODAY, Side.PAST) == _FIRST_OF_MARCH
    assert read_written_day("3月1日", _TODAY, Side.COMING) == date(2027, 3, 1)
    assert read_written_day("12月1日", _TODAY, Side.COMING) == date(2026, 12, 1)


@pytest.mark.parametrize(
    "text, day",
    [
        ("今天", 10),
        ("明天", 11),
        ("后天", 12),
        ("大后天", 13),
        ("昨天", 9),
        ("前天", 8),
        ("tomorrow", 11),
        ("下周三", 18),
        ("本周日", 15),
        ("这周三", 11),
        ("上周五", 6),
        ("下个星期一", 16),
        ("下周天", 22),
    ],
)
def test_days_are_told_from_today(text: str, day: int) -> None:
    assert read_written_day(text, _TODAY) == date(2026, 3, day)


@pytest.mark.parametrize(
    "text",
    [
        "3/1/2026",
        "26.3.2026",
        "26.3.1",
        "26年3月1日",
        "3.1",
        "周三",
        "星期三",
        "2026年3月1日（周三）",
        "03-01-26",
    ],
)
def test_what_may_be_two_days_is_refused(text: str) -> None:
    with pytest.raises(UnclearDayError):
        read_written_day(text, _TODAY)


@pytest.mark.parametrize("text", ["3月1日", "3/1"])
def test_a_day_without_a_year_is_unclear_where_today_is_not_known(text: str) -> None:
    with pytest.raises(UnclearDayError):
        read_written_day(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "春天",
        "2026-02-30",
        "2026-13-01",
        "2026年3月",
        "20260230",
        "123456",
        "2月30日",
        "明天",
        "2026-03-01T00:00:00Z",
        "²026-03-01x",
        "0000-01-01",
        "十十月十日",
        "99999",
    ],
)
def test_what_is_no_day_is_refused_without_today(text: str) -> None:
    with pytest.raises(NotADayError):
        read_written_day(text)
