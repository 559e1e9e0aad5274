"""The responsibility list: a duty that bound a post on a day did so for good."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.support.casework import World, memory_world
from tests.support.small_office import act, employ
from workflows.domain.clocks import local_date
from workflows.queries.staff.responsibility import responsibility_list
from workflows.services.access import RoleMissing
from workflows.services.staff.responsibility import (
    DutyIncomplete,
    DutyListed,
    DutyOver,
    DutyUntimely,
    Line,
    add_duty,
    change_duty,
    end_duty,
)
from workflows.services.steps.attribution import HeldPost, listed_duties
from workflows.store.tables import Duty, JournalRecord, Organisation

POST, BASIS = "支部书记", "责任清单〔2026〕1号"


@pytest.fixture(scope="module")
def world() -> World:
    world = memory_world()
    employ(world, "承办甲", ("R03",))
    employ(world, "核实甲", ("R02",))
    return world


def line(content: str, from_on: date, basis: str = BASIS) -> Line:
    return Line(POST, content, basis, from_on)


def records(world: World, name: str) -> int:
    with world.transaction() as session:
        bodies = session.scalars(select(JournalRecord.body).where(JournalRecord.kind == "house"))
        return sum(f'"name":"{name}"' in body for body in bodies)


def test_a_changed_duty_binds_what_happened_before_as_it_was(world: World) -> None:
    place, today = world.cast.subject_id, local_date(world.now)
    earlier = today - timedelta(days=90)
    for bad in (line(" ", today), line("督促整改", today, ""), line("长" * 2001, today)):
        with pytest.raises(DutyIncomplete):
            act(world, "承办甲", add_duty, place, bad)
    with pytest.raises(RoleMissing):
        act(world, "核实甲", add_duty, place, line("督促整改", today))
    old = act(world, "承办甲", add_duty, place, line("督促整改", earlier))
    with pytest.raises(DutyListed):
        act(world, "承办甲", add_duty, place, line("督促整改", today))
    for on in (today - timedelta(days=1), earlier):
        with pytest.raises(DutyUntimely):
            act(world, "承办甲", change_duty, old.id, line("每月督促整改", on))
    new = act(world, "承办甲", change_duty, old.id, line("每月督促整改", today))
    with pytest.raises(DutyOver):
        act(world, "承办甲", end_duty, old.id, today, BASIS)
    with pytest.raises(DutyUntimely):
        act(world, "承办甲", end_duty, new.id, today - timedelta(days=1), BASIS)
    act(world, "承办甲", end_duty, new.id, today + timedelta(days=30), "组发〔2026〕9号")
    held = HeldPost(place, "某支部", POST, date(2020, 1, 1), None)
    with world.transaction() as session:
        duties = listed_duties(session, (held,))
        before = [each for each in duties if each.binds(held, earlier, today - timedelta(days=1))]
        assert [each.content for each in before] == ["督促整改"]
        after = [each for each in duties if each.binds(held, today, today)]
        assert [each.content for each in after] == ["每月督促整改"]
        found = responsibility_list(session, session.get_one(Organisation, place), today)
        assert [each.id for each in found.running] == [new.id]
        assert [each.id for each in found.over] == [old.id]
        assert POST in found.posts
        assert session.get_one(Duty, old.id).listed_on == today
    assert [records(world, f"duty_{act_}") for act_ in ("added", "changed", "ended")] == [1, 1, 1]
