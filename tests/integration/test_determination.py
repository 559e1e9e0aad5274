"""The label weak and lax comes from one batch act with minutes, never from a form."""

import pytest
from sqlalchemy import select

from tests.support.casework import World, memory_world
from workflows.domain.errors import NotFound
from workflows.services.access import RoleMissing
from workflows.services.determination import (
    Determination,
    DeterminedAlready,
    MinutesNeeded,
    determine,
)
from workflows.store.casework import read_facts
from workflows.store.tables import JournalRecord, Matter

D = Determination


@pytest.fixture
def world() -> World:
    return memory_world()


def _determine(world: World, minutes_no: str, **results: Determination) -> int:
    with world.transaction() as session:
        account = world.cast.account(session, "常委会秘书", world.now)
        actor = world.cast.allow(session, account, ("R07",), world.now)
        return determine(session, actor, world.now, minutes_no=minutes_no, results=results)


def _matters(world: World) -> dict[str, str]:
    with world.transaction() as session:
        rows = session.execute(select(Matter.id, Matter.determination).order_by(Matter.number))
        return dict(rows.all())


def test_matter_enters_as_reported(world: World) -> None:
    case_id = world.open_matter()
    assert set(_matters(world).values()) == {"reported"}
    with world.transaction() as session:
        assert read_facts(session, case_id)["weak_lax_determined"] == "no"


def test_one_batch_gives_each_branch_its_result_and_tells_its_open_cases(world: World) -> None:
    cases = [world.open_matter() for _ in range(3)]
    first, second, third = _matters(world)
    assert (
        _determine(
            world, "旗委常委会〔2026〕4号", **{first: D.DETERMINED, second: D.NOT_DETERMINED}
        )
        == 2
    )
    assert list(_matters(world).values()) == ["determined", "not_determined", "reported"]
    with world.transaction() as session:
        known = [read_facts(session, case_id)["weak_lax_determined"] for case_id in cases]
        house = select(JournalRecord.body).where(JournalRecord.kind == "house")
        acts = [body for body in session.execute(house).scalars() if "weak_lax_determined" in body]
    assert known == ["yes", "no", "no"]
    assert len(acts) == 1
    assert third in _matters(world)
    assert world.differences() == []


def test_label_is_lifted_by_minutes_too_and_never_twice(world: World) -> None:
    world.open_matter()
    (matter,) = _matters(world)
    _determine(world, "4号", **{matter: D.DETERMINED})
    with pytest.raises(DeterminedAlready):
        _determine(world, "5号", **{matter: D.DETERMINED})
    _determine(world, "9号", **{matter: D.LIFTED})
    assert _matters(world) == {matter: "lifted"}
    assert world.differences() == []


def test_batch_without_minutes_or_with_an_unknown_matter_writes_nothing(world: World) -> None:
    world.open_matter()
    (matter,) = _matters(world)
    with pytest.raises(MinutesNeeded):
        _determine(world, "  ", **{matter: D.DETERMINED})
    with pytest.raises(NotFound):
        _determine(world, "4号", **{matter: D.DETERMINED, "m_none": D.DETERMINED})
    assert _matters(world) == {matter: "reported"}


def test_clerk_cannot_determine(world: World) -> None:
    world.open_matter()
    (matter,) = _matters(world)
    with world.transaction() as session:
        account = world.cast.account(session, "另一登记人", world.now)
        actor = world.cast.allow(session, account, ("R01",), world.now)
        results = {matter: D.DETERMINED}
        with pytest.raises(RoleMissing):
            determine(session, actor, world.now, minutes_no="4号", results=results)
