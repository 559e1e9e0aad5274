"""An export whose worker dies, loses it or cannot write comes to a good end or says why."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine

from tests.support.casework import World
from tests.support.exports import ExportDesk, verified
from tests.support.races import race
from workflows.jobs.exporting import bundle_path, run_exports, run_one
from workflows.services.access import SYSTEM
from workflows.services.exports.asking import ask_again
from workflows.services.exports.work import HELD_FOR, MOST_ATTEMPTS
from workflows.store.tables import BundleJob

_MAKE_AND_DIE = """
import os, signal, sys
from pathlib import Path
from tests.support.logs import log_marks
from webapp.review_package.writing import write_package
from workflows.jobs.exporting import FOLDER, run_one
from workflows.store.connection import open_engine, session_factory

def die(done, total):
    if total and done > total * float(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

instance = Path(sys.argv[2])
sessions = session_factory(open_engine(sys.argv[1]), log_marks(instance))
run_one(sessions, instance / FOLDER, progress=die, write_package=write_package)
"""


def make_and_die(url: str, instance: Path, share: float = 0.5) -> None:
    """Let a process of its own begin an export and be killed when a share of it is done."""
    died = subprocess.run(
        [sys.executable, "-c", _MAKE_AND_DIE, url, str(instance), str(share)],
        cwd=Path(__file__).parents[3],
        check=False,
    )
    assert died.returncode == -signal.SIGKILL


def let_time_pass(desk: ExportDesk, job_id: int) -> None:
    """Let the time be over for which a worker holds an export."""
    with desk.transaction() as session:
        job = session.get_one(BundleJob, job_id)
        assert job.held_until is not None
        job.held_until -= HELD_FOR + timedelta(seconds=1)


def test_an_export_whose_worker_is_killed_is_taken_up_and_is_the_same(
    world: World, desk: ExportDesk, engine: Engine
) -> None:
    world.open_rectification()
    job_id = desk.ask()
    make_and_die(engine.url.render_as_string(hide_password=False), desk.instance)
    job = desk.job(job_id)
    assert (job.state, job.export_seq is not None) == ("running", True)
    assert list(desk.folder.glob(".work-*")), "what the dead worker left"
    assert run_exports(desk.sessions, desk.folder) == {}, "he may still be alive"
    world.open_matter(problem_type="P301")
    let_time_pass(desk, job_id)
    assert run_exports(desk.sessions, desk.folder) == {"made": 1}
    path = bundle_path(desk.folder, job_id)
    assert list(desk.folder.iterdir()) == [path]
    assert verified(path).manifest["tree_size"] == desk.house_records("exported")[0]["tree_size"]
    assert len(desk.house_records("exported")) == 1
    first = path.read_bytes()
    with desk.transaction() as session:
        session.get_one(BundleJob, job_id).state = "expired"
        ask_again(session, SYSTEM["init"], job_id)
    run_exports(desk.sessions, desk.folder)
    assert path.read_bytes() == first


def test_an_export_that_ends_every_worker_is_given_up(world: World, desk: ExportDesk) -> None:
    world.open_matter()
    job_id = desk.ask()
    with desk.transaction() as session:
        job = session.get_one(BundleJob, job_id)
        job.state, job.worker, job.attempts = "running", "dead", MOST_ATTEMPTS
        job.held_until = world.now
    assert run_exports(desk.sessions, desk.folder) == {}
    job = desk.job(job_id)
    assert job.state == "failed"
    assert (job.failure or {})["code"] == "export_interrupted"


def test_a_worker_that_was_too_slow_leaves_the_export_to_its_successor(
    world: World, desk: ExportDesk
) -> None:
    world.open_rectification()
    job_id, outcomes = desk.ask(), []

    def fall_asleep(_done: int, total: int) -> None:
        if total and not outcomes:
            let_time_pass(desk, job_id)
            outcomes.append("begun")
            outcomes.append(run_one(desk.sessions, desk.folder, job_id))

    assert run_one(desk.sessions, desk.folder, job_id, fall_asleep) == "lost"
    assert outcomes == ["begun", "made"]
    assert desk.job(job_id).state == "ready"
    verified(bundle_path(desk.folder, job_id))


def test_a_program_that_ends_leaves_its_export_to_its_next_start(
    world: World, desk: ExportDesk
) -> None:
    world.open_rectification()
    job_id, asked = desk.ask(), []

    def is_stopping() -> bool:
        asked.append(True)
        return len(asked) > 2

    assert run_exports(desk.sessions, desk.folder, is_stopping) == {"stopped": 1}
    job = desk.job(job_id)
    assert (job.state, job.attempts, job.worker) == ("queued", 0, None)
    assert run_exports(desk.sessions, desk.folder) == {"made": 1}


def test_of_two_workers_one_makes_it(world: World, desk: ExportDesk) -> None:
    world.open_matter()
    desk.ask()
    outcomes = race(*[lambda: run_one(desk.sessions, desk.folder)] * 2)
    assert sorted(map(str, outcomes)) == ["None", "made"]
    assert len(desk.house_records("exported")) == 1


def test_a_folder_that_takes_no_file_is_told_and_mended(world: World, desk: ExportDesk) -> None:
    world.open_matter()
    job_id = desk.ask()
    desk.folder.write_text("in the way", "utf-8")
    assert run_one(desk.sessions, desk.folder, job_id) == "failed"
    failure = desk.job(job_id).failure or {}
    assert failure["code"] == "export_not_written"
    assert failure["attributes"]["reason"]
    desk.folder.unlink()
    with desk.transaction() as session:
        ask_again(session, SYSTEM["init"], job_id)
    assert run_one(desk.sessions, desk.folder, job_id) == "made"


def test_what_nobody_foresaw_stops_one_export_only(world: World, desk: ExportDesk) -> None:
    world.open_matter()
    first, second = desk.ask(), desk.ask()

    def stumble(_done: int, total: int) -> None:
        if total:
            raise ZeroDivisionError

    assert run_one(desk.sessions, desk.folder, first, stumble) == "failed"
    assert (desk.job(first).failure or {})["attributes"] == {"kind": "ZeroDivisionError"}
    assert run_exports(desk.sessions, desk.folder) == {"made": 1}
    assert desk.job(second).state == "ready"


def test_another_version_of_the_program_makes_no_other_bytes(
    world: World, desk: ExportDesk
) -> None:
    world.open_matter()
    job_id = desk.ask()
    desk.make(job_id)
    with desk.transaction() as session:
        session.get_one(BundleJob, job_id).state = "expired"
        ask_again(session, SYSTEM["init"], job_id)
    outcome = run_one(desk.sessions, desk.folder, job_id, app_version="99.0")
    assert outcome == "failed"
    assert (desk.job(job_id).failure or {})["code"] == "export_outdated"
