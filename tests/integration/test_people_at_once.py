"""Two at once, a crash, a full disk: one wins, nothing is lost, nothing is done twice."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, select, text

from tests.support.casework import World, make_world
from tests.support.races import race
from tests.support.small_office import act, employ
from workflows.audit.commitment import new_subject_key
from workflows.domain.clocks import local_date
from workflows.domain.errors import Conflict, DubanError
from workflows.domain.months import Month
from workflows.domain.requests import Request, RequestKind
from workflows.domain.roles import Actor
from workflows.jobs.checking import run_check
from workflows.queries.case.page import case_page
from workflows.queries.papers.documents import documents_of
from workflows.queries.reports.requests import all_asked
from workflows.services import casework
from workflows.services.corrections.correcting import correct
from workflows.services.corrections.corrigible import CaseMoved, Corrected, Wanted
from workflows.services.desk.burden import UnitAskedEnough, ask_by_letter
from workflows.services.desk.reminding import RemindedToday, remind
from workflows.services.papers.documents import DocumentIssued, issue_document
from workflows.services.vault import Vault
from workflows.store.base import table_of
from workflows.store.connection import session_factory
from workflows.store.tables import JournalRecord
from workflows.store.transaction import Session, StorageFailed

KEY = new_subject_key()


@pytest.fixture
def world(engine: Engine) -> World:
    return make_world(session_factory(engine, Vault(KEY).session_marks()))


def _firings(world: World) -> Counter[tuple[str, int]]:
    with world.transaction() as session:
        record = table_of(JournalRecord)
        statement = select(record.c.stream_id).where(record.c.kind == "clock_fired")
        return Counter(session.connection().execute(statement).scalars())


def test_second_officer_is_told_who_closed_the_task_and_when(world: World) -> None:
    case_id = world.open_matter()
    world.complete(case_id, "accept", "甲", acceptance="accept")
    with world.transaction() as session:
        stage = world.cast.stage(session, case_id, world.now)
        actor = stage.actor("乙", ("R03",))
        with pytest.raises(casework.TaskAlreadyDone) as caught:
            casework.complete(session, actor, world.now, case_id, "accept#1", {})
    assert caught.value.attributes["by"] == world.cast.accounts["甲"]
    assert caught.value.attributes["at"] == world.now


def test_of_two_officers_on_one_task_exactly_one_wins(world: World) -> None:
    case_id = world.open_matter()
    with world.transaction() as session:
        stage = world.cast.stage(session, case_id, world.now)
        first, second = (stage.actor(name, ("R03",)) for name in ("甲", "乙"))

    def act(actor: Actor) -> casework.Completed:
        with world.transaction() as session:
            values = {"acceptance": "accept"}
            return casework.complete(session, actor, world.now, case_id, "accept#1", values)

    outcomes = race(lambda: act(first), lambda: act(second))
    assert sorted(isinstance(outcome, Conflict) for outcome in outcomes) == [False, True]
    assert world.differences() == []


def test_of_two_corrections_at_once_the_later_one_is_told_that_the_case_moved(
    world: World,
) -> None:
    case_id = world.open_matter()
    with world.transaction() as session:
        stage = world.cast.stage(session, case_id, world.now)
        first, second = (stage.actor(name, ("R03",)) for name in ("甲", "乙"))

    def act(actor: Actor, description: str) -> Corrected:
        with world.transaction() as session:
            wanted = Wanted(1, {"description": description}, "笔误", 1)
            return correct(session, actor, world.now, case_id, wanted)

    outcomes = race(lambda: act(first, "第一种写法"), lambda: act(second, "第二种写法"))
    assert sorted(isinstance(outcome, CaseMoved) for outcome in outcomes) == [False, True]
    assert [outcome.seq for outcome in outcomes if isinstance(outcome, Corrected)] == [2]
    assert world.differences() == []


def test_of_two_officers_who_number_at_once_each_paper_gets_one_number_without_a_gap(
    world: World,
) -> None:
    cases = [world.open_rectification() for _ in range(2)]
    with world.transaction() as session:
        account = world.cast.account(session, "编号人", world.now)
        actor = world.cast.allow(session, account, ("R03",), world.now)

    def number(case_id: str) -> str:
        with world.transaction() as session:
            page = case_page(session, case_id, local_date(world.now))
            made = next(line.made for line in documents_of(session, page) if line.made.key == "D07")
            return issue_document(session, actor, world.now, page.case, made).number

    same = race(lambda: number(cases[0]), lambda: number(cases[0]))
    assert sorted(isinstance(outcome, DocumentIssued) for outcome in same) == [False, True]
    assert number(cases[1]) == "改通〔2026〕2号", "who was refused took none"


_PLAN = "call_rectification/term/term_work/plan#1"
_LETTER = "call_rectification/term/term_supervision/letter1#1"


def test_of_two_who_remind_at_once_one_does_and_the_other_is_told_who(world: World) -> None:
    for name in ("科长", "副科长"):
        employ(world, name)
    case_id = world.open_rectification()

    def reminding(name: str) -> Callable[[], object]:
        return lambda: act(world, name, remind, case_id, _PLAN, "请报方案")

    outcomes = race(reminding("科长"), reminding("副科长"))
    (told,) = [outcome for outcome in outcomes if isinstance(outcome, DubanError)]
    assert isinstance(told, RemindedToday)
    assert told.attributes["by"] in {"科长", "副科长"}
    assert [each.kind for each in _asked(world)].count(RequestKind.REMINDER) == 1
    assert world.differences() == []


def test_of_two_who_ask_at_the_cap_at_once_one_passes_and_the_other_is_told_the_cap(
    world: World,
) -> None:
    for name in ("科长", "副科长"):
        employ(world, name)
    cases = [world.open_rectification() for _ in range(2)]
    world.now = datetime(2026, 6, 15, 1, tzinfo=UTC)
    assert world.sweep().escalated == 2
    for _ in range(3):
        world.now += timedelta(days=1)
        act(world, "科长", remind, cases[0], _PLAN, "请报方案")
    assert len(_asked(world)) == 3, "one is left"

    def issue(session: Session, actor: Actor, now: datetime, case_id: str) -> None:
        ask_by_letter(session, actor, now, case_id, _LETTER, "")
        values = {"letter1_on": local_date(now).isoformat()}
        casework.complete(session, actor, now, case_id, _LETTER, values)

    outcomes = race(
        lambda: act(world, "科长", issue, cases[0]), lambda: act(world, "副科长", issue, cases[1])
    )
    (told,) = [outcome for outcome in outcomes if isinstance(outcome, DubanError)]
    assert isinstance(told, UnitAskedEnough)
    assert told.attributes["count"] == told.attributes["cap"] == len(_asked(world)) == 4
    assert world.differences() == []


def _asked(world: World) -> tuple[Request, ...]:
    with world.transaction() as session:
        month = Month.of(local_date(world.now))
        return all_asked(session, (world.cast.units[-1][1],), month)


def test_claimed_task_is_left_to_its_claimant(world: World) -> None:
    case_id = world.open_matter()
    with world.transaction() as session:
        stage = world.cast.stage(session, case_id, world.now)
        first, second = (stage.actor(name, ("R03",)) for name in ("甲", "乙"))
        casework.claim(session, first, world.now, case_id, "accept#1")
    with world.transaction() as session, pytest.raises(casework.TaskHeld):
        casework.complete(session, second, world.now, case_id, "accept#1", {})
    with world.transaction() as session:
        casework.release(session, first, world.now, case_id, "accept#1")
    with world.transaction() as session:
        values = {"acceptance": "accept"}
        casework.complete(session, second, world.now, case_id, "accept#1", values)
    assert world.differences() == []


def test_two_sweeps_at_once_fire_each_clock_once(world: World) -> None:
    for _ in range(12):
        world.open_matter()
    world.now += timedelta(days=30)
    reports = race(world.sweep, world.sweep)
    assert sum(report.fired for report in reports) == 12  # type: ignore[attr-defined]
    assert set(_firings(world).values()) == {1}
    assert world.differences() == []


def test_officer_against_sweep_leaves_one_history(world: World) -> None:
    cases = [world.open_matter() for _ in range(8)]
    world.now += timedelta(days=30)

    def accept_all() -> None:
        for case_id in cases:
            world.complete(case_id, "accept", "甲", acceptance="accept")

    outcomes = race(world.sweep, accept_all)
    assert not [outcome for outcome in outcomes if isinstance(outcome, DubanError)]
    assert world.differences() == []
    with world.transaction() as session:
        open_paths = {
            case_id: sorted(world.cast.stage(session, case_id, world.now).case.tasks)
            for case_id in cases
        }
    assert set(map(tuple, open_paths.values())) == {("verify",)}


_SWEEP_AND_DIE = """
import sys
from datetime import datetime
from workflows.jobs.sweep import run_sweep
from workflows.services.vault import Vault
from workflows.store.connection import open_engine, session_factory
url, key, now = sys.argv[1:]
sessions = session_factory(open_engine(url), Vault(bytes.fromhex(key)).session_marks())
print("sweeping", flush=True)
run_sweep(sessions, datetime.fromisoformat(now), batch=3)
"""


@pytest.mark.parametrize("seconds", [0.02, 0.15, 0.4])
def test_killed_sweep_is_finished_by_the_next(
    world: World, database_url: str, seconds: float
) -> None:
    for _ in range(40):
        world.open_matter()
    world.now += timedelta(days=30)
    sweep = subprocess.Popen(
        [sys.executable, "-c", _SWEEP_AND_DIE, database_url, KEY.hex(), world.now.isoformat()],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert sweep.stdout is not None
    sweep.stdout.readline()
    time.sleep(seconds)
    os.kill(sweep.pid, signal.SIGKILL)
    sweep.wait(30)
    sweep.stdout.close()
    before = sum(_firings(world).values())
    assert world.sweep().fired == 40 - before
    assert set(_firings(world).values()) == {1}
    assert run_check(world.sessions, world.now, whole=True).found == ()


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_full_disk_in_the_middle_of_a_sweep_loses_nothing_acknowledged(
    world: World, engine: Engine
) -> None:
    for _ in range(60):
        world.open_matter()
    world.now += timedelta(days=30)
    with engine.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()

    def limit(connection: object, _record: object, _proxy: object) -> None:
        connection.set_authorizer(None)  # type: ignore[attr-defined]
        connection.execute(f"PRAGMA max_page_count={allowed}")  # type: ignore[attr-defined]

    allowed = pages + 12
    event.listen(engine, "checkout", limit)
    with pytest.raises(StorageFailed):
        _sweep_in_small_batches(world)
    acknowledged = sum(_firings(world).values())
    allowed = 1_000_000
    assert 0 < acknowledged < 60
    assert world.differences() == []
    assert world.sweep().fired == 60 - acknowledged
    assert set(_firings(world).values()) == {1}


def _sweep_in_small_batches(world: World) -> None:
    from workflows.jobs.sweep import run_sweep

    run_sweep(world.sessions, world.now, batch=5)


def test_clock_that_goes_backwards_stops_the_sweep(world: World) -> None:
    world.open_matter()
    world.now += timedelta(days=30)
    world.sweep()
    world.now -= timedelta(days=10)
    with pytest.raises(DubanError) as caught:
        world.sweep()
    assert caught.value.code == "clock_backwards"


def test_broken_clock_blocks_nobody_and_becomes_an_incident(world: World, engine: Engine) -> None:
    good, bad = world.open_matter(), world.open_matter()
    with engine.begin() as connection:
        marking = "UPDATE cases SET marking_hash = :hash WHERE id = :id"
        connection.execute(text("INSERT INTO marking VALUES (:hash, '[]')"), {"hash": "0" * 64})
        connection.execute(text(marking), {"hash": "0" * 64, "id": bad})
    world.now += timedelta(days=30)
    report = world.sweep()
    assert (report.fired, report.failed) == (1, 1)
    for _ in range(4):
        world.now += timedelta(days=1)
        report = world.sweep()
        assert report.failed == 1
    world.now += timedelta(days=30)
    assert world.sweep().failed == 0
    with engine.connect() as connection:
        incidents = connection.execute(text("SELECT case_id, kind FROM incident")).all()
    assert incidents == [(bad, "clock_failed")]
    assert _firings(world)[good] == 1
