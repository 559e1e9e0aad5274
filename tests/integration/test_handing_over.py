"""C09 of the officers' cases: a secretary is moved while his branch is under rectification."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.backtests import assert_reproduced
from tests.support.casework import World, memory_world
from tests.support.small_office import actor_in, employ
from workflows.domain.tenures import Period, Share, shares_of
from workflows.queries.organisations.tenures import shares_of_post, tenures_of_person
from workflows.services import casework
from workflows.services.access import RoleMissing
from workflows.services.staff.handing_over import (
    BeforeAppointment,
    HandoverSigned,
    HeldAlready,
    TenureOver,
    hand_over,
    sign_handover,
)
from workflows.services.steps.paper import PaperInFuture, PaperNeeded
from workflows.store.tables import Clock, Draft, Grant, Handover, Organisation, Task, Tenure

POST = "党支部书记"


@pytest.fixture
def world() -> World:
    """老书记 has the branch since 2024 and has taken the plan of its rectification."""
    world = memory_world()
    world.open_rectification()
    employ(world, "承办", ("R03",))
    employ(world, "登记员", ("R01",))
    for name, from_on in (("老书记", date(2024, 3, 1)), ("新书记", None)):
        branch_officer(world, name, from_on)
    with world.transaction() as session:
        old = actor_in(session, world, "老书记")
        casework.claim(session, old, world.now, world.cases[0], plan(session, world))
        task = plan(session, world)
        session.add(
            Draft(
                case_id=world.cases[0],
                task=task,
                account_id=old.account_id,
                values={"measures": "半页"},
                saved_at=world.now,
            )
        )
    world.now = datetime(2026, 3, 18, 1, tzinfo=UTC)
    return world


def branch_officer(world: World, name: str, from_on: date | None) -> None:
    employ(world, name, ())
    with world.transaction() as session:
        branch = session.get_one(Organisation, world.cast.subject_id)
        session.add(
            Grant(
                account_id=world.cast.accounts[name],
                role="R10",
                organisation_id=branch.id,
                org_path=branch.path,
                from_on=date(2020, 1, 1),
            )
        )
        if from_on is not None:
            session.add(
                Tenure(
                    person_id=world.cast.people[name],
                    organisation_id=branch.id,
                    org_path=branch.path,
                    post=POST,
                    subject_category="gacha_secretary",
                    from_on=from_on,
                    until_on=None,
                    document="旗组干〔2024〕3号",
                )
            )


def plan(session: Any, world: World) -> str:
    return world.cast.stage(session, world.cases[0], world.now).task("plan")


def person(world: World, name: str) -> str:
    return world.cast.people[name]


def tenure_id(world: World) -> int:
    with world.transaction() as session:
        return session.scalars(select(Tenure.id).where(Tenure.post == POST)).one()


def handed(world: World, by: str = "承办", **values: Any) -> Handover:
    given: dict[str, Any] = {
        "first_on": date(2026, 3, 16),
        "to_person_id": person(world, "新书记"),
        "document": "旗组干〔2026〕8号",
        **values,
    }
    key = given.pop("tenure_id", None) or tenure_id(world)
    with world.transaction() as session:
        return hand_over(session, actor_in(session, world, by), world.now, key, **given)


def test_the_work_goes_to_the_new_holder_and_no_date_moves(world: World) -> None:
    with world.transaction() as session:
        before = {row.path: row.due_on for row in session.scalars(select(Clock))}
    row = handed(world)
    assert row.moved == 1
    with world.transaction() as session:
        task = session.scalars(select(Task).where(Task.activity == "plan")).one()
        assert task.claimant == world.cast.accounts["新书记"]
        assert session.scalars(select(Draft)).all() == []
        assert {row.path: row.due_on for row in session.scalars(select(Clock))} == before
    with world.transaction() as session:
        new = actor_in(session, world, "新书记")
        casework.complete(
            session,
            new,
            world.now,
            world.cases[0],
            plan(session, world),
            {"measures": "重新排查", "responsible": person(world, "新书记")},
        )
    assert world.differences() == []
    assert_reproduced(world)


def test_a_vacant_post_gives_its_tasks_back_to_the_organisation(world: World) -> None:
    row = handed(world, to_person_id=None)
    assert row.moved == 1
    with world.transaction() as session:
        task = session.scalars(select(Task).where(Task.activity == "plan")).one()
        assert (task.claimant, task.state) == (None, "open")
        assert task.office_id == world.cast.subject_id


def test_each_answers_for_his_own_days(world: World) -> None:
    handed(world)
    old, new = person(world, "老书记"), person(world, "新书记")
    with world.transaction() as session:
        shares = shares_of_post(
            session, world.cast.subject_id, POST, date(2025, 10, 1), date(2026, 3, 31)
        )
        earlier = tenures_of_person(session, new, date(2025, 10, 1), date(2026, 3, 15))
        left = tenures_of_person(session, old, date(2025, 10, 1), date(2026, 3, 15))
    assert shares == (
        Share(old, date(2025, 10, 1), date(2026, 3, 15)),
        Share(new, date(2026, 3, 16), date(2026, 3, 31)),
    )
    # 不论调离: he has left and his days are his; the new one held nothing there before.
    assert POST in {each.post for each in left}
    assert POST not in {each.post for each in earlier}


def test_the_paper_is_signed_within_ten_workdays(world: World) -> None:
    row = handed(world)
    # From Monday 2026-03-16: the tenth workday after it is Monday 2026-03-30.
    assert row.due_on == date(2026, 3, 30)
    with world.transaction() as session:
        handler = actor_in(session, world, "承办")
        with pytest.raises(PaperNeeded):
            sign(session, handler, world, row, witness=" ")
        with pytest.raises(PaperInFuture):
            sign(session, handler, world, row, signed_on=date(2026, 3, 19))
        sign(session, handler, world, row)
        with pytest.raises(HandoverSigned):
            sign(session, handler, world, row)


def sign(session: Any, actor: Any, world: World, row: Handover, **values: Any) -> None:
    given = {"signed_on": date(2026, 3, 18), "document": "交接清单 1", "witness": "苏木组织委员"}
    sign_handover(session, actor, world.now, row.id, **{**given, **values})


def test_what_cannot_be_is_refused(world: World) -> None:
    with pytest.raises(RoleMissing):
        handed(world, by="登记员")
    with pytest.raises(PaperNeeded):
        handed(world, document=" ")
    with pytest.raises(PaperInFuture):
        handed(world, first_on=date(2026, 3, 19))
    with pytest.raises(BeforeAppointment):
        handed(world, first_on=date(2024, 3, 1))
    with pytest.raises(HeldAlready):
        handed(world, to_person_id=person(world, "老书记"))
    before = tenure_id(world)
    handed(world)
    with pytest.raises(TenureOver):
        handed(world, tenure_id=before)


def test_a_period_is_split_with_the_days_on_which_nobody_held_the_post() -> None:
    held = [
        ("p_b", Period(date(2026, 2, 1), None)),
        ("p_a", Period(date(2024, 1, 1), date(2025, 12, 31))),
        ("p_z", Period(date(2020, 1, 1), date(2023, 12, 31))),
    ]
    assert shares_of(held, date(2025, 12, 1), date(2026, 2, 28)) == (
        Share("p_a", date(2025, 12, 1), date(2025, 12, 31)),
        Share(None, date(2026, 1, 1), date(2026, 1, 31)),
        Share("p_b", date(2026, 2, 1), date(2026, 2, 28)),
    )
    assert shares_of([], date(2026, 1, 1), date(2026, 1, 2)) == (
        Share(None, date(2026, 1, 1), date(2026, 1, 2)),
    )
