"""Everything that `duban bench` measures, in one run on one machine, as figures in a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from tests.benchmarks.databases import Server, postgresql_server, sqlite_server
from tests.benchmarks.durable_steps import measure_steps
from tests.benchmarks.engine_steps import measure_engine
from tests.benchmarks.large_installations import measure_pages, measure_sweep


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: what was measured, ours, what it is held against, and the ratio.

    ``ratio`` says how many times the yardstick ours takes; below 1 ours is faster.
    """

    what: str
    where: str
    value: float
    unit: str
    against: str = ""
    yardstick: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Divide ours by the yardstick."""
        return None if self.yardstick is None else self.value / self.yardstick


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured."""

    steps: int = 200
    clocks: int = 10_000
    cases: int = 100_000


def run_suite(
    sizes: Sizes, kinds: tuple[str, ...], tell: Callable[[str], None] = lambda _: None
) -> Iterator[Figure]:
    """Measure one after the other; a database that is not there is left out."""
    tell("a step of the engine")
    yield from _engine()
    with ExitStack() as stack:
        for kind in kinds:
            opened = sqlite_server() if kind == "sqlite" else postgresql_server()
            server = stack.enter_context(opened)
            if server is None:
                tell("PostgreSQL 15 or newer is not installed: left out")
                continue
            yield from _database(server, sizes, tell)


def _engine() -> Iterator[Figure]:
    for found in measure_engine():
        yield Figure(
            what=f"engine step, {found.reworks} reworks",
            where=found.diagram,
            value=found.step_us,
            unit="µs",
            against="SpiffWorkflow: load, step, save",
            yardstick=found.plain_us,
            note=f"{found.marking_bytes} bytes stored, SpiffWorkflow {found.plain_bytes}",
        )


def _database(server: Server, sizes: Sizes, tell: Callable[[str], None]) -> Iterator[Figure]:
    tell(f"{server.kind}: {sizes.steps} durable steps")
    step = measure_steps(server, sizes.steps)
    yield Figure(
        what="durable step",
        where=server.kind,
        value=step.step_ms,
        unit="ms",
        against="its statements through SQLAlchemy Core",
        yardstick=step.core_ms,
        note=f"{step.statements} statements; through the driver {step.driver_ms:.2f} ms",
    )
    tell(f"{server.kind}: a sweep of {sizes.clocks} due clocks")
    sweep = measure_sweep(server, sizes.clocks)
    each = sweep.seconds / sweep.fired * 1000
    yield Figure(
        what=f"sweep of {sweep.fired} due clocks",
        where=server.kind,
        value=sweep.seconds,
        unit="s",
        note=f"{each:.2f} ms a clock; with nothing due {sweep.idle_ms:.1f} ms",
    )
    tell(f"{server.kind}: pages at {sizes.cases} cases")
    for page in measure_pages(server, sizes.cases):
        what = f"{page.page} at {page.cases} cases"
        yield Figure(what=what, where=server.kind, value=page.median_ms, unit="ms")
