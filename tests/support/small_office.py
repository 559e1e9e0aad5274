"""An office in which the same few people hold every role, for tests of what may not meet."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from tests.support.casework import World
from tests.support.filled import NOTICE, VERIFIED_ORDINARY
from workflows.domain.clocks import local_date
from workflows.domain.roles import ADMINISTRATORS, Actor, Role
from workflows.services.access import load_actor, scope_in
from workflows.store.scope import set_scope
from workflows.store.tables import Account, Grant
from workflows.store.transaction import Session

CASE_ROLES = tuple(role.value for role in Role if role not in ADMINISTRATORS)
TALKED: dict[str, Any] = {
    "talked_on": "2026-03-10",
    "attitude": "accepts",
    "signed": "signed",
    "written_check": "not_ordered",
    "criticism_outcome": "rectification",
}
SCORED: dict[str, Any] = {
    "acceptance_score": "82",
    "manner": "site",
    "satisfied_percent": "91",
    "ballot": "held",
    "dissatisfied_percent": "9",
}


def employ(world: World, name: str, roles: Sequence[str] = CASE_ROLES, level: int = 1) -> str:
    """Give somebody, as a person with an account, roles on the unit of a level."""
    with world.transaction() as session:
        account_id = world.cast.account(session, name, world.now)
        account = session.get_one(Account, account_id)
        if account.person_id is None:
            account.person_id = world.cast.person(session, f"{name}本人", world.now)
        unit_id, path = world.cast.units[level]
        held = {grant.role for grant in account.grants}
        for role in roles:
            if role not in held:
                session.add(
                    Grant(
                        account_id=account_id,
                        role=role,
                        organisation_id=unit_id,
                        org_path=path,
                        from_on=date(2020, 1, 1),
                    )
                )
        return account_id


def actor_in(session: Session, world: World, name: str) -> Actor:
    """Give somebody as he may act today."""
    return load_actor(session, world.cast.accounts[name], local_date(world.now))


def act(world: World, name: str, do: Any, *values: Any, **named: Any) -> Any:
    """Let somebody do something within his own scope."""
    with world.transaction() as session:
        actor = actor_in(session, world, name)
        set_scope(session, scope_in(session, actor))
        return do(session, actor, world.now, *values, **named)


def to_acceptance(world: World) -> str:
    """Bring a case of class B to its acceptance by two; 核实甲 verified, 承办 handled it."""
    case_id = world.open_matter()
    world.complete(case_id, "accept", "承办", acceptance="accept")
    world.complete(case_id, "verify", "核实甲", **VERIFIED_ORDINARY)
    world.complete(case_id, "verify", "核实乙")
    with world.transaction() as session:
        talk = TALKED | {
            "talker": world.cast.person(session, "谈话人", world.now),
            "recorder": world.cast.person(session, "记录人", world.now),
        }
    world.complete(case_id, "talk", "镇长", **talk)
    world.complete(case_id, "notice", "承办", **NOTICE)
    world.complete(case_id, "report", "支部", reported_on="2026-03-10", completed="完成")
    world.complete(case_id, "initial_acceptance", "镇党委书记", initial_outcome="passed")
    return case_id
