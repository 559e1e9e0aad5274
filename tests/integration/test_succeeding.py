"""X18 of the officers' cases: a gacha is merged into another one during rectification."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.backtests import assert_reproduced
from tests.support.casework import World, memory_world
from tests.support.small_office import actor_in, employ
from workflows.domain.errors import NotFound
from workflows.domain.ids import new_id
from workflows.domain.organisations import bodies_of
from workflows.services.access import RoleMissing, scope_in
from workflows.services.history.rebuild import rebuild_case
from workflows.services.steps.paper import PaperInFuture, PaperNeeded
from workflows.services.tracks.registering import open_matter
from workflows.services.tracks.succeeding import (
    OrganisationOver,
    SuccessorUnfit,
    UnitsBelow,
    succeed,
)
from workflows.store.scope import set_scope
from workflows.store.tables import Case, Clock, Grant, Matter, Organisation, Task, Tenure

ON, DOCUMENT = date(2026, 3, 16), "旗政发〔2026〕5号"


@pytest.fixture
def world() -> World:
    """阿日善图嘎查 is under rectification; 巴彦嘎查 is its neighbour; 部长 leads."""
    world = memory_world()
    world.open_rectification()
    employ(world, "部长", ("R06",))
    employ(world, "承办", ("R03",))
    with world.transaction() as session:
        neighbour(session, world)
    world.now = datetime(2026, 3, 18, 1, tzinfo=UTC)
    return world


def neighbour(session: Any, world: World) -> None:
    township = session.get_one(Organisation, world.cast.units[2][0])
    code, name = "T9", "巴彦嘎查"
    path = f"{township.path}{code}."
    unit = Organisation(
        id=new_id("o"),
        code=code,
        name=name,
        kind="unit",
        level=5,
        parent_id=township.id,
        path=path,
    )
    session.add(unit)
    session.flush()
    for body in bodies_of(code, name, 5):
        session.add(
            Organisation(
                id=new_id("o"),
                code=body.code,
                name=body.name,
                kind=body.kind,
                level=5,
                parent_id=unit.id,
                path=f"{path}{body.code}.",
            )
        )
    session.flush()


def unit(world: World, name: str) -> str:
    with world.transaction() as session:
        return session.scalars(select(Organisation.id).where(Organisation.name == name)).one()


def merged(world: World, by: str = "部长", into: str = "巴彦嘎查", **values: Any) -> int:
    given = {"successor_id": unit(world, into), "on": ON, "document": DOCUMENT, **values}
    old = unit(world, "阿日善图嘎查")
    with world.transaction() as session:
        return succeed(session, actor_in(session, world, by), world.now, old, **given)


def test_the_open_case_goes_on_at_the_successor_and_no_date_moves(world: World) -> None:
    with world.transaction() as session:
        before = {row.path: row.due_on for row in session.scalars(select(Clock))}
    assert merged(world) == 1
    branch = unit(world, "巴彦嘎查党支部")
    with world.transaction() as session:
        case = session.get_one(Case, world.cases[0])
        assert case.subject_organisation_id == branch
        task = session.scalars(select(Task).where(Task.activity == "plan")).one()
        assert (task.office_id, task.org_path) == (branch, case.org_path)
        assert {row.path: row.due_on for row in session.scalars(select(Clock))} == before
    assert world.differences() == []
    with world.transaction() as session:
        assert rebuild_case(session, world.cases[0]) == []
    assert_reproduced(world)


def test_the_successors_secretary_sees_and_does_it(world: World) -> None:
    merged(world)
    employ(world, "新支书", ())
    with world.transaction() as session:
        branch = session.scalars(
            select(Organisation).where(Organisation.name == "巴彦嘎查党支部")
        ).one()
        session.add(
            Grant(
                account_id=world.cast.accounts["新支书"],
                role="R10",
                organisation_id=branch.id,
                org_path=branch.path,
                from_on=date(2020, 1, 1),
            )
        )
    with world.transaction() as session:
        actor = actor_in(session, world, "新支书")
        set_scope(session, scope_in(session, actor))
        assert session.scalar(select(Case.id)) == world.cases[0]
        assert session.scalar(select(Matter.id)) is not None
    world.complete(
        world.cases[0],
        "plan",
        "新支书",
        measures="由新支部整改",
        responsible=world.cast.people["新支书"],
    )
    assert world.differences() == []


def test_history_stays_on_the_old_node(world: World) -> None:
    world.open_matter(disposition="immediate_fix", fix="当场改正")
    world.complete(world.cases[1], "confirm_fix", "承办", fix_confirmation="confirmed")
    old = world.cast.subject_id
    with world.transaction() as session:
        branch = session.get_one(Organisation, old)
        session.add(
            Tenure(
                person_id=world.cast.people["承办"],
                organisation_id=old,
                org_path=branch.path,
                post="党支部书记",
                subject_category="gacha_secretary",
                from_on=date(2024, 1, 1),
                until_on=None,
            )
        )
    merged(world)
    with world.transaction() as session:
        assert session.get_one(Case, world.cases[1]).subject_organisation_id == old
        passed = session.get_one(Case, world.cases[0])
        assert session.get_one(Matter, passed.matter_id).organisation_id == old
        branch = session.get_one(Organisation, old)
        assert branch.until_on == ON
        assert branch.successor_id == passed.subject_organisation_id
        tenure = session.scalars(select(Tenure).where(Tenure.organisation_id == old)).one()
        assert tenure.until_on == date(2026, 3, 15)
        clerk = actor_in(session, world, "承办")
        with pytest.raises(NotFound):
            open_matter(session, clerk, world.now, organisation_id=old, values={})


def test_what_cannot_be_is_refused(world: World) -> None:
    with pytest.raises(RoleMissing):
        merged(world, by="承办")
    with pytest.raises(SuccessorUnfit):
        merged(world, into="吉日嘎图苏木")
    with pytest.raises(SuccessorUnfit):
        merged(world, into="阿日善图嘎查")
    with pytest.raises(PaperNeeded):
        merged(world, document=" ")
    with pytest.raises(PaperInFuture):
        merged(world, on=date(2026, 3, 19))
    merged(world)
    with pytest.raises(OrganisationOver):
        merged(world)


def test_units_below_come_first(world: World) -> None:
    with world.transaction() as session:
        other = Organisation(
            id=new_id("o"),
            code="T8",
            name="南苏木",
            kind="unit",
            level=4,
            parent_id=world.cast.units[1][0],
            path=f"{world.cast.units[1][1]}T8.",
        )
        session.add(other)
    with world.transaction() as session, pytest.raises(UnitsBelow) as refused:
        succeed(
            session,
            actor_in(session, world, "部长"),
            world.now,
            world.cast.units[2][0],
            successor_id=other.id,
            on=ON,
            document=DOCUMENT,
        )
    assert refused.value.count == 2
