"""X20: who reported, pasted into a case: refused, told, or registered, closed and looked after."""

from typing import Any

import pytest
from sqlalchemy import select

from tests.support.casework import World, memory_world
from tests.support.small_office import act, actor_in, employ
from workflows.domain.errors import NotFound
from workflows.domain.informants import Channel, Identity
from workflows.queries.case.timeline import whole_timeline
from workflows.services.secrecy import informants
from workflows.services.secrecy.informant_guard import (
    InformantNamed,
    attempts_of,
    guard_texts,
    holds,
    keep_attempts,
    refuse_identity,
)
from workflows.services.secrecy.leaks import (
    LeakClosed,
    LeakInvalid,
    close_leak,
    leaks_of,
    register_leak,
    seen_since,
)
from workflows.services.steps.attachments import Upload, keep_files
from workflows.store.tables import Attachment, Case, Incident, Informant, InformantLeak, Matter

NAME = "巴特尔其木格"
WHO = Identity(True, Channel.LETTER, NAME, "电话 139-0000-4711")


@pytest.fixture
def world() -> World:
    """A case whose matter somebody reported; 组织部长 names, 承办甲 is named."""
    world = memory_world()
    case_id = world.open_matter()
    employ(world, "组织部长", ("R06",))
    employ(world, "承办甲", ("R03",))
    employ(world, "支部书记", ("R10",))
    with world.transaction() as session:
        matter_id = session.get_one(Case, case_id).matter_id
        informants.keep_informant(session, world.now, matter_id, WHO)
    until = world.now.date().replace(year=world.now.year + 1)
    key, account = key_of(world), world.cast.accounts["承办甲"]
    act(world, "组织部长", informants.name_reader, key, account, until)
    return world


def key_of(world: World) -> str:
    with world.transaction() as session:
        return session.scalars(select(Informant.id)).one()


@pytest.mark.parametrize(
    "text", [NAME, f"据{NAME}反映", "巴特尔 其木格", "请拨13900004711", "１３９ ００００ ４７１１"]
)
def test_a_name_and_a_number_are_found_however_they_are_written(text: str) -> None:
    assert holds(WHO, [text])
    with pytest.raises(InformantNamed):
        refuse_identity(WHO, ["支委会", text])


@pytest.mark.parametrize("text", ["巴特尔", "其木格说的", "139号", "支委会没有按期召开"])
def test_a_part_of_a_name_is_none(text: str) -> None:
    assert not holds(WHO, [text])
    assert not holds(Identity(False, Channel.LETTER), [text])


def test_who_works_on_the_case_is_refused_and_nothing_of_it_is_kept(world: World) -> None:
    (case_id,) = world.cases
    with world.transaction() as session:
        before = len(whole_timeline(session, case_id).entries)
    with pytest.raises(InformantNamed) as refused:
        world.complete(
            case_id, "accept", "承办甲", acceptance="unfounded", reason=f"{NAME}反映不实"
        )
    assert NAME not in str(refused.value)
    with world.transaction() as session:
        assert len(whole_timeline(session, case_id).entries) == before
        assert session.scalars(select(InformantLeak)).all() == []
    world.complete(case_id, "accept", "承办甲", acceptance="accept")


def test_a_file_is_read_too_and_the_attempt_is_kept_apart(world: World) -> None:
    (case_id,) = world.cases
    upload = Upload("说明.docx", b"PK\x03\x04", f"举报人{NAME}")
    with world.transaction() as session:
        actor = actor_in(session, world, "承办甲")
        with pytest.raises(InformantNamed):
            keep_files(session, actor, world.now, case_id, [upload], "L1")
        attempts = attempts_of(session.info)
        assert session.scalars(select(Attachment)).all() == []
    with world.transaction() as session:
        keep_attempts(session, attempts)
        (kept,) = leaks_of(session, attempts[0].informant_id)
        assert (kept.kind, kept.account_id) == ("refused", world.cast.accounts["承办甲"])


def test_who_must_not_know_is_told_nothing_and_a_leak_is_registered(world: World) -> None:
    (case_id,) = world.cases
    with world.transaction() as session:
        actor = actor_in(session, world, "支部书记")
        matter = session.get_one(Case, case_id).matter_id
        guard_texts(session, actor, world.now, "R10", matter, case_id, 7, [f"{NAME}诬告"])
        guard_texts(session, actor, world.now, "R10", matter, case_id, 8, ["没有的事"])
    with world.transaction() as session:
        (leak,) = session.scalars(select(InformantLeak)).all()
        assert (leak.kind, leak.seq) == ("written", 7)
        (incident,) = session.scalars(select(Incident)).all()
        assert (incident.kind, incident.case_id, incident.detail) == ("informant_leak", None, "")


def test_a_leak_found_later_is_closed_by_another_one_and_shown_nowhere(world: World) -> None:
    (case_id,) = world.cases
    key = key_of(world)
    world.complete(case_id, "accept", "承办甲", acceptance="accept")
    with world.transaction() as session:
        number = session.get_one(Case, case_id).number
    found: tuple[Any, ...] = (register_leak, key, number, 1, None, "描述中写了外号")
    with pytest.raises(NotFound):
        act(world, "支部书记", *found)
    for seq, case_number in ((99, number), (None, number), (1, "无")):
        with pytest.raises(LeakInvalid):
            act(world, "承办甲", register_leak, key, case_number, seq, None, "x")
    act(world, "承办甲", *found)
    with world.transaction() as session:
        (leak,) = session.scalars(select(InformantLeak)).all()
        assert [each.account_id for each in seen_since(session, leak)]
    with pytest.raises(NotFound):
        act(world, "承办甲", close_leak, leak.id)
    act(world, "组织部长", close_leak, leak.id)
    with pytest.raises(LeakClosed):
        act(world, "组织部长", close_leak, leak.id)
    with world.transaction() as session:
        entries = whole_timeline(session, case_id).entries
        assert [entry.is_erased for entry in entries] == [True, False]
        assert entries[0].payload == {}
        assert session.scalars(select(Matter.summary)).all() == [""]
        assert session.scalars(select(Incident.resolved_at)).one() is not None
    assert world.differences() == []


def test_a_file_that_leaks_is_open_to_nobody_once_it_is_closed(world: World) -> None:
    (case_id,) = world.cases
    act(world, "承办甲", keep_files, case_id, [Upload("照片.jpg", b"\xff\xd8\xff")], "L1")
    with world.transaction() as session:
        file_id = session.scalars(select(Attachment.id)).one()
        number = session.get_one(Case, case_id).number
    act(world, "承办甲", register_leak, key_of(world), number, None, file_id, "照片里有他")
    with world.transaction() as session:
        leak_id = session.scalars(select(InformantLeak.id)).one()
    act(world, "组织部长", close_leak, leak_id)
    with world.transaction() as session:
        assert session.scalars(select(Attachment.level)).one() == "L3"
