"""Why a running term is warned of before it runs out."""

from datetime import date, timedelta

import pytest

from workflows.domain.early_warnings import Cause, Term, WarningRules, causes_of
from workflows.store.calendar_source import official_calendar

RULES = WarningRules(used_percent=80, left_workdays=5, silent_days=30)
ANCHOR = date(2026, 3, 2)


@pytest.mark.parametrize(
    "days, passed, silent, causes",
    [
        (100, 79, 0, []),
        (100, 80, 0, [(Cause.USED, 80)]),
        (100, 97, 0, [(Cause.USED, 97), (Cause.LEFT, 3)]),
        (3, 0, 0, []),
        (3, 1, 0, []),
        (3, 2, 0, [(Cause.LEFT, 1)]),
        (100, 10, 29, []),
        (100, 10, 30, [(Cause.SILENT, 30)]),
        (0, 0, 0, [(Cause.USED, 100), (Cause.LEFT, 0)]),
    ],
)
def test_each_cause_comes_with_its_figure(
    days: int, passed: int, silent: int, causes: list[tuple[Cause, int]]
) -> None:
    today = ANCHOR + timedelta(days=passed)
    term = Term(ANCHOR, ANCHOR + timedelta(days=days), today - timedelta(days=silent))
    assert list(causes_of(term, RULES, official_calendar(), today)) == causes
