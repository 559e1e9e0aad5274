"""Erasing a subject: two people, the key gone for good, the chain whole, the rows in step."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, text

from tests.integration.test_corrections import Desk, decide, end
from tests.support.casework import World
from tests.support.exports import ExportDesk, verified
from tests.support.logs import log_world
from workflows.domain.clocks import local_date
from workflows.domain.errors import DubanError
from workflows.domain.roles import Actor
from workflows.jobs.checking import run_check
from workflows.jobs.rebuilding import run_rebuild
from workflows.queries.case.timeline import whole_timeline
from workflows.services.access import OwnCase, RoleMissing, RolesForbidden, load_actor
from workflows.services.corrections.correcting import correct, correctable
from workflows.services.corrections.corrigible import ContentErased
from workflows.services.history import erasing
from workflows.services.history.erasing import (
    ErasureDecided,
    ErasureUnfounded,
    ErasureWaiting,
    KeptStill,
    NothingToErase,
    OwnErasure,
)
from workflows.services.vault import PayloadErased, Vault, read_payload
from workflows.store.connection import session_factory
from workflows.store.journal import read_stream
from workflows.store.tables import Attachment, CaseFact, Installation, Matter, SubjectKey

LONG = timedelta(days=6 * 365)


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> World:
    return log_world(engine, tmp_path)


def _closed_case(world: World) -> str:
    case_id = world.open_matter(disposition="immediate_fix", fix="当场公开补贴表")
    world.complete(case_id, "confirm_fix", "复核人", fix_confirmation="confirmed")
    return case_id


def _actor(world: World, session: Any, alias: str, *roles: str) -> Actor:
    account = world.cast.account(session, alias, world.now)
    for role in roles:
        world.cast.allow(session, account, (role,), world.now)
    return load_actor(session, account, local_date(world.now))


def _ask(world: World, by: str = "档案员", **given: str) -> int:
    with world.transaction() as session:
        _actor(world, session, by, *(() if by == "无权的人" else ("R17",)))
    with world.transaction() as session:
        actor = _actor(world, session, by)
        subject = given.get("subject", world.cast.subject_id)
        document = given.get("document", "销毁清册〔2032〕3号")
        reason = given.get("reason", "保管期满")
        return erasing.ask_to_erase(session, actor, world.now, subject, document, reason).id


def _sign(world: World, number: int, by: str = "保密员") -> erasing.Erased:
    with world.transaction() as session:
        _actor(world, session, by, "R19")
    with world.transaction() as session:
        return erasing.erase(session, _actor(world, session, by), world.now, number)


def _erase_all(world: World) -> erasing.Erased:
    world.now += LONG
    return _sign(world, _ask(world))


def test_what_was_erased_is_told_record_by_record_and_never_read_again(world: World) -> None:
    case_id = _closed_case(world)
    with world.transaction() as session:
        told = len(read_stream(session, case_id))
        session.add(
            Attachment(
                case_id=case_id,
                org_path="1.",
                name="照片.jpg",
                sha256="0" * 64,
                size_bytes=1,
                level="L1",
                content=b"x",
                uploaded_by="u",
                uploaded_at=world.now,
            )
        )
    assert _erase_all(world) == erasing.Erased(1, told)
    with world.transaction() as session:
        entries = whole_timeline(session, case_id).entries
        assert [entry.is_erased for entry in entries] == [True] * told + [False] * told
        assert [entry.record.about.seq for entry in entries[told:] if entry.record.about] == list(
            range(1, told + 1)
        )
        assert {entry.payload["reason"] for entry in entries[told:]} == {"保管期满"}
        for entity in (CaseFact, Attachment):
            rows = select(entity).where(entity.case_id == case_id)
            assert session.scalars(rows).all() == []
        assert session.scalars(select(Matter.summary)).all() == [""]
        mine = select(SubjectKey).where(SubjectKey.subject_id == world.cast.subject_id)
        assert session.scalars(mine).all() == []


def test_content_that_was_erased_is_not_corrected(world: World) -> None:
    desk = Desk(world, _closed_case(world))
    desk.correct(1, description="上年第三季度未召开党员大会")
    _erase_all(world)
    wanted, before = desk.wanted(1, description="另一句"), desk.seen()
    with world.transaction() as session:
        handler = desk.actor(session)
    for seq in (1, before):
        with pytest.raises(ContentErased), world.transaction() as session:
            correct(session, handler, world.now, desk.case_id, replace(wanted, seq=seq))
        with pytest.raises(ContentErased), world.transaction() as session:
            correctable(session, handler, world.now, desk.case_id, seq)
    assert desk.seen() == before
    assert world.differences() == []
    report = run_rebuild(world.sessions)
    assert (report.different, report.broken) == ((), ())


def test_a_correction_that_waits_is_decided_before_anything_is_erased(world: World) -> None:
    desk = Desk(world, world.open_rectification())
    end(desk)
    waits = desk.correct(desk.seq_of("verify"), problem_weight="ordinary")
    assert waits.entry_id is not None
    world.now += LONG
    with pytest.raises(KeptStill):
        _ask(world)
    decide(desk, "副部长", waits.entry_id, "R05", refuses="核实无误")
    assert _sign(world, _ask(world)).cases == 1
    assert world.differences() == []


def test_another_process_cannot_open_it_either(world: World, engine: Engine) -> None:
    case_id = _closed_case(world)
    master = _vault(world).master_key
    _erase_all(world)
    with session_factory(engine, Vault(master).session_marks())() as session:
        row = read_stream(session, case_id)[0]
        with pytest.raises(PayloadErased):
            read_payload(session, row.key_id, case_id, row.seq, row.sealed)


def _vault(world: World) -> Vault:
    with world.sessions() as session:
        vault: Vault = session.info["duban_vault"]
        return vault


def test_rows_check_and_rebuild_agree_with_what_is_left(world: World) -> None:
    _closed_case(world)
    _erase_all(world)
    assert world.differences() == []
    report = run_rebuild(world.sessions)
    assert (report.different, report.broken) == ((), ())
    assert run_check(world.sessions, world.now, whole=True).found == ()


def test_a_bundle_of_what_was_erased_still_verifies(world: World, tmp_path: Path) -> None:
    _closed_case(world)
    erased = _erase_all(world)
    with world.transaction() as session:
        offset = int((world.now - datetime.now(UTC)).total_seconds())
        session.get_one(Installation, 1).clock_offset_seconds = offset + 60
    verdict = verified(ExportDesk(world.sessions, tmp_path).export())
    assert verdict.counts.erased == erased.records
    assert verdict.counts.withheld == 0


def test_a_later_case_about_the_subject_has_another_key(world: World) -> None:
    before = _closed_case(world)
    _erase_all(world)
    after = world.open_matter()
    world.complete(after, "accept", "承办", acceptance="accept")
    with world.transaction() as session:
        keys = [{row.key_id for row in read_stream(session, each)} for each in (before, after)]
        assert len(keys[1]) == 1
        assert keys[1].isdisjoint(keys[0])
        assert not any(entry.is_erased for entry in whole_timeline(session, after).entries)
        row = read_stream(session, before)[0]
        with pytest.raises(PayloadErased):
            read_payload(session, row.key_id, before, row.seq, row.sealed)
    assert world.differences() == []


def test_nothing_is_erased_while_a_case_is_open_or_young(world: World) -> None:
    _closed_case(world)
    world.now += timedelta(days=4 * 365)
    with pytest.raises(KeptStill):
        _ask(world)
    world.now += LONG
    world.open_matter()
    with pytest.raises(KeptStill):
        _ask(world)


def test_a_case_opened_between_two_signatures_stops_the_second(world: World) -> None:
    _closed_case(world)
    world.now += LONG
    number = _ask(world)
    world.open_matter()
    with pytest.raises(KeptStill):
        _sign(world, number)


@pytest.mark.parametrize("by, expected", [("无权的人", RoleMissing), ("登记人", RolesForbidden)])
def test_only_an_archivist_who_registered_nothing_of_it_asks(
    world: World, by: str, expected: type[DubanError]
) -> None:
    _closed_case(world)
    world.now += LONG
    with pytest.raises(expected):
        _ask(world, by)


def test_nobody_asks_about_himself(world: World) -> None:
    with world.transaction() as session:
        actor = _actor(world, session, "档案员", "R17")
        with pytest.raises(OwnCase):
            erasing.ask_to_erase(
                session, actor, world.now, actor.person_id or "", "清册", "保管期满"
            )


def test_one_person_does_not_sign_twice(world: World) -> None:
    _closed_case(world)
    world.now += LONG
    number = _ask(world)
    with pytest.raises(OwnErasure):
        _sign(world, number, by="档案员")
    with world.transaction() as session:
        handler = _actor(world, session, "承办", "R03")
        with pytest.raises(RoleMissing):
            erasing.erase(session, handler, world.now, number)


def test_a_list_and_a_reason_are_asked_for(world: World) -> None:
    _closed_case(world)
    world.now += LONG
    for given in ({"document": " "}, {"reason": ""}, {"reason": "长" * 2001}):
        with pytest.raises(ErasureUnfounded):
            _ask(world, **given)


def test_what_waits_is_not_asked_for_twice_and_what_is_done_not_signed_twice(world: World) -> None:
    _closed_case(world)
    world.now += LONG
    number = _ask(world)
    with pytest.raises(ErasureWaiting):
        _ask(world)
    _sign(world, number)
    with pytest.raises(ErasureDecided):
        _sign(world, number)
    with pytest.raises(NothingToErase):
        _ask(world)


def test_a_refused_erasing_erases_nothing(world: World) -> None:
    case_id = _closed_case(world)
    world.now += LONG
    number = _ask(world)
    with world.transaction() as session:
        actor = _actor(world, session, "保密员", "R19")
        erasing.refuse_to_erase(session, actor, world.now, number, "巡察未结束")
    with world.transaction() as session:
        assert not any(entry.is_erased for entry in whole_timeline(session, case_id).entries)
    with pytest.raises(ErasureDecided):
        _sign(world, number)


def test_no_job_erases_anything(world: World, engine: Engine) -> None:
    _closed_case(world)
    world.now += timedelta(days=40 * 365)
    world.sweep()
    run_check(world.sessions, world.now, whole=True)
    with engine.connect() as connection:
        count = "SELECT count(*) FROM journal_record WHERE kind = 'payload_erased'"
        assert connection.execute(text(count)).scalar_one() == 0
        assert connection.execute(text("SELECT count(*) FROM subject_key")).scalar_one() == 2
