"""Budgets as people write and read them."""

from datetime import date

import pytest

from workflows.domain.budgets import Budget, ClockKind, InvalidBudget, parse_term


@pytest.mark.parametrize(
    "text, budget",
    [
        ("10 workdays", Budget(10, "workdays")),
        ("1 workday", Budget(1, "workdays")),
        ("-10 workdays", Budget(-10, "workdays")),
        ("5WD", Budget(5, "workdays")),
        ("10个工作日", Budget(10, "workdays")),
        ("60 days", Budget(60, "days")),
        ("60日", Budget(60, "days")),
        ("60天", Budget(60, "days")),
        ("15个自然日", Budget(15, "days")),
        ("1 month", Budget(1, "months")),
        (" 3  Months ", Budget(3, "months")),
        ("6个月", Budget(6, "months")),
        ("0 days", Budget(0, "days")),
        ("2026-05-25", Budget(20260525, "date")),
    ],
)
def test_reading_a_budget(text: str, budget: Budget) -> None:
    assert Budget.parse(text) == budget
    assert parse_term(text) == (budget, ClockKind.ACT)


@pytest.mark.parametrize(
    "text", ["6 months unrolled", "6个月不顺延", "6 months raw", "6 个月 不顺延", "6M raw"]
)
def test_unrolled_makes_it_an_effect(text: str) -> None:
    assert parse_term(text) == (Budget(6, "months"), ClockKind.EFFECT)


@pytest.mark.parametrize(
    "text",
    [
        *("", "10", "ten workdays", "24 hours", "P1D", "1.5 days", "1e3 days", "10 weeks"),
        *("10 workdays 3", "--5 days", "2026-02-30", "unrolled", "99999 days", "123456 days"),
        *("10 workdaysunrolled", "10\x00days"),
    ],
)
def test_what_is_no_budget_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidBudget, match="10 workdays"):
        parse_term(text)


@pytest.mark.parametrize(
    "amount, unit", [(3, "hours"), (3, ""), (40_000, "days"), (20260230, "date"), (-1, "date")]
)
def test_stored_budgets_are_checked(amount: int, unit: str) -> None:
    with pytest.raises(InvalidBudget):
        Budget.of(amount, unit)


@pytest.mark.parametrize(
    "budget, zh, en",
    [
        (Budget(10, "workdays"), "10个工作日", "10 workdays"),
        (Budget(60, "days"), "60日（自然日）", "60 calendar days"),
        (Budget(1, "months"), "1个月", "1 month"),
        (Budget.until(date(2026, 5, 25)), "2026年5月25日", "25 May 2026"),
        (Budget(0, "date"), "起算日当日", "the anchor day itself"),
    ],
)
def test_writing_a_budget(budget: Budget, zh: str, en: str) -> None:
    assert budget.text("zh") == zh
    assert budget.text("en") == en


def test_a_fixed_date_has_no_series() -> None:
    assert Budget(30, "days").times(3) == Budget(90, "days")
    with pytest.raises(InvalidBudget):
        Budget.until(date(2026, 5, 25)).times(2)
