"""What a gacha is asked for in a month, counted from the rows that asking leaves, and capped."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.casework import World, memory_world
from tests.support.small_office import act, actor_in, employ
from workflows.domain.deviations import DeviationKind
from workflows.domain.months import Month
from workflows.domain.requests import Asked, RequestKind
from workflows.queries.reports.monthly import month_report
from workflows.queries.reports.overview import place_in
from workflows.queries.reports.requests import all_asked, asked_of, cap_of
from workflows.services.desk.burden import UnitAskedEnough, ask_by_letter
from workflows.services.desk.reminding import RemindedToday, remind

_PLAN = "call_rectification/term/term_work/plan#1"
_MARCH = Month(2026, 3)


def _kinds(world: World, month: Month = _MARCH) -> Counter[RequestKind]:
    with world.transaction() as session:
        unit = world.cast.units[-1][1]
        return Counter(each.kind for each in all_asked(session, (unit,), month))


@pytest.fixture
def world() -> Iterator[World]:
    made = memory_world()
    employ(made, "科长")
    return made


def test_a_month_with_none_left_says_so() -> None:
    assert not Asked(3, 4).is_full
    assert Asked(3, 4).is_near
    assert Asked(4, 4).is_full
    assert not Asked(400, None).is_full, "a pack without the number has no cap"
    assert cap_of(None) is None


def test_beyond_the_cap_a_reminder_needs_a_reason_and_the_rules_do_not(world: World) -> None:
    first, second = world.open_rectification(), world.open_rectification()
    assert _kinds(world) == {RequestKind.PAPER: 2}
    act(world, "科长", remind, first, _PLAN, "请报方案")
    act(world, "科长", remind, second, _PLAN, "请报方案")
    assert _kinds(world)[RequestKind.REMINDER] == 1, "those of one day are one"
    world.now += timedelta(days=1)
    act(world, "科长", remind, first, _PLAN, "请报方案")
    world.now += timedelta(days=1)
    with pytest.raises(UnitAskedEnough) as refused:
        act(world, "科长", remind, first, _PLAN, "请报方案")
    assert refused.value.attributes["count"] == refused.value.attributes["cap"] == 4
    with pytest.raises(UnitAskedEnough):
        act(world, "科长", ask_by_letter, first, _PLAN, " ")
    third = world.open_rectification()
    assert _kinds(world)[RequestKind.PAPER] == 3, "what the rules ask for is never refused"
    act(world, "科长", remind, third, _PLAN, "请报方案", "群众集中反映，等不到下月")
    act(world, "科长", remind, first, _PLAN, "请报方案")
    with pytest.raises(RemindedToday):
        act(world, "科长", remind, first, _PLAN, "请报方案", "再催")
    with world.transaction() as session:
        place = place_in(session, actor_in(session, world, "科长"), None)
        report = month_report(session, place, _MARCH, world.now, world.now.date())
        over = [each for each in report.exceptions if each.found.kind is DeviationKind.OVER_CAP]
        unit = world.cast.units[-1][1]
        assert asked_of(session, [unit], world.now.date()) == {unit: Asked(6, 4)}
    assert [each.found.reason for each in over] == ["群众集中反映，等不到下月"]
    assert world.differences() == []
    world.now = datetime(2026, 4, 1, 1, tzinfo=UTC)
    act(world, "科长", remind, first, _PLAN, "请报方案")
    assert _kinds(world, Month(2026, 4)) == {RequestKind.REMINDER: 1}, "a month begins anew"


def test_a_progress_report_counts_when_it_is_due_and_not_where_its_term_is_over(
    world: World,
) -> None:
    case_id = world.open_rectification(plan_required="no", progress_required="yes")
    assert _kinds(world) == {RequestKind.PAPER: 1}, "the report at the end of the term"
    assert _kinds(world, Month(2026, 4)) == {RequestKind.REPORT: 1}
    world.complete(case_id, "progress", "支部", done="已开会研究")
    assert _kinds(world, Month(2026, 4)) == {RequestKind.REPORT: 1}
    assert _kinds(world, Month(2026, 5)) == {RequestKind.REPORT: 1}
    world.complete(case_id, "report", "支部", reported_on="2026-03-10", completed="完成")
    assert _kinds(world, Month(2026, 5)) == {}
    assert _kinds(world, Month(2026, 4)) == {RequestKind.REPORT: 1}, "it was handed in"
    world.complete(case_id, "initial_acceptance", "镇党委书记", initial_outcome="passed")
    assert _kinds(world)[RequestKind.VISIT] == 1
