"""A change of the calendar that moves deadlines, as two people's act."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.support.casework import World, memory_world
from tests.support.small_office import actor_in, employ
from workflows.domain.calendar_changes import CalendarChange, DayKind
from workflows.domain.calendars import DayStatus
from workflows.domain.clocks import local_date
from workflows.services.access import RoleMissing
from workflows.services.calendars import current_calendar
from workflows.services.versions.calendar_changes import (
    ChangeEffect,
    EffectChanged,
    NothingChanges,
    SecondPersonNeeded,
    change_calendar,
    effect_of,
)
from workflows.services.versions.calendar_proposals import (
    EffectUnconfirmed,
    NotItsProposer,
    OwnProposal,
    ProposalDecided,
    ProposalThere,
    approve,
    propose,
    refuse,
    withdraw,
)
from workflows.services.versions.version_errors import NoteMissing
from workflows.store.tables import Account, CalendarProposal, CalendarVersion, Case, JournalRecord

START = datetime(2026, 12, 24, 1, tzinfo=UTC)
WHY = "旗政府放假通知"


@pytest.fixture
def world() -> World:
    """A matter registered on Thursday 2026-12-24, to be accepted by Thursday 2026-12-31."""
    world = memory_world(START)
    world.open_matter(found_on="2026-12-24")
    employ(world, "承办", ("R03",))
    for name, role in (("系统", "R18"), ("另一系统", "R18"), ("安全", "R19"), ("审计", "R20")):
        employ(world, name, (role,))
    return world


def fair(world: World, first_on: date = date(2026, 12, 28)) -> CalendarChange:
    """Two days on which the place of the case has its fair."""
    with world.transaction() as session:
        path = session.scalars(select(Case.org_path).limit(1)).one()
    last_on, source = first_on + timedelta(days=1), "旗政办发〔2026〕9号"
    leave, official = DayKind.LEAVE, DayStatus.OFFICIAL
    return CalendarChange(path, first_on, last_on, leave, "那达慕大会", official, source)


def act(world: World, name: str, do: Any, *values: Any, **named: Any) -> Any:
    """Let an administrator do something in a transaction of its own."""
    with world.transaction() as session:
        return do(session, actor_in(session, world, name), world.now, *values, **named)


def effect(world: World, change: CalendarChange) -> ChangeEffect:
    with world.transaction() as session:
        return effect_of(session, local_date(world.now), change)


def proposed(world: World, change: CalendarChange | None = None) -> int:
    change = change or fair(world)
    seen = effect(world, change).seen
    return int(act(world, "系统", propose, change, seen, WHY).id)


def version(world: World) -> str:
    with world.transaction() as session:
        return current_calendar(session).version


def house_acts(world: World) -> list[str]:
    """Give the operations of the calendar on record, in their order."""
    operations = ("submitted", "approved", "refused", "withdrawn", "installed")
    house = select(JournalRecord.body).where(JournalRecord.stream_id.startswith("h_"))
    with world.transaction() as session:
        bodies = session.scalars(house.order_by(JournalRecord.seq)).all()
    return [each for body in bodies for each in operations if f'"calendar_{each}"' in body]


def test_one_administrator_cannot_move_a_deadline_and_a_second_can(world: World) -> None:
    change, before, were = fair(world), version(world), len(house_acts(world))
    seen = effect(world, change).seen
    with pytest.raises(SecondPersonNeeded) as refused:
        act(world, "系统", change_calendar, change, seen)
    assert refused.value.attributes == {"count": 1}
    proposal_id = proposed(world)
    assert version(world) == before
    with pytest.raises(ProposalThere):
        proposed(world)
    act(world, "安全", approve, proposal_id, seen=seen)
    assert version(world) != before
    assert house_acts(world)[were:] == ["submitted", "installed", "approved"]
    with pytest.raises(NothingChanges):
        effect(world, change)


def test_what_moves_nothing_is_saved_by_one(world: World) -> None:
    change = fair(world, date(2027, 6, 1))
    with pytest.raises(RoleMissing):
        act(world, "安全", change_calendar, change, effect(world, change).seen)
    before = version(world)
    with pytest.raises(EffectChanged):
        act(world, "系统", change_calendar, change, effect(world, fair(world)).seen)
    act(world, "系统", change_calendar, change, effect(world, change).seen)
    assert version(world) != before


def test_nobody_decides_on_his_own_change_under_any_account(world: World) -> None:
    proposal_id = proposed(world)
    seen = effect(world, fair(world)).seen
    with world.transaction() as session:
        person = session.get_one(Account, world.cast.accounts["系统"]).person_id
        second = update(Account).where(Account.id == world.cast.accounts["安全"])
        session.execute(second.values(person_id=person))
    for name, error in (
        ("系统", OwnProposal),
        ("安全", OwnProposal),
        ("审计", RoleMissing),
        ("承办", RoleMissing),
    ):
        with pytest.raises(error):
            act(world, name, approve, proposal_id, seen=seen)
        with pytest.raises(error):
            act(world, name, refuse, proposal_id, "不妥")
    with pytest.raises(NotItsProposer):
        act(world, "另一系统", withdraw, proposal_id, "不妥")
    act(world, "另一系统", approve, proposal_id, seen=seen)


@pytest.mark.parametrize("decide", [withdraw, refuse])
def test_a_change_ends_without_force_by_a_reason(world: World, decide: Any) -> None:
    proposal_id, before = proposed(world), version(world)
    name = "系统" if decide is withdraw else "安全"
    with pytest.raises(NoteMissing):
        act(world, name, decide, proposal_id, "  ")
    act(world, name, decide, proposal_id, "通知有误")
    assert version(world) == before
    for again, late in ((approve, {"seen": effect(world, fair(world)).seen}), (refuse, {})):
        with pytest.raises(ProposalDecided):
            act(world, "另一系统", again, proposal_id, *(() if late else ("又来",)), **late)
    assert proposed(world) != proposal_id


def test_another_effect_than_was_put_forward_has_to_be_seen_and_confirmed(world: World) -> None:
    proposal_id, change = proposed(world), fair(world)
    seen = effect(world, change).seen
    world.open_matter(found_on="2026-12-24")
    with pytest.raises(EffectChanged):
        act(world, "安全", approve, proposal_id, seen=seen, is_confirmed=True)
    now = effect(world, change)
    assert len(now.moved) == 2
    with pytest.raises(EffectUnconfirmed):
        act(world, "安全", approve, proposal_id, seen=now.seen)
    act(world, "安全", approve, proposal_id, seen=now.seen, is_confirmed=True)


def test_a_change_goes_stale_with_the_calendar_that_it_was_worked_out_from(world: World) -> None:
    first, longer = fair(world), replace(fair(world), last_on=date(2026, 12, 30))
    one, other = proposed(world, first), proposed(world, longer)
    seen = effect(world, first).seen
    act(world, "安全", approve, other, seen=effect(world, longer).seen)
    # Now in force with a day more: what was put forward first changes nothing any more.
    with pytest.raises(NothingChanges):
        act(world, "另一系统", approve, one, seen=seen)
    act(world, "安全", refuse, one, "已按通知全文录入")
    # Far away, it would do the same from another calendar: to be looked at, not confirmed.
    unmoved = fair(world, date(2026, 12, 31))
    proposal_id, seen = proposed(world, unmoved), effect(world, unmoved).seen
    later = fair(world, date(2027, 6, 1))
    act(world, "系统", change_calendar, later, effect(world, later).seen)
    with pytest.raises(EffectChanged):
        act(world, "安全", approve, proposal_id, seen=seen)
    act(world, "安全", approve, proposal_id, seen=effect(world, unmoved).seen)
    with world.transaction() as session:
        made = session.get_one(CalendarProposal, proposal_id).version
        assert session.get_one(CalendarVersion, made).is_current


def test_taking_back_a_move_that_no_sweep_brought_yet_needs_two_as_well(world: World) -> None:
    act(world, "安全", approve, proposed(world), seen=effect(world, fair(world)).seen)
    back = replace(fair(world), kind=DayKind.BACK, name="")
    found = effect(world, back)
    assert (len(found.moved), found.kept, found.earlier) == (1, 1, 0)
    with pytest.raises(SecondPersonNeeded):
        act(world, "系统", change_calendar, back, found.seen)
