"""Properties of due dates, against a reference that walks day by day."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import count, pairwise

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.support.calendars import plain_week
from workflows.domain.calendars import Calendar
from workflows.domain.clocks import (
    Budget,
    ClockKind,
    Move,
    Pause,
    compute_due,
    merge_pauses,
    recompute,
    remaining_days,
    warn_on,
)
from workflows.store.calendar_source import official_calendar

ACT, EFFECT, OBSERVATION = ClockKind
CALENDAR = official_calendar()
DAY = timedelta(days=1)

anchors = st.dates(date(2005, 1, 1), date(2029, 12, 31))
amounts = st.integers(1, 120)
budgets = st.builds(Budget, amounts, st.sampled_from(["workdays", "days"])) | st.builds(
    Budget, st.integers(1, 24), st.just("months")
)


@st.composite
def pause_ledgers(draw: st.DrawFn, anchor_on: date) -> list[Pause]:
    ledger = []
    for _ in range(draw(st.integers(0, 5))):
        from_on = anchor_on + timedelta(days=draw(st.integers(-30, 150)))
        length = timedelta(days=draw(st.integers(0, 45)))
        ledger.append(Pause(from_on, from_on + length, "住院", "批准人"))
    return ledger


@st.composite
def anchored_ledgers(draw: st.DrawFn) -> tuple[date, list[Pause]]:
    anchor_on = draw(anchors)
    return anchor_on, draw(pause_ledgers(anchor_on))


def walk(anchor_on: date, budget: Budget, ledger: list[Pause]) -> tuple[date, date]:
    """Count every day by hand: the last day of the budget, and the day an act is due."""

    def stands_still(on: date) -> bool:
        return any(p.to_on is not None and p.from_on < on <= p.to_on for p in ledger)

    def stops(on: date) -> bool:
        return any(p.from_on == on and p.to_on != on for p in ledger)

    on_workdays = budget.unit == "workdays"
    day, left = anchor_on, budget.amount
    while left:
        day += DAY
        if not stands_still(day) and (CALENDAR.is_workday(day) or not on_workdays):
            left -= 1
    due_on = day
    if stops(day):
        due_on = first(day + DAY, lambda on: CALENDAR.is_workday(on) and not stands_still(on))
    while not CALENDAR.is_workday(due_on) or stands_still(due_on) or stops(due_on):
        due_on += DAY
    return day, due_on


def first(from_on: date, accepts: Callable[[date], bool]) -> date:
    return next(day for n in count() if accepts(day := from_on + n * DAY))


@given(anchored_ledgers(), amounts, st.sampled_from(["workdays", "days"]))
def test_due_dates_are_those_of_counting_every_day(
    anchored: tuple[date, list[Pause]], amount: int, unit: str
) -> None:
    anchor_on, ledger = anchored
    budget = Budget.of(amount, unit)
    raw_on, due_on = walk(anchor_on, budget, ledger)
    result = compute_due(anchor_on, budget, ACT, CALENDAR, ledger)
    assert (result.raw_on, result.due_on) == (raw_on, due_on)
    assert compute_due(anchor_on, budget, EFFECT, CALENDAR, ledger).due_on == raw_on


@given(anchored_ledgers(), budgets, st.integers(0, 60), st.sampled_from(ClockKind))
def test_more_budget_is_never_due_earlier(
    anchored: tuple[date, list[Pause]], budget: Budget, more: int, kind: ClockKind
) -> None:
    anchor_on, ledger = anchored
    longer = Budget(budget.amount + more, budget.unit)
    short = compute_due(anchor_on, budget, kind, CALENDAR, ledger)
    assert compute_due(anchor_on, longer, kind, CALENDAR, ledger).due_at >= short.due_at


@given(anchored_ledgers(), budgets)
def test_an_act_is_due_on_a_working_day_after_its_anchor(
    anchored: tuple[date, list[Pause]], budget: Budget
) -> None:
    anchor_on, ledger = anchored
    due_on = compute_due(anchor_on, budget, ACT, CALENDAR, ledger).due_on
    assert CALENDAR.is_workday(due_on)
    assert due_on > anchor_on


@given(anchors, budgets, st.sampled_from([EFFECT, OBSERVATION]))
def test_effects_and_observations_never_move(
    anchor_on: date, budget: Budget, kind: ClockKind
) -> None:
    result = compute_due(anchor_on, budget, kind, CALENDAR)
    assert result.due_on == result.raw_on
    if budget.unit == "days":
        assert result.due_on == anchor_on + timedelta(days=budget.amount)
    if budget.unit == "months":
        assert result.due_on.day == anchor_on.day or (result.due_on + DAY).day == 1


@given(anchors, amounts)
def test_counting_back_undoes_counting_on(anchor_on: date, amount: int) -> None:
    workday = CALENDAR.next_workday(anchor_on)
    due_on = compute_due(workday, Budget(amount, "workdays"), ACT, CALENDAR).due_on
    assert warn_on(due_on, amount, CALENDAR) == workday


@given(anchored_ledgers(), amounts)
def test_a_warning_leaves_just_its_working_days_running(
    anchored: tuple[date, list[Pause]], amount: int
) -> None:
    due_on, ledger = CALENDAR.next_workday(anchored[0]), anchored[1]
    day = warn_on(due_on, amount, CALENDAR, ledger)
    idle = merge_pauses(ledger)
    running = [
        on
        for n in range((due_on - day).days)
        if CALENDAR.is_workday(on := day + n * DAY)
        and not any(from_on < on <= to_on for from_on, to_on in idle)
    ]
    assert len(running) == amount
    assert running[0] == day


@given(anchored_ledgers())
def test_merging_pauses_is_idempotent_and_loses_no_day(
    anchored: tuple[date, list[Pause]],
) -> None:
    ledger = anchored[1]
    merged = merge_pauses(ledger)
    again = merge_pauses([Pause(from_on, to_on, "", "") for from_on, to_on in merged])
    assert again == merged
    assert all(before[1] < after[0] for before, after in pairwise(merged))
    single = {p.from_on + n * DAY for p in ledger for n in range(1, _length(p) + 1)}
    together = {a + n * DAY for a, b in merged for n in range(1, (b - a).days + 1)}
    assert together == single


def _length(pause: Pause) -> int:
    assert pause.to_on is not None
    return (pause.to_on - pause.from_on).days


@given(anchors, budgets, st.integers(0, 100), st.integers(0, 90))
def test_pausing_and_resuming_keeps_the_rest(
    anchor_on: date, budget: Budget, until_pause: int, length: int
) -> None:
    stopped_on = anchor_on + timedelta(days=until_pause)
    resumed_on = stopped_on + timedelta(days=length)
    before = remaining_days(anchor_on, budget, CALENDAR, stopped_on)
    ledger = [Pause(stopped_on, resumed_on, "住院", "批准人")]
    assert remaining_days(anchor_on, budget, CALENDAR, resumed_on, ledger) == before


@given(anchored_ledgers(), budgets, st.integers(1, 90), st.sampled_from([0, 1, 30]))
def test_what_was_not_overdue_when_paused_is_not_due_when_resumed(
    anchored: tuple[date, list[Pause]], budget: Budget, length: int, extension: int
) -> None:
    anchor_on, ledger = anchored

    def due(pauses: list[Pause]) -> date:
        result = compute_due(anchor_on, budget, ACT, CALENDAR, pauses, extension_days=extension)
        return result.due_on

    due_on = due(ledger)
    for stopped_on in (due_on, due_on - DAY, due_on - 3 * DAY):
        resumed_on = stopped_on + timedelta(days=length)
        longer = [*ledger, Pause(stopped_on, resumed_on, "住院", "批准人")]
        assert due(longer) > resumed_on


@given(anchored_ledgers(), budgets, st.integers(1, 180))
def test_an_extension_gives_just_its_days_of_running_time(
    anchored: tuple[date, list[Pause]], budget: Budget, extension: int
) -> None:
    anchor_on, ledger = anchored
    end_on = compute_due(anchor_on, budget, EFFECT, CALENDAR, ledger).raw_on
    result = compute_due(anchor_on, budget, EFFECT, CALENDAR, ledger, extension_days=extension)
    idle = merge_pauses(ledger)
    days = (end_on + n * DAY for n in range(1, (result.raw_on - end_on).days + 1))
    running = [on for on in days if not any(a < on <= b for a, b in idle)]
    assert len(running) == extension


@given(anchored_ledgers(), budgets, budgets)
def test_changing_the_rule_keeps_what_was_used(
    anchored: tuple[date, list[Pause]], old: Budget, new: Budget
) -> None:
    assume(old.unit == new.unit != "months")
    anchor_on, ledger = anchored
    today = anchor_on + timedelta(days=min(old.amount, new.amount) // 2)
    used = old.amount - remaining_days(anchor_on, old, CALENDAR, today, ledger)
    assert new.amount - remaining_days(anchor_on, new, CALENDAR, today, ledger) == used


def week_calendar(off: set[date]) -> Calendar:
    return plain_week(date(2026, 1, 1), 200, off)


@settings(max_examples=30)
@given(
    st.dates(date(2026, 1, 5), date(2026, 2, 27)),
    st.integers(1, 40),
    st.sets(st.dates(date(2026, 1, 1), date(2026, 5, 31)), max_size=12),
)
def test_more_days_off_never_bring_a_date_forward(
    anchor_on: date, amount: int, off: set[date]
) -> None:
    budget = Budget(amount, "workdays")
    plain, holidays = week_calendar(set()), week_calendar(off)
    old_on = compute_due(anchor_on, budget, ACT, plain).due_on
    result = recompute(old_on, anchor_on, budget, ACT, holidays)
    assert result.move is not Move.EARLIER
    lost = {on for on in off if on.weekday() < 5 and anchor_on < on <= old_on}
    assert (result.move is Move.LATER) == bool(lost)
    back = recompute(result.due.due_on, anchor_on, budget, ACT, plain)
    assert back.needs_confirmation == bool(lost)
