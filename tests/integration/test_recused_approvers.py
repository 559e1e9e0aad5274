"""Who keeps out of a case approves nothing in it either, whatever the approval is of."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.casework import World, memory_world
from tests.support.persons import person_case
from tests.support.small_office import act, actor_in, employ
from workflows.domain.bundle_scopes import BundleScope, ScopeKind
from workflows.domain.clocks import local_date
from workflows.domain.interventions import Approach, Manner
from workflows.services.exports import asking
from workflows.services.papers import clearance_replies
from workflows.services.recused import Recused
from workflows.services.secrecy.interventions import entries_for, register_approach
from workflows.services.staff.break_glass import (
    BreakGlassInvalid,
    ask_to_open,
    decide_glass,
    glasses_for,
)
from workflows.services.staff.delegating import Bounds, approve_borrowing, borrow
from workflows.services.steps.eligibility import Sought, refusal_of
from workflows.services.steps.locked import load_locked
from workflows.services.tracks import publication
from workflows.services.tracks.merging import decide_merge, undo_merge
from workflows.store.tables import (
    Account,
    BreakGlass,
    BundleJob,
    Case,
    Delegation,
    Grant,
    MatterMerge,
    Organisation,
    Publication,
    Recusal,
)

LEADER, OTHER = "组织部长", "另一部长"


@pytest.fixture(scope="module")
def world() -> World:
    """A person's case and the branch's; 组织部长 keeps out of both, 另一部长 out of none."""
    world = memory_world()
    world.cases.append(person_case(world, "某书记"))
    for name, roles in (
        (LEADER, ("R06",)),
        (OTHER, ("R06",)),
        ("承办甲", ("R03",)),
        ("核实甲", ("R02",)),
        ("审计员", ("R20",)),
        ("安全员", ("R19",)),
    ):
        employ(world, name, roles)
    with world.transaction() as session:
        for name in ("核实甲", LEADER):
            session.get_one(Account, world.cast.accounts[name]).username = name
    for name in (LEADER, "安全员"):
        for case_id in world.cases:
            recused(world, name, case_id)
    return world


def recused(world: World, name: str, case_id: str) -> None:
    with world.transaction() as session:
        case = session.get_one(Case, case_id)
        row = Recusal(
            id=f"r_{name}_{case.level}"[:28],
            case_id=case_id,
            account_id=world.cast.accounts[name],
            source="own",
            ground="relative",
            statement="当事人是我的岳父",
            asked_by=world.cast.accounts[name],
            asked_on=local_date(world.now),
            asked_at=world.now,
            office_id=case.subject_organisation_id,
            office_path=case.org_path,
            due_on=local_date(world.now),
            state="granted",
            decided_by="u_superior",
            decided_at=world.now,
        )
        session.add(row)


def kept(world: World, row: Any) -> Any:
    """Store a row as others asked for it, and give its key."""
    with world.transaction() as session:
        session.add(row)
        session.flush()
        return row.id


def refused(world: World, name: str, do: Any, *values: Any, **named: Any) -> None:
    """Do it without a scope that would hide the case: the service refuses by itself."""
    with pytest.raises(Recused), world.transaction() as session:
        do(session, actor_in(session, world, name), world.now, *values, **named)


@pytest.mark.parametrize("is_agreed", [True, False])
def test_an_approver_who_is_recused_neither_opens_nor_refuses_a_look(
    world: World, is_agreed: bool
) -> None:
    row = BreakGlass(
        case_id=world.cases[1],
        account_id=world.cast.accounts["核实甲"],
        reason="急",
        asked_by=world.cast.accounts["审计员"],
        asked_at=world.now,
    )
    key = kept(world, row)
    refused(world, LEADER, decide_glass, key, is_agreed=is_agreed)
    with world.transaction() as session:
        assert glasses_for(session, actor_in(session, world, LEADER)) == []
    act(world, OTHER, decide_glass, key, is_agreed=is_agreed)


def test_no_look_is_opened_to_somebody_who_is_recused(world: World) -> None:
    with world.transaction() as session:
        number = session.get_one(Case, world.cases[1]).number
    with pytest.raises(BreakGlassInvalid):
        act(world, "审计员", ask_to_open, number, LEADER, "急")


def test_an_approver_who_is_recused_neither_publishes_nor_refuses_to(world: World) -> None:
    row = Publication(
        case_id=world.cases[1],
        what="决定",
        place="公示栏",
        audience="本单位",
        until_on=local_date(world.now) + timedelta(days=9),
        reason="",
        minutes_no="9",
        asked_by=world.cast.accounts["承办甲"],
        asked_at=world.now,
    )
    key = kept(world, row)
    for is_granted in (True, False):
        refused(world, LEADER, publication.decide, key, is_granted=is_granted)
    act(world, OTHER, publication.decide, key, is_granted=False)


def test_an_approver_who_is_recused_lets_nothing_of_the_case_leave_the_house(world: World) -> None:
    with world.transaction() as session:
        path = session.get_one(Case, world.cases[1]).org_path
    for scope in (
        BundleScope(ScopeKind.CASES, (world.cases[1],)),
        BundleScope(ScopeKind.ORGANISATION, (world.cast.subject_id,)),
    ):
        row = BundleJob(
            asked_by=world.cast.accounts["承办甲"],
            asked_at=world.now,
            scope=scope.to_json(),
            org_path=path,
            levels="L1 L2",
            recipient="巡察组",
            purpose="巡察",
            state="waiting",
        )
        key = kept(world, row)
        refused(world, LEADER, asking.approve, key)
        refused(world, LEADER, asking.refuse, key, "不同意")
        act(world, OTHER, asking.refuse, key, "不同意")


def test_an_approver_who_is_recused_signs_no_reply_about_the_person(world: World) -> None:
    with world.transaction() as session:
        person = session.get_one(Case, world.cases[1]).subject_person_id
        assert person is not None
        actors = {name: actor_in(session, world, name) for name in (LEADER, OTHER)}
        signers, today = clearance_replies.SIGNERS, local_date(world.now)
        answer = clearance_replies.answering_unit
        with pytest.raises(Recused):
            answer(session, actors[LEADER], person, signers, today)
        assert answer(session, actors[OTHER], person, signers, today)


def test_whoever_is_recused_merges_no_half_of_a_matter(world: World) -> None:
    """His scope leaves the case out: without the rule the rest would be merged without it."""
    other = world.open_matter()
    with world.transaction() as session:
        one, into = (session.get_one(Case, key).matter_id for key in (world.cases[0], other))
    row = MatterMerge(
        id="x_recused",
        matter_id=one,
        into_id=into,
        state="asked",
        reason="同一问题",
        asked_by=world.cast.accounts["承办甲"],
        asked_at=world.now,
    )
    key = kept(world, row)
    for do, named in ((decide_merge, {"agreed": True}), (undo_merge, {"reason": "分开"})):
        with pytest.raises(Recused):
            act(world, LEADER, do, key, **named)


def test_a_member_is_neither_asked_for_nor_approved_by_somebody_recused(world: World) -> None:
    today = local_date(world.now)
    bounds = Bounds(today, today + timedelta(days=5), "借调函1号")
    with world.transaction() as session:
        task = next(iter(load_locked(session, world.cases[1]).tasks.values()))
    named = {
        "case_id": world.cases[1],
        "task": f"{task.path}#{task.n}",
        "account_id": world.cast.accounts["核实甲"],
        "bounds": bounds,
    }
    refused(world, LEADER, borrow, **named)
    refused(world, OTHER, borrow, **{**named, "account_id": world.cast.accounts["安全员"]})
    with world.transaction() as session:
        key = borrow(session, actor_in(session, world, OTHER), world.now, **named)
        assert session.get_one(Delegation, key).approved_by is None
    refused(world, "安全员", approve_borrowing, key)


def test_the_principal_of_the_discipline_line_reads_no_entry_of_a_case_he_keeps_out_of(
    world: World,
) -> None:
    with world.transaction() as session:
        case = session.get_one(Case, world.cases[0])
        number, path = case.number, case.org_path
        banner = ".".join(path.split(".")[:3]) + "."
        office = session.scalars(
            select(Organisation).where(
                Organisation.kind == "discipline", Organisation.path.startswith(banner)
            )
        ).first()
        assert office is not None
        for name in (LEADER, OTHER):
            grant = Grant(
                account_id=world.cast.accounts[name],
                role="R06",
                organisation_id=office.id,
                org_path=office.path,
                from_on=date(2020, 1, 1),
            )
            session.add(grant)
    approach = Approach(Manner.ASKED, local_date(world.now), "某局长", "局长", "问进展", None)
    act(world, "承办甲", register_approach, number, approach)
    with world.transaction() as session:
        assert len(entries_for(session, actor_in(session, world, OTHER))) == 1
        assert entries_for(session, actor_in(session, world, LEADER)) == []


def test_who_keeps_out_of_a_persons_case_decides_no_request_beside_it(world: World) -> None:
    """An appeal or a request for tolerance is a case of its own, about the same person."""
    opened = world.open_matter()
    for name in (LEADER, OTHER):
        employ(world, name, ("R03",))
    with world.transaction() as session:
        case = load_locked(session, world.cases[1])
        sought = Sought.of(session, case, next(iter(case.tasks.values())))
        child = session.get_one(Case, opened)
        child.parent_case_id, child.level = case.id, "L2"
        child.subject_person_id = case.subject_person_id
        session.flush()
        beside = replace(sought, case_id=child.id)
        leads = [actor_in(session, world, name) for name in (LEADER, OTHER)]
        refusals = [refusal_of(session, beside, actor) for actor in leads]
        session.rollback()
    assert isinstance(refusals[0], Recused)
    assert not isinstance(refusals[1], Recused)
