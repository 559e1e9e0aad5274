"""What time does to cases: pauses keep the rest, sweeps do no more than they may."""

import json
import re
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.support.casework import START, World, memory_world
from tests.support.persons import person_case, until_open
from tests.support.small_office import actor_in, employ
from workflows.domain.clocks import local_date
from workflows.domain.pauses import Certificate, CertificateNeeded, CertificateUnfit, PauseGround
from workflows.jobs.sweep import MOST_RECORDS_PER_CASE
from workflows.queries.case.standing import Stand, stand_of
from workflows.services import casework
from workflows.services.access import SYSTEM
from workflows.services.incidents import retry_incident
from workflows.services.packs import install_shipped_pack
from workflows.services.vault import read_payload
from workflows.shipped import shipped_pack_dir
from workflows.store.base import table_of
from workflows.store.duework import ATTEMPTS
from workflows.store.journal import read_stream
from workflows.store.tables import (
    Case,
    Clock,
    ClockPause,
    Incident,
    JournalRecord,
    PersonEffect,
)

TERM = "R_RECT"


@pytest.fixture
def world() -> World:
    return memory_world()


def _clock(world: World, case_id: str, rule: str = TERM) -> Any:
    with world.transaction() as session:
        clock = table_of(Clock)
        statement = select(clock).where(clock.c.case_id == case_id, clock.c.rule == rule)
        return session.connection().execute(statement.order_by(clock.c.id.desc())).first()


def _pause(world: World, case_id: str, *, go_on: bool = False, rule: str = TERM) -> None:
    row = _clock(world, case_id, rule)
    place = f"{row.path}#{row.n}"
    with world.transaction() as session:
        actor = world.cast.stage(session, case_id, world.now).actor("部长", ("R06",))
        if go_on:
            casework.resume(session, actor, world.now, case_id, place, reason="批复已到")
        else:
            casework.pause(
                session,
                actor,
                world.now,
                case_id,
                place,
                reason="等待上级批复",
                approver=actor.account_id,
            )


def _stand(world: World, case_id: str) -> Stand:
    with world.transaction() as session:
        return stand_of(session, case_id, local_date(world.now))


def _open(world: World, case_id: str) -> list[str]:
    return sorted(task.activity for task in _stand(world, case_id).tasks)


def _records(world: World, **columns: str) -> list[Any]:
    with world.transaction() as session:
        record = table_of(JournalRecord)
        wanted = [record.c[name] == value for name, value in columns.items()]
        return list(session.connection().execute(select(record).where(*wanted)).all())


def test_sweep_during_a_pause_does_nothing_to_the_clock(world: World) -> None:
    case_id = world.open_rectification()
    _pause(world, case_id)
    world.now += timedelta(days=400)
    world.sweep()
    assert _clock(world, case_id).state == "paused"
    assert "letter1" not in _open(world, case_id)
    assert world.differences() == []


def test_nothing_escalates_at_once_when_a_clock_goes_on_after_thirty_days(world: World) -> None:
    case_id = world.open_rectification()
    due_on = _clock(world, case_id).due_on
    world.now += timedelta(days=(due_on - local_date(world.now)).days - 2)
    _pause(world, case_id)
    world.now += timedelta(days=30)
    _pause(world, case_id, go_on=True)
    world.sweep()
    clock = _clock(world, case_id)
    assert clock.state == "running"
    assert clock.due_on >= local_date(world.now) + timedelta(days=2)
    assert "letter1" not in _open(world, case_id)
    world.now += timedelta(days=(clock.due_on - local_date(world.now)).days + 1)
    world.sweep()
    assert "letter1" in _open(world, case_id)


def test_pause_keeps_the_rest_of_the_term(world: World) -> None:
    case_id = world.open_rectification()
    before = _clock(world, case_id)
    world.now += timedelta(days=10)
    _pause(world, case_id)
    world.now += timedelta(days=21)
    _pause(world, case_id, go_on=True)
    moved = _clock(world, case_id).due_on - before.anchor_on
    assert timedelta(days=before.budget + 21) <= moved <= timedelta(days=before.budget + 31)


def _install_shorter_terms(world: World, folder: Path) -> None:
    """Put a pack into force that gives a class B case 5 days instead of 60."""
    shutil.copytree(shipped_pack_dir(), folder)
    parameters = folder / "parameters.toml"
    text = parameters.read_text("utf-8")
    before, term, after = text.partition("[R_RECT.values]")
    shorter = re.sub(r"value = \d+", "value = 5", after, count=4)
    parameters.write_text(f"{before}{term}{shorter}", "utf-8")
    with world.transaction() as session:
        install_shipped_pack(session, SYSTEM["init"], world.now, folder)


def test_another_rule_while_paused_leaves_the_rest_as_it_was(world: World, tmp_path: Path) -> None:
    old = world.open_rectification()
    armed = _clock(world, old)
    _pause(world, old)
    _install_shorter_terms(world, tmp_path / "pack")
    new = world.open_rectification()
    assert _clock(world, new).budget == 5
    world.now += timedelta(days=21)
    _pause(world, old, go_on=True)
    clock = _clock(world, old)
    assert clock.budget == armed.budget
    assert clock.due_on >= armed.due_on + timedelta(days=21)
    assert world.differences() == []


def test_missed_sweeps_are_caught_up_without_a_flood(world: World) -> None:
    """Years without a sweep: one firing a clock, and what it opens counts from today."""
    case_id = world.open_rectification()
    running = len(_clocks(world, case_id))
    world.now += timedelta(days=3650)
    report = world.sweep()
    assert report.fired == running <= MOST_RECORDS_PER_CASE
    assert report.late == running
    assert "letter1" in _open(world, case_id)
    assert world.sweep().fired == 0


def _clocks(world: World, case_id: str) -> list[Any]:
    with world.transaction() as session:
        clock = table_of(Clock)
        statement = select(clock).where(clock.c.case_id == case_id, clock.c.state == "running")
        return list(session.connection().execute(statement).all())


def test_watchdog_shows_a_case_that_cannot_be_stepped_and_changes_nothing(world: World) -> None:
    broken, sound = world.open_rectification(), world.open_rectification()
    clock = table_of(Clock)
    row = _clock(world, broken)
    with world.transaction() as session:
        session.connection().execute(
            update(clock).where(clock.c.id == row.id).values(path="call_rectification/nowhere")
        )
    before = len(_records(world, stream_id=broken))
    world.now += timedelta(days=(row.due_on - local_date(world.now)).days + 1)
    first = world.sweep()
    assert first.failed == 1
    assert "letter1" in _open(world, sound)
    # Tips of other clocks are recorded; from here on nothing more happens to the case.
    after_first = _records(world, stream_id=broken)
    assert {record.kind for record in after_first[before:]} <= {"clock_fired"}
    for _ in range(ATTEMPTS):
        world.now += timedelta(days=1)
        world.sweep()
    assert len(_records(world, stream_id=broken)) == len(after_first)
    with world.transaction() as session:
        incidents = session.scalars(select(Incident).where(Incident.case_id == broken)).all()
        assert [incident.kind for incident in incidents] == ["clock_failed"]
        assert incidents[0].resolved_at is None
    assert world.sweep().failed == 0
    employ(world, "系统管理员", ("R18",))
    with world.transaction() as session:
        retry_incident(session, actor_in(session, world, "系统管理员"), world.now, incidents[0].id)
        session.connection().execute(
            update(clock).where(clock.c.id == row.id).values(path=row.path)
        )
    assert world.sweep().failed == 0
    assert "letter1" in _open(world, broken)


# ------------------------------------------------- ten years without a human act


def test_ten_years_without_a_human_act_decide_nothing_about_a_person(world: World) -> None:
    person_cases = []
    for activity in ("attribution", "statement", "decision"):
        case_id = person_case(world, f"当事人{activity}")
        until_open(world, case_id, activity)
        person_cases.append(case_id)
    world.open_matter()
    until_open(world, world.open_matter(), "verify")
    until_open(world, world.open_matter(), "plan")
    world.open_rectification()
    start, people_before = _everything(world)
    opened_before = [_open(world, case_id) for case_id in person_cases]
    for _ in range(122):
        world.now += timedelta(days=30)
        assert world.sweep().failed == 0
    end, people_after = _everything(world)
    assert people_after == people_before
    assert [_open(world, case_id) for case_id in person_cases] == opened_before
    assert [_stand(world, case_id).state for case_id in person_cases] == ["open"] * 3
    fired = end[len(start) :]
    assert fired
    assert {(record.kind, record.actor) for record in fired} == {("clock_fired", "system:sweep")}
    for case_id in person_cases:
        assert not _written(world, case_id, {r.seq for r in fired if r.stream_id == case_id})
    assert world.differences() == []


def _everything(world: World) -> tuple[list[Any], tuple[Any, ...]]:
    """Give all records of cases in order, and all that is decided about people."""
    with world.transaction() as session:
        record, case = table_of(JournalRecord), table_of(Case)
        statement = (
            select(record)
            .where(record.c.stream_id.in_(select(case.c.id)))
            .order_by(record.c.recorded_at, record.c.stream_id, record.c.seq)
        )
        records = list(session.connection().execute(statement).all())
        people = session.execute(
            select(Case.id, Case.rung, Case.outcome, Case.state, Case.marking_hash)
            .where(Case.level == "L2")
            .order_by(Case.id)
        )
        effects = session.execute(select(PersonEffect.id)).all()
        rungs = [row[:4] for row in people]
        return records, (rungs, effects)


def _written(world: World, case_id: str, seqs: set[int]) -> list[str]:
    """Give the facts that some records of a case wrote, and what they opened."""
    with world.transaction() as session:
        rows = [row for row in read_stream(session, case_id) if row.seq in seqs]
        found: list[str] = []
        for row in rows:
            payload = read_payload(session, row.key_id, case_id, row.seq, row.sealed)
            found += [*payload["facts"], *payload["links"].get("opens", ())]
            found += [task["task"] for task in json.loads(row.body)["effects"]["opened"]]
        return found


def test_x14_a_certificate_stops_the_clock_for_its_21_days(world: World) -> None:
    case_id = world.open_rectification()
    assert _clock(world, case_id, TERM).due_on == date(2026, 6, 8)  # 90 days
    place = f"{_clock(world, case_id, TERM).path}#1"
    paper = Certificate("住院证明", "2026-88", "旗人民医院", date(2026, 3, 20), date(2026, 4, 10))

    with world.transaction() as session:
        world.cast.stage(session, case_id, world.now).actor("部长", ("R06",))

    def stop(**values: Any) -> None:
        with world.transaction() as session:
            actor = world.cast.stage(session, case_id, world.now).actor("部长", ("R06",))
            given = {"reason": "书记住院", "approver": actor.account_id, **values}
            casework.pause(session, actor, world.now, case_id, place, **given)

    with pytest.raises(CertificateNeeded):
        stop(ground=PauseGround.ILLNESS)
    with pytest.raises(CertificateUnfit):  # it begins only on the 20th
        stop(ground=PauseGround.ILLNESS, certificate=paper)
    world.now = START.replace(day=20)
    stop(ground=PauseGround.ILLNESS, certificate=paper)
    world.now = START.replace(month=4, day=10)
    _pause(world, case_id, go_on=True)
    assert _clock(world, case_id, TERM).due_on == date(2026, 6, 29)
    with world.transaction() as session:
        (pause,) = session.scalars(select(ClockPause)).all()
        assert pause.reason == (
            "当事人重病：书记住院（住院证明2026-88，旗人民医院出具，2026年3月20日至2026年4月10日）"
        )
    assert world.differences() == []
