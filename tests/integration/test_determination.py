"""The label weak and lax comes from one batch act with minutes, never from a form."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.casework import World, memory_world
from workflows.domain.clocks import local_date
from workflows.domain.errors import NotFound
from workflows.domain.weak_lax import Determination, FollowUpColumn, Kind
from workflows.queries.tracks.weak_lax import year_table
from workflows.services.access import RoleMissing, load_actor
from workflows.services.tracks.determination import (
    DeterminedAlready,
    Minutes,
    MinutesNeeded,
    Result,
    StepsNeeded,
    determine,
    keep_imported,
)
from workflows.services.tracks.weak_lax_follow_ups import (
    Done,
    WeakLaxFollowUpInvalid,
    WeakLaxFollowUpWithdrawn,
    enter_follow_up,
    withdraw_follow_up,
)
from workflows.store.casework import read_facts
from workflows.store.tables import JournalRecord, Matter

D = Determination
MET = date(2026, 3, 2)


@pytest.fixture
def world() -> World:
    return memory_world()


def _determine(world: World, minutes_no: str, **results: Determination) -> int:
    with world.transaction() as session:
        account = world.cast.account(session, "常委会秘书", world.now)
        actor = world.cast.allow(session, account, ("R07",), world.now)
        minutes = Minutes(minutes_no, MET)
        rows = {key: reached(result) for key, result in results.items()}
        return determine(session, actor, world.now, minutes=minutes, results=rows)


def reached(result: Determination, **changed: Any) -> Result:
    """Give a result with its way: 自查, 苏木复核, 组织部研判."""
    type_ = "01" if result is D.DETERMINED else ""
    days = {
        "self_checked_on": date(2026, 1, 12),
        "reviewed_on": date(2026, 1, 20),
        "studied_on": date(2026, 2, 2),
    }
    return Result(result, **{**days, "type": type_, **changed})


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
        results = {matter: reached(D.DETERMINED)}
        with pytest.raises(RoleMissing):
            determine(session, actor, world.now, minutes=Minutes("4号", MET), results=results)


def test_each_step_before_the_meeting_has_its_day_in_order_and_a_label_its_type(
    world: World,
) -> None:
    world.open_matter()
    (matter,) = _matters(world)
    wrong = (
        (MET, reached(D.DETERMINED, type=""), StepsNeeded),
        (MET, reached(D.DETERMINED, type="11"), StepsNeeded),
        (MET, reached(D.NOT_DETERMINED, type="01"), StepsNeeded),
        (MET, reached(D.DETERMINED, reviewed_on=date(2026, 1, 11)), StepsNeeded),
        (date(2026, 2, 1), reached(D.DETERMINED), StepsNeeded),
        (date(2027, 1, 1), reached(D.DETERMINED), MinutesNeeded),
    )
    for met_on, result, error in wrong:
        with world.transaction() as session:
            account = world.cast.account(session, "常委会秘书", world.now)
            actor = world.cast.allow(session, account, ("R07",), world.now)
            minutes = Minutes("4号", met_on)
            with pytest.raises(error):
                determine(session, actor, world.now, minutes=minutes, results={matter: result})
    assert _matters(world) == {matter: "reported"}


def test_each_figure_of_the_table_tells_the_matters_it_counts(world: World) -> None:
    for _ in range(3):
        world.open_matter()
    first, second, third = _matters(world)
    with world.transaction() as session:
        clerk = world.cast.account(session, "常委会秘书", world.now)
        actor = world.cast.allow(session, clerk, ("R07",), world.now)
        matter = session.get_one(Matter, third)
        matter.determination, matter.determined_minutes = "determined", "2025年7号"
        keep_imported(session, actor, world.now, matter)
    _determine(world, "4号", **{first: D.DETERMINED, second: D.DETERMINED})
    _determine(world, "9号", **{first: D.LIFTED})
    trained = Done(FollowUpColumn.SECRETARY_TRAINED, 3, date(2026, 2, 20), "苏木组织")
    with world.transaction() as session:
        actor = load_actor(session, clerk, local_date(world.now))
        row = enter_follow_up(session, actor, world.now, first, trained)
        wrong = enter_follow_up(session, actor, world.now, second, trained)
        withdraw_follow_up(session, actor, world.now, wrong.id)
        with pytest.raises(WeakLaxFollowUpWithdrawn):
            withdraw_follow_up(session, actor, world.now, wrong.id)
        for bad in (replace(trained, amount=0), replace(trained, done_on=date(2027, 1, 1))):
            with pytest.raises(WeakLaxFollowUpInvalid):
                enter_follow_up(session, actor, world.now, first, bad)
        assert row.amount == 3
    with world.transaction() as session:
        table = year_table(session, 2026)
        before, after = year_table(session, 2025), year_table(session, 2027)
    cells = table.rows[None]
    assert sorted(cells["found"].matters) == sorted((first, second, third))
    assert cells["found"].value == 3
    assert (cells["improved"].value, cells["improved"].matters) == (1, (first,))
    assert sorted(cells["type01"].matters) == sorted((first, second))
    assert (cells["type"].value, table.has_unstated) == (1, True)
    assert cells["secretary_trained"].value == 3
    assert cells["secretary_trained"].matters == (first,)
    assert table.rows[Kind.COMMUNITY]["found"].value == 0
    assert table.rows[Kind.VILLAGE]["found"].value == 3
    assert before.rows[None]["found"].matters == (third,), "an imported row has no day"
    assert sorted(after.rows[None]["found"].matters) == sorted((second, third))
    assert world.differences() == []
