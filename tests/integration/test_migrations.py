"""Migrations as two people's act, and as a job that may be interrupted."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from tests.integration.test_migration import (
    install,
    live,
    longer_term,
    other_lane,
    plan,
    planning,
    row_of,
    shorter_plan,
)
from tests.support.casework import World, make_world, memory_world
from workflows.audit.commitment import new_subject_key
from workflows.domain.roles import Actor, RoleGrant
from workflows.engine import Pack
from workflows.jobs.migrating import run_migrations
from workflows.queries.versions.migrations import not_brought_back, stayed_cases
from workflows.services.access import RoleMissing
from workflows.services.vault import Vault
from workflows.services.versions import migrations
from workflows.services.versions.migrations import (
    MigrationDecided,
    MigrationOpen,
    NotItsSubmitter,
    OwnMigration,
    PlanStale,
    PlanUnseen,
)
from workflows.services.versions.version_errors import NoteMissing, VersionNotApproved
from workflows.store.base import table_of
from workflows.store.connection import session_factory
from workflows.store.tables import (
    Case,
    CaseMigration,
    MigratedCase,
    Organisation,
    PackVersion,
    SubjectKey,
)

REASON = "统一按新的整改期限办理"


@pytest.fixture
def world() -> World:
    return memory_world()


def somebody(world: World, name: str, role: str) -> Actor:
    """Give an actor who holds a role for the whole installation."""
    with world.transaction() as session:
        account = world.cast.account(session, name, world.now)
    return Actor(account, name, (RoleGrant(role, "SC.", "SC."),), None, None)


def submitted(world: World, pack: Pack, **options: Any) -> int:
    made = plan(world, pack, **options)
    reviewer = somebody(world, "法制审核", "R04")
    with world.transaction() as session:
        return migrations.submit(session, reviewer, world.now, made, REASON).id


def approve(world: World, migration_id: int, name: str = "主要负责人") -> None:
    principal = somebody(world, name, "R06")
    with world.transaction() as session:
        seen = session.get_one(CaseMigration, migration_id).sha256
        migrations.approve(session, principal, world.now, migration_id, seen=seen)


def state_of(world: World, migration_id: int) -> str:
    with world.transaction() as session:
        return session.get_one(CaseMigration, migration_id).state


def reasons(world: World, migration_id: int) -> Counter[str]:
    statement = select(MigratedCase.why).where(
        MigratedCase.migration_id == migration_id, MigratedCase.outcome == "stayed"
    )
    with world.transaction() as session:
        return Counter(session.scalars(statement))


def test_approved_plan_is_carried_out_and_nothing_else(world: World) -> None:
    case_id, pack = planning(world), longer_term()
    install(world, pack)
    migration_id = submitted(world, pack)
    assert run_migrations(world.sessions, world.now) == {}
    approve(world, migration_id)
    assert run_migrations(world.sessions, world.now) == {"moved": 1}
    assert row_of(world, case_id).pack_hash == pack.hash
    assert state_of(world, migration_id) == "done"
    assert world.differences() == []


def test_who_put_a_plan_forward_does_not_approve_it(world: World) -> None:
    planning(world)
    pack = longer_term()
    install(world, pack)
    migration_id = submitted(world, pack)
    with world.transaction() as session:
        seen = session.get_one(CaseMigration, migration_id).sha256
    reviewer = somebody(world, "法制审核", "R04")
    both = Actor(reviewer.account_id, "", (RoleGrant("R06", "SC.", "SC."),), None, None)
    for actor, error in ((reviewer, RoleMissing), (both, OwnMigration)):
        with world.transaction() as session, pytest.raises(error):
            migrations.approve(session, actor, world.now, migration_id, seen=seen)


def test_second_decision_finds_the_plan_decided(world: World) -> None:
    planning(world)
    pack = longer_term()
    install(world, pack)
    migration_id = submitted(world, pack)
    approve(world, migration_id)
    with pytest.raises(MigrationDecided):
        approve(world, migration_id, "另一位负责人")


def test_plan_needs_a_version_in_force_a_reason_and_no_other_plan(world: World) -> None:
    planning(world)
    pack = longer_term()
    install(world, pack)
    made, reviewer = plan(world, pack), somebody(world, "法制审核", "R04")
    with world.transaction() as session, pytest.raises(NoteMissing):
        migrations.submit(session, reviewer, world.now, made, " ")
    with world.transaction() as session:
        session.get_one(PackVersion, pack.hash).in_force_on += timedelta(days=1)
    with world.transaction() as session, pytest.raises(VersionNotApproved):
        migrations.submit(session, reviewer, world.now, made, REASON)
    world.now += timedelta(days=1)
    submitted(world, pack)
    with world.transaction() as session, pytest.raises(MigrationOpen):
        migrations.submit(session, reviewer, world.now, made, REASON)


def test_plan_that_went_stale_is_not_approved(world: World) -> None:
    case_id, pack = planning(world), longer_term()
    install(world, pack)
    migration_id = submitted(world, pack)
    world.complete(case_id, "plan", "支部", measures="逐条整改，书记负责，五月底前")
    with pytest.raises(PlanStale):
        approve(world, migration_id)


def test_only_the_plan_that_was_shown_is_approved(world: World) -> None:
    planning(world)
    pack = longer_term()
    install(world, pack)
    migration_id = submitted(world, pack)
    principal = somebody(world, "主要负责人", "R06")
    with world.transaction() as session, pytest.raises(PlanUnseen):
        migrations.approve(session, principal, world.now, migration_id, seen="0" * 64)


def test_case_that_went_on_after_the_approval_stays_and_is_told_why(world: World) -> None:
    case_id, pack = planning(world), other_lane()
    install(world, pack)
    migration_id = submitted(world, pack)
    approve(world, migration_id)
    world.complete(case_id, "plan", "支部", measures="逐条整改，书记负责，五月底前")
    assert run_migrations(world.sessions, world.now) == {"stayed": 1}
    assert reasons(world, migration_id) == {"not_planned": 1}
    assert row_of(world, case_id).pack_hash != pack.hash


def test_deadline_that_the_plan_does_not_name_is_not_shortened(world: World) -> None:
    case_id, pack = planning(world), shorter_plan()
    install(world, pack)
    migration_id = submitted(world, pack, shortens=True)
    approve(world, migration_id)
    later = planning(world)
    assert run_migrations(world.sessions, world.now) == {"moved": 1, "stayed": 1}
    assert row_of(world, case_id).pack_hash == pack.hash
    assert row_of(world, later).pack_hash != pack.hash
    assert reasons(world, migration_id) == {"shorter": 1}


def test_interrupted_run_is_resumed_where_it_stopped(world: World) -> None:
    cases, pack = [planning(world) for _ in range(3)], longer_term()
    install(world, pack)
    migration_id = submitted(world, pack)
    approve(world, migration_id)

    class Cut(Exception):
        """The machine goes off."""

    calls = iter(range(9))

    def sessions() -> Any:
        if next(calls) == 2:
            raise Cut
        return world.sessions()

    with pytest.raises(Cut):
        run_migrations(sessions, world.now, batch=1)
    assert state_of(world, migration_id) == "approved"
    assert run_migrations(world.sessions, world.now, batch=1) == {"moved": 2}
    assert {row_of(world, case_id).pack_hash for case_id in cases} == {pack.hash}
    assert world.differences() == []


def test_migration_is_undone_where_nothing_has_followed(world: World) -> None:
    (first, second), pack = (planning(world), planning(world)), longer_term()
    install(world, pack)
    migration_id = submitted(world, pack)
    approve(world, migration_id)
    before = live(world, first)
    run_migrations(world.sessions, world.now)
    world.complete(second, "plan", "支部", measures="逐条整改，书记负责，五月底前")
    principal = somebody(world, "主要负责人", "R06")
    with world.transaction() as session:
        migrations.undo(session, principal, world.now, migration_id, "期限有误")
    world.now += timedelta(hours=1)
    assert run_migrations(world.sessions, world.now) == {"undone": 1, "went_on": 1}
    assert row_of(world, first).pack_hash != pack.hash
    assert row_of(world, second).pack_hash == pack.hash
    assert live(world, first) == before
    assert state_of(world, migration_id) == "undone"
    assert world.differences() == []


def lose_its_key(world: World, case_id: str) -> None:
    """Let a case be about an organisation whose key is damaged: none of its records is written."""
    case, other = table_of(Case), Organisation.id != world.cast.subject_id
    with world.transaction() as session:
        subject_id = session.scalars(select(Organisation.id).where(other)).first()
        session.add(
            SubjectKey(
                id="k_damaged", subject_id=subject_id, wrapped=b"damaged", created_at=world.now
            )
        )
        session.connection().execute(
            update(case).where(case.c.id == case_id).values(subject_organisation_id=subject_id)
        )


def test_case_that_cannot_be_brought_back_stops_no_other(world: World) -> None:
    (first, second), pack = sorted(planning(world) for _ in range(2)), longer_term()
    install(world, pack)
    migration_id = submitted(world, pack)
    approve(world, migration_id)
    run_migrations(world.sessions, world.now)
    lose_its_key(world, first)
    principal = somebody(world, "主要负责人", "R06")
    with world.transaction() as session:
        migrations.undo(session, principal, world.now, migration_id, "期限有误")
    assert run_migrations(world.sessions, world.now) == {"undone": 1, "failed": 1}
    assert row_of(world, first).pack_hash == pack.hash
    assert row_of(world, second).pack_hash != pack.hash
    assert state_of(world, migration_id) == "undone"
    number = row_of(world, first).number
    with world.transaction() as session:
        assert stayed_cases(session, migration_id) == []
        assert not_brought_back(session, migration_id) == [number]


def test_only_its_submitter_takes_a_plan_back(world: World) -> None:
    planning(world)
    pack = longer_term()
    install(world, pack)
    migration_id = submitted(world, pack)
    other = somebody(world, "另一位审核", "R04")
    with world.transaction() as session, pytest.raises(NotItsSubmitter):
        migrations.withdraw(session, other, world.now, migration_id, REASON)
    reviewer = somebody(world, "法制审核", "R04")
    with world.transaction() as session:
        migrations.withdraw(session, reviewer, world.now, migration_id, REASON)
    assert submitted(world, pack) != migration_id


def test_migration_runs_on_both_databases(engine: Engine) -> None:
    world = make_world(session_factory(engine, Vault(new_subject_key()).session_marks()))
    planning(world)
    pack = longer_term()
    install(world, pack)
    migration_id = submitted(world, pack)
    approve(world, migration_id)
    assert run_migrations(world.sessions, world.now) == {"moved": 1}
    principal = somebody(world, "主要负责人", "R06")
    with world.transaction() as session:
        migrations.undo(session, principal, world.now, migration_id, "期限有误")
    assert run_migrations(world.sessions, world.now) == {"undone": 1}
    assert world.differences() == []
