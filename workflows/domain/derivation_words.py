"""The sentences of a derivation, each in Chinese and in English."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from workflows.domain.budgets import Budget, ClockKind
from workflows.domain.calendars import MAKE_UP
from workflows.domain.pauses import Pause, reason_en
from workflows.domain.written_days import MONTHS_EN, day_en, day_zh, weekday_en, weekday_zh

if TYPE_CHECKING:
    from workflows.domain.clocks import Due

Both: TypeAlias = tuple[str, str]

SATURDAY = 5
WEEKEND = "周末"
_NAMES_EN = {
    WEEKEND: "weekend",
    "元旦": "New Year's Day",
    "春节": "Spring Festival",
    "清明节": "Qingming",
    "劳动节": "Labour Day",
    "端午节": "Dragon Boat Festival",
    "中秋节": "Mid-Autumn Festival",
    "国庆节": "National Day",
    "抗战胜利70周年纪念日": "70th anniversary of victory",
}
_KINDS = {
    ClockKind.EFFECT: (
        "影响期，按日历届满，不顺延",
        "an effect, ends by the calendar, never moves",
    ),
    ClockKind.OBSERVATION: (
        "观察期，按日历届满，不顺延",
        "an observation period, ends by the calendar, never moves",
    ),
}


def name_en(name: str) -> str:
    """Give the English name of a day; local days keep their own."""
    if name.endswith(MAKE_UP):
        return f"make-up working day for {name_en(name.removesuffix(MAKE_UP))}"
    return " and ".join(_NAMES_EN.get(part, part) for part in name.split("、"))


def anchor(on: date, *, is_backwards: bool) -> Both:
    """Say where counting starts."""
    way_zh, way_en = ("倒推", "Counted back from") if is_backwards else ("起算", "Counted from")
    return (
        f"{way_zh}日 {weekday_zh(on)}，当日不计入",
        f"{way_en} {weekday_en(on)}; that day does not count",
    )


def rule(code: str, budget: Budget, kind: ClockKind, periods: int) -> Both:
    """Say how much time there is and whether its end may move."""
    zh = f"期限 {code} {budget.text('zh')}" if code else f"期限 {budget.text('zh')}"
    en = f"Term {code}: {budget.text('en')}" if code else f"Term: {budget.text('en')}"
    if periods != 1:
        zh += f" × {periods}，自首次起算日连续计算"
        en += f" × {periods}, counted from the first day throughout"
    end_zh, end_en = _KINDS.get(kind) or _end_of_act(budget)
    return f"{zh}；{end_zh}", f"{en}; {end_en}"


def _end_of_act(budget: Budget) -> Both:
    if budget.unit == "workdays":
        return "只计工作日", "working days only"
    if budget.amount < 0:
        return "遇休息日提前", "moves back to a working day from a day off"
    return "末日遇休息日顺延", "moves on to a working day from a day off"


def calendar(horizon_on: date) -> Both:
    """Say how far the table of days is official; which one it was is no matter for a reader."""
    return (
        f"工作日历的官方安排截至 {day_zh(horizon_on)}",
        f"Calendar official until {day_en(horizon_on)}",
    )


def clamped(day_of_month: int, end_on: date) -> Both:
    """Say that the last month has no corresponding day."""
    return (
        f"{end_on.year}年{end_on.month}月没有{day_of_month}日，取月末 {weekday_zh(end_on)}",
        f"{MONTHS_EN[end_on.month - 1]} {end_on.year} has no day {day_of_month}: its last day, "
        f"{weekday_en(end_on)}",
    )


def skipped(first_on: date, last_on: date, name: str) -> Both:
    """Say which days off were passed over."""
    zh, en = _stretch(first_on, last_on)
    return f"跳过 {zh}：{name}", f"Skipped {en}: {name_en(name)}"


def made_up(first_on: date, last_on: date, name: str) -> Both:
    """Say which days were working days although they look like days off."""
    zh, en = _stretch(first_on, last_on)
    name = name or MAKE_UP
    return f"上班 {zh}：{name}", f"Working {en}: {name_en(name)}"


def pause(stop: Pause, at: date | None) -> Both:
    """Say which days a pause took out, why, and who allowed it."""
    because_zh = f"原因：{stop.reason}；批准：{stop.approver}"
    because_en = f"reason: {reason_en(stop.reason)}; approved by {stop.approver}"
    if stop.to_on is None:
        counted_zh = f"，按 {day_zh(at)} 恢复试算" if at else "，恢复前不到期"
        counted_en = f", counted as if it ended on {day_en(at)}" if at else ""
        return (
            f"{day_zh(stop.from_on)}次日起暂停，尚未恢复{counted_zh}；{because_zh}",
            f"Stopped after {day_en(stop.from_on)} and not resumed{counted_en}; {because_en}",
        )
    days = (stop.to_on - stop.from_on).days
    return (
        f"{day_zh(stop.from_on)}次日至{day_zh(stop.to_on)}暂停，{days}天不计入；{because_zh}",
        f"Stopped after {day_en(stop.from_on)} until {day_en(stop.to_on)}: "
        f"{days} days do not count; {because_en}",
    )


def merged(days: int) -> Both:
    """Say that overlapping pauses count once."""
    return f"重叠的暂停合并计算，共{days}天", f"Overlapping pauses count once: {days} days in all"


def extended(end_on: date, days: int) -> Both:
    """Say how much time was granted on top, and from when."""
    return (
        f"延期 {days}日（自然日），自原期满日 {weekday_zh(end_on)}起",
        f"Extended by {days} calendar days from {weekday_en(end_on)}",
    )


def moved(raw_on: date, due_on: date, name: str | None) -> Both:
    """Say why the last day moved; without a name because the clock stood still."""
    way_zh, way_en = ("顺延至", "moved on to") if due_on > raw_on else ("提前至", "moved back to")
    if name is None:
        reason_zh, reason_en = "计时已暂停", "the clock stood still"
    else:
        reason_zh, reason_en = f"为{name}", name_en(name)
    return (
        f"末日 {weekday_zh(raw_on)}{reason_zh}，{way_zh} {weekday_zh(due_on)}",
        f"Last day {weekday_en(raw_on)}: {reason_en}, {way_en} {weekday_en(due_on)}",
    )


def due(result: Due) -> Both:
    """Say when the term ends."""
    if result.is_paused:
        return (
            f"暂停中，原到期日 {weekday_zh(result.due_on)}，恢复后重新计算",
            f"Paused; {weekday_en(result.due_on)} as it stands, computed anew when it resumes",
        )
    return (
        f"到期日 {weekday_zh(result.due_on)}，当日24时截止",
        f"Due on {weekday_en(result.due_on)}, until the end of that day in China",
    )


def provisional(horizon_on: date) -> Both:
    """Say that part of the calendar is only expected, and what will happen."""
    return (
        f"暂定：所用日期中有尚未公布放假安排的（官方截至 {day_zh(horizon_on)}）；"
        "公布后重新计算，推后自动调整，提前须经确认",
        f"Provisional: some of these days are not official yet (official until "
        f"{day_en(horizon_on)}); computed anew when they are: later moves by itself, "
        "earlier needs an officer's confirmation",
    )


def _stretch(first_on: date, last_on: date) -> Both:
    if first_on == last_on:
        return weekday_zh(first_on), weekday_en(first_on)
    days = (last_on - first_on).days + 1
    return (
        f"{weekday_zh(first_on)}至 {weekday_zh(last_on)}共{days}天",
        f"{weekday_en(first_on)} to {weekday_en(last_on)}, {days} days",
    )
