"""A sweep of very many due clocks, held against two yardsticks of the same run.

Below it: plain SpiffWorkflow, which loads a case of the same diagram, lets the same timer
fire, saves it to the same kind of database and commits. Above it: the set-based ceiling.
The three take turns, each on copies of one database, so that what else the machine does
falls on all of them.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine, text

from tests.benchmarks.bulk_cases import copy_cases
from tests.benchmarks.databases import Server
from tests.benchmarks.large_installations import median_ms
from tests.benchmarks.stored_cases import store_cases
from tests.benchmarks.sweep_ceiling import measure_ceiling
from tests.support.casework import World, make_world
from tests.support.plain_spiff import PlainCase
from workflows.audit.commitment import new_subject_key
from workflows.domain.steps import FactValue, Trigger, TriggerType
from workflows.engine import Definition
from workflows.jobs.sweep import run_sweep
from workflows.services.vault import Vault
from workflows.store.connection import open_engine, session_factory
from workflows.store.guards import lifted_guard
from workflows.store.schema import create_all

TURNS = 2
PLAIN_STEPS = 20
_TERM = "call_rectification/term"
_EXPIRED = Trigger(TriggerType.CLOCK, f"{_TERM}/term_expired")
# How a plain case gets to where its term expires.
_WAY = (
    Trigger(TriggerType.TASK, "accept"),
    Trigger(TriggerType.TASK, "verify"),
    Trigger(TriggerType.TASK, "call_rectification/notice"),
    Trigger(TriggerType.TASK, f"{_TERM}/term_work/plan"),
    Trigger(TriggerType.CLOCK, f"{_TERM}/term_work/plan_review_due"),
)


@dataclass(frozen=True, slots=True)
class SweepFigure:
    """What a sweep took beside its yardsticks; memory is that of this process."""

    database: str
    fired: int
    seconds: float
    ceiling_seconds: float
    plain_ms: float
    idle_ms: float
    first_mb: float
    last_mb: float

    @property
    def each_ms(self) -> float:
        """Give the time of one clock."""
        return self.seconds / self.fired * 1000


def measure_sweep(server: Server, clocks: int = 10_000) -> SweepFigure:
    """Fire so many terms that expire at once, each of a case of its own."""
    key, first = new_subject_key(), server.make()
    with _opened(first) as engine:
        create_all(engine)
        world = make_world(session_factory(engine, Vault(key).session_marks()))
        definition, facts = overdue_cases(world, clocks)
    plain = _Plain(server.make(), definition, facts)
    swept, ceilings, idle, memory = list[float](), list[float](), list[float](), _Memory()
    for _ in range(TURNS):
        plain.take_turn()
        mine, other = server.copy(first), server.copy(first)
        with _opened(mine) as engine:
            sessions = session_factory(engine, Vault(key).session_marks())
            with memory.watched():
                swept.append(_sweep(World(sessions, world.cast, world.now), clocks))
            idle.append(median_ms(lambda: run_sweep(sessions, world.now)))  # noqa: B023
        plain.take_turn()
        ceilings.append(measure_ceiling(mine, other, world.now, clocks))
    return SweepFigure(
        server.kind,
        clocks,
        min(swept),
        min(ceilings),
        plain.mean_ms(),
        min(idle),
        *memory.first_and_last_mb(),
    )


@dataclass(frozen=True, slots=True)
class CrowdFigure:
    """What a due clock took where nothing else is stored, and among many other cases."""

    database: str
    fired: int
    stored: int
    alone_ms: float
    crowded_ms: float


def measure_crowd(server: Server, clocks: int, stored: int) -> CrowdFigure:
    """Fire so many terms of an installation of as many cases, and of one of very many more."""
    key, alone = new_subject_key(), server.make()
    with _opened(alone) as engine:
        create_all(engine)
        world = make_world(session_factory(engine, Vault(key).session_marks()))
        overdue_cases(world, clocks)
    crowded = server.copy(alone)
    with _opened(crowded) as engine:
        sessions = session_factory(engine, Vault(key).session_marks())
        store_cases(World(sessions, world.cast, world.now), max(2, stored - clocks))
    times: dict[str, list[float]] = {alone: [], crowded: []}
    for _ in range(TURNS):
        for each, taken in times.items():
            with _opened(server.copy(each)) as engine:
                sessions = session_factory(engine, Vault(key).session_marks())
                swept = _sweep(World(sessions, world.cast, world.now), clocks)
                taken.append(swept / clocks * 1000)
    return CrowdFigure(server.kind, clocks, stored, min(times[alone]), min(times[crowded]))


@contextmanager
def _opened(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _sweep(world: World, clocks: int) -> float:
    began = time.perf_counter()
    report = world.sweep()
    seconds = time.perf_counter() - began
    if report.fired != clocks:
        raise RuntimeError(f"{report.fired} of {clocks} clocks were fired")
    return seconds


def overdue_cases(world: World, clocks: int) -> tuple[Definition, dict[str, FactValue]]:
    """Make the cases, and let so much time pass that all their terms have expired."""
    case_id = world.open_rectification()
    world.complete(case_id, "plan", "承办", measures="已按要求办理并附有材料")
    world.now += timedelta(days=15)
    world.sweep()
    copy_cases(world, case_id, clocks - 1)
    world.now += timedelta(days=90)
    with world.transaction() as session:
        case = world.cast.stage(session, case_id, world.now).case
    return case.definition, case.facts


@dataclass
class _Plain:
    """Cases that wait in a table as SpiffWorkflow's own JSON."""

    url: str
    definition: Definition
    facts: dict[str, FactValue]
    times: list[float] = field(default_factory=list)

    def take_turn(self) -> None:
        """Load, step, save and commit, a case after the other."""
        case = PlainCase(self.definition, self.facts, mended=False)
        for trigger in _WAY:
            case.move(trigger, self.facts)
        with _opened(self.url) as engine:
            self._store(engine, case.save())
            for number in range(PLAIN_STEPS):
                began = time.perf_counter()
                self._step(engine, case, number)
                self.times.append(time.perf_counter() - began)

    def _store(self, engine: Engine, body: str) -> None:
        rows = [{"id": number, "body": body} for number in range(PLAIN_STEPS)]
        with engine.begin() as connection, lifted_guard(connection):
            connection.execute(text("DROP TABLE IF EXISTS plain"))
            connection.execute(text("CREATE TABLE plain (id INTEGER PRIMARY KEY, body TEXT)"))
            connection.execute(text("INSERT INTO plain VALUES (:id, :body)"), rows)

    def _step(self, engine: Engine, case: PlainCase, number: int) -> None:
        with engine.begin() as connection:
            found = connection.execute(
                text("SELECT body FROM plain WHERE id = :id"), {"id": number}
            ).scalar_one()
            case.load(found)
            case.move(_EXPIRED, self.facts)
            connection.execute(
                text("UPDATE plain SET body = :body WHERE id = :id"),
                {"id": number, "body": case.save()},
            )

    def mean_ms(self) -> float:
        """Give the mean time of a step."""
        return sum(self.times) / len(self.times) * 1000


@dataclass
class _Memory:
    """The memory of this process while something runs, taken ten times a second."""

    taken: list[float] = field(default_factory=list)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch while the block runs."""
        self.taken = [_resident_mb()]
        over = threading.Event()

        def watch() -> None:
            while not over.wait(0.1):
                self.taken.append(_resident_mb())

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()

    def first_and_last_mb(self) -> tuple[float, float]:
        """Give the most of the second quarter and the most of the last."""
        quarter = max(1, len(self.taken) // 4)
        return max(self.taken[quarter : 2 * quarter] or self.taken), max(self.taken[-quarter:])


def _resident_mb() -> float:
    """Give the resident memory; nothing where the system does not tell it."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
