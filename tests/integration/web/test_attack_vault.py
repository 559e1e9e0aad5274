"""The informant vault attacked by everybody who works here, and by the auditor's searches."""

import shutil
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from tests.integration.web.test_attack_matrix import (
    DENIED,
    people_of,
    usernames,
)
from tests.support.attacked import Attack, Original, attacked, browser, send
from tests.support.played import NOW, TODAY
from workflows.domain.informants import Channel, Identity
from workflows.domain.interventions import Approach, Manner
from workflows.services.access import load_actor
from workflows.services.secrecy.informants import keep_informant
from workflows.services.secrecy.interventions import register_approach
from workflows.store.tables import (
    Account,
    BreakGlass,
    Case,
    Informant,
    InformantOpening,
    Intervention,
    SuperiorStub,
)

NAME = "巴特尔其木格"
WHO = "说情人阿木尔"
_OF_LEAKS = ("leaks", "leaks/1/close")


@pytest.fixture(scope="module")
def vaulted(played: Original, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attack]:
    """The played world with somebody who reported its matter."""
    folder = tmp_path_factory.mktemp("vaulted")
    with attacked(played, folder) as opened:
        yield opened
    shutil.rmtree(folder)


def test_to_everybody_but_the_principal_there_is_no_entry(vaulted: Attack) -> None:
    identity = Identity(True, Channel.LETTER, NAME, "139-0000-4711")
    with vaulted.site.session() as session:
        keep_informant(session, NOW, vaulted.world.matter, identity)
        entry = session.scalars(select(Informant)).one()
        key, path = entry.id, entry.office_path
        other = session.scalars(select(Account.id).where(Account.username == "heshi1")).one()
    people = people_of(vaulted)
    leaders = set()
    for username in usernames():
        who, client = people[username], browser(vaulted, username)
        leads = who.is_active and any(
            role == "R06" and path.startswith(place) for role, place in who.grants
        )
        # He is its subject, so that nothing helps him to know who accused him.
        leads = leads and who.person != vaulted.world.person
        before = vaulted.version(but_looks=True)
        shown = client.get(f"/informants/{key}")
        assert shown.status_code in ({200} if leads else DENIED), username
        assert NAME not in shown.text
        listed = client.get("/informants/").text
        assert (key in listed) is leads, username
        values = {"purpose": "notice", "reason": "看看", "until_on": "2027-01-01"}
        for address in ("open", "notices/accepted", "notices/nonsense", *_OF_LEAKS):
            answer = send(client, f"/informants/{key}/{address}", **values, manner="电话")
            assert answer.status_code in DENIED | {422}, (username, address)
            assert NAME not in answer.text
        if not leads:
            answer = send(client, f"/informants/{key}/readers", account=other, **values)
            assert answer.status_code in DENIED, username
            assert vaulted.version(but_looks=True) == before, username
        leaders |= {username} if leads else set()
    assert "buzhang" in leaders
    assert "away-R06" not in leaders
    with vaulted.site.session() as session:
        assert session.scalars(select(InformantOpening)).all() == []


def test_stubs_are_closed_to_those_who_neither_register_nor_lead(vaulted: Attack) -> None:
    clerk = browser(vaulted, "dengji")
    values = {"received_on": TODAY.isoformat(), "channel": "letter", "envelope": "7"}
    assert send(clerk, "/superior/", **values).status_code == 302
    with vaulted.site.session() as session:
        number = session.scalars(select(SuperiorStub.id)).one()
    for username in ("heshi1", "shenji", "anquan", "xitong", "away-R03", "here-R22", "roleless"):
        client = browser(vaulted, username)
        assert "上〔2026〕" not in client.get("/superior/").text, username
        answer = send(client, f"/superior/{number}/forward")
        assert answer.status_code in DENIED, username
    with vaulted.site.session() as session:
        assert session.get_one(SuperiorStub, number).forwarded_on is None


def test_a_case_is_opened_in_need_by_its_principal_alone(vaulted: Attack) -> None:
    people = people_of(vaulted)
    with vaulted.site.session() as session:
        case = session.get_one(Case, vaulted.world.person_case)
        accounts = {each.username: each.id for each in session.scalars(select(Account))}
        row = BreakGlass(
            case_id=case.id,
            account_id=accounts["heshi1"],
            reason="承办人病休，当事人催问",
            asked_by=accounts["shenji"],
            asked_at=NOW,
        )
        session.add(row)
        session.flush()
        number, path, subject = row.id, case.org_path, case.subject_person_id
    decided_by = set()
    for username in usernames():
        who, client = people[username], browser(vaulted, username)
        leads = any(role == "R06" and path.startswith(unit) for role, unit in who.grants)
        if who.is_active and leads and who.person != subject:
            decided_by.add(username)
            continue
        before = vaulted.version(but_looks=True)
        for address in (f"/break-glass/{number}/decide", f"/break-glass/{number}/seen"):
            answer = send(client, address, decision="agree")
            assert answer.status_code in DENIED | {302}, (username, address)
        assert vaulted.version(but_looks=True) == before, username
    assert "buzhang" in decided_by
    with vaulted.site.session() as session:
        assert session.get_one(BreakGlass, number).state == "asked"


def test_who_asked_about_a_case_is_told_to_the_discipline_line_and_the_auditor_alone(
    vaulted: Attack,
) -> None:
    """An entry of the register is a clue (L3): to all others there is none."""
    with vaulted.site.session() as session:
        case = session.get_one(Case, vaulted.world.organisation_case)
        account = session.scalars(select(Account).where(Account.username == "heshi1")).one()
        actor = load_actor(session, account.id, TODAY)
        approach = Approach(Manner.PLEADED, TODAY, WHO, "副局长", "说情")
        register_approach(session, actor, NOW, case.number, approach)
        key = session.scalars(select(Intervention.id)).one()
    readers = set()
    for username in usernames():
        client, before = browser(vaulted, username), vaulted.version(but_looks=True)
        listed = client.get("/interventions/").text
        answer = send(client, f"/interventions/{key}/open")
        if answer.status_code == 200 and WHO in answer.text:
            readers.add(username)
            continue
        assert answer.status_code in DENIED, username
        assert WHO not in answer.text, username
        assert key not in listed, username
        for address in (f"{key}/provide", "provisions/1/decide", "provisions/1/take"):
            answer = send(client, f"/interventions/{address}", recipient="某人", purpose="看看")
            assert answer.status_code in DENIED, (username, address)
        for address in ("/home", f"/cases/{vaulted.world.organisation_case}", "/exports/"):
            shown = client.get(address).text
            assert key not in shown, (username, address)
            assert WHO not in shown, (username, address)
        assert vaulted.version(but_looks=True) == before, username
    assert "shenji" in readers
    roles = people_of(vaulted)
    assert all(roles[name].roles() & {"R06", "R20"} for name in readers), readers
