"""The nightly check: it finds what nothing moves on any more, tells it once, and mends nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, event, select, text, update

from tests.support.casework import World, make_world
from tests.support.filled import VERIFIED_ORDINARY
from tests.support.writes import written_so_far
from webapp.cli import main
from workflows.audit.commitment import new_subject_key
from workflows.domain.orphans import Orphan, OrphanKind
from workflows.jobs.alarm import check_now
from workflows.jobs.checking import CheckReport, claim_night, run_check
from workflows.services.access import load_actor
from workflows.services.casework import claim
from workflows.services.heartbeats import heartbeat_of
from workflows.services.vault import Vault
from workflows.store.base import table_of
from workflows.store.connection import session_factory
from workflows.store.tables import Account, Clock, Grant, Heartbeat, Incident, Task

KEY = new_subject_key()


@pytest.fixture
def world(engine: Engine) -> World:
    """A case at its start and one whose facts are being verified, all staffed and swept."""
    made = make_world(session_factory(engine, Vault(KEY).session_marks()))
    first, second = made.open_matter(), made.open_matter()
    made.complete(second, "accept", "甲", acceptance="accept")
    with made.transaction() as session:
        for case_id, name, role in ((first, "甲", "R03"), (second, "核实甲", "R02")):
            made.cast.stage(session, case_id, made.now).actor(name, (role,))
        made.cast.stage(session, second, made.now).actor("核实乙", ("R02",))
    made.sweep()
    return made


def look(world: World, **options: Any) -> CheckReport:
    return run_check(world.sessions, world.now, **options)


def run(engine: Engine, statement: str, **values: Any) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement), values)


@contextmanager
def counting(engine: Engine) -> Iterator[list[str]]:
    """Gather the statements of a while."""
    statements: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", listen)
    yield statements
    event.remove(engine, "before_cursor_execute", listen)


def open_incidents(world: World) -> list[tuple[str, str]]:
    with world.transaction() as session:
        rows = session.scalars(select(Incident).where(Incident.resolved_at.is_(None)))
        return sorted((row.kind, row.detail) for row in rows)


def strand(world: World, engine: Engine) -> None:
    case = {"case": world.cases[1]}
    run(engine, "UPDATE task SET state = 'closed' WHERE case_id = :case", **case)
    run(engine, "UPDATE clock SET state = 'cancelled' WHERE case_id = :case", **case)


def retire_the_verifiers(world: World, _engine: Engine) -> None:
    with world.transaction() as session:
        for grant in session.scalars(select(Grant).where(Grant.role == "R02")):
            grant.until_on = date(2026, 3, 9)


def close_the_claimants_account(world: World, _engine: Engine) -> None:
    with world.transaction() as session:
        claimant = world.cast.accounts["核实甲"]
        actor = load_actor(session, claimant, date(2026, 3, 10))
        claim(session, actor, world.now, world.cases[1], "verify#1")
        session.get_one(Account, claimant).is_active = False


def pass_a_clock_over(world: World, engine: Engine) -> None:
    clock = table_of(Clock)
    with engine.begin() as connection:
        connection.execute(
            update(clock)
            .where(clock.c.case_id == world.cases[0])
            .values(due_at=world.now - timedelta(days=2))
        )


def lose_the_place(world: World, engine: Engine) -> None:
    run(engine, "INSERT INTO marking (hash, body) VALUES ('0', '{\"nowhere\": 1}')")
    run(engine, "UPDATE cases SET marking_hash = '0' WHERE id = :case", case=world.cases[0])


FAULTS = [
    (strand, OrphanKind.CASE_STRANDED, 1, ""),
    (retire_the_verifiers, OrphanKind.TASK_UNCLAIMABLE, 1, "verify#1"),
    (close_the_claimants_account, OrphanKind.TASK_HELD, 1, "verify#1"),
    (pass_a_clock_over, OrphanKind.CLOCK_MISSED, 0, None),
    (lose_the_place, OrphanKind.MARKING_UNKNOWN, 0, ""),
]


def test_where_all_is_well_it_finds_nothing(world: World) -> None:
    report = look(world)
    assert report.found == ()
    assert report.compared == 2
    assert open_incidents(world) == []


@pytest.mark.parametrize("spoil,kind,number,detail", FAULTS, ids=[each[1] for each in FAULTS])
def test_each_kind_of_orphan_is_found_and_only_it(
    world: World,
    engine: Engine,
    spoil: Callable[[World, Engine], None],
    kind: OrphanKind,
    number: int,
    detail: str | None,
) -> None:
    spoil(world, engine)
    (found,) = look(world, sample=0).found
    assert (found.kind, found.case_id) == (kind, world.cases[number])
    assert detail is None or found.detail == detail


def test_rows_that_differ_from_their_records_are_found(world: World, engine: Engine) -> None:
    run(engine, "UPDATE task SET office_id = NULL WHERE case_id = :case", case=world.cases[1])
    found = look(world).found
    said = "task accept#1 office_id, task verify#1 office_id"
    assert Orphan(OrphanKind.ROWS_DIFFER, world.cases[1], said) in found


@pytest.mark.parametrize("database_kind", ["sqlite"])  # the other one takes no such date
def test_a_row_that_cannot_be_read_hides_no_other_case(world: World, engine: Engine) -> None:
    unreadable, other = world.cases
    run(engine, "UPDATE clock SET anchor_on = 'never' WHERE case_id = :case", case=unreadable)
    run(engine, "UPDATE cases SET version = version + 1 WHERE id = :case", case=other)
    assert set(look(world, whole=True).found) == {
        Orphan(OrphanKind.ROWS_DIFFER, unreadable, "records"),
        Orphan(OrphanKind.ROWS_DIFFER, other, "case version"),
    }


def test_comparing_more_cases_takes_no_more_statements(world: World, engine: Engine) -> None:
    look(world, whole=True)
    with counting(engine) as few:
        assert look(world, whole=True).compared == 2
    for _ in range(6):
        world.open_matter()
    with counting(engine) as many:
        assert look(world, whole=True).compared == 8
    assert len(many) == len(few)


def test_who_may_not_act_in_a_case_does_not_count(world: World, engine: Engine) -> None:
    """Of the two verifiers one is left; he has signed, and two must."""
    world.complete(world.cases[1], "verify", "核实甲", **VERIFIED_ORDINARY)
    assert look(world, sample=0).found == ()
    with world.transaction() as session:
        session.get_one(Account, world.cast.accounts["核实乙"]).is_active = False
    (found,) = look(world, sample=0).found
    assert (found.kind, found.detail) == (OrphanKind.TASK_UNCLAIMABLE, "verify#1")


def test_it_writes_incidents_and_its_heartbeat_and_nothing_else(
    world: World, engine: Engine
) -> None:
    for spoil in (pass_a_clock_over, lose_the_place, retire_the_verifiers):
        spoil(world, engine)
    own = {"incident", "heartbeat"}
    with engine.connect() as connection:
        before = written_so_far(connection, but=own)
    assert look(world, whole=True).raised
    with engine.connect() as connection:
        assert written_so_far(connection, but=own) == before


def test_the_same_is_told_once_and_closed_when_it_is_gone(world: World, engine: Engine) -> None:
    retire_the_verifiers(world, engine)
    assert look(world).raised == 1
    again = look(world)
    assert (again.raised, again.closed) == (0, 0)
    assert open_incidents(world) == [("task_unclaimable", "verify#1")]
    with world.transaction() as session:
        for grant in session.scalars(select(Grant).where(Grant.role == "R02")):
            grant.until_on = None
    assert look(world).closed == 1
    assert open_incidents(world) == []
    with world.transaction() as session:
        assert session.scalars(select(Incident.resolved_by)).all() == ["system:check"]


def test_a_difference_stays_told_until_its_case_is_compared_again(
    world: World, engine: Engine
) -> None:
    run(engine, "UPDATE cases SET version = version + 1 WHERE id = :case", case=world.cases[0])
    assert look(world, whole=True).raised == 1
    assert look(world, sample=0).compared == 1  # whatever the sample: that case again
    assert open_incidents(world) == [("rows_differ", "case version")]
    run(engine, "UPDATE cases SET version = version - 1 WHERE id = :case", case=world.cases[0])
    assert look(world, sample=0).closed == 1
    assert open_incidents(world) == []


def test_a_clock_that_waits_for_its_retry_is_not_passed_over(world: World, engine: Engine) -> None:
    pass_a_clock_over(world, engine)
    run(
        engine,
        "UPDATE clock SET attempts = 1, retry_at = :later",
        later=world.now + timedelta(minutes=4),
    )
    assert look(world, sample=0).found == ()


@pytest.mark.parametrize(
    "database_kind", [pytest.param("postgresql", marks=[pytest.mark.postgresql])]
)
def test_it_waits_for_no_officer(world: World, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("SET lock_timeout = '100ms'"))
        connection.execute(text("SELECT id FROM cases FOR UPDATE"))
        assert look(world, whole=True).compared == 2


def test_it_runs_once_a_night_and_makes_up_for_a_missed_one(world: World) -> None:
    night = datetime(2026, 3, 11, 18, tzinfo=UTC)  # 02:00 in China

    def due(after: timedelta) -> bool:
        with world.transaction() as session:
            return claim_night(session, night + after)

    assert due(timedelta(0))
    assert not due(timedelta(minutes=10))
    assert due(timedelta(hours=2)), "one that died is begun again"
    run_check(world.sessions, night + timedelta(hours=2))
    assert not due(timedelta(hours=23))
    assert due(timedelta(hours=24))
    run_check(world.sessions, night + timedelta(hours=24))
    assert due(timedelta(days=5))


def test_a_sweep_that_catches_up_says_how_late_it_was(world: World) -> None:
    with world.transaction() as session:
        due_at = session.scalars(select(Task.due_at).where(Task.activity == "accept")).first()
        assert due_at is not None
    world.now = due_at + timedelta(hours=5)
    assert world.sweep().fired
    world.now += timedelta(minutes=1)
    world.sweep()
    with world.transaction() as session:
        beat = heartbeat_of(session, "sweep")
        assert beat is not None
        assert beat.late_seconds == 5 * 3600
    world.now += timedelta(days=2)
    world.sweep()
    with world.transaction() as session:
        assert session.get_one(Heartbeat, "sweep").late_seconds < 3 * 86400


def test_the_command_names_cases_and_ends_with_1(
    world: World, engine: Engine, database_url: str, tmp_path: Path
) -> None:
    retire_the_verifiers(world, engine)
    key = tmp_path / "master.key"
    key.write_text(KEY.hex())
    key.chmod(0o600)
    found = CliRunner(env={"DUBAN_INSTANCE": str(tmp_path)}).invoke(
        main, ["check", "--database-url", database_url, "--json"]
    )
    assert found.exit_code == 1, found.output
    written = json.loads(found.stdout)
    (orphan,) = written["orphans"]
    assert orphan == {"kind": "task_unclaimable", "case": "督〔2026〕2号-1", "detail": "verify#1"}
    assert (written["found"], written["raised"], written["compared"]) == (1, 1, 2)


def test_the_alarm_wakes_it(world: World) -> None:
    check_now(world.sessions)
    with world.transaction() as session:
        beat = heartbeat_of(session, "check")
        assert beat is not None
        assert beat.finished_at is not None
        assert beat.outcome["compared"] == 2
        began = beat.started_at
    check_now(world.sessions)
    with world.transaction() as session:
        assert session.get_one(Heartbeat, "check").started_at == began
