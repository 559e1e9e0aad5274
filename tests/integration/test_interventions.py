"""The register of those who asked about a case: any officer writes, two kinds of people read."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.support.casework import World, memory_world
from tests.support.small_office import act, actor_in, employ
from workflows.domain.clocks import local_date
from workflows.domain.errors import NotFound
from workflows.domain.interventions import Approach, Manner
from workflows.services.secrecy.interventions import (
    ApproachInvalid,
    entries_for,
    lines_on,
    open_approach,
    register_approach,
)
from workflows.services.secrecy.providing import (
    OwnProvision,
    ProvisionDecided,
    ProvisionInvalid,
    ask_provision,
    decide_provision,
    provisions_for,
    take_provision,
)
from workflows.store.tables import (
    Account,
    Case,
    Grant,
    Intervention,
    JournalRecord,
    Look,
    Organisation,
    Person,
)

WHO = "敖特根副旗长"
ON = date(2026, 3, 9)


@pytest.fixture
def world() -> World:
    """A case, an officer, the principals of both lines of the banner, and the auditor."""
    world = memory_world()
    world.open_matter()
    employ(world, "承办甲", ("R03",))
    employ(world, "组织部长", ("R06",))
    employ(world, "审计员", ("R20",))
    employ(world, "纪委书记", ("R02",))
    with world.transaction() as session:
        case = session.scalars(select(Case)).one()
        banner = ".".join(case.org_path.split(".")[:3]) + "."
        unit = session.scalars(select(Organisation).where(Organisation.path == banner)).one()
        found = select(Organisation).where(
            Organisation.parent_id == unit.id, Organisation.kind == "discipline"
        )
        office = session.scalars(found).first()
        assert office is not None
        session.add(
            Grant(
                account_id=world.cast.accounts["纪委书记"],
                role="R06",
                organisation_id=office.id,
                org_path=office.path,
                from_on=date(2020, 1, 1),
            )
        )
        session.get_one(Account, world.cast.accounts["承办甲"]).office_id = unit.id
    return world


def register(world: World, who: str = WHO, number: str = "督〔2026〕1号-1") -> None:
    said = Approach(Manner.PLEADED, ON, who, "旗人民政府", "打电话要求从轻处理")
    act(world, "承办甲", register_approach, number, said)


def listed(world: World, name: str) -> list[str]:
    with world.transaction() as session:
        return [each.id for each in entries_for(session, actor_in(session, world, name))]


def test_the_discipline_principal_and_the_auditor_read_it_and_nobody_else(world: World) -> None:
    register(world)
    (key,) = listed(world, "纪委书记")
    for name in ("承办甲", "组织部长"):
        assert listed(world, name) == []
        with pytest.raises(NotFound):
            act(world, name, open_approach, key)
    for name in ("纪委书记", "审计员"):
        opened = act(world, name, open_approach, key)
        assert (opened.approach.who, opened.approach.said) == (WHO, "打电话要求从轻处理")
        assert opened.registered_by == world.cast.accounts["承办甲"]
    with world.transaction() as session:
        case_id = session.scalars(select(Case.id)).one()
        today = local_date(world.now)
        principal, handler = (actor_in(session, world, each) for each in ("纪委书记", "承办甲"))
        assert lines_on(session, principal, case_id) == (1, today)
        assert lines_on(session, handler, case_id) == (0, None)
        assert [each.what for each in session.scalars(select(Look))] == ["approach"] * 2


def test_it_stands_in_no_record_and_no_row(world: World) -> None:
    with world.transaction() as session:
        case_id = session.scalars(select(Case.id)).one()
        before = session.scalars(select(JournalRecord).where(JournalRecord.stream_id == case_id))
        count = len(before.all())
    register(world)
    with world.transaction() as session:
        records = session.scalars(select(JournalRecord)).all()
        assert len([each for each in records if each.stream_id == case_id]) == count
        entry = session.scalars(select(Intervention)).one()
        for text in (*(each.body for each in records), repr(entry.sealed)):
            assert "敖特根" not in text
            assert entry.id not in text


def test_who_is_named_never_sees_it_whoever_he_is(world: World) -> None:
    with world.transaction() as session:
        for name in ("纪委书记", "审计员"):
            account = session.get_one(Account, world.cast.accounts[name])
            session.get_one(Person, account.person_id).name = f"{name}张三"
    for name in ("纪委书记", "审计员"):
        register(world, f"{name}张三")
        other = {"纪委书记": "审计员", "审计员": "纪委书记"}[name]
        assert len(listed(world, other)) > len(listed(world, name)) - 1
    assert len(listed(world, "纪委书记")) == 1
    assert len(listed(world, "审计员")) == 1
    (seen,) = listed(world, "审计员")
    with pytest.raises(NotFound):
        act(world, "纪委书记", open_approach, seen)


def test_a_number_that_is_none_is_taken_like_any_other(world: World) -> None:
    register(world, number="没有这一案")
    assert len(listed(world, "审计员")) == 1
    with world.transaction() as session:
        assert session.scalars(select(Intervention.case_id)).all() == [None]


def test_what_is_missing_or_lies_ahead_is_refused(world: World) -> None:
    later = local_date(world.now) + timedelta(days=1)
    for bad in (
        Approach(Manner.ASKED, ON, " "),
        Approach(Manner.ASKED, later, WHO),
        Approach(Manner.ASKED, ON, "长" * 61),
        Approach(Manner.ASKED, ON, WHO, said="长" * 501),
    ):
        with pytest.raises(ApproachInvalid):
            act(world, "承办甲", register_approach, "督〔2026〕1号-1", bad)
    with pytest.raises(ApproachInvalid):
        register(world, number=" ")


def test_an_entry_leaves_the_house_once_and_by_two_readers(world: World) -> None:
    register(world)
    (key,) = listed(world, "纪委书记")
    with pytest.raises(NotFound):
        act(world, "承办甲", ask_provision, key, "盟纪委监委", "核查")
    with pytest.raises(ProvisionInvalid):
        act(world, "纪委书记", ask_provision, key, "盟纪委监委", " ")
    row = act(world, "纪委书记", ask_provision, key, "盟纪委监委", "核查干预线索")
    with pytest.raises(OwnProvision):
        act(world, "纪委书记", decide_provision, row.id, is_agreed=True)
    for name in ("承办甲", "组织部长"):
        with pytest.raises(NotFound):
            act(world, name, decide_provision, row.id, is_agreed=True)
    with pytest.raises(ProvisionDecided):
        act(world, "纪委书记", take_provision, row.id)
    act(world, "审计员", decide_provision, row.id, is_agreed=True)
    with pytest.raises(NotFound):
        act(world, "审计员", take_provision, row.id)
    taken, opened = act(world, "纪委书记", take_provision, row.id)
    assert (taken.recipient, opened.approach.who) == ("盟纪委监委", WHO)
    for do, name, named in (
        (take_provision, "纪委书记", {}),
        (decide_provision, "审计员", {"is_agreed": False}),
    ):
        with pytest.raises(ProvisionDecided):
            act(world, name, do, row.id, **named)
    with world.transaction() as session:
        for name, count in (("审计员", 1), ("组织部长", 0)):
            assert len(provisions_for(session, actor_in(session, world, name))) == count
        assert [each.what for each in session.scalars(select(Look))] == ["approach"]
