"""What is opened by decision alone: to the public by two with minutes, to one officer for a day."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import workflows
from tests.support.casework import World, memory_world
from tests.support.persons import person_case
from tests.support.small_office import act, actor_in, employ
from workflows.domain.clocks import local_date
from workflows.domain.errors import NotFound
from workflows.queries.case.timeline import whole_timeline
from workflows.services.access import RoleMissing
from workflows.services.staff.break_glass import (
    BreakGlassDecided,
    BreakGlassInvalid,
    OwnGlass,
    ask_to_open,
    decide_glass,
    glasses_for,
    opened_cases,
    take_note,
)
from workflows.services.steps.opening import OPERATIONS
from workflows.services.tracks.publication import (
    NotPublished,
    PublicationDecided,
    PublicationInvalid,
    Wish,
    decide,
    propose,
    publications_of,
)
from workflows.store.tables import Account, Case, JournalRecord, PersonEffect


@pytest.fixture(scope="module")
def world() -> World:
    """A person's case, and officers: two principals, a handler, an auditor, a verifier."""
    world = memory_world()
    person_case(world, "某书记")
    for name, roles in (
        ("组织部长", ("R06",)),
        ("承办甲", ("R03",)),
        ("核实甲", ("R02",)),
        ("审计员", ("R20",)),
    ):
        employ(world, name, roles)
    employ(world, "盟部长", ("R06",), level=0)
    with world.transaction() as session:
        for name in ("核实甲", "组织部长"):
            session.get_one(Account, world.cast.accounts[name]).username = name
    return world


def the_case(world: World) -> Case:
    with world.transaction() as session:
        return session.scalars(select(Case).where(Case.level == "L2")).one()


def wish(world: World, **changed: Any) -> Wish:
    until = local_date(world.now) + timedelta(days=30)
    given = {
        "what": "组织调整决定",
        "place": "机关公示栏",
        "audience": "本单位",
        "until_on": until,
        "minutes_no": "常委会〔2026〕9号",
    }
    return Wish(**{**given, **changed})


def test_only_a_decided_measure_of_the_fourth_rung_is_published_and_by_two(world: World) -> None:
    case = the_case(world)
    with pytest.raises(NotPublished):
        act(world, "承办甲", propose, case.id, wish(world))
    as_ended(world, 3)
    with pytest.raises(NotPublished):
        act(world, "承办甲", propose, case.id, wish(world, reason="典型问题"))
    as_ended(world, 4)
    with pytest.raises(NotPublished):
        act(world, "承办甲", propose, case.id, wish(world))
    measured(world, case, "void")
    with pytest.raises(NotPublished):
        act(world, "承办甲", propose, case.id, wish(world))
    measured(world, case, "stands")
    for bad in ({"minutes_no": " "}, {"until_on": local_date(world.now) - timedelta(days=1)}):
        with pytest.raises(PublicationInvalid):
            act(world, "承办甲", propose, case.id, wish(world, **bad))
    with pytest.raises(RoleMissing):
        act(world, "组织部长", propose, case.id, wish(world))
    key = act(world, "承办甲", propose, case.id, wish(world)).id
    with pytest.raises(RoleMissing):
        act(world, "承办甲", decide, key, is_granted=True)
    act(world, "组织部长", decide, key, is_granted=True)
    with pytest.raises(PublicationDecided):
        act(world, "组织部长", decide, key, is_granted=False)
    with world.transaction() as session:
        (row,) = publications_of(session, case.id)
        last = whole_timeline(session, case.id).entries[-1]
        assert (last.record.trigger.name, last.record.seq) == ("publish", row.seq)
        assert last.payload["form"]["minutes"] == "常委会〔2026〕9号"
    as_ended(world, 3, "open")
    measured(world, case, None)
    assert world.differences() == []


def test_nothing_that_runs_by_itself_publishes() -> None:
    """No operation of a process and no job knows of it, so no guardrail need be about it."""
    assert not [name for name in OPERATIONS if "publi" in name]
    knows = ("services.publication", "services import publication")
    folder = Path(workflows.__file__).parent
    callers = [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*.py"))
        if any(each in path.read_text("utf-8") for each in knows)
    ]
    assert callers == []


def measured(world: World, case: Case, standing: str | None) -> None:
    """Have the case's measure stand, be void, or never have been, as rows say it."""
    with world.transaction() as session:
        for row in session.scalars(select(PersonEffect)):
            session.delete(row)
        session.flush()
        if standing is not None:
            effect = PersonEffect(
                case_id=case.id,
                person_id=case.subject_person_id,
                org_path=case.org_path,
                kind="promotion",
                rule="R_EFF",
                from_on=local_date(world.now),
                basis="组织处理规定",
                seq=1,
                standing=standing,
            )
            session.add(effect)


def as_ended(world: World, rung: int, state: str = "ended") -> None:
    """Have the case stand as a decision of a rung leaves it, as far as its row says so."""
    with world.transaction() as session:
        case = session.scalars(select(Case).where(Case.level == "L2")).one()
        case.rung, case.state = rung, state


def test_the_auditor_and_the_principal_open_a_case_to_one_officer_for_a_day(world: World) -> None:
    case = the_case(world)
    asking: tuple[Any, ...] = (ask_to_open, case.number, "核实甲", "紧急核对证据")
    with pytest.raises(RoleMissing):
        act(world, "组织部长", *asking)
    number = case.number
    for bad in (("无此案", "核实甲", "急"), (number, "查无此人", "急"), (number, "核实甲", " ")):
        with pytest.raises(BreakGlassInvalid):
            act(world, "审计员", ask_to_open, *bad)
    key = act(world, "审计员", *asking).id
    account = world.cast.accounts["核实甲"]
    assert opened(world, account) == ()
    for name in ("审计员", "核实甲", "承办甲"):
        with pytest.raises(RoleMissing):
            act(world, name, decide_glass, key, is_agreed=True)
    act(world, "组织部长", decide_glass, key, is_agreed=True)
    with pytest.raises(BreakGlassDecided):
        act(world, "组织部长", decide_glass, key, is_agreed=True)
    assert opened(world, account) == (case.id,)
    assert opened(world, world.cast.accounts["承办甲"]) == ()
    with world.transaction() as session:
        last = session.scalars(
            select(JournalRecord)
            .where(JournalRecord.stream_id == case.id)
            .order_by(JournalRecord.seq.desc())
        ).first()
        assert last is not None
        assert '"name":"break_glass"' in last.body
        for name in ("审计员", "组织部长", "盟部长"):
            lines = glasses_for(session, actor_in(session, world, name))
            assert {line[1] for line in lines} == {case.number}
        assert glasses_for(session, actor_in(session, world, "承办甲")) == []
    with pytest.raises(NotFound):
        act(world, "组织部长", take_note, key)
    act(world, "盟部长", take_note, key)
    world.now += timedelta(hours=23, minutes=59)
    assert opened(world, account) == (case.id,)
    world.now += timedelta(minutes=2)
    assert opened(world, account) == ()


def opened(world: World, account: str) -> tuple[str, ...]:
    with world.transaction() as session:
        return opened_cases(session, account, world.now)


def test_a_principal_does_not_agree_to_his_own_look(world: World) -> None:
    key = act(world, "审计员", ask_to_open, the_case(world).number, "组织部长", "急").id
    with pytest.raises(OwnGlass):
        act(world, "组织部长", decide_glass, key, is_agreed=True)
    act(world, "盟部长", decide_glass, key, is_agreed=False)
    assert opened(world, world.cast.accounts["组织部长"]) == ()
