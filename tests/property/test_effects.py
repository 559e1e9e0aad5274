"""Properties of effects on a person: raw days, no act needed, the longer one shown."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.budgets import Budget, InvalidBudget
from workflows.domain.clocks import ClockKind
from workflows.domain.effects import (
    BARS,
    Course,
    Effect,
    EffectKind,
    Purpose,
    Standing,
    computed_end,
    longest,
)
from workflows.domain.terms import Term
from workflows.store.calendar_source import official_calendar

CALENDAR = official_calendar()
DAY = timedelta(days=1)

days = st.dates(date(2005, 1, 1), date(2029, 12, 31))
months = st.builds(Budget, st.integers(1, 24), st.just("months"))
budgets = months | st.builds(Budget, st.integers(1, 800), st.just("days"))
kinds = st.sampled_from([each.value for each in EffectKind])


@st.composite
def effects(draw: st.DrawFn) -> Effect:
    kind, from_on = draw(kinds), draw(days)
    term = draw(st.none() | days.filter(lambda day: day >= from_on))
    until_on = computed_end(kind, from_on, draw(st.none() | budgets), term)
    standing = draw(st.sampled_from([each.value for each in Standing]))
    ended_on = from_on + timedelta(days=draw(st.integers(0, 900))) if standing == "ended" else None
    return Effect(
        "c_", draw(st.integers(1, 99)), kind, "R", "", from_on, until_on, standing, ended_on
    )


@given(from_on=days, budget=budgets)
def test_end_is_raw_and_never_moved_off_a_day_off(from_on: date, budget: Budget) -> None:
    until_on = computed_end("promotion", from_on, budget, None)
    assert until_on == Term(from_on, budget, ClockKind.EFFECT).due(CALENDAR).due_on
    assert until_on is not None
    if budget.unit == "days":
        assert until_on == from_on + budget.amount * DAY
        return
    reached = (until_on.year - from_on.year) * 12 + until_on.month - from_on.month
    assert reached == budget.amount
    is_clamped = (until_on + DAY).day == 1
    assert until_on.day == from_on.day or (is_clamped and until_on.day < from_on.day)


@given(from_on=days)
def test_workdays_are_no_length_of_an_effect(from_on: date) -> None:
    with pytest.raises(InvalidBudget):
        computed_end("promotion", from_on, Budget(10, "workdays"), None)


@given(from_on=days, term=st.none() | days)
def test_yearly_effect_ends_with_its_year_and_no_term_moves_it(
    from_on: date, term: date | None
) -> None:
    until_on = computed_end("annual_assessment", from_on, None, term)
    assert until_on == date(from_on.year, 12, 31)


@given(effect=effects())
def test_no_effect_outlives_its_rule(effect: Effect) -> None:
    if effect.until_on is None:
        assert effect.kind != EffectKind.ANNUAL_ASSESSMENT
        return
    assert not effect.runs(effect.until_on + DAY)
    assert not effect.runs(effect.from_on - DAY)
    if effect.standing == Standing.STANDS:
        assert effect.runs(effect.from_on)
        assert effect.runs(effect.until_on)


@given(effect=effects(), day=days)
def test_lifting_only_ever_shortens(effect: Effect, day: date) -> None:
    as_computed = Effect(
        effect.case_id,
        effect.seq,
        effect.kind,
        effect.rule,
        effect.basis,
        effect.from_on,
        effect.until_on,
    )
    assert as_computed.runs(day) or not effect.runs(day)
    if effect.standing == Standing.VOID:
        assert effect.course(day) is Course.VOID


@given(found=st.lists(effects(), max_size=8), day=days)
def test_the_longer_of_overlapping_effects_is_shown(found: list[Effect], day: date) -> None:
    shown = longest(found, day)
    running = [each for each in found if each.runs(day)]
    assert set(shown) == {each.kind for each in running}
    for each in running:
        last_on, shown_on = each.last_on, shown[each.kind].last_on
        assert shown_on is None or (last_on is not None and last_on <= shown_on)


def test_admonishment_and_a_later_transfer_overlap_and_the_transfer_is_shown() -> None:
    admonished = Effect(
        "c_", 7, "promotion", "R_ADM_EFF", "", date(2026, 4, 28), date(2026, 10, 28)
    )
    moved = Effect("c_", 9, "promotion", "R_EFF_TRANSFER", "", date(2026, 9, 1), date(2027, 9, 1))
    both = [moved, admonished]
    assert longest(both, date(2026, 8, 1)) == {"promotion": admonished}
    assert longest(both, date(2026, 10, 1)) == {"promotion": moved}
    assert longest(both, date(2026, 10, 29)) == {"promotion": moved}
    assert longest(both, date(2027, 9, 2)) == {}


def test_every_kind_bars_some_purpose_and_other_purposes_are_told_of_all() -> None:
    named = [kinds for purpose, kinds in BARS.items() if purpose is not Purpose.OTHER]
    assert frozenset().union(*named) == frozenset(EffectKind) == BARS[Purpose.OTHER]
