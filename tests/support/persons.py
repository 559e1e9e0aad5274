"""Cases about persons, brought to where a test begins, and measures taken in them."""

import random
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import Row, select

from tests.support.casework import Player, World
from workflows.domain.clocks import SHANGHAI
from workflows.domain.effects import Standing
from workflows.domain.records import RecordKind, TriggerKind, TriggerRef
from workflows.services.journal import Act
from workflows.services.steps.advance import Stage
from workflows.services.steps.changes import Changes
from workflows.services.steps.effects import lift_effects
from workflows.services.steps.recording import Cause, write_record
from workflows.store.base import table_of
from workflows.store.casework import open_tasks
from workflows.store.tables import PersonEffect

ATTRIBUTION = {
    "cause_main": "unwilling",
    "cause_evidence": "未答复",
    "review_outcome": "attribution",
    "reason": "履职不力",
    "minutes_no": "12",
    "members_present": "7",
}
_HANDLED_DAYS = 40


class FirstChoice(random.Random):
    """Draws the first choice and the highest number: the way on."""

    def random(self) -> float:
        return 0.99

    def choice(self, seq: Any) -> Any:
        return seq[0]

    def randint(self, a: int, b: int) -> int:
        return b

    def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:
        return 0


def open_activities(world: World, case_id: str) -> list[str]:
    """Give the activities of a case that are open."""
    with world.transaction() as session:
        return sorted(row.activity for row in open_tasks(session, [case_id]))


def until_open(world: World, case_id: str, activity: str) -> None:
    """Do one open task after another until an activity is open."""
    player = Player(world, FirstChoice())
    for _ in range(20):
        opened = open_activities(world, case_id)
        if activity in opened:
            return
        assert opened, activity
        player.do(case_id, opened[0])
    pytest.fail(f"{activity} is never open")


def person_case(world: World, name: str) -> str:
    """Let a rectification stall until its review attributes it to somebody; give that case."""
    case_id = world.open_rectification()
    with world.transaction() as session:
        person = world.cast.person(session, name, world.now)
    for _ in range(60):
        if "review" in open_activities(world, case_id):
            break
        world.now += timedelta(days=5)
        world.sweep()
    decided = {**ATTRIBUTION, "responsible_person": person}
    world.complete(case_id, "review", "部务委员甲", **decided)
    return world.complete(case_id, "review", "部务委员乙").opened_cases[0]


def measured(world: World, case_id: str, on: date, adjustment: str | None = None) -> None:
    """Let a person be admonished on a day, or be adjusted by a decision of that day."""
    player = Player(world, FirstChoice())
    world.now = morning(on - timedelta(days=_HANDLED_DAYS))
    until_open(world, case_id, "proposal")
    measure = "adjustment" if adjustment else "admonishment"
    player.do(case_id, "proposal", proposed_measure=measure)
    player.do(case_id, "decision", decision_outcome="as_proposed")
    if adjustment is None:
        player.do(case_id, "notify_talk")
        world.now = morning(on)
        player.do(case_id, "admonish")
        return
    player.do(case_id, "adjustment_proposal", adjustment_type=adjustment)
    player.do(case_id, "hear_subject")
    world.now = morning(on)
    player.do(
        case_id,
        "adjustment_decision",
        adjustment_outcome="adjusted",
        adjustment_type=adjustment,
    )
    until_open(world, case_id, "formalities")
    player.do(case_id, "formalities")


def lift(world: World, case_id: str, standing: Standing, on: date) -> int:
    """Lift the effects of a case by an officer's act of a day."""
    world.now = morning(on)
    with world.transaction() as session:
        stage = world.cast.stage(session, case_id, world.now)
        principal = stage.actor("复查组组长", ("R06",))
        act = Act(principal, world.now, world.now, "R06")
        changes, case = Changes(), stage.case
        lifted = lift_effects(Stage(session, case, act, changes), standing, on)
        cause = Cause(
            kind=RecordKind.INTERVENED,
            trigger=TriggerRef(TriggerKind.OFFICER, "lift_effects", case.id),
            reason="复查决定",
        )
        write_record(session, case, act, cause, changes, case.facts, case.marking_hash)
    return lifted


def rows_of(world: World, case_id: str) -> Sequence[Row[Any]]:
    """Give the effects that a case started, in order."""
    with world.transaction() as session:
        table = table_of(PersonEffect)
        statement = select(table).where(table.c.case_id == case_id).order_by(table.c.id)
        return session.connection().execute(statement).all()


def morning(on: date) -> datetime:
    """Give nine in the morning of a day in China."""
    return datetime.combine(on, time(9), SHANGHAI)
