"""B acts for A: within dates, roles, places and steps, judged as both, on record as both."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.casework import START, World, memory_world
from tests.support.filled import VERIFIED_ORDINARY
from tests.support.small_office import SCORED, actor_in, employ, to_acceptance
from workflows.domain.clocks import local_date
from workflows.domain.errors import NotAllowed, NotFound
from workflows.queries.case.timeline import whole_timeline
from workflows.queries.desk.task_filters import Wanted, Whose
from workflows.queries.desk.worklist import tasks_page
from workflows.queries.staff.claimable import unclaimable_tasks
from workflows.services import casework
from workflows.services.access import RoleMissing, scope_in
from workflows.services.staff.delegating import (
    Bounds,
    DelegationInvalid,
    NotHeld,
    NotLent,
    SecondAdministrator,
    approve_borrowing,
    borrow,
    lend_roles,
    revoke,
)
from workflows.services.steps.eligibility import DelegationTooNarrow, ReservedInPerson
from workflows.services.steps.handing_on import hand_up
from workflows.services.steps.signing import PairNeedsReason, SignedAlready
from workflows.store.tables import Case, Delegation, Grant, Organisation, Task
from workflows.store.transaction import transaction

PAPER = "组发〔2026〕12号"


@pytest.fixture
def world() -> World:
    """A case of class B at its acceptance; 验收甲 and 验收乙 may accept, 替班 nothing."""
    world = memory_world()
    world.cases = [to_acceptance(world)]
    for name in ("验收甲", "验收乙"):
        employ(world, name, ("R13",))
    employ(world, "替班", ())
    employ(world, "部长", ("R06",))
    employ(world, "安全员", ("R19",))
    return world


def lend(
    world: World, lender: str, substitute: str, *roles: str, by: str = "", **bounds: Any
) -> str:
    today = local_date(world.now)
    given = {"from_on": today, "until_on": today + timedelta(days=10), "instrument": PAPER}
    with world.transaction() as session:
        return lend_roles(
            session,
            actor_in(session, world, by or lender),
            world.now,
            lender_id=world.cast.accounts[lender],
            account_id=world.cast.accounts[substitute],
            roles=roles,
            organisation_id=world.cast.units[1][0],
            bounds=Bounds(**{**given, **bounds}),
        )


def do(world: World, name: str, values: Any, activity: str = "acceptance_pair") -> Any:
    with world.transaction() as session:
        task = world.cast.stage(session, world.cases[0], world.now).task(activity)
        actor = actor_in(session, world, name)
        return casework.complete(session, actor, world.now, world.cases[0], task, values)


def test_substitute_acts_for_the_lender_and_the_record_says_so(world: World) -> None:
    with pytest.raises(RoleMissing):
        do(world, "替班", SCORED)
    key = lend(world, "验收甲", "替班", "R13")
    do(world, "替班", SCORED)
    with world.transaction() as session:
        record = whole_timeline(session, world.cases[0]).entries[-1].record
    assert record.actor == world.cast.accounts["替班"]
    assert record.acting_for == world.cast.accounts["验收甲"]
    assert record.delegation == key
    assert record.role == "R13"
    assert world.differences() == []


def test_substitute_and_lender_are_one_for_two_signatures(world: World) -> None:
    lend(world, "验收甲", "替班", "R13")
    do(world, "替班", SCORED)
    with pytest.raises(SignedAlready):
        do(world, "验收甲", {})
    assert do(world, "验收乙", {}).opened


def test_lender_who_signed_is_not_signed_for_again(world: World) -> None:
    lend(world, "验收甲", "替班", "R13")
    do(world, "验收甲", SCORED)
    with pytest.raises(SignedAlready):
        do(world, "替班", {})


@pytest.mark.parametrize("verifier", ["lender", "substitute"])
def test_what_either_did_before_counts(world: World, verifier: str) -> None:
    employ(world, "核实甲", ("R13",))
    if verifier == "lender":
        lend(world, "核实甲", "替班", "R13")
        who = "替班"
    else:
        lend(world, "验收甲", "核实乙", "R13")
        who = "核实乙"
    with pytest.raises(PairNeedsReason):
        do(world, who, SCORED)


def test_what_was_done_for_the_lender_counts_for_him(world: World) -> None:
    second = world.open_matter()
    world.complete(second, "accept", "承办", acceptance="accept")
    employ(world, "核实丙", ("R02", "R13"))
    lend(world, "核实丙", "替班", "R02")
    with world.transaction() as session:
        task = world.cast.stage(session, second, world.now).task("verify")
        actor = actor_in(session, world, "替班")
        casework.complete(session, actor, world.now, second, task, VERIFIED_ORDINARY)
    with world.transaction() as session:
        task = world.cast.stage(session, second, world.now).task("verify")
        lender = actor_in(session, world, "核实丙")
        with pytest.raises(SignedAlready):
            casework.complete(session, lender, world.now, second, task, {})


def test_it_begins_and_ends_by_itself_and_can_be_taken_back(world: World) -> None:
    tomorrow = local_date(world.now) + timedelta(days=1)
    lend(world, "验收甲", "替班", "R13", from_on=tomorrow, until_on=tomorrow)
    with pytest.raises(RoleMissing):
        do(world, "替班", SCORED)
    world.now += timedelta(days=1)
    do(world, "替班", SCORED)
    world.now += timedelta(days=1)
    with pytest.raises(RoleMissing):
        do(world, "替班", SCORED)
    key = lend(world, "验收甲", "替班", "R13")
    with world.transaction() as session:
        with pytest.raises(NotLent):
            revoke(session, actor_in(session, world, "验收乙"), world.now, key)
        revoke(session, actor_in(session, world, "验收甲"), world.now, key)
    with pytest.raises(RoleMissing):
        do(world, "替班", SCORED)
    with world.transaction() as session, pytest.raises(NotFound):
        revoke(session, actor_in(session, world, "验收甲"), world.now, key)


def test_nothing_is_lent_that_is_not_held_and_nothing_is_lent_on(world: World) -> None:
    with pytest.raises(NotHeld):
        lend(world, "验收甲", "替班", "R06")
    lend(world, "验收甲", "替班", "R13")
    employ(world, "替班的替班", ())
    with pytest.raises(NotHeld):
        lend(world, "替班", "替班的替班", "R13")


def test_it_is_made_by_the_lender_or_the_principal(world: World) -> None:
    with pytest.raises(NotLent):
        lend(world, "验收甲", "替班", "R13", by="验收乙")
    lend(world, "验收甲", "替班", "R13", by="部长")
    with pytest.raises(NotLent):
        lend(world, "验收甲", "部长", "R13", by="部长")


@pytest.mark.parametrize(
    "wrong",
    [
        {"instrument": "  "},
        {"until_on": local_date(START) - timedelta(days=1)},
        {"until_on": local_date(START) + timedelta(days=800)},
    ],
)
def test_paper_and_days_are_asked_for(world: World, wrong: dict[str, Any]) -> None:
    with pytest.raises(DelegationInvalid):
        lend(world, "验收甲", "替班", "R13", **wrong)


def test_nobody_lends_to_himself_or_to_an_administrator(world: World) -> None:
    for substitute in ("验收甲", "安全员"):
        with pytest.raises(DelegationInvalid):
            lend(world, "验收甲", substitute, "R13")


def test_it_ends_with_the_lenders_own_role(world: World) -> None:
    lend(world, "验收甲", "替班", "R13")
    with world.transaction() as session:
        lender = world.cast.accounts["验收甲"]
        grant = session.scalars(select(Grant).where(Grant.account_id == lender)).one()
        grant.until_on = local_date(world.now) - timedelta(days=1)
    with pytest.raises(RoleMissing):
        do(world, "替班", SCORED)


def test_steps_bound_it(world: World) -> None:
    lend(world, "验收甲", "替班", "R13", activities=["acceptance_group"])
    with pytest.raises(DelegationTooNarrow):
        do(world, "替班", SCORED)


def test_substitute_sees_the_lenders_tasks_taken_ones_too(world: World) -> None:
    lend(world, "验收甲", "替班", "R13")
    with world.transaction() as session:
        task = world.cast.stage(session, world.cases[0], world.now).task("acceptance_pair")
        lender = actor_in(session, world, "验收甲")
        casework.claim(session, lender, world.now, world.cases[0], task)
        substitute = actor_in(session, world, "替班")
        scope = scope_in(session, substitute)
    with transaction(world.sessions, scope) as session:
        today = local_date(world.now)
        page = tasks_page(session, substitute, today, Wanted(whose=Whose.MY))
        assert [row.task.activity for row in page.rows] == ["acceptance_pair"]
    do(world, "替班", SCORED)


def test_what_is_reserved_is_done_in_person(world: World) -> None:
    with world.transaction() as session:
        row = session.scalars(select(Task).where(Task.state == "open")).one()
        definition = world.cast.stage(session, world.cases[0], world.now).case.definition
        pack = definition.pack
        activity = pack.processes["accountability"].activity("approve_start")
    assert row.activity == "acceptance_pair"
    assert activity.is_in_person
    assert pack.processes["referral"].activity("approve_referral").is_in_person
    assert not definition.activity(row.path).is_in_person
    assert issubclass(ReservedInPerson, NotAllowed)


def test_a_borrowed_member_does_one_step_of_one_case(world: World) -> None:
    today = local_date(world.now)
    bounds = Bounds(today, today + timedelta(days=5), PAPER)
    other = to_acceptance(world)
    with world.transaction() as session:
        task = world.cast.stage(session, world.cases[0], world.now).task("acceptance_pair")
        given = {
            "case_id": world.cases[0],
            "task": task,
            "account_id": world.cast.accounts["替班"],
            "bounds": bounds,
        }
        with pytest.raises(RoleMissing):
            borrow(session, actor_in(session, world, "验收甲"), world.now, **given)
        key = borrow(session, actor_in(session, world, "部长"), world.now, **given)
    with pytest.raises(RoleMissing):
        do(world, "替班", SCORED)
    with world.transaction() as session:
        with pytest.raises(SecondAdministrator):
            approve_borrowing(session, actor_in(session, world, "部长"), world.now, key)
        approve_borrowing(session, actor_in(session, world, "安全员"), world.now, key)
        substitute = actor_in(session, world, "替班")
        scope = scope_in(session, substitute)
    with transaction(world.sessions, scope) as session:
        assert session.scalars(select(Case.id)).all() == [world.cases[0]]
        page = tasks_page(session, substitute, today, Wanted(whose=Whose.MY))
        assert [row.task.case_id for row in page.rows] == [world.cases[0]]
    do(world, "替班", SCORED)
    with world.transaction() as session:
        record = whole_timeline(session, world.cases[0]).entries[-1].record
        assert (record.acting_for, record.delegation) == (None, key)
        assert session.scalars(select(Delegation.case_id)).all() == [world.cases[0]]
    assert other != world.cases[0]
    assert world.differences() == []


def test_a_task_is_handed_up_with_a_reason(world: World) -> None:
    employ(world, "盟验收", ("R13",), level=0)
    with world.transaction() as session:
        task = world.cast.stage(session, world.cases[0], world.now).task("acceptance_pair")
        principal = actor_in(session, world, "部长")
        above = hand_up(session, principal, world.now, world.cases[0], task, "本级人手不足")
        assert above.level == 2
        row = session.scalars(select(Task).where(Task.state == "open")).one()
        assert session.get_one(Organisation, row.office_id or "").id == above.id
    with pytest.raises(RoleMissing):
        do(world, "验收甲", SCORED)
    do(world, "盟验收", SCORED)
    assert world.differences() == []


def test_the_nightly_check_counts_whom_a_role_was_lent_to(world: World) -> None:
    today = local_date(world.now)
    with world.transaction() as session:
        for grant in session.scalars(select(Grant).where(Grant.role == "R13")):
            grant.until_on = today - timedelta(days=1)
        session.flush()
        assert [each.detail for each in unclaimable_tasks(session, today)]
    with world.transaction() as session:
        task = world.cast.stage(session, world.cases[0], world.now).task("acceptance_pair")
        key = borrow(
            session,
            actor_in(session, world, "部长"),
            world.now,
            case_id=world.cases[0],
            task=task,
            account_id=world.cast.accounts["替班"],
            bounds=Bounds(today, today + timedelta(days=5), PAPER),
        )
        assert [each.detail for each in unclaimable_tasks(session, today)]
        approve_borrowing(session, actor_in(session, world, "安全员"), world.now, key)
        assert [each.detail for each in unclaimable_tasks(session, today)] == []
