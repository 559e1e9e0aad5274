"""A sweep in batches leaves the same history as firing one clock after the other."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, make_url, select, text

from tests.benchmarks.bulk_cases import copy_cases
from tests.support.casework import World, make_world
from tests.support.databases import copy_sqlite, flush_sqlite
from workflows.audit.commitment import new_subject_key
from workflows.domain.records import RecordKind, TriggerKind, TriggerRef
from workflows.jobs.sweep import run_sweep
from workflows.services.access import SYSTEM
from workflows.services.journal import Act
from workflows.services.steps.changes import Changes
from workflows.services.steps.firing import fire
from workflows.services.steps.locked import load_locked
from workflows.services.steps.recording import Cause, write_record
from workflows.services.vault import Vault, read_payload
from workflows.store.base import table_of
from workflows.store.connection import open_engine, open_memory, session_factory
from workflows.store.duework import claim_clocks, due_clocks
from workflows.store.schema import create_all
from workflows.store.scope import SystemScope
from workflows.store.tables import (
    Case,
    CaseFact,
    Clock,
    Incident,
    JournalPayload,
    JournalRecord,
    Marking,
    Outbox,
    Task,
)
from workflows.store.transaction import Session, transaction

KEY = new_subject_key()
# More than what goes through Core, so that the ways of many rows are taken.
COPIES = 12
_SALTED = {"id", "head"}


def _world(engine: Engine) -> World:
    return make_world(session_factory(engine, Vault(KEY).session_marks()))


def _reports(world: World) -> str:
    """Open a case that reports its progress in a series of terms."""
    case_id = world.open_rectification(progress_required="yes")
    world.complete(case_id, "plan", "承办", measures="已按要求办理并附有材料")
    return case_id


@pytest.fixture
def twins(
    database_kind: str, database_url: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[World, World]]:
    """Two installations that are the same to the byte, full of cases at several places."""
    first = open_engine(database_url)
    world = _world(first)
    for case_id in (world.open_matter(), world.open_rectification(), _reports(world)):
        copy_cases(world, case_id, COPIES)
    first.dispose()
    name = make_url(database_url).database or ""
    if database_kind == "sqlite":
        url = copy_sqlite(flush_sqlite(Path(name)), tmp_path / "twin.sqlite3")
    else:
        cluster = request.getfixturevalue("postgresql")
        url = cluster.copy_template(f"{name}_twin", template=name)
    second = open_engine(url)
    marks = Vault(KEY).session_marks()
    yield tuple(  # type: ignore[misc]
        World(session_factory(engine, marks), world.cast, world.now) for engine in (first, second)
    )
    first.dispose()
    second.dispose()
    if database_kind == "postgresql":
        cluster.drop_database(f"{name}_twin")


def _one_by_one(world: World, now: datetime) -> int:
    """Fire what is due, a clock to a transaction."""
    fired, after = 0, None
    while True:
        with transaction(world.sessions, SystemScope("sweep")) as session:
            clocks = due_clocks(session, now, 1, after)
            for clock in claim_clocks(session, now, [clock.id for clock in clocks]):
                fired += fire(session, clock.case_id, clock.path, clock.n, now) is not None
        if not clocks:
            return fired
        after = clocks[0].due_at, clocks[0].id


def _rows(session: Session, entity: Any) -> list[Any]:
    """Give all rows of a table, without what is drawn by lot or counted by the database."""
    table = table_of(entity)
    left_out = _SALTED if entity is not Case else {"head"}
    columns = [column for column in table.columns if column.name not in left_out]
    found = session.connection().execute(select(*columns)).all()
    return sorted((tuple(row) for row in found), key=repr)


def _records(session: Session) -> list[Any]:
    """Give all records without their chain, each with its payload in the clear."""
    record, payload = table_of(JournalRecord), table_of(JournalPayload)
    statement = select(record, payload.c.key_id, payload.c.sealed).join(
        payload, (payload.c.stream_id == record.c.stream_id) & (payload.c.seq == record.c.seq)
    )
    found = []
    for row in session.connection().execute(statement):
        body = {k: v for k, v in json.loads(row.body).items() if k not in ("prev", "payload")}
        content = read_payload(session, row.key_id, row.stream_id, row.seq, row.sealed)
        columns = (row.kind, row.actor, row.role, row.performed_by, row.recorded_at)
        found.append((row.stream_id, row.seq, columns, body, content))
    return sorted(found, key=repr)


def _everything(world: World) -> dict[str, list[Any]]:
    with world.transaction() as session:
        tables = (Case, Task, Clock, CaseFact, Marking, Incident, Outbox)
        rows = {entity.__name__: _rows(session, entity) for entity in tables}
        return {**rows, "records": _records(session)}


def test_batches_and_single_firings_leave_the_same_rows_and_records(
    twins: tuple[World, World],
) -> None:
    """Terms of reports, of plans and of the whole, several of one case in the same batch."""
    batches, singles = twins
    fired = []
    for days in (130, 20, 20, 400):
        batches.now += timedelta(days=days)
        report = run_sweep(batches.sessions, batches.now, batch=25, stretch=60)
        assert report.failed == 0
        fired.append(report.fired)
        assert report.fired == _one_by_one(singles, batches.now)
    assert min(fired) > 0
    assert max(fired) > COPIES * 3
    ours, theirs = _everything(batches), _everything(singles)
    for name, rows in ours.items():
        assert rows == theirs[name], name
    assert batches.differences() == []


def test_broken_cases_of_a_batch_cost_the_others_nothing(engine: Engine) -> None:
    world = _world(engine)
    first = world.open_matter()
    cases = [first, *copy_cases(world, first, COPIES)]
    broken = cases[3:5]
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO marking VALUES (:hash, '[]')"), {"hash": "0" * 64})
        for case_id in broken:
            marking = text("UPDATE cases SET marking_hash = :hash WHERE id = :id")
            connection.execute(marking, {"hash": "0" * 64, "id": case_id})
    world.now += timedelta(days=30)
    report = world.sweep()
    assert (report.fired, report.failed) == (len(cases) - 2, 2)
    with engine.connect() as connection:
        states = connection.execute(
            text("SELECT case_id, state, attempts FROM clock ORDER BY attempts DESC, case_id")
        ).all()
    assert {tuple(row) for row in states[:2]} == {(each, "running", 1) for each in broken}
    assert {tuple(row)[1:] for row in states[2:]} == {("fired", 0)}


def test_batch_that_the_database_refuses_is_fired_one_by_one(engine: Engine) -> None:
    """A row that stands in the way of one case's record does not hold up its batch."""
    world = _world(engine)
    first = world.open_matter()
    cases = [first, *copy_cases(world, first, COPIES)]
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO journal_record (stream_id, seq, kind, actor, recorded_at, hash, body)"
                " SELECT stream_id, 2, kind, actor, recorded_at, hash, body FROM journal_record"
                " WHERE stream_id = :id"
            ),
            {"id": cases[5]},
        )
    world.now += timedelta(days=30)
    report = world.sweep()
    assert (report.fired, report.skipped, report.failed) == (len(cases) - 1, 1, 0)


def _statements_of_a_sweep(copies: int) -> int:
    """Fire a term of so many cases at branches of their own, with no key unwrapped yet."""
    engine = open_memory()
    create_all(engine)
    world = _world(engine)
    copy_cases(world, world.open_matter(), copies)
    cold = session_factory(engine, Vault(KEY).session_marks())
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    report = run_sweep(cold, world.now + timedelta(days=30))
    assert report.fired == copies + 1
    engine.dispose()
    return len(statements)


def test_statements_of_a_batch_do_not_grow_with_its_cases() -> None:
    few = _statements_of_a_sweep(20)
    assert _statements_of_a_sweep(40) <= few


def test_two_records_in_one_transaction_leave_what_the_second_says(engine: Engine) -> None:
    world = _world(engine)
    case_id = world.open_matter()
    trigger = TriggerRef(TriggerKind.OFFICER, "stop", case_id)
    with world.transaction() as session:
        case = load_locked(session, case_id)
        for outcome in ("withdrawn", None):
            case.outcome = outcome
            cause = Cause(kind=RecordKind.INTERVENED, trigger=trigger)
            act = Act(SYSTEM["sweep"], world.now, world.now)
            write_record(session, case, act, cause, Changes(), case.facts, case.marking_hash)
    with world.transaction() as session:
        row = session.get_one(Case, case_id)
        assert (row.outcome, row.version) == (None, 3)
