"""Whatever few people claim, do, lend and co-sign: nobody ever holds a hard pair in a case."""

import json
import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.support.casework import Player, World, memory_world
from tests.support.small_office import actor_in, employ
from workflows.domain.clocks import local_date
from workflows.domain.errors import DubanError
from workflows.domain.pairs import can_be_made_up_for, forbidden_with
from workflows.engine import Definition
from workflows.engine.errors import UnknownPlace
from workflows.services import casework
from workflows.services.staff.delegating import Bounds, lend_roles
from workflows.services.steps.locked import load_locked
from workflows.store.tables import Account, Case, JournalRecord
from workflows.store.transaction import Session, savepoint

NAMES = ("甲", "乙", "丙", "丁")
ROLES = ("R02", "R03", "R04", "R05", "R06", "R07", "R08", "R10", "R12", "R13", "R14")


def _someone_acts(player: Player) -> None:
    world, draw = player.world, player.draw
    name, task_kind = draw.choice(NAMES), draw.random()
    with world.transaction() as session, suppress(DubanError), savepoint(session):
        if task_kind < 0.15:
            _lend(session, world, name, draw)
            return
        case_id = draw.choice(world.cases)
        stage = world.cast.stage(session, case_id, world.now)
        if not stage.case.tasks:
            return
        path = draw.choice(sorted(stage.case.tasks))
        place = f"{path}#{stage.case.tasks[path].n}"
        actor = actor_in(session, world, name)
        if task_kind < 0.25:
            casework.claim(session, actor, world.now, case_id, place)
        elif task_kind < 0.45:
            casework.co_sign(session, actor, world.now, case_id, place)
        else:
            activity = stage.case.definition.activity(path)
            values = {} if draw.random() < 0.4 else player.fill(session, stage, activity.form)
            reason = "人手不足" if draw.random() < 0.7 else ""
            casework.complete(session, actor, world.now, case_id, place, values, pair_reason=reason)


def _lend(session: Session, world: World, name: str, draw: random.Random) -> None:
    today = local_date(world.now)
    lend_roles(
        session,
        actor_in(session, world, name),
        world.now,
        lender_id=world.cast.accounts[name],
        account_id=world.cast.accounts[draw.choice(NAMES)],
        roles=[draw.choice(ROLES)],
        organisation_id=world.cast.units[0][0],
        bounds=Bounds(today, today + timedelta(days=30), "文 1"),
    )


def _acts(session: Session, case_id: str) -> Iterator[tuple[Any, set[str]]]:
    """Give each record under a role with all people whose act it is."""
    persons = {each.id: each.person_id or each.id for each in session.scalars(select(Account))}
    rows = session.scalars(
        select(JournalRecord).where(JournalRecord.stream_id == case_id).order_by(JournalRecord.seq)
    )
    for row in rows:
        body = json.loads(row.body)
        if body["role"] is None or body["actor"].startswith("system:"):
            continue
        if body["performed_by"] is not None:
            yield body, {body["performed_by"]}
        else:
            yield body, {persons[each] for each in (body["actor"], body["acting_for"]) if each}


def _rung(definition: Definition, body: Any) -> int | None:
    try:
        return definition.activity(body["trigger"]["ref"].partition("#")[0]).rung
    except UnknownPlace:
        return None


@settings(max_examples=4, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10_000))
def test_nobody_ever_holds_a_hard_pair(seed: int) -> None:
    world = memory_world()
    for name in NAMES:
        employ(world, name, ROLES, level=0)
    world.open_matter()
    player = Player(world, random.Random(seed))
    for _ in range(60):
        world.now += timedelta(hours=player.draw.choice((1, 5, 30)))
        _someone_acts(player)
        if player.draw.random() < 0.05:
            world.now += timedelta(days=20)
            world.sweep()
    with world.transaction() as session:
        for case_id in session.scalars(select(Case.id)):
            case = load_locked(session, case_id)
            before: list[tuple[str, set[str]]] = []
            for body, people in _acts(session, case_id):
                for role, others in before:
                    if people.isdisjoint(others) or role not in forbidden_with(body["role"]):
                        continue
                    rung = _rung(case.definition, body)
                    # The class may be known by then or not; where it never is light, none is.
                    assert any(
                        can_be_made_up_for(body["role"], role, rung, letter) for letter in "AB"
                    ), (body["seq"], body["role"], role, rung)
                before.append((body["role"], people))
    assert world.differences() == []
