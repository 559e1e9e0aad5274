"""Last year's acts against a changed pack: what is said, and that nothing is written."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import DBAPIError

from tests.support.backtests import replayed
from tests.support.casework import World, make_world, memory_world
from tests.support.packs import changed_files, replaced, shipped_files
from tests.support.spies import spying
from workflows.audit.commitment import new_subject_key
from workflows.domain.clocks import local_date
from workflows.engine import Pack
from workflows.engine.loading import build_pack
from workflows.engine.simulation.matching import Reason
from workflows.engine.simulation.report import SimulationReport
from workflows.engine.simulation.tally import Escalation
from workflows.jobs.simulating import FactsLacking, backtest
from workflows.services.access import RoleMissing
from workflows.services.history.histories import (
    Period,
    PeriodBackwards,
    PeriodEmpty,
    ProcessesLacking,
)
from workflows.services.packs import PackMissing, current_pack
from workflows.services.vault import Vault
from workflows.services.versions.backtests import attach_backtest
from workflows.store.connection import open_engine, session_factory
from workflows.store.journal import read_key
from workflows.store.scope import SystemScope
from workflows.store.tables import Heartbeat, SubjectKey
from workflows.store.transaction import Sessions, StorageFailed, transaction

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
VERIFIED = {
    "finding": "substantiated",
    "verified_on": "2026-03-20",
    "verified_facts": "班子不团结",
    "grounds": ["duty_lacking"],
    "problem_weight": "serious",
    "entry_rung": "rectification",
    "subject_opinion": "agreed",
}
NOTICE = {
    "served_on": "2026-03-26",
    "service_way": "direct",
    "requirements": "限期解决",
    "plan_required": "no",
    "progress_required": "no",
}


def at(text: str) -> datetime:
    """Give nine o'clock in China on a day, or another local time."""
    moment = datetime.fromisoformat(text if "T" in text else f"{text}T09:00")
    return moment.replace(tzinfo=UTC) - timedelta(hours=8)


def stalled(world: World) -> World:
    """Let a term of 90 days from 2026-03-26 pass; the first letter goes out on 2026-06-26."""
    case_id = world.open_matter(problem_type="P203")
    world.now = at("2026-03-12")
    world.complete(case_id, "accept", "承办人", acceptance="accept")
    world.now = at("2026-03-20")
    for name in ("核实人甲", "核实人乙"):
        world.complete(case_id, "verify", name, **VERIFIED)
    world.now = at("2026-03-26")
    world.complete(case_id, "notice", "承办人", **NOTICE)
    world.now = at("2026-06-25T00:30")
    assert world.sweep().fired == 1
    world.now = at("2026-06-26")
    world.complete(case_id, "letter1", "督办员", letter1_on="2026-06-26")
    world.now = at("2026-07-04T00:30")
    assert world.sweep().fired == 1
    world.now = at("2026-07-06")
    world.complete(case_id, "letter2", "督办员", letter2_on="2026-07-06")
    world.now = at("2026-07-14T00:30")
    assert world.sweep().fired == 1
    world.now = at("2026-08-01")
    return world


@pytest.fixture(scope="module")
def world() -> World:
    return stalled(memory_world())


def report_on(world: World, files: Mapping[str, bytes]) -> SimulationReport:
    report, speed = backtest(world.sessions, build_pack(files), YEAR, world.now, workers=1)
    assert speed.steps == report.steps
    return report


def rectification(days: int) -> dict[str, bytes]:
    """Give the shipped pack with another term for what this world's case is about."""
    files = changed_files("2")
    return replaced(files, "parameters.toml", "C = { value = 90,", f"C = {{ value = {days},")


def test_the_same_pack_changes_nothing(world: World) -> None:
    report = report_on(world, shipped_files())
    assert report.reproduced is not None
    assert (report.reproduced.cases, report.reproduced.exact) == (1, 1)
    assert report.escalations.same == 3
    assert report.not_fitting.number == 0
    assert report.due_dates.earlier.number == report.due_dates.later == 0
    assert all(each.recorded == each.played for each in (*report.load, *report.rungs))
    assert report.steps == 9


def test_a_shorter_term_escalates_earlier_and_acts_still_fit(world: World) -> None:
    report = report_on(world, rectification(80))
    number = report.escalations.earlier.rows[0].case
    assert report.escalations.earlier.rows == (
        Escalation(number, "letter1", 1, date(2026, 6, 25), date(2026, 6, 16)),
        Escalation(number, "letter2", 1, date(2026, 7, 4), date(2026, 6, 23)),
    )
    assert report.reproduced is not None
    assert report.reproduced.cases == 0
    shorter = report.due_dates.earlier.rows
    assert [(each.rule, each.recorded_on, each.played_on) for each in shorter] == [
        ("R_RECT", date(2026, 6, 24), date(2026, 6, 15)),
        ("R_LETTER", date(2026, 6, 30), date(2026, 6, 22)),
        ("R_LETTER", date(2026, 7, 8), date(2026, 6, 26)),
    ]


def test_what_comes_after_an_act_that_no_longer_fits_is_not_invented(world: World) -> None:
    """The letter of 26 June would have been due on the 22nd: its act has no task left."""
    report = report_on(world, rectification(80))
    assert [(each.activity, each.reason) for each in report.acts_not_fitting] == [
        ("letter1", Reason.NOT_OPEN),
        ("letter2", Reason.NOT_OPEN),
    ]
    misfit = report.not_fitting.rows[0]
    assert (misfit.on, misfit.stands) == (date(2026, 6, 26), ("letter2", "report"))
    assert [each.activity for each in report.escalations.untold.rows] == [
        "guidance",
        "principal_decides",
        "review",
    ]


def test_load_and_time_leave_out_a_case_whose_acts_do_not_fit(world: World) -> None:
    report = report_on(world, rectification(80))
    assert (report.cases, report.left_out) == (1, 1)
    assert (report.load, report.rungs) == ((), ())
    assert report_on(world, changed_files("2", R_URGE2=9)).left_out == 0


def test_a_longer_term_escalates_not_at_all(world: World) -> None:
    report = report_on(world, rectification(300))
    assert [each.activity for each in report.escalations.not_at_all.rows] == ["letter1"]
    assert [each.activity for each in report.escalations.untold.rows] == ["letter2", "review"]
    assert report.due_dates.later == 1


def test_a_letter_answered_later_moves_only_what_follows(world: World) -> None:
    report = report_on(world, changed_files("2", R_URGE2=9))
    assert report.escalations.same == 2
    assert [each.activity for each in report.escalations.later.rows] == ["review"]
    assert report.escalations.later.rows[0].played_on == date(2026, 7, 18)
    assert report.not_fitting.number == 0


def test_the_report_has_one_json_and_is_read_by_itself(world: World) -> None:
    report = report_on(world, rectification(80))
    again = report_on(world, rectification(80))
    written = orjson.dumps(report.to_json(), option=orjson.OPT_SORT_KEYS)
    assert written == orjson.dumps(again.to_json(), option=orjson.OPT_SORT_KEYS)
    names = orjson.loads(written)["names"]
    assert names["activity"]["letter1"] == {
        "zh": "签发第一次督办单",
        "en": "Issue the first letter",
    }
    assert {each.office for each in report.load} == set(names["office"])


def test_worker_processes_count_the_same(world: World) -> None:
    alone = report_on(world, rectification(80))
    pack = build_pack(rectification(80))
    together, speed = backtest(world.sessions, pack, YEAR, world.now, workers=2)
    assert together == alone
    assert speed.workers == 2


def test_facts_that_acts_wrote_and_the_pack_lacks_are_named(world: World) -> None:
    files = shipped_files()
    files = replaced(files, "facts.toml", "[problem_weight", "[weight_of_problem")
    files = replaced(files, "facts.toml", "duty_lacking = ", "duty_neglected = ")
    files = replaced(files, "forms/verify.json", '"duty_lacking"', '"duty_neglected"')
    with pytest.raises(FactsLacking) as caught:
        report_on(world, files)
    assert caught.value.attributes["facts"] == "grounds, problem_weight"


def test_a_pack_without_the_process_of_the_cases_is_refused(world: World) -> None:
    files = {
        path: content.replace(b'id="ladder"', b'id="other"').replace(b'"ladder"', b'"other"')
        for path, content in shipped_files().items()
    }
    with pytest.raises(ProcessesLacking):
        report_on(world, files)


def test_an_empty_period_and_one_that_ends_before_it_begins_are_refused(world: World) -> None:
    pack = build_pack(shipped_files())
    with pytest.raises(PeriodEmpty):
        backtest(world.sessions, pack, Period(date(2020, 1, 1), date(2020, 2, 1)), world.now)
    with pytest.raises(PeriodBackwards):
        Period(date(2026, 2, 1), date(2026, 1, 1))


def test_a_case_whose_payloads_were_erased_is_counted_and_not_played() -> None:
    world = memory_world()
    world.open_matter()
    with world.transaction() as session:
        key = session.scalars(
            select(SubjectKey).where(SubjectKey.subject_id == world.cast.subject_id)
        ).one()
        session.delete(key)
        session.flush()
        assert read_key(session, key.id) is None
        session.info["duban_vault"].forget(key.id)
    report = report_on(world, shipped_files())
    assert (report.cases, report.unreadable, report.steps) == (1, 1, 0)


def test_cases_about_a_person_are_counted_without_a_number(world: World) -> None:
    assert all(played.number for played in replayed(world))


def test_whoever_keeps_or_approves_the_rules_attaches_a_report_to_its_version() -> None:
    world = stalled(memory_world())
    known, unknown = report_on(world, shipped_files()), report_on(world, rectification(80))
    with world.transaction() as session:
        account = world.cast.account(session, "主要负责人", world.now)
        principal = world.cast.allow(session, account, ("R06",), world.now)
        row = attach_backtest(session, principal, world.now, known)
        assert row.body == orjson.loads(orjson.dumps(known.to_json()))
        with pytest.raises(PackMissing):
            attach_backtest(session, principal, world.now, unknown)
        clerk = world.cast.account(session, "经办", world.now)
        with pytest.raises(RoleMissing):
            attach_backtest(
                session, world.cast.allow(session, clerk, ("R03",), world.now), world.now, known
            )


def _readers(database_url: str, key: bytes) -> tuple[Engine, Sessions]:
    engine = open_engine(database_url, read_only=True)
    return engine, session_factory(engine, Vault(key).session_marks())


def test_a_back_test_writes_nothing_of_any_kind(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    key = new_subject_key()
    world = stalled(make_world(session_factory(engine, Vault(key).session_marks())))
    engine.dispose()
    pack = _packed(world)
    reader, sessions = _readers(database_url, key)
    with reader.connect():
        pass
    with spying(reader) as deeds:
        report, _ = backtest(sessions, pack, YEAR, world.now, workers=1)
    assert report.steps == 9
    assert deeds.statements == []
    assert [file for file in deeds.files if "sqlite3" not in file] == []
    assert [each for each in deeds.connections if "postgres" not in each.lower()] == []
    reader.dispose()


def test_the_database_itself_refuses_to_be_written_to_by_a_back_test(
    engine: Engine, database_url: str
) -> None:
    key = new_subject_key()
    make_world(session_factory(engine, Vault(key).session_marks()))
    reader, sessions = _readers(database_url, key)
    row = {"job": "spy", "started_at": at("2026-01-01"), "late_seconds": 0, "outcome": {}}
    refused = pytest.raises((DBAPIError, StorageFailed))
    with refused, transaction(sessions, SystemScope("test")) as session:
        session.execute(insert(Heartbeat).values(**row))
    reader.dispose()


def _packed(world: World) -> Pack:
    with world.transaction() as session:
        return current_pack(session, local_date(world.now))
