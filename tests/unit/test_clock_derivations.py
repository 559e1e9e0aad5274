"""Why this date: what a derivation tells."""

import json
from datetime import date, timedelta

import pytest

from tests.support.calendars import changed, day
from workflows.domain.clocks import Budget, ClockKind, Pause, compute_due
from workflows.domain.derivations import Derivation, LineCode, explain, explain_term
from workflows.store.calendar_source import official_calendar

CALENDAR = official_calendar()
ACT = ClockKind.ACT


def told(derivation: Derivation, code: LineCode, language: str = "zh") -> list[str]:
    return [
        line.zh if language == "zh" else line.en for line in derivation.lines if line.code is code
    ]


def test_the_whole_derivation_of_a_plan_over_the_may_holiday() -> None:
    derivation = explain(date(2026, 4, 28), Budget(10, "workdays"), ACT, CALENDAR, rule="R_SELF")
    assert derivation.text("zh").splitlines() == [
        "起算日 2026年4月28日（周二），当日不计入",
        "期限 R_SELF 10个工作日；只计工作日",
        "工作日历的官方安排截至 2026年12月31日",
        "跳过 2026年5月1日（周五）至 2026年5月5日（周二）共5天：劳动节",
        "上班 2026年5月9日（周六）：劳动节调休上班",
        "跳过 2026年5月10日（周日）：周末",
        "到期日 2026年5月14日（周四），当日24时截止",
    ]
    assert derivation.text("en").splitlines() == [
        "Counted from Tue 28 April 2026; that day does not count",
        "Term R_SELF: 10 workdays; working days only",
        "Calendar official until 31 December 2026",
        "Skipped Fri 1 May 2026 to Tue 5 May 2026, 5 days: Labour Day",
        "Working Sat 9 May 2026: make-up working day for Labour Day",
        "Skipped Sun 10 May 2026: weekend",
        "Due on Thu 14 May 2026, until the end of that day in China",
    ]


def test_a_last_day_on_a_holiday_tells_where_it_moved_and_why() -> None:
    derivation = explain_term(date(2026, 1, 17), "1 month", CALENDAR)
    assert told(derivation, LineCode.MOVED) == [
        "末日 2026年2月17日（周二）为春节，顺延至 2026年2月24日（周二）"
    ]
    assert told(derivation, LineCode.SKIPPED) == [
        "跳过 2026年2月17日（周二）至 2026年2月23日（周一）共7天：春节"
    ]


def test_a_clamped_month_that_ends_on_a_make_up_day_tells_why_it_does_not_move() -> None:
    derivation = explain_term(date(2026, 1, 31), "1 month", CALENDAR)
    assert told(derivation, LineCode.CLAMPED) == ["2026年2月没有31日，取月末 2026年2月28日（周六）"]
    assert told(derivation, LineCode.MAKE_UP) == ["上班 2026年2月28日（周六）：春节调休上班"]
    assert not told(derivation, LineCode.MOVED)


def test_an_effect_says_that_it_never_moves() -> None:
    derivation = explain_term(date(2026, 8, 31), "6 months unrolled", CALENDAR)
    assert told(derivation, LineCode.RULE) == ["期限 6个月；影响期，按日历届满，不顺延"]
    assert derivation.due.due_on == date(2027, 2, 28)
    assert not told(derivation, LineCode.PROVISIONAL)
    assert not derivation.skipped


def test_a_provisional_date_says_so_and_what_will_happen() -> None:
    derivation = explain_term(date(2026, 12, 3), "1 month", CALENDAR)
    (zh,) = told(derivation, LineCode.PROVISIONAL)
    (en,) = told(derivation, LineCode.PROVISIONAL, "en")
    assert "官方截至 2026年12月31日" in zh
    assert "提前须经确认" in zh
    assert "earlier needs an officer's confirmation" in en


def test_every_pause_is_told_with_its_reason_and_overlaps_once() -> None:
    pauses = [
        Pause(date(2026, 4, 27), date(2026, 5, 6), "不可抗力", "旗委副书记"),
        Pause(date(2026, 4, 22), date(2026, 4, 29), "住院", "组织部长"),
    ]
    derivation = explain(date(2026, 4, 20), Budget(10, "workdays"), ACT, CALENDAR, pauses)
    assert told(derivation, LineCode.PAUSE) == [
        "2026年4月22日次日至2026年4月29日暂停，7天不计入；原因：住院；批准：组织部长",
        "2026年4月27日次日至2026年5月6日暂停，9天不计入；原因：不可抗力；批准：旗委副书记",
    ]
    assert told(derivation, LineCode.MERGED) == ["重叠的暂停合并计算，共14天"]
    paused = {date(2026, 4, 23) + timedelta(days=n) for n in range(14)}
    assert not paused & {skipped.on for skipped in derivation.skipped}


def test_a_last_day_in_a_pause_moves_because_the_clock_stood_still() -> None:
    stopped = Pause(date(2026, 3, 16), date(2026, 3, 20), "住院", "组织部长")
    derivation = explain(date(2026, 3, 2), Budget(10, "workdays"), ACT, CALENDAR, [stopped])
    assert told(derivation, LineCode.MOVED) == [
        "末日 2026年3月16日（周一）计时已暂停，顺延至 2026年3月23日（周一）"
    ]


def test_an_open_pause_says_that_the_date_does_not_hold() -> None:
    stopped = Pause(date(2026, 3, 10), None, "等待上级批复", "组织部长")
    derivation = explain(date(2026, 3, 2), Budget(10, "workdays"), ACT, CALENDAR, [stopped])
    assert told(derivation, LineCode.PAUSE) == [
        "2026年3月10日次日起暂停，尚未恢复，恢复前不到期；原因：等待上级批复；批准：组织部长"
    ]
    assert told(derivation, LineCode.DUE) == [
        "暂停中，原到期日 2026年3月16日（周一），恢复后重新计算"
    ]


def test_a_term_of_a_series_tells_its_number() -> None:
    derivation = explain(
        date(2026, 3, 26), Budget(30, "days"), ACT, CALENDAR, rule="R_PROG", periods=2
    )
    assert told(derivation, LineCode.RULE) == [
        "期限 R_PROG 30日（自然日） × 2，自首次起算日连续计算；末日遇休息日顺延"
    ]
    assert derivation.due.due_on == date(2026, 5, 25)


def test_an_extension_is_told_and_its_days_off_cost_nothing() -> None:
    derivation = explain(date(2026, 3, 2), Budget(10, "workdays"), ACT, CALENDAR, extension_days=26)
    assert told(derivation, LineCode.EXTENDED) == [
        "延期 26日（自然日），自原期满日 2026年3月16日（周一）起"
    ]
    assert told(derivation, LineCode.MOVED) == [
        "末日 2026年4月11日（周六）为周末，顺延至 2026年4月13日（周一）"
    ]
    assert [skipped.on.isoformat() for skipped in derivation.skipped] == [
        *("2026-03-07", "2026-03-08", "2026-03-14", "2026-03-15", "2026-04-11", "2026-04-12"),
    ]
    assert derivation.as_json()["extension_days"] == 26


def test_counting_back_says_so() -> None:
    derivation = explain_term(date(2026, 5, 7), "-10 workdays", CALENDAR)
    assert told(derivation, LineCode.ANCHOR) == ["倒推日 2026年5月7日（周四），当日不计入"]
    assert derivation.due.due_on == date(2026, 4, 20)
    back = explain_term(date(2026, 5, 6), "-2 days", CALENDAR)
    assert told(back, LineCode.MOVED) == [
        "末日 2026年5月4日（周一）为劳动节，提前至 2026年4月30日（周四）"
    ]


def test_local_holidays_keep_their_name() -> None:
    naadam = day("2026-07-24", is_workday=False, region="15.1525.", name="那达慕")
    local = changed(CALENDAR, naadam).for_region("15.1525.152502.")
    derivation = explain_term(date(2026, 7, 20), "5 workdays", local)
    assert ("2026-07-24", "那达慕") in [(d.on.isoformat(), d.name) for d in derivation.skipped]
    assert "Skipped Fri 24 July 2026: 那达慕" in derivation.text("en")


def test_json_has_the_documented_fields_and_is_json() -> None:
    derivation = explain_term(date(2026, 12, 31), "3 workdays", CALENDAR)
    values = json.loads(json.dumps(derivation.as_json()))
    assert values["due_on"] == "2027-01-06"
    assert values["due_at"] == "2027-01-06T16:00:00.000000Z"
    assert values["provisional"] is True
    assert values["calendar"] == CALENDAR.version
    assert values["skipped"] == [
        {"date": "2027-01-01", "name": "元旦"},
        {"date": "2027-01-02", "name": "周末"},
        {"date": "2027-01-03", "name": "周末"},
    ]
    assert [line["code"] for line in values["lines"]][-2:] == ["due", "provisional"]


@pytest.mark.parametrize("kind", ClockKind)
@pytest.mark.parametrize(
    "term", ["0 workdays", "7 workdays", "-7 workdays", "40 days", "-9 days", "2 months"]
)
def test_a_derivation_gives_the_date_of_the_plain_computation(kind: ClockKind, term: str) -> None:
    budget = Budget.parse(term)
    for offset in range(0, 400, 9):
        anchor_on = date(2025, 12, 1) + timedelta(days=offset)
        derivation = explain(anchor_on, budget, kind, CALENDAR)
        assert derivation.due == compute_due(anchor_on, budget, kind, CALENDAR)
        assert not any(CALENDAR.is_workday(skipped.on) for skipped in derivation.skipped)


def test_no_time_at_all_from_a_day_off_skips_that_day_itself() -> None:
    derivation = explain_term(date(2026, 3, 7), "0 workdays", CALENDAR)
    assert [skipped.on.day for skipped in derivation.skipped] == [7, 8]
    assert derivation.due.due_on == date(2026, 3, 9)


def test_counted_and_skipped_days_add_up() -> None:
    derivation = explain_term(date(2026, 1, 5), "60 workdays", CALENDAR)
    span = (derivation.due.due_on - derivation.anchor_on).days
    assert span == 60 + len(derivation.skipped)
