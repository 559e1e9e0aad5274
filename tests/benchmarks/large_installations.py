"""What pages cost on many cases: the worklist, the page of a case."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select

from tests.benchmarks.bulk_cases import copy_cases
from tests.benchmarks.databases import Server
from tests.benchmarks.served_pages import ServedFigure, measure_served
from tests.support.casework import World, make_world
from workflows.audit.commitment import load_or_create_master_key
from workflows.domain.clocks import local_date
from workflows.domain.roles import RoleGrant
from workflows.queries.case.page import case_page
from workflows.queries.desk.worklist import Order, Wanted, Whose, tasks_page
from workflows.queries.organisations.page import organisation_page
from workflows.services.access import scope_for
from workflows.services.vault import Vault
from workflows.store.connection import open_engine, session_factory
from workflows.store.schema import create_all
from workflows.store.tables import Organisation
from workflows.store.transaction import transaction

READINGS = 15


@dataclass(frozen=True, slots=True)
class PageFigure:
    """The median time to read what a page shows."""

    database: str
    page: str
    cases: int
    median_ms: float


@contextmanager
def installation(url: str, key: bytes) -> Iterator[World]:
    engine = open_engine(url)
    try:
        create_all(engine)
        yield make_world(session_factory(engine, Vault(key).session_marks()))
    finally:
        engine.dispose()


def measure_pages(
    server: Server, cases: int = 100_000
) -> tuple[list[PageFigure], list[ServedFigure]]:
    """Read lists of an officer who sees all of them, a case, and the region's own page.

    Beside them stand whole pages as a browser asks for them.
    """
    with (
        TemporaryDirectory() as kept,
        installation(
            url := server.make(), load_or_create_master_key(Path(kept) / "master.key")
        ) as world,
    ):
        ids = copy_cases(world, world.open_matter(), cases - 1, spread=True)
        with world.transaction() as session:
            actor = world.cast.stage(session, ids[0], world.now).actor("受理人", ("R03",))
        today = local_date(world.now)

        def read(what: Callable[[Any], object]) -> float:
            return median_ms(lambda: _reading(world, actor, what))

        lists = {f"worklist, {whose.value}": Wanted(whose=whose) for whose in (Whose.MY, Whose.ALL)}
        lists["worklist, no such problem"] = Wanted(whose=Whose.ALL, problem_type="P605")
        lists["worklist, red by place"] = Wanted(Whose.ALL, Order.PLACE, colour="red")
        figures = {
            name: read(lambda session, wanted=wanted: tasks_page(session, actor, today, wanted))
            for name, wanted in lists.items()
        }
        middle = ids[len(ids) // 2]
        figures["case page"] = read(lambda session: case_page(session, middle, today))
        with world.transaction() as session:
            root = session.scalars(select(Organisation).order_by(Organisation.path)).first()
        top = replace(actor, grants=(RoleGrant("R03", root.path, root.path),))
        figures["organisation page of the region"] = median_ms(
            lambda: _reading(world, top, lambda each: organisation_page(each, top, root.id, today))
        )
        served = list(measure_served(Path(kept), url, world, middle))
    return [PageFigure(server.kind, name, cases, found) for name, found in figures.items()], served


def _reading(world: World, actor: Any, what: Callable[[Any], object]) -> None:
    with transaction(world.sessions, scope_for(actor)) as session:
        what(session)


def median_ms(act: Callable[[], object]) -> float:
    act()
    times = []
    for _ in range(READINGS):
        began = time.perf_counter()
        act()
        times.append(time.perf_counter() - began)
    return median(times) * 1000
