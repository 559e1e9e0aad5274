"""The log: every record gets its leaf, whatever the order of commits, and is signed for."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from tests.support.casework import World
from tests.support.logs import (
    check_log,
    log_marks,
    log_world,
    made_up_record,
    open_incidents,
    stream_id,
    write_records,
)
from tests.support.races import race
from workflows.audit.notes import parse_checkpoint, parse_note, verify_note
from workflows.jobs.alarm import sequence_now
from workflows.jobs.sequencing import keep_log, run_sequencer
from workflows.services.heartbeats import heartbeat_of
from workflows.services.journal import ClockBackwards
from workflows.services.log.notary import public_keys_of
from workflows.services.log.sequencing import seal_log
from workflows.store.connection import open_engine, session_factory
from workflows.store.log import last_checkpoint
from workflows.store.scope import SystemScope
from workflows.store.tables import Checkpoint, LogLeaf
from workflows.store.transaction import transaction

POSTGRESQL = pytest.mark.parametrize(
    "database_kind", [pytest.param("postgresql", marks=[pytest.mark.postgresql])]
)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> World:
    made = log_world(engine, tmp_path)
    made.open_matter()
    return made


def count(world: World, what: type[LogLeaf | Checkpoint]) -> int:
    with world.transaction() as session:
        return session.scalar(select(func.count()).select_from(what)) or 0


def test_every_record_gets_a_leaf_and_the_head_is_signed(world: World) -> None:
    report = run_sequencer(world.sessions, world.now)
    assert report.sequenced == check_log(world.sessions) >= 5
    with world.transaction() as session:
        head, (key,) = last_checkpoint(session), public_keys_of(session)
    note = parse_note(head.note.encode())
    verify_note(note, key)
    checkpoint = parse_checkpoint(note.text)
    assert checkpoint.origin == "测试 (test)"
    assert (checkpoint.size, checkpoint.root) == (head.size, head.root)
    assert checkpoint.recorded_at == "2026-03-10T01:00:00.000000Z"


def test_without_news_nothing_is_signed(world: World) -> None:
    run_sequencer(world.sessions, world.now)
    before = count(world, Checkpoint)
    report = run_sequencer(world.sessions, world.now + timedelta(minutes=1))
    assert (report.sequenced, count(world, Checkpoint)) == (0, before)


def test_each_run_leaves_its_heartbeat(world: World) -> None:
    report = run_sequencer(world.sessions, world.now)
    with world.transaction() as session:
        beat = heartbeat_of(session, "sequencer")
    assert beat is not None
    assert (beat.finished_at, beat.outcome) == (world.now, report.counts())


def test_the_alarm_wakes_it(world: World) -> None:
    sequence_now(world.sessions, whole=True)
    size = check_log(world.sessions)
    world.now = datetime.now(UTC)
    world.open_matter()
    sequence_now(world.sessions)
    assert check_log(world.sessions) > size


@pytest.mark.parametrize("batch", [1, 3, 1_000])
def test_the_size_of_batches_changes_nothing_but_the_number_of_checkpoints(
    world: World, batch: int
) -> None:
    report = run_sequencer(world.sessions, world.now, batch=batch)
    assert check_log(world.sessions) == report.sequenced
    assert report.checkpoints == count(world, Checkpoint) == -(-report.sequenced // batch)


def test_a_caller_can_have_everything_sealed_in_its_own_transaction(world: World) -> None:
    with world.transaction() as session:
        sealed = seal_log(session, world.now)
    assert sealed.size == check_log(world.sessions)


@POSTGRESQL
def test_a_record_that_is_committed_late_is_not_lost(world: World) -> None:
    """Its place in time, and its row, are older than those of records with leaves."""
    world.now += timedelta(hours=1)
    with world.transaction() as early:
        write_records(early, made_up_record(stream_id(1), 1, world.now))
        early.flush()
        with world.transaction() as late:
            write_records(late, made_up_record(stream_id(2), 1, world.now + timedelta(minutes=5)))
        world.now += timedelta(minutes=10)
        assert run_sequencer(world.sessions, world.now).sequenced
        before = count(world, LogLeaf)
    assert run_sequencer(world.sessions, world.now).sequenced == 1
    assert check_log(world.sessions) == before + 1


@POSTGRESQL
@pytest.mark.parametrize("seed", range(4))
def test_whatever_the_order_of_commits_nothing_is_lost(world: World, seed: int) -> None:
    draw, streams = random.Random(seed), dict.fromkeys(range(1, 9), 0)
    open_now: dict[int, Session] = {}
    for _ in range(120):
        world.now += timedelta(seconds=draw.randrange(40))
        stream = draw.choice(list(streams))
        if stream in open_now:
            open_now.pop(stream).commit()
        else:
            session = world.sessions()
            streams[stream] += 1
            write_records(session, made_up_record(stream_id(stream), streams[stream], world.now))
            open_now[stream] = session
        if draw.random() < 0.3:
            run_sequencer(world.sessions, world.now, batch=draw.choice((1, 2, 50)))
    for session in open_now.values():
        session.commit()
        session.close()
    run_sequencer(world.sessions, world.now)
    assert check_log(world.sessions) > sum(streams.values())
    assert open_incidents(world) == []


@POSTGRESQL
def test_what_is_older_than_the_usual_run_looks_is_found_by_the_whole_one(world: World) -> None:
    run_sequencer(world.sessions, world.now)
    old = world.now - timedelta(days=3)
    with world.transaction() as session:
        write_records(session, made_up_record(stream_id(1), 1, old))
    assert run_sequencer(world.sessions, world.now).sequenced == 0
    assert run_sequencer(world.sessions, world.now, whole=True).sequenced == 1
    check_log(world.sessions)


def test_a_record_waits_for_the_one_before_it(world: World) -> None:
    """The usual run sees the second only; the first is found by the run that follows at once."""
    run_sequencer(world.sessions, world.now)
    first = made_up_record(stream_id(1), 1, world.now - timedelta(days=3))
    second = made_up_record(stream_id(1), 2, world.now)
    with world.transaction() as session:
        write_records(session, first, second)
    assert run_sequencer(world.sessions, world.now).sequenced == 2
    check_log(world.sessions)


def test_a_hole_in_a_stream_holds_back_that_stream_alone_and_is_told(world: World) -> None:
    with world.transaction() as session:
        write_records(
            session,
            made_up_record(stream_id(1), 2, world.now),
            made_up_record(stream_id(1), 3, world.now),
            made_up_record(stream_id(2), 1, world.now),
        )
    report = run_sequencer(world.sessions, world.now)
    assert report.held_back == 1
    with world.transaction() as session:
        streams = session.scalars(select(LogLeaf.stream_id).distinct()).all()
    assert stream_id(2) in streams
    assert stream_id(1) not in streams
    assert open_incidents(world) == [("log_gap", f"{stream_id(1)} 1")]


def test_two_sequencers_at_once_give_each_record_one_leaf(world: World) -> None:
    with world.transaction() as session:
        write_records(session, *(made_up_record(stream_id(n), 1, world.now) for n in range(1, 200)))
    act = lambda: run_sequencer(world.sessions, world.now, batch=7)  # noqa: E731
    outcomes = race(act, act, act)
    assert [each for each in outcomes if isinstance(each, Exception)] == []
    run_sequencer(world.sessions, world.now)
    assert check_log(world.sessions) > 199


_SEQUENCE_AND_DIE = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from sqlalchemy import event
from tests.support.logs import log_marks
from workflows.jobs.alarm import sequence_now
from workflows.jobs.sequencing import run_sequencer
from workflows.store.connection import open_engine, session_factory

engine = open_engine(sys.argv[1])

@event.listens_for(engine, "before_cursor_execute")
def die(_connection, _cursor, statement, *_others):
    if statement.startswith("INSERT INTO checkpoint"):
        die.checkpoints += 1
        if die.checkpoints == 2:
            os.kill(os.getpid(), signal.SIGKILL)

die.checkpoints = 0
sessions = session_factory(engine, log_marks(Path(sys.argv[2])))
run_sequencer(sessions, datetime.fromisoformat(sys.argv[3]), batch=2)
"""


def test_a_sequencer_that_is_killed_leaves_a_whole_log(
    world: World, database_url: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", _SEQUENCE_AND_DIE, database_url, str(tmp_path)]
    died = subprocess.run([*command, world.now.isoformat()], cwd=ROOT, check=False)
    assert died.returncode == -signal.SIGKILL
    assert (count(world, LogLeaf), count(world, Checkpoint)) == (2, 1)
    run_sequencer(world.sessions, world.now)
    assert check_log(world.sessions) > 2


# ------------------------------------------------------------------------- the clock


def test_a_clock_that_jumps_ahead_is_signed_as_it_shows(world: World) -> None:
    run_sequencer(world.sessions, world.now)
    world.now += timedelta(days=400)
    world.open_matter()
    run_sequencer(world.sessions, world.now)
    with world.transaction() as session:
        assert last_checkpoint(session).recorded_at == world.now


def test_a_clock_set_back_by_seconds_keeps_the_time_of_the_last_checkpoint(world: World) -> None:
    run_sequencer(world.sessions, world.now)
    with world.transaction() as session:
        write_records(session, made_up_record(stream_id(1), 1, world.now))
    run_sequencer(world.sessions, world.now - timedelta(seconds=30))
    with world.transaction() as session:
        assert last_checkpoint(session).recorded_at == world.now
    assert count(world, Checkpoint) == 2


def test_a_clock_set_back_further_signs_nothing_until_it_is_right_again(world: World) -> None:
    run_sequencer(world.sessions, world.now)
    before, earlier = count(world, LogLeaf), world.now - timedelta(hours=30)
    with world.transaction() as session:
        write_records(session, made_up_record(stream_id(1), 1, earlier))
    with pytest.raises(ClockBackwards):
        run_sequencer(world.sessions, earlier)
    assert keep_log(world.sessions, earlier) is None
    assert count(world, LogLeaf) == before
    assert open_incidents(world) == [("log_stopped", "clock_backwards")]
    run_sequencer(world.sessions, world.now, whole=True)
    assert check_log(world.sessions) == before + 1
    assert open_incidents(world) == []


def test_every_process_has_the_same_log(world: World, database_url: str, tmp_path: Path) -> None:
    run_sequencer(world.sessions, world.now)
    world.open_matter()
    other = open_engine(database_url)
    run_sequencer(session_factory(other, log_marks(tmp_path)), world.now)
    other.dispose()
    world.open_matter()
    with transaction(world.sessions, SystemScope("test")) as session:
        seal_log(session, world.now)
    check_log(world.sessions)
