"""Holding a deadline before tonight's sweep: short, once, by another, and over by itself."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.casework import World, memory_world
from tests.support.small_office import act, actor_in, employ
from workflows.domain.clocks import local_date
from workflows.domain.deviation_state import Noted
from workflows.domain.deviations import DeviationKind, case_deviations
from workflows.domain.records import Record
from workflows.queries.desk.home import tonight
from workflows.services.casework import pause
from workflows.services.desk.holds import HandlerHolds, HeldBefore, HoldTooLong, hold
from workflows.services.steps.pausing import ClockMovedOn, PeriodNeverStops
from workflows.store.journal import read_stream
from workflows.store.tables import Clock, ClockPause


def _last_day(world: World) -> tuple[str, str, date]:
    """Bring the world to the last day of the first deadline of a rectification."""
    case_id = world.open_rectification()
    with world.transaction() as session:
        clock = session.scalars(
            select(Clock)
            .where(Clock.case_id == case_id, Clock.state == "running")
            .order_by(Clock.due_at)
        ).first()
        place, due_on = f"{clock.path}#{clock.n}", clock.due_on
    world.now += timedelta(days=(due_on - local_date(world.now)).days)
    return case_id, place, due_on


def _clock(world: World, case_id: str, place: str) -> Any:
    path, _, n = place.rpartition("#")
    with world.transaction() as session:
        row = session.scalars(
            select(Clock).where(Clock.case_id == case_id, Clock.path == path, Clock.n == int(n))
        ).one()
        return row.state, row.due_on


def test_a_hold_lasts_some_days_ends_by_itself_and_is_never_repeated() -> None:
    world = memory_world()
    case_id, place, due_on = _last_day(world)
    employ(world, "部长", ("R05",))
    employ(world, "书记兼承办", ("R03", "R05"))
    for days in (0, 6):
        with pytest.raises(HoldTooLong):
            act(world, "部长", hold, case_id, place, reason="等雪化", workdays=days)
    until_on = act(world, "部长", hold, case_id, place, reason="等雪化", workdays=2)
    assert _clock(world, case_id, place)[0] == "paused"
    world.now += timedelta(days=1)
    assert world.sweep().fired == 0
    world.now += timedelta(days=(until_on - local_date(world.now)).days + 1)
    world.sweep()
    state, moved_on = _clock(world, case_id, place)
    assert state == "running"
    assert moved_on > due_on
    with world.transaction() as session:
        (pause,) = session.scalars(select(ClockPause).where(ClockPause.case_id == case_id))
        assert pause.to_on == pause.until_on == until_on
        noted = [
            Noted(None, Record.from_json(json.loads(row.body)), None)
            for row in read_stream(session, case_id)
        ]
        (held,) = (
            each for each in case_deviations(noted, world.now) if each.kind is DeviationKind.HOLD
        )
        assert held.until == until_on
        later = tonight(session, actor_in(session, world, "部长"), moved_on)
        found = [each for each in (*later.escalations, *later.notes) if each.was_held]
        assert found
        assert not any(each.may_hold for each in found)
    with pytest.raises(HeldBefore):
        act(world, "部长", hold, case_id, place, reason="再等", workdays=1)
    assert world.differences() == []


def test_the_second_of_two_holders_and_who_comes_after_the_firing_are_told() -> None:
    world = memory_world()
    case_id, place, _ = _last_day(world)
    for name in ("部长", "另一部长"):
        employ(world, name, ("R05",))
    with world.transaction() as session:
        path = Clock.path == place.rpartition("#")[0]
        clock = select(Clock).where(Clock.case_id == case_id, path)
        session.scalars(clock).one().kind = "effect"
    for stop in ({"do": hold}, {"do": pause, "approver": world.cast.accounts["部长"]}):
        with pytest.raises(PeriodNeverStops):
            act(world, "部长", stop.pop("do"), case_id, place, reason="等雪化", **stop)
    with world.transaction() as session:
        session.scalars(clock).one().kind = "act"
    world.now += timedelta(days=1)
    # The sweep is late: what has passed is not held after the fact, nor offered.
    with world.transaction() as session:
        late = tonight(session, actor_in(session, world, "部长"), local_date(world.now))
        assert not any(each.may_hold for each in (*late.escalations, *late.notes))
    with pytest.raises(ClockMovedOn):
        act(world, "部长", hold, case_id, place, reason="等雪化")
    world.now -= timedelta(days=1)
    act(world, "部长", hold, case_id, place, reason="等雪化")
    with pytest.raises(ClockMovedOn):
        act(world, "另一部长", hold, case_id, place, reason="也等雪化")
    assert _clock(world, case_id, place)[0] == "paused"


def test_who_handles_the_case_holds_nothing_in_it() -> None:
    world = memory_world()
    case_id, place, _ = _last_day(world)
    employ(world, "承办", ("R05",))
    with pytest.raises(HandlerHolds):
        act(world, "承办", hold, case_id, place, reason="我自己来", workdays=1)
