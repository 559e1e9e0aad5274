"""Bringing running cases to another version of their pack, and back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from tests.support.casework import World, make_world, memory_world
from tests.support.filled import SERVED, VERIFIED
from tests.support.packs import changed_files, replaced
from tests.support.versions import approved, version_of, with_renamed_node
from workflows.audit.commitment import new_subject_key
from workflows.engine import Pack
from workflows.engine.migration import Carried, carry
from workflows.services import casework
from workflows.services.access import SYSTEM
from workflows.services.journal import Act
from workflows.services.steps.asif import Past
from workflows.services.steps.locked import load_locked
from workflows.services.vault import Vault
from workflows.services.versions.migrating import (
    SomethingFollowed,
    migrate_case,
    return_case,
    terms_of,
)
from workflows.services.versions.migration_dates import Versions
from workflows.services.versions.migration_plan import MigrationPlan, SameVersion, make_plan
from workflows.store.base import table_of
from workflows.store.connection import session_factory
from workflows.store.tables import Case, Clock, Task

TERM_PATH = "call_rectification/term/term_expired"
PLAN_PATH = "call_rectification/term/term_work/plan"
WARNING = (
    '<bpmn:boundaryEvent id="plan_warned" name="方案提醒" duban:anchor="served_on"'
    ' attachedToRef="plan" cancelActivity="false">'
    '<bpmn:outgoing>flow_warned</bpmn:outgoing><bpmn:timerEventDefinition id="warned_by">'
    '<bpmn:timeDuration xsi:type="bpmn:tFormalExpression">R_PLANCHK</bpmn:timeDuration>'
    "</bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    '<bpmn:endEvent id="end_warned" name="已提醒"><bpmn:incoming>flow_warned</bpmn:incoming>'
    '</bpmn:endEvent><bpmn:sequenceFlow id="flow_warned" sourceRef="plan_warned"'
    ' targetRef="end_warned"/>'
)
DUE = '<bpmn:boundaryEvent id="plan_due"'


def shorter_plan() -> Pack:
    return version_of(changed_files(R_PLAN=5))


def longer_plan() -> Pack:
    return version_of(changed_files(R_PLAN=20))


def longer_term() -> Pack:
    files = changed_files()
    return version_of(replaced(files, "parameters.toml", "value = 90, unit", "value = 120, unit"))


def other_lane() -> Pack:
    files = changed_files()
    return version_of(
        replaced(files, "work.bpmn", 'roles="R10" office="subject"', 'roles="R03" office="subject"')
    )


def new_reminder() -> Pack:
    return version_of(replaced(changed_files(), "work.bpmn", DUE, WARNING + DUE))


@pytest.fixture
def world() -> World:
    return memory_world()


def planning(world: World) -> str:
    """Open a case whose plan is awaited, its term running from 2026-03-10."""
    case_id = world.open_matter()
    world.complete(case_id, "accept", "承办", acceptance="accept")
    world.complete(case_id, "verify", "核实甲", **VERIFIED)
    world.complete(case_id, "verify", "核实乙")
    world.complete(case_id, "notice", "承办", **SERVED)
    return case_id


def install(world: World, pack: Pack) -> None:
    with world.transaction() as session:
        approved(session, pack)


def plan(world: World, pack: Pack, **options: Any) -> MigrationPlan:
    with world.transaction() as session:
        (old,) = session.connection().execute(select(table_of(Case).c.pack_hash).distinct()).one()
        return make_plan(session, world.now, old, pack.hash, **options)


def migrate(world: World, case_id: str, pack: Pack, *, shortens: bool = False) -> int:
    with world.transaction() as session:
        case = load_locked(session, case_id)
        versions = Versions(case.definition, pack.processes[case.definition.process_id], shortens)
        carried = carry(versions.old, versions.new, case.marking)
        assert isinstance(carried, Carried)
        act = Act(SYSTEM["migration"], world.now, world.now)
        terms = terms_of(session, case, versions, carried, world.now)
        return migrate_case(session, case, act, versions.new, carried, terms, {}, "1")


def go_back(world: World, case_id: str, seq: int) -> None:
    with world.transaction() as session:
        act = Act(SYSTEM["migration"], world.now, world.now)
        return_case(session, load_locked(session, case_id), act, seq, {}, "1")


def live(world: World, case_id: str) -> dict[str, tuple[str, date, str]]:
    """Give rule, last day and state of the clocks that live, by the end of their path."""
    clock = table_of(Clock)
    statement = select(clock).where(
        clock.c.case_id == case_id, clock.c.state.in_(("running", "paused"))
    )
    with world.transaction() as session:
        rows = session.connection().execute(statement).all()
    return {row.path.rpartition("/")[2]: (row.rule, row.due_on, row.state) for row in rows}


def row_of(world: World, case_id: str) -> Any:
    case = table_of(Case)
    with world.transaction() as session:
        return session.connection().execute(select(case).where(case.c.id == case_id)).one()


def task_of(world: World, case_id: str, activity: str) -> Any:
    task = table_of(Task)
    statement = select(task).where(
        task.c.case_id == case_id, task.c.activity == activity, task.c.state == "open"
    )
    with world.transaction() as session:
        return session.connection().execute(statement).one()


def test_migrated_case_keeps_its_place_and_its_unchanged_deadlines(world: World) -> None:
    case_id, pack = planning(world), longer_term()
    before = live(world, case_id)
    install(world, pack)
    migrate(world, case_id, pack)
    after = live(world, case_id)
    assert row_of(world, case_id).pack_hash == pack.hash
    assert after["plan_due"] == before["plan_due"]
    assert world.differences() == []


def test_longer_term_counts_from_the_old_anchor(world: World) -> None:
    case_id, pack = planning(world), longer_term()
    install(world, pack)
    assert live(world, case_id)["term_expired"][1] == date(2026, 6, 8)
    migrate(world, case_id, pack)
    assert live(world, case_id)["term_expired"][1] == date(2026, 7, 8)
    assert world.differences() == []


def test_case_goes_on_by_the_new_version(world: World) -> None:
    case_id, pack = planning(world), longer_plan()
    install(world, pack)
    migrate(world, case_id, pack)
    assert task_of(world, case_id, "plan").due_on == date(2026, 4, 8)
    world.complete(case_id, "plan", "支部", measures="逐条整改，书记负责，五月底前")
    assert world.differences() == []


def test_shorter_term_is_held_unless_the_plan_says_otherwise(world: World) -> None:
    case_id, pack = planning(world), shorter_plan()
    install(world, pack)
    made = plan(world, pack)
    assert made.shorter == ()
    assert [(group.rule, group.is_held, group.count) for group in made.others] == [
        ("R_PLAN", True, 1)
    ]
    migrate(world, case_id, pack)
    assert live(world, case_id)["plan_due"][1] == date(2026, 3, 24)
    assert world.differences() == []


def test_shorter_term_is_listed_by_name_where_it_applies(world: World) -> None:
    case_id, pack = planning(world), shorter_plan()
    install(world, pack)
    number = row_of(world, case_id).number
    (change,) = plan(world, pack, shortens=True).shorter
    assert (change.case_number, change.from_on, change.to_on) == (
        number,
        date(2026, 3, 24),
        date(2026, 3, 17),
    )
    assert change.is_shorter
    migrate(world, case_id, pack, shortens=True)
    assert live(world, case_id)["plan_due"][1] == date(2026, 3, 17)
    assert world.differences() == []


def test_no_term_is_over_by_its_shortening(world: World) -> None:
    case_id, pack = planning(world), shorter_plan()
    install(world, pack)
    world.now += timedelta(days=8)
    migrate(world, case_id, pack, shortens=True)
    assert live(world, case_id)["plan_due"][1] == date(2026, 3, 24)
    assert world.sweep().fired == 0


def intervene(world: World, case_id: str, what: Any, **grounds: str) -> None:
    with world.transaction() as session:
        stage = world.cast.stage(session, case_id, world.now)
        actor = stage.actor("主要负责人", ("R06",))
        place = f"{TERM_PATH}#1" if what is casework.pause else f"{TERM_PATH}#2"
        what(session, actor, world.now, case_id, place, reason="等待上级批复", **grounds)


def test_pause_and_used_budget_go_with_the_case(world: World) -> None:
    case_id, pack = planning(world), longer_term()
    install(world, pack)
    world.now += timedelta(days=36)
    intervene(world, case_id, casework.pause, approver="主要负责人")
    migrate(world, case_id, pack)
    assert live(world, case_id)["term_expired"][2] == "paused"
    assert world.sweep().fired == 1  # the plan's own date
    world.now += timedelta(days=30)
    intervene(world, case_id, casework.resume)
    # 120 days from 2026-03-10, of which 36 were used before 30 that do not count.
    assert live(world, case_id)["term_expired"][1] == date(2026, 8, 7)
    assert world.differences() == []


def test_task_that_others_do_in_the_new_version_opens_anew_for_them(world: World) -> None:
    case_id, pack = planning(world), other_lane()
    install(world, pack)
    before = task_of(world, case_id, "plan")
    assert plan(world, pack).markings[0].reopened == (PLAN_PATH,)
    migrate(world, case_id, pack)
    after = task_of(world, case_id, "plan")
    assert (before.roles, after.roles) == ("R10", "R03")
    assert (before.n, after.n) == (1, 2)
    assert after.due_on == before.due_on
    assert world.differences() == []


def test_new_reminder_counts_from_today_where_it_would_be_over(world: World) -> None:
    case_id, pack = planning(world), new_reminder()
    install(world, pack)
    world.now += timedelta(days=20)
    world.sweep()
    migrate(world, case_id, pack)
    assert live(world, case_id)["plan_warned"][1] == date(2026, 4, 7)
    assert world.differences() == []
    world.now += timedelta(days=30)
    assert world.sweep().failed == 0
    assert world.differences() == []


def test_cases_at_a_place_that_is_gone_stay_and_the_plan_says_why(world: World) -> None:
    case_id, pack = planning(world), version_of(with_renamed_node("work.bpmn", "plan", "the_plan"))
    install(world, pack)
    (at,) = plan(world, pack).markings
    assert at.target is None
    assert [(each.path, each.why) for each in at.obstacles] == [(PLAN_PATH, "gone")]
    assert (at.count, at.examples) == (1, (row_of(world, case_id).number,))
    renamed = plan(world, pack, renames={"work/plan": "the_plan"})
    assert renamed.moving == 1


@pytest.mark.parametrize("version", [longer_term, other_lane, new_reminder])
def test_case_goes_back_while_nothing_has_followed(
    world: World, version: Callable[[], Pack]
) -> None:
    case_id, pack = planning(world), version()
    install(world, pack)
    old, clocks = row_of(world, case_id), live(world, case_id)
    seq = migrate(world, case_id, pack)
    go_back(world, case_id, seq)
    new = row_of(world, case_id)
    assert (new.pack_hash, new.marking_hash) == (old.pack_hash, old.marking_hash)
    assert live(world, case_id) == clocks
    assert world.differences() == []


def test_case_that_went_on_does_not_go_back(world: World) -> None:
    case_id, pack = planning(world), longer_term()
    install(world, pack)
    seq = migrate(world, case_id, pack)
    world.complete(case_id, "plan", "支部", measures="逐条整改，书记负责，五月底前")
    with pytest.raises(SomethingFollowed):
        go_back(world, case_id, seq)


@pytest.mark.parametrize("version", [longer_term, other_lane, new_reminder])
def test_history_across_versions_leads_to_where_the_case_stands(
    world: World, version: Callable[[], Pack]
) -> None:
    case_id, pack = planning(world), version()
    install(world, pack)
    migrate(world, case_id, pack)
    world.now += timedelta(days=130)
    assert world.sweep().fired > 1
    with world.transaction() as session:
        case = load_locked(session, case_id)
        assert Past.of(session, case).before(case.head.seq + 1).marking == case.marking


def test_migrated_case_is_the_same_on_both_databases(engine: Engine) -> None:
    world = make_world(session_factory(engine, Vault(new_subject_key()).session_marks()))
    case_id, pack = planning(world), longer_term()
    install(world, pack)
    assert plan(world, pack).moving == 1
    seq = migrate(world, case_id, pack)
    assert world.differences() == []
    go_back(world, case_id, seq)
    assert world.differences() == []


def test_plan_to_the_version_that_cases_are_on_is_refused(world: World) -> None:
    case_id = planning(world)
    on = row_of(world, case_id).pack_hash
    with world.transaction() as session, pytest.raises(SameVersion):
        make_plan(session, world.now, on, on)
