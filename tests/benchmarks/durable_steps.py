"""A durable step against its own statements: through SQLAlchemy Core, and through the driver.

Four copies of one database hold the same cases. On the first, real steps are done while
what they execute is written down, statement by statement with its values. On the other
three the same cases take turns: the real step, those statements as Core executes them,
and those statements as the driver does; each in a transaction of its own, with the same
settings, so that what else the machine does falls on all three.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median
from typing import Any

from sqlalchemy import Engine, event

from tests.benchmarks.bulk_cases import copy_cases
from tests.benchmarks.databases import Server
from tests.support.casework import World, make_world
from workflows.audit.commitment import new_subject_key
from workflows.domain.roles import Actor
from workflows.services import casework
from workflows.services.access import scope_for
from workflows.services.vault import Vault
from workflows.store.connection import open_engine, session_factory
from workflows.store.schema import create_all
from workflows.store.transaction import transaction

WARM_UP = 20
TASK, VALUES = "accept#1", {"acceptance": "accept"}


@dataclass(frozen=True, slots=True)
class StepFigure:
    """The median time of a step, of its statements through Core and through the driver."""

    database: str
    statements: int
    step_ms: float
    core_ms: float
    driver_ms: float

    @property
    def ratio(self) -> float:
        """Tell how many times its statements through Core a step takes."""
        return self.step_ms / self.core_ms


@dataclass(slots=True)
class _Taken:
    """What one step executed."""

    core: list[tuple[Any, Any]] = field(default_factory=list)
    driver: list[tuple[str, Any, bool]] = field(default_factory=list)


def measure_steps(server: Server, cases: int = 200) -> StepFigure:
    """Measure so many real steps, each of another case."""
    key = new_subject_key()
    first = server.make()
    world, engine = _world(first, key)
    ids = copy_cases(world, world.open_matter(), cases + WARM_UP)
    world.now += timedelta(days=1)
    with world.transaction() as session:
        actor = world.cast.stage(session, ids[0], world.now).actor("受理人", ("R03",))
    engine.dispose()
    copies = [server.copy(first) for _ in range(3)]
    taken = _record(first, key, world, actor, ids)
    engines = [open_engine(url) for url in copies]
    times = _take_turns(engines, key, world, actor, ids, taken)
    for engine in engines:
        engine.dispose()
    step, core, driver = (median(each[WARM_UP:]) * 1000 for each in times)
    return StepFigure(server.kind, len(taken[-1].driver), step, core, driver)


def _world(url: str, key: bytes) -> tuple[World, Engine]:
    engine = open_engine(url)
    create_all(engine)
    return make_world(session_factory(engine, Vault(key).session_marks())), engine


def _stepper(engine: Engine, key: bytes, world: World, actor: Actor) -> Callable[[str], None]:
    sessions = session_factory(engine, Vault(key).session_marks())

    def step(case_id: str) -> None:
        with transaction(sessions, scope_for(actor)) as session:
            casework.complete(session, actor, world.now, case_id, TASK, VALUES)

    return step


def _record(url: str, key: bytes, world: World, actor: Actor, ids: list[str]) -> list[_Taken]:
    """Do the steps once, and write down what each executes."""
    engine = open_engine(url)
    step, taken = _stepper(engine, key, world, actor), list[_Taken]()

    @event.listens_for(engine, "before_execute")
    def _core(_: Any, statement: Any, several: Any, parameters: Any, __: Any) -> None:
        taken[-1].core.append((statement, several or parameters))

    @event.listens_for(engine, "before_cursor_execute")
    def _driver(_: Any, __: Any, text: str, parameters: Any, ___: Any, many: bool) -> None:
        if not text.startswith("BEGIN"):
            taken[-1].driver.append((text, parameters, many))

    for case_id in ids:
        taken.append(_Taken())
        step(case_id)
    engine.dispose()
    return taken


def _take_turns(
    engines: list[Engine],
    key: bytes,
    world: World,
    actor: Actor,
    ids: list[str],
    taken: list[_Taken],
) -> tuple[list[float], list[float], list[float]]:
    step = _stepper(engines[0], key, world, actor)
    times: tuple[list[float], list[float], list[float]] = ([], [], [])
    for case_id, each in zip(ids, taken, strict=True):
        turns: tuple[Callable[[], None], ...] = (
            lambda case_id=case_id: step(case_id),  # type: ignore[misc]
            lambda each=each: _through_core(engines[1], each),  # type: ignore[misc]
            lambda each=each: _through_driver(engines[2], each),  # type: ignore[misc]
        )
        for turn, into in zip(turns, times, strict=True):
            began = time.perf_counter()
            turn()
            into.append(time.perf_counter() - began)
    return times


def _through_core(engine: Engine, taken: _Taken) -> None:
    plain = iter(taken.driver)
    with engine.begin() as connection:
        for statement, parameters in taken.core:
            text, values, _ = next(plain)
            if _is_orm(statement):
                # The scope's filter is the session's work; what it executed is Core's.
                result = connection.exec_driver_sql(text, values)
            else:
                result = connection.execute(statement, parameters)
            if result.returns_rows:
                result.all()


def _is_orm(statement: Any) -> bool:
    return bool(getattr(statement, "_propagate_attrs", {}).get("compile_state_plugin") == "orm")


def _through_driver(engine: Engine, taken: _Taken) -> None:
    lent = engine.raw_connection()
    driver = lent.driver_connection
    assert driver is not None
    try:
        cursor = driver.cursor()
        if engine.dialect.name == "sqlite":
            cursor.execute("BEGIN IMMEDIATE")
        for text, parameters, many in taken.driver:
            (cursor.executemany if many else cursor.execute)(text, parameters)
            if cursor.description is not None:
                cursor.fetchall()
        driver.commit()
        cursor.close()
    finally:
        lent.close()
