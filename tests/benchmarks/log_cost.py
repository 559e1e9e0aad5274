"""What chain and log cost: durable steps with them and without, sweeps and the sequencer.

Two copies of one database take turns, a block of steps on each, so that what else the
machine does falls on both. On the one everything is as it is, and after each block the
sequencer runs, on the same thread, its time counted: once for fifty steps, which is much
more often than in any house. On the other nothing is chained: no canonical check, no
hashes, no commitments, no sequencer and not the index that it walks along.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import orjson
from sqlalchemy import Engine, create_engine, text

from tests.benchmarks.bulk_cases import copy_cases
from tests.benchmarks.databases import Server
from tests.benchmarks.sweeps import overdue_cases
from tests.support.casework import World, make_world
from workflows.audit.commitment import new_subject_key
from workflows.domain.roles import Actor
from workflows.jobs.sequencing import run_sequencer
from workflows.services import casework
from workflows.services.access import scope_for
from workflows.services.log.notary import Notary
from workflows.services.vault import Vault
from workflows.store.connection import open_engine, session_factory
from workflows.store.schema import create_all
from workflows.store.transaction import Sessions, transaction

BLOCK = 50
WORK_MS = (0, 10)
TASK, VALUES = "accept#1", {"acceptance": "accept"}
_NOTHING = "0" * 64
_INDEX = "ix_journal_record_recorded_at_stream_id_seq"


@dataclass(frozen=True, slots=True)
class LogCostFigure:
    """The time of a step with chain and log, and without; ``log_ms`` is the sequencer's share."""

    database: str
    work_ms: int
    with_ms: float
    without_ms: float
    log_ms: float


@dataclass(frozen=True, slots=True)
class LogRateFigure:
    """What the sequencer took for what a sweep wrote, and for all that was there before."""

    database: str
    records: int
    sequencer_seconds: float
    sweep_seconds: float
    backlog: int
    backlog_seconds: float


def measure_log_cost(server: Server, steps: int = 200) -> Iterator[LogCostFigure]:
    """Measure so many steps with chain and log and without, for each amount of work."""
    key, first, count = new_subject_key(), server.make(), max(steps, 2)
    with _opened(first) as engine:
        create_all(engine)
        world = make_world(session_factory(engine, Vault(key).session_marks()))
        ids = copy_cases(world, world.open_matter(), count * len(WORK_MS))
        world.now += timedelta(days=1)
        with world.transaction() as session:
            actor = world.cast.stage(session, ids[0], world.now).actor("受理人", ("R03",))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        chained, plain = server.copy(first), server.copy(first)
        _narrow_index(plain)
        sides = [stack.enter_context(_opened(url)) for url in (chained, plain)]
        marks = {**Vault(key).session_marks(), **Notary(folder).session_marks()}
        ours, other = (session_factory(side, marks) for side in sides)
        run_sequencer(ours, world.now)
        for work_ms in WORK_MS:
            part, ids = ids[:count], ids[count:]
            step = _Step(world, actor, work_ms)
            yield _take_turns(server.kind, step, ours, other, part)


@dataclass(frozen=True, slots=True)
class _Step:
    """A step of a case, with work of the program beside it."""

    world: World
    actor: Actor
    work_ms: int

    def do(self, sessions: Sessions, case_id: str) -> None:
        """Complete the case's task in a transaction of its own."""
        with transaction(sessions, scope_for(self.actor)) as session:
            casework.complete(session, self.actor, self.world.now, case_id, TASK, VALUES)
        end = time.perf_counter() + self.work_ms / 1000
        while time.perf_counter() < end:
            pass


def _take_turns(
    kind: str, step: _Step, ours: Sessions, other: Sessions, ids: list[str]
) -> LogCostFigure:
    """Do blocks of steps in turn; the quickest of each side is what others did not disturb."""
    chained, plain, logged = list[float](), list[float](), list[float]()
    for start in range(0, len(ids), BLOCK):
        block = ids[start : start + BLOCK]
        steps = _seconds(lambda: [step.do(ours, each) for each in block])  # noqa: B023
        log = _seconds(lambda: run_sequencer(ours, step.world.now))
        with _unchained():
            bare = _seconds(lambda: [step.do(other, each) for each in block])  # noqa: B023
        for seconds, side in ((steps, chained), (bare, plain), (log, logged)):
            side.append(1000 * seconds / len(block))
    steps_ms, plain_ms, log_ms = min(chained), min(plain), min(logged)
    return LogCostFigure(kind, step.work_ms, steps_ms + log_ms, plain_ms, log_ms)


def measure_log_rate(server: Server, clocks: int = 10_000) -> LogRateFigure:
    """Let a sweep fire so many clocks, and the sequencer take what it wrote."""
    key, url = new_subject_key(), server.make()
    with _opened(url) as engine, TemporaryDirectory() as folder:
        create_all(engine)
        marks = {**Vault(key).session_marks(), **Notary(Path(folder)).session_marks()}
        world = make_world(session_factory(engine, marks))
        overdue_cases(world, clocks)
        began = time.perf_counter()
        backlog = run_sequencer(world.sessions, world.now)
        backlog_seconds = time.perf_counter() - began
        sweep_seconds = _seconds(world.sweep)
        began = time.perf_counter()
        report = run_sequencer(world.sessions, world.now)
        seconds = time.perf_counter() - began
    if report.sequenced < clocks:
        raise RuntimeError(f"{report.sequenced} of {clocks} records were sequenced")
    return LogRateFigure(
        server.kind,
        report.sequenced,
        seconds,
        sweep_seconds,
        backlog.sequenced,
        backlog_seconds,
    )


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


@contextmanager
def _opened(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _unchained() -> Iterator[None]:
    """Let services write records without check, hash and commitment.

    The yardstick is the program without a part of itself; there is no other way to it.
    """

    def plain(value: Any) -> bytes:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)

    journal, commitment = "workflows.services.journal", "workflows.audit.commitment"
    with (
        patch(f"{commitment}.canonical", plain),
        patch(f"{journal}.canonical_record", plain),
        patch(f"{journal}.sha256_hex", lambda _: _NOTHING),
        patch(f"{commitment}.commitment", lambda _salt, _content: _NOTHING),
    ):
        yield


def _narrow_index(url: str) -> None:
    """Put the index in the place of the sequencer's that lists of records would need anyway."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"DROP INDEX {_INDEX}"))
        connection.execute(text("CREATE INDEX ix_narrow ON journal_record (recorded_at)"))
    engine.dispose()
