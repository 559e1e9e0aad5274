"""X15 of the officers' cases: a deadline in a year whose holidays are not announced yet."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.casework import World, memory_world
from tests.support.small_office import actor_in, employ
from workflows.domain.calendar_changes import CalendarChange, DayKind
from workflows.domain.calendars import Calendar, CalendarDay, DayStatus
from workflows.domain.clocks import local_date
from workflows.jobs.recomputing import update_calendar
from workflows.jobs.sweep import run_sweep
from workflows.services.access import SYSTEM, RoleMissing
from workflows.services.calendars import current_calendar, install_calendar, is_counted
from workflows.services.versions.calendar_changes import (
    ChangeEffect,
    effect_of,
)
from workflows.services.versions.calendar_proposals import approve, propose
from workflows.services.versions.recomputing import (
    NothingEarlier,
    cases_to_recompute,
    confirm_earlier,
    recompute,
)
from workflows.store.tables import Case, Clock, Incident, JournalRecord

START = datetime(2026, 12, 24, 1, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    """A matter registered on Thursday 2026-12-24: five working days to accept it."""
    world = memory_world(START)
    world.open_matter(found_on="2026-12-24")
    employ(world, "承办", ("R03",))
    employ(world, "登记员", ("R01",))
    return world


def acceptance(world: World) -> Any:
    with world.transaction() as session:
        return session.scalars(select(Clock).where(Clock.rule == "R_ACC")).one()


def announce(world: World, **swapped: bool) -> None:
    """Announce 2027 with its days as the law has them, but for some."""
    with world.transaction() as session:
        days = [
            day
            if day.on.year != 2027
            else replace(
                day,
                status=DayStatus.OFFICIAL,
                is_workday=swapped.get(f"d{day.on.isoformat().replace('-', '')}", day.is_workday),
            )
            for day in calendar_days(current_calendar(session))
        ]
        install_calendar(session, SYSTEM["calendar"], world.now, Calendar.of(days))


def calendar_days(calendar: Any) -> list[CalendarDay]:
    known = {day.on for day in calendar.days if not day.region}
    first, last = date(2027, 1, 1).toordinal(), date(2027, 1, 31).toordinal()
    more = [
        CalendarDay(
            on=on,
            is_workday=calendar.is_workday(on),
            region="",
            name=calendar.name_of(on) or "",
            status=DayStatus.PROVISIONAL,
            source="",
        )
        for on in map(date.fromordinal, range(first, last + 1))
        if on not in known
    ]
    return [*calendar.days, *more]


def recomputed(world: World) -> int:
    with world.transaction() as session:
        found = cases_to_recompute(session)
        assert found == [world.cases[0]]
        return recompute(session, world.now, world.cases[0])


def test_a_date_beyond_the_announced_year_is_provisional(world: World) -> None:
    # 12-25, 28, 29, 30, 31.
    assert acceptance(world).due_on == date(2026, 12, 31)
    assert not acceptance(world).provisional
    world.now = START.replace(day=28)
    world.complete(world.cases[0], "accept", "承办", acceptance="accept")
    with world.transaction() as session:
        clock = session.scalars(select(Clock).where(Clock.rule == "R_VER")).one()
    # Ten working days: 12-29, 30, 31, then 1-4 to 1-8, 1-11, 1-12.
    assert (clock.due_on, clock.provisional) == (date(2027, 1, 12), True)


def verification(world: World) -> Any:
    world.now = START.replace(day=28)
    if acceptance(world).state == "running":
        world.complete(world.cases[0], "accept", "承办", acceptance="accept")
    with world.transaction() as session:
        return session.scalars(select(Clock).where(Clock.rule == "R_VER")).one()


def test_an_official_swap_day_moves_it_later_by_itself(world: World) -> None:
    verification(world)
    announce(world, d20270104=False)
    assert recomputed(world) == 1
    moved = verification(world)
    assert (moved.due_on, moved.provisional) == (date(2027, 1, 13), False)
    with world.transaction() as session:
        assert cases_to_recompute(session) == []
        record = session.scalars(
            select(JournalRecord).where(JournalRecord.actor == "system:calendar")
        ).all()[-1]
        assert '"why":"calendar"' in record.body
    assert world.differences() == []


def test_a_date_that_stays_is_no_longer_provisional(world: World) -> None:
    verification(world)
    announce(world)
    assert recomputed(world) == 1
    stays = verification(world)
    assert (stays.due_on, stays.provisional) == (date(2027, 1, 12), False)


def test_an_earlier_date_waits_for_the_handler(world: World) -> None:
    verification(world)
    announce(world, d20270102=True)  # a Saturday on which people work
    assert recomputed(world) == 0
    assert verification(world).due_on == date(2027, 1, 12)
    with world.transaction() as session:
        assert session.scalars(select(Incident.kind)).all() == ["calendar_earlier"]
        clerk, handler = actor_in(session, world, "登记员"), actor_in(session, world, "承办")
        with pytest.raises(RoleMissing):
            confirm_earlier(session, clerk, world.now, world.cases[0], "已告知核实人")
        confirm_earlier(session, handler, world.now, world.cases[0], "已告知核实人")
        with pytest.raises(NothingEarlier):
            confirm_earlier(session, handler, world.now, world.cases[0], "再来")
    assert verification(world).due_on == date(2027, 1, 11)
    with world.transaction() as session:
        assert session.scalars(select(Incident).where(Incident.resolved_at.is_(None))).all() == []
    assert world.differences() == []


def test_the_command_finds_nothing_new_in_the_calendar_that_it_came_with(world: World) -> None:
    verification(world)
    done = update_calendar(world.sessions)
    assert (done.is_new, done.cases, done.dates) == (False, 1, 0)
    assert done.horizon_on == "2026-12-31"


def leave(world: World, kind: DayKind = DayKind.LEAVE) -> CalendarChange:
    """Two days on which the banner has its fair, in the official year."""
    name = "那达慕大会" if kind is DayKind.LEAVE else ""
    first_on, last_on = date(2026, 12, 28), date(2026, 12, 29)
    with world.transaction() as session:
        path = session.scalars(select(Case.org_path)).one()
    official = DayStatus.OFFICIAL
    return CalendarChange(path, first_on, last_on, kind, name, official, "旗政办发〔2026〕9号")


def changed(world: World, change: CalendarChange) -> ChangeEffect:
    """See the effect, then put it forward and in force, as two administrators do on their pages."""
    with world.transaction() as session:
        effect = effect_of(session, local_date(world.now), change)
        system, other = actor_in(session, world, "系统"), actor_in(session, world, "安全")
        made = propose(session, system, world.now, change, effect.seen, "旗政府放假通知")
        approve(session, other, world.now, made.id, seen=effect.seen)
    return effect


def test_the_effect_is_told_before_it_is_saved_and_the_next_sweep_brings_it(world: World) -> None:
    employ(world, "系统", ("R18",))
    employ(world, "安全", ("R19",))
    effect = changed(world, leave(world))
    # 12-25, 30, 31, then 1-4 and 1-5: the festival of 1 January is expected by law.
    told = [(each.rule, each.old_on, each.new_on, each.is_later) for each in effect.moved]
    assert told == [("R_ACC", date(2026, 12, 31), date(2027, 1, 5), True)]
    assert (len(effect.days), effect.later, effect.earlier, effect.overdue) == (2, 1, 0, 0)
    assert acceptance(world).due_on == date(2026, 12, 31)
    run_sweep(world.sessions, world.now)
    assert (acceptance(world).due_on, acceptance(world).provisional) == (date(2027, 1, 5), True)
    with world.transaction() as session:
        assert is_counted(session)
    # Taken back, it would come earlier, and be overdue by then: a person confirms that.
    world.now = START.replace(year=2027, month=1, day=4)
    effect = changed(world, leave(world, DayKind.BACK))
    assert (effect.later, effect.earlier, effect.overdue) == (0, 1, 1)
    run_sweep(world.sessions, world.now)
    assert acceptance(world).due_on == date(2027, 1, 5)
    # Put in force again before anybody confirmed: nothing is earlier any more, and that is told.
    effect = changed(world, leave(world))
    assert [(each.is_kept, each.new_on) for each in effect.moved] == [(True, date(2027, 1, 5))]
    assert (effect.kept, effect.later, effect.earlier, effect.overdue) == (1, 0, 0, 0)
    run_sweep(world.sessions, world.now)
    with world.transaction() as session:
        open_now = select(Incident.kind).where(Incident.resolved_at.is_(None))
        assert "calendar_earlier" not in session.scalars(open_now).all()
    assert world.differences() == []
