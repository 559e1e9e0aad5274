"""Logs for process mining: what of cases gets into them, for whom, and what is recorded."""

import io
import json
from datetime import date
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import select

from tests.integration.pages.test_pages_cases_persons import to_person_case
from tests.support.case_site import CaseSite
from tests.support.mining_rules import faults_of_ocel, faults_of_xes
from tests.support.scenes import begin, play
from workflows.domain.demo_world import LEAGUE
from workflows.domain.errors import NotFound
from workflows.services.access import SYSTEM, load_actor, scope_in
from workflows.services.installation import clock_now
from workflows.services.reports.log_cases import Reader, Wanted
from workflows.services.reports.log_export import (
    LogFormat,
    LogOrder,
    NothingFits,
    record_log,
    write_log,
)
from workflows.store.scope import SystemScope, set_scope
from workflows.store.tables import Account, Case, JournalRecord
from workflows.store.transaction import Session

L1, L2 = frozenset({"L1"}), frozenset({"L1", "L2"})
L3 = L2 | {"L3"}
EVERYTHING = Wanted()


def log(
    session: Session, reader: Reader, wanted: Wanted = EVERYTHING, form: LogFormat = LogFormat.XES
) -> bytes:
    target = io.BytesIO()
    write_log(session, reader, clock_now(session), target, LogOrder(form, wanted))
    content = target.getvalue()
    assert (faults_of_xes if form is LogFormat.XES else faults_of_ocel)(content) == []
    return content


def all_of(session: Session, levels: frozenset[str], **others: Any) -> bytes:
    return log(session, Reader(SYSTEM["init"], levels), **others)


def activities(content: bytes) -> set[str]:
    found = etree.fromstring(content).xpath("//event/string[@key='duban:activity']/@value")
    return set(map(str, found))


def levels_in(content: bytes) -> list[str]:
    return sorted(etree.fromstring(content).xpath("//trace/string[@key='duban:level']/@value"))


def for_officer(site: CaseSite, username: str) -> bytes:
    with site.session() as session:
        statement = select(Account.id).where(Account.username == username)
        now = clock_now(session)
        actor = load_actor(session, session.scalars(statement).one(), now.date())
        set_scope(session, scope_in(session, actor))
        try:
            return log(session, Reader(actor))
        finally:
            set_scope(session, SystemScope("test"))


def test_a_persons_case_is_in_the_log_of_those_alone_who_see_it(site: CaseSite) -> None:
    _, person_case = to_person_case(site)
    person = site.person("sumu1")
    for username, levels in (("dengji", ["L1"]), ("chengban", ["L1", "L2"])):
        content = for_officer(site, username)
        assert levels_in(content) == levels
        assert (person_case.encode() in content) is ("L2" in levels)
        assert (person.encode() in content) is ("L2" in levels)
        assert site.name(person).encode() not in content
    with pytest.raises(NothingFits):
        for_officer(site, "anguan")


def test_no_value_above_the_readers_level_and_no_free_text_is_in_a_log(site: CaseSite) -> None:
    to_person_case(site)
    with site.session() as session:
        low = json.loads(all_of(session, L1, form=LogFormat.OCEL))
        high = json.loads(all_of(session, L2, form=LogFormat.OCEL))
    facts = [
        {v["name"]: v["value"] for each in found["objects"] for v in each["attributes"]}
        for found in (low, high)
    ]
    assert "fact:review_outcome" not in facts[0]
    assert facts[1]["fact:review_outcome"] == "attribution"
    for found in (low, high):
        text = json.dumps(found, ensure_ascii=False)
        assert "两次督办均未回复" not in text
        assert "fact:description" not in text
        assert "fact:minutes_no" not in text


def test_that_something_was_referred_is_sealed() -> None:
    world, case_id, steps = begin("c07")
    play(world, case_id, steps, "2026-03-26T09:00")
    with world.transaction() as session:
        low, high = all_of(session, L2), all_of(session, L3)
    referral = {"approve_referral", "complete_file", "refer_receipt"}
    assert "verify" in activities(low)
    assert not referral & activities(low)
    assert levels_in(low) == ["L1"]
    assert referral <= activities(high)
    assert levels_in(high) == ["L1", "L3"]


def test_a_period_holds_the_whole_of_cases_that_ran_in_it(site: CaseSite) -> None:
    case_id, _ = to_person_case(site)
    with site.session() as session:
        opened_on = session.get_one(Case, case_id).opened_at.date()
        whole = all_of(session, L1)
        assert opened_on < date(2026, 6, 1)
        assert all_of(session, L1, wanted=Wanted(from_on=date(2026, 6, 1))).count(
            b"<event>"
        ) == whole.count(b"<event>")
        with pytest.raises(NothingFits):
            all_of(session, L1, wanted=Wanted(to_on=date(2026, 1, 1)))


def test_a_log_of_a_subtree_holds_no_other_case(site: CaseSite) -> None:
    case_id, _ = to_person_case(site)
    with site.session() as session:
        path = session.get_one(Case, case_id).org_path.split(".")
        inside = all_of(session, L1, wanted=Wanted(organisation=path[-3]))
        assert case_id.encode() in inside
        with pytest.raises(NothingFits):
            all_of(session, L1, wanted=Wanted(organisation=f"{LEAGUE}02"))
        with pytest.raises(NotFound):
            all_of(session, L1, wanted=Wanted(organisation="nowhere"))


def test_the_record_of_a_log_says_what_was_taken_and_what_for(site: CaseSite) -> None:
    to_person_case(site)
    with site.session() as session:
        order = LogOrder(LogFormat.OCEL, Wanted(from_on=date(2026, 1, 1)), "季度分析")
        reader = Reader(SYSTEM["init"], L1)
        counts = write_log(session, reader, clock_now(session), io.BytesIO(), order)
        seq = record_log(session, reader.actor, clock_now(session), order, counts)
        statement = select(JournalRecord.body).where(
            JournalRecord.stream_id.startswith("h_"), JournalRecord.seq == seq
        )
        trigger = json.loads(session.scalars(statement).one())["trigger"]
    assert trigger == {"type": "house", "name": "log_exported", "ref": "ocel:*"}


def test_an_officer_takes_the_log_of_a_place_with_its_purpose(site: CaseSite) -> None:
    case_id, _ = to_person_case(site)
    with site.session() as session:
        organisation = session.get_one(Case, case_id).subject_organisation_id
    officer = site.officer("dengji")
    address = f"/process-logs/{organisation}"
    assert address in officer.open(f"/organisations/{organisation}").answer.text
    form = officer.open(address).form(address)
    refused = form.send()
    assert refused.status == 422
    assert "请填写用途" in refused.text
    values = {**dict(form.values), "purpose": ["看在哪里等待"], "format": ["ocel"]}
    with officer.client.post(address, data=values) as answer:
        assert answer.status_code == 200
        assert faults_of_ocel(answer.data) == []
        assert case_id in answer.text


def test_the_log_of_another_place_is_not_handed_out(site: CaseSite) -> None:
    to_person_case(site)
    other = site.branch("萨如拉图")
    officer = site.officer("sumu1")
    assert officer.open(f"/process-logs/{other}").status == 404
    assert site.officer("anguan").open(f"/process-logs/{other}").status == 403
    values = {"purpose": "看看", "format": "xes"}
    token = dict(officer.open("/worklist/").form("/ledgers/").values)["csrf_token"]
    values["csrf_token"] = token
    assert officer.client.post(f"/process-logs/{other}", data=values).status_code == 404
