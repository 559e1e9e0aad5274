"""Rows lost or damaged come back from the journal exactly as they were."""

import random
from typing import Any

import pytest
from sqlalchemy import Engine, select, text

from tests.support.casework import Player, World, make_world
from tests.support.databases import as_owner
from workflows.audit.commitment import new_subject_key
from workflows.jobs.rebuilding import check_projections, run_rebuild
from workflows.services import casework
from workflows.services.vault import Vault
from workflows.store.base import Base, table_of
from workflows.store.connection import session_factory
from workflows.store.tables import Case, CaseFact, Clock, ClockPause, PersonEffect, Task

TABLES: tuple[type[Base], ...] = (Case, Task, Clock, ClockPause, CaseFact, PersonEffect)
# A row that was lost comes back under a new row id; attempts are the sweep's own.
LEFT_OUT = ("id", "attempts", "retry_at")


@pytest.fixture
def world(engine: Engine) -> World:
    return make_world(session_factory(engine, Vault(new_subject_key()).session_marks()))


def _rows(world: World) -> dict[str, list[str]]:
    found = {}
    with world.transaction() as session:
        for entity in TABLES:
            rows = session.connection().execute(select(table_of(entity))).mappings()
            found[entity.__tablename__] = sorted(_text(entity, row) for row in rows)
    return found


def _text(entity: type[Base], row: Any) -> str:
    left_out = () if entity is Case else LEFT_OUT
    return repr({name: value for name, value in row.items() if name not in left_out})


def _live(world: World, seed: int, steps: int = 25) -> None:
    player = Player(world, random.Random(seed))
    for _ in range(3):
        world.open_matter()
        for _ in range(steps):
            player.step()
            _pause_something(world, player.draw)


def _pause_something(world: World, draw: random.Random) -> None:
    """Now and then stop a clock, or let a stopped one go on."""
    with world.transaction() as session:
        statement = select(Clock.case_id, Clock.path, Clock.n, Clock.state)
        live = statement.where(Clock.state.in_(("running", "paused"))).order_by(Clock.id)
        clocks = session.execute(live).all()
        if not clocks or draw.random() > 0.15:
            return
        case_id, path, n, state = draw.choice(clocks)
        stage = world.cast.stage(session, case_id, world.now)
        leader = stage.actor("分管领导", ("R05",))
        place = f"{path}#{n}"
        if state == "running":
            approver = leader.account_id
            casework.pause(
                session, leader, world.now, case_id, place, reason="涉案材料送检", approver=approver
            )
        else:
            casework.resume(session, leader, world.now, case_id, place, reason="材料已返回")


WRECKS = (
    "UPDATE cases SET rung = 4, due_on = NULL, outcome = 'closed', overdue_on = '2020-01-01'",
    "UPDATE cases SET state = 'ended', version = 99, head_at = '2020-01-01 00:00:00.000000'",
    "UPDATE task SET claimant = NULL, due_on = NULL, is_milestone = (1 = 1), closed_by = 'u_?'",
    "UPDATE task SET state = 'closed', opened_at = '2020-01-01 00:00:00.000000'",
    "DELETE FROM task WHERE n = 1",
    "DELETE FROM clock_pause",
    "DELETE FROM clock_pause; DELETE FROM clock WHERE state <> 'running'",
    "UPDATE clock SET due_on = '2020-01-01', extension_days = 9, kind = 'effect', due_of = NULL",
    "UPDATE clock SET state = 'cancelled', ended_seq = NULL, calendar = '?'",
    "DELETE FROM case_fact WHERE name < 'm'",
    "UPDATE case_fact SET value = '\"?\"'",
    "DELETE FROM person_effect",
    "DELETE FROM clock_pause; DELETE FROM clock; DELETE FROM task; DELETE FROM case_fact",
)


def _run(engine: Engine, statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements.split("; "):
            connection.execute(text(statement))


@pytest.mark.parametrize("seed", [1, 8])
def test_wrecked_rows_come_back_as_they_were(world: World, engine: Engine, seed: int) -> None:
    _live(world, seed)
    before = _rows(world)
    assert check_projections(world.sessions).different == ()
    for wreck in WRECKS:
        _run(engine, wreck)
        is_wrecked = _rows(world) != before
        assert bool(check_projections(world.sessions).different) is is_wrecked
        report = run_rebuild(world.sessions)
        assert bool(report.different) is is_wrecked
        assert report.broken == ()
        assert _rows(world) == before, wreck
    assert run_rebuild(world.sessions).different == ()


def test_lost_case_comes_back(world: World, engine: Engine) -> None:
    case_id = world.open_matter()
    world.complete(case_id, "accept", "甲", acceptance="accept")
    before = _rows(world)
    _run(
        engine,
        "DELETE FROM clock; DELETE FROM task; DELETE FROM case_fact; DELETE FROM cases",
    )
    found = check_projections(world.sessions).different
    assert (found[0].case_id, found[0].what, found[0].found) == (case_id, "case", None)
    run_rebuild(world.sessions)
    assert _rows(world) == before


def test_a_difference_names_case_row_and_column(world: World, engine: Engine) -> None:
    world.open_matter()
    _run(engine, "UPDATE task SET office_id = NULL")
    (found,) = check_projections(world.sessions).different
    assert (found.number, found.what, found.found) == (
        "督〔2026〕1号-1",
        "task accept#1 office_id",
        None,
    )
    assert str(found.recorded).startswith("o_")


def test_broken_records_are_told_and_their_rows_stay(
    world: World, engine: Engine, database_kind: str
) -> None:
    good, bad = world.open_matter(), world.open_matter()
    _without_guard(
        engine,
        database_kind,
        "UPDATE journal_record SET body = replace(body, :right, :wrong) WHERE stream_id = :bad",
        right='"from":null',
        wrong='"from":"0"',
        bad=bad,
    )
    world.complete(good, "accept", "甲", acceptance="accept")
    _run(engine, "UPDATE cases SET rung = 3")
    report = run_rebuild(world.sessions)
    assert [difference.case_id for difference in report.broken] == [bad]
    assert {difference.case_id for difference in report.different} == {good}


def _without_guard(engine: Engine, kind: str, statement: str, **values: str) -> None:
    """Do what the journal's triggers refuse, as somebody with the file could."""
    with as_owner(engine) as connection:
        if kind == "sqlite":
            connection.execute(text("DROP TRIGGER journal_record_no_update"))
        else:
            connection.execute(text("ALTER TABLE journal_record DISABLE TRIGGER USER"))
            connection.execute(text("ALTER TABLE journal_record NO FORCE ROW LEVEL SECURITY"))
        connection.execute(text(statement), values)
