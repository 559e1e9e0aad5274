"""Forbidden pairs: hard, or made up for by a reason and the principal's signature."""

from dataclasses import replace
from typing import Any

import pytest

from tests.support.casework import World, memory_world
from tests.support.small_office import SCORED, actor_in, employ, to_acceptance
from workflows.domain.errors import Conflict, NotAllowed
from workflows.domain.pairs import can_be_made_up_for, forbidden_with
from workflows.domain.roles import Role
from workflows.queries.case.timeline import whole_timeline
from workflows.services import casework
from workflows.services.access import RoleMissing, RolesForbidden
from workflows.services.separation import Grounds, LiaisonAccepts
from workflows.services.steps.cosigning import CO_SIGNED, NothingToCoSign
from workflows.services.steps.eligibility import (
    AdministratorActs,
    Sought,
    refusal_of,
    standing_of,
)
from workflows.services.steps.locked import load_locked
from workflows.services.steps.signing import PairNeedsReason, SignedAlready
from workflows.store.tables import Account

REASON = "全科仅五人，验收成员不足"


@pytest.fixture
def accepting() -> tuple[World, str]:
    """A case of class B at its acceptance, with an office of few."""
    world = memory_world()
    case_id = to_acceptance(world)
    for name in ("核实甲", "验收乙"):
        employ(world, name, ("R13",))
    employ(world, "部长", ("R06", "R13"))
    return world, case_id


def _do(world: World, case_id: str, name: str, values: Any, reason: str = "") -> Any:
    with world.transaction() as session:
        task = world.cast.stage(session, case_id, world.now).task("acceptance_pair")
        return casework.complete(
            session,
            actor_in(session, world, name),
            world.now,
            case_id,
            task,
            values,
            pair_reason=reason,
        )


def _co_sign(world: World, case_id: str, name: str) -> Any:
    with world.transaction() as session:
        task = world.cast.stage(session, case_id, world.now).task("acceptance_pair")
        return casework.co_sign(session, actor_in(session, world, name), world.now, case_id, task)


def test_pair_on_a_light_rung_waits_for_reason_and_principal(
    accepting: tuple[World, str],
) -> None:
    world, case_id = accepting
    with pytest.raises(PairNeedsReason) as caught:
        _do(world, case_id, "核实甲", SCORED)
    assert (caught.value.role, caught.value.other) == ("R13", "R02")
    assert _do(world, case_id, "核实甲", SCORED, REASON).waiting_for_second_signature
    with pytest.raises(NothingToCoSign):
        _co_sign(world, case_id, "部长")
    done = _do(world, case_id, "验收乙", {})
    assert done.waiting_for_principal
    assert not done.opened
    with pytest.raises(RoleMissing):
        _co_sign(world, case_id, "验收乙")
    assert "close_approval" in _co_sign(world, case_id, "部长").opened[0]
    with world.transaction() as session:
        last = whole_timeline(session, case_id).entries[-1]
    (exception,) = last.form[CO_SIGNED]
    assert (exception["role"], exception["with"], exception["reason"]) == ("R13", "R02", REASON)
    assert last.record.role == "R06"
    assert world.differences() == []


def test_principal_who_signed_himself_does_not_sign_for_the_pair(
    accepting: tuple[World, str],
) -> None:
    world, case_id = accepting
    _do(world, case_id, "核实甲", SCORED, REASON)
    _do(world, case_id, "部长", {})
    with pytest.raises(SignedAlready):
        _co_sign(world, case_id, "部长")
    employ(world, "盟部长", ("R06",), level=0)
    assert _co_sign(world, case_id, "盟部长").opened


def test_refused_signature_makes_everybody_sign_again(accepting: tuple[World, str]) -> None:
    world, case_id = accepting
    _do(world, case_id, "核实甲", SCORED, REASON)
    _do(world, case_id, "验收乙", {})
    with world.transaction() as session:
        task = world.cast.stage(session, case_id, world.now).task("acceptance_pair")
        principal = actor_in(session, world, "部长")
        casework.refuse_co_sign(session, principal, world.now, case_id, task, "另请验收成员")
    with pytest.raises(Conflict):
        _co_sign(world, case_id, "部长")
    assert _do(world, case_id, "验收乙", SCORED).waiting_for_second_signature
    employ(world, "验收丙", ("R13",))
    assert _do(world, case_id, "验收丙", {}).opened
    assert world.differences() == []


def test_a_second_account_of_the_same_person_does_not_hide_what_he_did(
    accepting: tuple[World, str],
) -> None:
    world, case_id = accepting
    employ(world, "核实甲的另一账号", ("R13",))
    with world.transaction() as session:
        verifier = actor_in(session, world, "核实甲")
        other = actor_in(session, world, "核实甲的另一账号")
        session.get_one(Account, other.account_id).person_id = verifier.person_id
    with pytest.raises(PairNeedsReason):
        _do(world, case_id, "核实甲的另一账号", SCORED)


def test_x27_liaison_of_the_branch_does_not_accept_on_grave_classes(
    accepting: tuple[World, str],
) -> None:
    """Who has the whole banner looks after no branch; on light classes the principal co-signs."""
    world, case_id = accepting
    for name, level in (("包联嘎查", 3), ("包联苏木", 2), ("包联全旗", 1)):
        employ(world, name, ("R13",))
        employ(world, name, ("R11",), level=level)
    assert isinstance(_refused(world, case_id, "包联嘎查", "C"), LiaisonAccepts)
    assert isinstance(_refused(world, case_id, "包联苏木", "D"), LiaisonAccepts)
    assert _refused(world, case_id, "包联全旗", "C") is None
    assert _refused(world, case_id, "包联嘎查", "B") is None
    assert _refused(world, case_id, "验收乙", "C") is None
    with pytest.raises(PairNeedsReason) as caught:
        _do(world, case_id, "包联嘎查", SCORED)
    assert (caught.value.role, caught.value.other) == ("R13", "R11")
    assert _do(world, case_id, "包联嘎查", SCORED, REASON).waiting_for_second_signature
    assert _do(world, case_id, "验收乙", {}).waiting_for_principal
    assert "close_approval" in _co_sign(world, case_id, "部长").opened[0]
    assert world.differences() == []


def _refused(world: World, case_id: str, name: str, letter: str) -> NotAllowed | None:
    with world.transaction() as session:
        case = load_locked(session, case_id)
        (row,) = case.tasks.values()
        sought = replace(Sought.of(session, case, row), grounds=Grounds(2, letter))
        return refusal_of(session, sought, actor_in(session, world, name))


def test_another_role_is_taken_where_one_does_not_go_together(
    accepting: tuple[World, str],
) -> None:
    world, case_id = accepting
    with world.transaction() as session:
        case = load_locked(session, case_id)
        (row,) = case.tasks.values()
        sought = Sought.of(session, case, row)
        refused = refusal_of(session, sought, actor_in(session, world, "承办"))
        standing = standing_of(session, sought, actor_in(session, world, "验收乙"))
    assert isinstance(refused, RoleMissing)
    assert (standing.role, standing.pair) == ("R13", None)


def test_administrators_are_told_that_they_work_on_no_case(
    accepting: tuple[World, str],
) -> None:
    world, case_id = accepting
    employ(world, "系统管理员", ("R18",))
    with pytest.raises(AdministratorActs):
        _do(world, case_id, "系统管理员", SCORED)


@pytest.mark.parametrize("rung", [None, 0, 3, 4])
@pytest.mark.parametrize("letter", [None, "A", "B", "C", "D"])
def test_pairs_are_hard_off_the_light_rungs(rung: int | None, letter: str | None) -> None:
    for role in Role:
        for other in forbidden_with(role):
            assert not can_be_made_up_for(role, other, rung, letter)


@pytest.mark.parametrize(
    "role, other, rung, letter, light",
    [
        ("R13", "R02", 2, "B", True),
        ("R13", "R02", 2, "A", True),
        ("R13", "R02", 2, "C", False),
        ("R13", "R02", 2, None, False),
        ("R04", "R03", 1, None, True),
        ("R09", "R08", 1, None, False),
        ("R14", "R06", 1, None, False),
        ("R14", "R12", 2, "A", False),
    ],
)
def test_light_pairs(role: str, other: str, rung: int, letter: str | None, light: bool) -> None:
    assert can_be_made_up_for(role, other, rung, letter) is light


def test_pair_refusal_names_the_earlier_act(accepting: tuple[World, str]) -> None:
    world, case_id = accepting
    with pytest.raises(NotAllowed) as caught:
        _do(world, case_id, "核实甲", SCORED)
    with world.transaction() as session:
        entries = whole_timeline(session, case_id).entries
    verified = next(each for each in entries if each.record.role == "R02")
    assert caught.value.seq == verified.record.seq
    assert not isinstance(caught.value, RolesForbidden)
