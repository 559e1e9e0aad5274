"""What `duban bench` measures is what it says: real steps, whole copies, nothing left out."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, func, select, text

from tests.benchmarks.bulk_cases import copy_cases
from tests.benchmarks.databases import server_at, sqlite_server
from tests.benchmarks.durable_steps import measure_steps
from tests.benchmarks.sweeps import measure_sweep
from tests.support.casework import memory_world
from tests.support.databases import make_schema
from webapp.cli import main
from workflows.store.tables import Base


def test_copied_cases_are_whole_and_can_go_on() -> None:
    world = memory_world()
    model = world.open_matter()
    world.complete(model, "accept", "甲", acceptance="accept")
    copies = copy_cases(world, model, 25)
    assert len(set(copies)) == 25
    assert world.differences() == []
    world.cases += copies
    with world.transaction() as session:
        tasks = {
            case_id: sorted(world.cast.stage(session, case_id, world.now).case.tasks)
            for case_id in (model, *copies)
        }
    assert len(set(map(tuple, tasks.values()))) == 1


def test_step_and_yardsticks_do_the_same_work() -> None:
    with sqlite_server() as server:
        found = measure_steps(server, cases=3)
    assert found.statements > 10
    assert min(found.step_ms, found.core_ms, found.driver_ms) > 0


def test_sweep_fires_every_clock_of_the_copies() -> None:
    with sqlite_server() as server:
        found = measure_sweep(server, clocks=12)
    assert found.fired == 12
    assert min(found.seconds, found.ceiling_seconds, found.plain_ms) > 0


def test_bench_writes_json_for_a_program() -> None:
    small = ["--steps", "2", "--due", "3", "--cases", "4", "--stored", "9", "--json"]
    done = CliRunner().invoke(main, ["bench", "--database", "sqlite", *small])
    assert done.exit_code == 0, done.output
    written = json.loads(done.stdout)
    names = [figure["what"] for figure in written["figures"]]
    served = ("bare", "worklist", "case page", "overview")
    assert names == [
        "engine step, 0 reworks",
        "engine step, 50 reworks",
        "durable step",
        "sweep of 3 due clocks",
        "a due clock of that sweep",
        "a due clock among 9 cases",
        "durable step and no work, with chain and log",
        "durable step and 10 ms of work, with chain and log",
        "sequencer takes 3 records of a sweep",
        "worklist, my at 4 cases",
        "worklist, all at 4 cases",
        "worklist, no such problem at 4 cases",
        "worklist, red by place at 4 cases",
        "case page at 4 cases",
        "organisation page of the region at 4 cases",
        *(f"{each}, served, at 4 cases, p95" for each in served),
    ]
    held = [figure["ratio"] for figure in written["figures"] if figure["against"]]
    assert len(held) == 13
    assert min(held) > 0


def test_bench_measures_the_log_alone() -> None:
    small = ["--log", "--steps", "2", "--due", "3", "--json"]
    done = CliRunner().invoke(main, ["bench", "--database", "sqlite", *small])
    assert done.exit_code == 0, done.output
    figures = json.loads(done.stdout)["figures"]
    assert [figure["unit"] for figure in figures] == ["ms", "ms", "s"]
    assert all("to hold" in figure["note"] for figure in figures[:2])


def test_given_address_is_left_as_it_was(
    database_kind: str, database_url: str, engine: Engine, request: pytest.FixtureRequest
) -> None:
    before = _everything_there(engine)
    if database_kind == "postgresql":
        refused = CliRunner().invoke(main, ["bench", "--database-url", database_url])
        assert (refused.exit_code, "needs CREATEDB" in refused.output) == (2, True)
        with request.getfixturevalue("postgresql").administer() as connection:
            connection.execute("ALTER ROLE duban CREATEDB")
    with server_at(database_url) as server:
        first = server.make()
        make_schema(first)
        assert len({database_url, first, server.copy(first)}) == 3
        assert _everything_there(engine) != before
    assert _everything_there(engine) == before


def _everything_there(engine: Engine) -> object:
    """Give the tables and their rows, and what else is on the server or in the folder."""
    with engine.connect() as connection:
        rows = {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in Base.metadata.tables.items()
        }
        if engine.dialect.name == "postgresql":
            names = connection.execute(text("SELECT datname FROM pg_database")).scalars()
            return rows, sorted(names)
    return rows, sorted(path.name for path in Path(engine.url.database or "").parent.iterdir())
