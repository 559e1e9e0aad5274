"""Everything that `duban bench` measures, in one run on one machine, as figures in a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from tests.benchmarks.bundles import measure_bundles
from tests.benchmarks.databases import (
    Server,
    ServerRefusedError,
    postgresql_server,
    server_at,
    sqlite_server,
)
from tests.benchmarks.durable_steps import measure_steps
from tests.benchmarks.engine_steps import measure_engine
from tests.benchmarks.large_installations import measure_pages
from tests.benchmarks.log_cost import measure_log_cost, measure_log_rate
from tests.benchmarks.sweeps import CrowdFigure, SweepFigure, measure_crowd, measure_sweep
from workflows.audit.trail_parts import core_count

__all__ = ["Figure", "ServerRefusedError", "Sizes", "run_bundles", "run_suite"]


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
    due: int = 10_000
    cases: int = 100_000
    stored: int = 100_000


def run_suite(
    sizes: Sizes,
    kinds: tuple[str, ...],
    tell: Callable[[str], None] = lambda _: None,
    address: str | None = None,
    *,
    only_log: bool = False,
) -> Iterator[Figure]:
    """Measure one after the other; a database that is not there is left out.

    With an ``address`` throw-away databases are made on its server, and no other is measured;
    with ``only_log`` nothing but what chain and log cost.
    """
    measure = _log if only_log else _database
    with ExitStack() as stack:
        given = None if address is None else stack.enter_context(server_at(address))
        if not only_log:
            tell("a step of the engine")
            yield from _engine()
        if given is not None:
            yield from measure(given, sizes, tell)
            return
        for kind in kinds:
            opened = sqlite_server() if kind == "sqlite" else postgresql_server()
            server = stack.enter_context(opened)
            if server is None:
                tell("PostgreSQL 15 or newer is not installed: left out")
                continue
            yield from measure(server, sizes, tell)


def run_bundles(record_count: int, tell: Callable[[str], None]) -> Iterator[Figure]:
    """Measure writing a bundle of so many records and verifying it, and nothing else."""
    tell(f"a bundle of {record_count:,} records")
    for found in measure_bundles(record_count):
        yield Figure(
            f"{found.what} of {found.record_count:,} records",
            f"{core_count()} cores",
            found.wall_seconds,
            "s",
            note=f"{found.cpu_seconds:.1f} s of work, at most {found.peak_mb:.0f} MB",
        )


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
    tell(f"{server.kind}: a sweep of {sizes.due} due clocks")
    yield from _sweep(measure_sweep(server, sizes.due))
    tell(f"{server.kind}: the same among {sizes.stored} stored cases")
    yield _crowd(measure_crowd(server, sizes.due, sizes.stored))
    yield from _log(server, sizes, tell)
    tell(f"{server.kind}: pages at {sizes.cases} cases")
    read, served = measure_pages(server, sizes.cases)
    for page in read:
        what = f"{page.page} at {page.cases} cases"
        yield Figure(what=what, where=server.kind, value=page.median_ms, unit="ms")
    for each in served:
        yield Figure(
            what=f"{each.page}, served, at {sizes.cases} cases, p95",
            where=server.kind,
            value=each.p95_ms,
            unit="ms",
            against="a bare page of the same template",
            yardstick=each.bare_ms,
            note=f"{each.cpu_ms:.0f} ms of processor time; to hold: 150 ms with nothing beside",
        )


def _log(server: Server, sizes: Sizes, tell: Callable[[str], None]) -> Iterator[Figure]:
    tell(f"{server.kind}: {sizes.steps} durable steps with chain and log, and without")
    for cost in measure_log_cost(server, sizes.steps):
        work = f"{cost.work_ms} ms of work" if cost.work_ms else "no work"
        yield Figure(
            what=f"durable step and {work}, with chain and log",
            where=cost.database,
            value=cost.with_ms,
            unit="ms",
            against="the same without them",
            yardstick=cost.without_ms,
            note=f"of it the sequencer {cost.log_ms:.2f} ms; "
            f"to hold: {'1.10' if cost.work_ms else '1.40'}",
        )
    tell(f"{server.kind}: the sequencer after a sweep of {sizes.due} clocks")
    rate = measure_log_rate(server, sizes.due)
    yield Figure(
        what=f"sequencer takes {rate.records} records of a sweep",
        where=rate.database,
        value=rate.sequencer_seconds,
        unit="s",
        against="the sweep that wrote them",
        yardstick=rate.sweep_seconds,
        note=f"{rate.records / rate.sequencer_seconds:.0f} leaves a second; of the "
        f"{rate.backlog} before {rate.backlog / rate.backlog_seconds:.0f} a second",
    )


def _sweep(found: SweepFigure) -> Iterator[Figure]:
    yield Figure(
        what=f"sweep of {found.fired} due clocks",
        where=found.database,
        value=found.seconds,
        unit="s",
        against="the same rows, set-based, made before",
        yardstick=found.ceiling_seconds,
        note=f"{found.fired / found.seconds:.0f} a second; "
        f"memory {found.first_mb:.0f} MB early, {found.last_mb:.0f} MB late",
    )
    yield Figure(
        what="a due clock of that sweep",
        where=found.database,
        value=found.each_ms,
        unit="ms",
        against="SpiffWorkflow: load, step, save, commit",
        yardstick=found.plain_ms,
        note=f"{found.plain_ms / found.each_ms:.0f} times as fast; "
        f"a sweep with nothing due {found.idle_ms:.1f} ms",
    )


def _crowd(found: CrowdFigure) -> Figure:
    return Figure(
        what=f"a due clock among {found.stored} cases",
        where=found.database,
        value=found.crowded_ms,
        unit="ms",
        against=f"the same among {found.fired}",
        yardstick=found.alone_ms,
        note=f"{found.fired} of the cases are due",
    )
