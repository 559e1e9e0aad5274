"""The informant vault: who may open an entry, what is recorded, what no record tells."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.casework import World, memory_world
from tests.support.persons import person_case
from tests.support.small_office import act, actor_in, employ
from workflows.domain.clocks import local_date
from workflows.domain.errors import NotFound
from workflows.domain.informants import Channel, Identity, NoticeKind, Purpose
from workflows.domain.recusals import Ground, Reason, RecusalSource
from workflows.queries.secrecy.informants import entries_of, entry_line, has_vault
from workflows.services.history import erasing
from workflows.services.history.erasing import KeptStill, OwnErasure
from workflows.services.secrecy import informants
from workflows.services.secrecy.informant_erasing import proposed
from workflows.services.secrecy.informants import (
    InformantErased,
    InformantInvalid,
    NoticeUntimely,
    OpeningUnfounded,
    ReaderUnfit,
)
from workflows.services.tracks import recusal, recusal_decision
from workflows.services.tracks.superior import (
    StubForwarded,
    StubInvalid,
    forward_stub,
    register_stub,
)
from workflows.services.vault import read_payload
from workflows.store.journal import read_stream
from workflows.store.tables import (
    Account,
    Case,
    Informant,
    InformantOpening,
    Installation,
    JournalRecord,
    Look,
    Matter,
    SubjectKey,
)

NAME, CONTACT = "巴特尔其木格", "139-0000-4711"
WHO = Identity(True, Channel.LETTER, NAME, CONTACT, "不要到家里来")


@pytest.fixture
def world() -> World:
    """A matter with an informant; 组织部长 names, 承办甲 is named, 登记 registered it."""
    world = memory_world()
    case_id = world.open_matter()
    employ(world, "组织部长", ("R06",), level=1)
    employ(world, "盟部长", ("R06",), level=0)
    for name in ("承办甲", "承办乙"):
        employ(world, name, ("R03",))
    with world.transaction() as session:
        matter_id = session.get_one(Case, case_id).matter_id
        informants.keep_informant(session, world.now, matter_id, WHO)
    return world


def key_of(world: World) -> str:
    with world.transaction() as session:
        return session.scalars(select(Informant.id)).one()


def name_reader(world: World, by: str, name: str, days: int = 30) -> None:
    until = local_date(world.now) + timedelta(days=days)
    account = world.cast.accounts[name]
    act(world, by, informants.name_reader, key_of(world), account, until)


def opened(world: World, name: str, reason: str = "告知受理") -> Identity:
    found: Identity = act(world, name, informants.open_entry, key_of(world), Purpose.NOTICE, reason)
    return found


def told(world: World) -> list[dict[str, Any]]:
    """Give the payloads of the house records about the vault."""
    with world.transaction() as session:
        house = session.scalars(select(Installation.house_id)).one()
        return [
            read_payload(session, row.key_id, house, row.seq, row.sealed)
            for row in read_stream(session, house)
            if '"name":"vault"' in row.body
        ]


def close(world: World) -> None:
    """End all cases of the world today, as the rows say it."""
    with world.transaction() as session:
        for case in session.scalars(select(Case)):
            case.state, case.ended_at = "ended", world.now


def test_only_who_is_named_opens_it_with_a_reason_and_on_record(world: World) -> None:
    for name in ("组织部长", "承办甲", "盟部长"):
        with pytest.raises(NotFound):
            opened(world, name)
    name_reader(world, "组织部长", "承办甲")
    with pytest.raises(OpeningUnfounded):
        opened(world, "承办甲", "  ")
    assert opened(world, "承办甲") == WHO
    with pytest.raises(NotFound):
        opened(world, "承办乙")
    with world.transaction() as session:
        (look,) = session.scalars(select(Look)).all()
        (line,) = session.scalars(select(InformantOpening)).all()
        assert (look.what, look.case_id, look.house_seq) == ("informant", None, line.house_seq)
    assert [each["form"]["act"] for each in told(world)] == ["named", "opened"]
    assert told(world)[-1]["reason"] == "告知受理"


def test_a_name_ends_on_its_day_and_when_it_is_taken_back(world: World) -> None:
    name_reader(world, "组织部长", "承办甲", days=1)
    world.now += timedelta(days=2)
    with pytest.raises(NotFound):
        opened(world, "承办甲")
    name_reader(world, "组织部长", "承办甲")
    opened(world, "承办甲")
    name_reader(world, "组织部长", "承办甲", days=-1)
    with pytest.raises(NotFound):
        opened(world, "承办甲")


def test_who_names_names_neither_himself_nor_who_registered_it(world: World) -> None:
    with world.transaction() as session:
        registrar = session.scalars(select(Matter.registered_by)).one()
        stranger = world.cast.account(session, "无角色", world.now)
    until = local_date(world.now)
    for account in (world.cast.accounts["组织部长"], registrar, stranger, "u_nobody"):
        with pytest.raises(ReaderUnfit):
            act(world, "组织部长", informants.name_reader, key_of(world), account, until)
    with pytest.raises(NotFound):
        name_reader(world, "承办甲", "承办乙")
    name_reader(world, "盟部长", "承办乙")


def test_the_subject_of_a_case_and_who_is_recused_have_no_entry() -> None:
    world = memory_world()
    case_id = person_case(world, "某书记")
    employ(world, "组织部长", ("R06",), level=1)
    employ(world, "盟部长", ("R06",), level=0)
    employ(world, "承办甲", ("R03",))
    with world.transaction() as session:
        case = session.get_one(Case, case_id)
        informants.keep_informant(session, world.now, case.matter_id, WHO)
        subject = case.subject_person_id
    name_reader(world, "组织部长", "承办甲")
    opened(world, "承办甲")
    reason = Reason(Ground.RELATIVE, "姐夫")
    account = world.cast.accounts["承办甲"]
    asked = act(world, "承办甲", recusal.ask, case_id, account, RecusalSource.OWN, reason)
    act(world, "组织部长", recusal_decision.decide, asked, is_granted=True, decision="应当回避")
    with pytest.raises(NotFound):
        opened(world, "承办甲")
    with world.transaction() as session:
        session.get_one(Account, world.cast.accounts["组织部长"]).person_id = subject
    with pytest.raises(NotFound):
        name_reader(world, "组织部长", "承办甲")
    with world.transaction() as session:
        today = local_date(world.now)
        assert entries_of(session, actor_in(session, world, "组织部长"), today) == ()


def test_no_row_and_no_record_holds_the_name_or_a_moment_to_join_by(world: World) -> None:
    with world.transaction() as session:
        entry = session.scalars(select(Informant)).one()
        assert NAME.encode() not in (entry.sealed or b"")
        assert NAME not in repr(WHO)
        key = session.scalars(select(SubjectKey).where(SubjectKey.subject_id == entry.id)).one()
        assert key.created_at.astimezone().isoformat() != world.now.astimezone().isoformat()
        assert key.created_at < session.scalars(select(Matter.registered_at)).one()
        bodies = session.scalars(select(JournalRecord.body)).all()
        assert not [body for body in bodies if entry.id in body or "informant" in body]
    assert told(world) == []
    with world.transaction() as session:
        assert informants.record_kept(session, world.now) == 0
        assert informants.record_kept(session, world.now + timedelta(days=1)) == 1
        assert informants.record_kept(session, world.now + timedelta(days=1)) == 0
    (kept,) = told(world)
    assert [each["id"] for each in kept["form"]["entries"]] == [key_of(world)]
    assert NAME not in str(kept)


def test_he_is_told_within_fifteen_workdays_by_those_who_are_named(world: World) -> None:
    name_reader(world, "组织部长", "承办甲", days=400)
    kept = local_date(world.now)

    key = key_of(world)

    def line() -> Any:
        with world.transaction() as session:
            actor = actor_in(session, world, "承办甲")
            return entry_line(session, actor, key, local_date(world.now))

    accepted, result = line().notices
    assert (kept, accepted.due_on) == (date(2026, 3, 10), date(2026, 3, 31))
    assert result.due_on is None
    today = local_date(world.now)
    with pytest.raises(NotFound):
        tell(world, "组织部长", NoticeKind.ACCEPTED, today)
    with pytest.raises(NoticeUntimely):
        tell(world, "承办甲", NoticeKind.RESULT, today)
    with pytest.raises(OpeningUnfounded):
        tell(world, "承办甲", NoticeKind.ACCEPTED, today + timedelta(days=1))
    tell(world, "承办甲", NoticeKind.ACCEPTED, today)
    with pytest.raises(NoticeUntimely):
        tell(world, "承办甲", NoticeKind.ACCEPTED, today)
    close(world)
    accepted, result = line().notices
    assert not accepted.waits
    assert result.waits
    assert result.due_on == date(2026, 3, 31)


def tell(world: World, name: str, kind: NoticeKind, on: date) -> None:
    act(world, name, informants.note_notice, key_of(world), kind, on, "电话告知")


def test_two_people_erase_it_two_years_after_closing_and_nobody_reads_it_then(
    world: World,
) -> None:
    name_reader(world, "组织部长", "承办甲", days=2000)
    employ(world, "档案员", ("R17",))
    employ(world, "保密员", ("R19",))
    key = key_of(world)
    close(world)
    asking: tuple[Any, ...] = (erasing.ask_to_erase, key, "清册〔2028〕1号", "结案满两年")
    with pytest.raises(KeptStill):
        act(world, "档案员", *asking)
    world.now += timedelta(days=731)
    with world.transaction() as session:
        assert [each.entry.id for each in proposed(session, local_date(world.now))] == [key]
        assert session.get_one(Informant, key).sealed is not None
    number = act(world, "档案员", *asking).id
    employ(world, "档案员", ("R19",))
    with pytest.raises(OwnErasure):
        act(world, "档案员", erasing.erase, number)
    act(world, "保密员", erasing.erase, number)
    with pytest.raises(InformantErased):
        opened(world, "承办甲")
    with world.transaction() as session:
        assert proposed(session, local_date(world.now)) == []
        assert session.scalars(select(SubjectKey).where(SubjectKey.subject_id == key)).all() == []
    assert [each["form"]["act"] for each in told(world)][1:] == ["erasure_asked", "erased"]


def test_a_real_name_report_needs_a_name_and_texts_are_bounded(world: World) -> None:
    with world.transaction() as session:
        matter = session.scalars(select(Matter.id)).one()
        for bad in (
            Identity(True, Channel.CALL),
            Identity(False, Channel.CALL, wishes="长" * 501),
            Identity(True, Channel.CALL, name="长" * 61),
        ):
            with pytest.raises(InformantInvalid):
                informants.keep_informant(session, world.now, matter, bad)


def test_a_principal_always_has_the_way_to_the_vault_so_it_tells_nothing(world: World) -> None:
    today = local_date(world.now)
    with world.transaction() as session:
        assert has_vault(session, actor_in(session, world, "组织部长"), today)
        assert not has_vault(session, actor_in(session, world, "承办甲"), today)


def test_what_belongs_to_a_superior_leaves_a_stub_without_words(world: World) -> None:
    with world.transaction() as session:
        office, _ = world.cast.units[1]
        session.get_one(Account, world.cast.accounts["承办甲"]).office_id = office
    register: tuple[Any, ...] = (register_stub, date(2026, 2, 27), Channel.LETTER)
    with pytest.raises(StubInvalid):
        act(world, "承办甲", *register, "反映某副旗长收受财物")
    with pytest.raises(StubInvalid):
        act(world, "承办甲", register_stub, date(2026, 3, 11), Channel.LETTER, "12")
    stub = act(world, "承办甲", *register, "第12号")
    assert (stub.number, stub.due_on) == ("上〔2026〕1号", date(2026, 3, 5))
    employ(world, "核实甲", ("R02",))
    with pytest.raises(NotFound):
        act(world, "核实甲", forward_stub, stub.id)
    act(world, "承办乙", forward_stub, stub.id)
    with pytest.raises(StubForwarded):
        act(world, "承办乙", forward_stub, stub.id)
