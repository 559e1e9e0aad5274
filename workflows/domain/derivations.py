"""Why this date: the derivation of a deadline, line by line, in Chinese and English.

Built only when somebody asks; `workflows.domain.clocks.compute_due` gives the date alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from workflows.domain import derivation_words as words
from workflows.domain.budgets import Budget, ClockKind, Language, parse_term
from workflows.domain.calendars import Calendar
from workflows.domain.clocks import Due, compute_due
from workflows.domain.counting import shift_months
from workflows.domain.derivation_words import Both
from workflows.domain.pauses import Idle, Pause, merge_pauses
from workflows.domain.records import format_time

_DAY = timedelta(days=1)


class LineCode(StrEnum):
    """What a line of a derivation is about."""

    ANCHOR = "anchor"
    RULE = "rule"
    CALENDAR = "calendar"
    CLAMPED = "clamped"
    EXTENDED = "extended"
    SKIPPED = "skipped"
    MAKE_UP = "make_up"
    PAUSE = "pause"
    MERGED = "merged"
    MOVED = "moved"
    DUE = "due"
    PROVISIONAL = "provisional"


@dataclass(frozen=True, slots=True)
class DerivationLine:
    """One sentence of a derivation in both languages."""

    code: LineCode
    zh: str
    en: str

    def text(self, language: Language = "zh") -> str:
        """Give the sentence in one language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A day with its Chinese name: a holiday, a weekend or a make-up working day."""

    on: date
    name: str


@dataclass(frozen=True, slots=True)
class Derivation:
    """A due date with everything that led to it.

    ``skipped`` are the days off passed over, ``made_up`` the make-up working days that
    counted, both in order; days of pauses stand in neither.
    """

    anchor_on: date
    budget: Budget
    extension_days: int
    kind: ClockKind
    rule: str
    due: Due
    calendar_version: str
    horizon_on: date
    skipped: tuple[NamedDay, ...]
    made_up: tuple[NamedDay, ...]
    lines: tuple[DerivationLine, ...]

    def text(self, language: Language = "zh") -> str:
        """Give the whole derivation, a sentence a line."""
        return "\n".join(line.text(language) for line in self.lines)

    def as_json(self) -> dict[str, object]:
        """Give the derivation for a program: dates as ISO text, amounts as integers."""
        return {
            "anchor_on": self.anchor_on.isoformat(),
            "budget": self.budget.amount,
            "unit": self.budget.unit,
            "extension_days": self.extension_days,
            "kind": self.kind.value,
            "rule": self.rule,
            "due_on": self.due.due_on.isoformat(),
            "due_at": format_time(self.due.due_at),
            "raw_on": self.due.raw_on.isoformat(),
            "provisional": self.due.provisional,
            "paused": self.due.is_paused,
            "calendar": self.calendar_version,
            "horizon_on": self.horizon_on.isoformat(),
            "skipped": [_named(day) for day in self.skipped],
            "made_up": [_named(day) for day in self.made_up],
            "lines": [
                {"code": line.code.value, "zh": line.zh, "en": line.en} for line in self.lines
            ],
        }


def explain_term(start_on: date, text: str, calendar: Calendar) -> Derivation:
    """Explain a date and a term as people write it: "10 workdays", "6 months unrolled"."""
    budget, kind = parse_term(text)
    return explain(start_on, budget, kind, calendar)


def explain(
    anchor_on: date,
    budget: Budget,
    kind: ClockKind,
    calendar: Calendar,
    pauses: Sequence[Pause] = (),
    at: date | None = None,
    extension_days: int = 0,
    *,
    rule: str = "",
    periods: int = 1,
) -> Derivation:
    """Compute a due date as `compute_due` does and keep the reasons.

    Args:
        anchor_on: The day of the event.
        budget: The time of one period.
        kind: What the period is for.
        calendar: The working days that were counted with.
        pauses: Every pause of the clock; the approver is told as it stands, so give a name.
        at: The day up to which an open pause is counted.
        extension_days: Natural days granted on top.
        rule: The code of the rule, for the reader.
        periods: Which term of a series this is, from 1.
    """
    whole = budget if periods == 1 else budget.times(periods)
    due = compute_due(anchor_on, whole, kind, calendar, pauses, at, extension_days)
    end_on = compute_due(anchor_on, whole, kind, calendar, pauses, at).raw_on
    idle = merge_pauses(pauses, at)
    asked = sorted(_asked(anchor_on, end_on, whole, kind, due, idle))
    skipped = tuple(
        NamedDay(day, calendar.name_of(day) or words.WEEKEND)
        for day in asked
        if not calendar.is_workday(day)
    )
    made_up = tuple(
        NamedDay(day, calendar.name_of(day))
        for day in asked
        if calendar.is_workday(day) and (day.weekday() >= words.SATURDAY or calendar.name_of(day))
    )
    lines = [
        _line(LineCode.ANCHOR, words.anchor(anchor_on, is_backwards=whole.amount < 0)),
        _line(LineCode.RULE, words.rule(rule, budget, kind, periods)),
        _line(LineCode.CALENDAR, words.calendar(calendar.horizon_on)),
        *_clamp_lines(anchor_on, whole),
        *_day_lines(skipped, made_up),
        *_pause_lines(pauses, idle, at),
        *_extension_lines(end_on, extension_days),
        *_end_lines(due, calendar, idle),
    ]
    return Derivation(
        anchor_on=anchor_on,
        budget=whole,
        extension_days=extension_days,
        kind=kind,
        rule=rule,
        due=due,
        calendar_version=calendar.version,
        horizon_on=calendar.horizon_on,
        skipped=skipped,
        made_up=made_up,
        lines=tuple(lines),
    )


def _asked(
    anchor_on: date,
    end_on: date,
    budget: Budget,
    kind: ClockKind,
    due: Due,
    idle: Sequence[Idle],
) -> set[date]:
    """Give the days on which it mattered whether people work, those of pauses left out."""
    days: set[date] = set()
    if budget.unit == "workdays":
        days.update(_days_between(anchor_on, end_on))
        # The anchor itself matters only where there is no time at all.
        if budget.amount:
            days.discard(anchor_on)
    if kind is ClockKind.ACT:
        days.update(_days_between(due.raw_on, due.due_on))
    return {day for day in days if not any(from_on < day <= to_on for from_on, to_on in idle)}


def _days_between(one: date, other: date) -> Iterator[date]:
    """Give the days from the earlier to the later, both included."""
    first_on = min(one, other)
    for offset in range(abs((other - one).days) + 1):
        yield first_on + timedelta(days=offset)


def _clamp_lines(anchor_on: date, budget: Budget) -> Iterator[DerivationLine]:
    if budget.unit != "months":
        return
    end_on = shift_months(anchor_on, budget.amount)
    if end_on.day != anchor_on.day:
        yield _line(LineCode.CLAMPED, words.clamped(anchor_on.day, end_on))


def _day_lines(
    skipped: Sequence[NamedDay], made_up: Sequence[NamedDay]
) -> Iterator[DerivationLine]:
    """Tell runs of equal days in one line each, in order of the calendar."""
    told = [(LineCode.SKIPPED, run) for run in _runs(skipped)]
    told += [(LineCode.MAKE_UP, run) for run in _runs(made_up)]
    for code, run in sorted(told, key=lambda item: item[1][0].on):
        say = words.skipped if code is LineCode.SKIPPED else words.made_up
        yield _line(code, say(run[0].on, run[-1].on, run[0].name))


def _runs(days: Sequence[NamedDay]) -> Iterator[list[NamedDay]]:
    run: list[NamedDay] = []
    for day in days:
        if run and (day.name != run[-1].name or day.on - run[-1].on != _DAY):
            yield run
            run = []
        run.append(day)
    if run:
        yield run


def _pause_lines(
    pauses: Sequence[Pause], idle: Sequence[Idle], at: date | None
) -> Iterator[DerivationLine]:
    for pause in sorted(pauses, key=lambda pause: pause.from_on):
        yield _line(LineCode.PAUSE, words.pause(pause, at))
    days = sum((to_on - from_on).days for from_on, to_on in idle)
    apart = sum(
        (end_on - pause.from_on).days
        for pause in pauses
        if (end_on := pause.to_on or at) is not None and end_on > pause.from_on
    )
    if apart != days:
        yield _line(LineCode.MERGED, words.merged(days))


def _extension_lines(end_on: date, extension_days: int) -> Iterator[DerivationLine]:
    if extension_days:
        yield _line(LineCode.EXTENDED, words.extended(end_on, extension_days))


def _end_lines(due: Due, calendar: Calendar, idle: Sequence[Idle]) -> Iterator[DerivationLine]:
    if due.due_on != due.raw_on:
        stopped = any(from_on <= due.raw_on <= to_on for from_on, to_on in idle)
        name = None if stopped else calendar.name_of(due.raw_on) or words.WEEKEND
        yield _line(LineCode.MOVED, words.moved(due.raw_on, due.due_on, name))
    yield _line(LineCode.DUE, words.due(due))
    if due.provisional:
        yield _line(LineCode.PROVISIONAL, words.provisional(calendar.horizon_on))


def _line(code: LineCode, both: Both) -> DerivationLine:
    return DerivationLine(code, *both)


def _named(day: NamedDay) -> dict[str, str]:
    return {"date": day.on.isoformat(), "name": day.name}
