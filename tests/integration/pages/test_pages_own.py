"""The page of the person concerned: his documents, tasks and requests, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from tests.integration.pages.test_pages_cases_persons import to_person_case
from tests.support.case_site import CaseSite, Officer
from tests.support.papers import docx_text
from workflows.store.tables import Account, Case, JournalRecord, Look, Recusal, Task

SUBJECT = "sumu1"


def _twice(site: CaseSite, case_id: str, activity: str, *who: str, **values: Any) -> None:
    """Do a task that two people sign."""
    first = site.officer(who[0]).do(case_id, activity, **values)
    assert "待第二人签署" in first.text, first.heading
    address = site.address(case_id, activity)
    done = site.officer(who[1]).open(address).form(f"{address}/sign").send()
    assert "已办结" in done.text, done.status


def to_statement(site: CaseSite) -> tuple[str, str]:
    """Take a person's case to where he is heard; give the organisation's case and his."""
    organisation_case, case_id = to_person_case(site)
    values = {
        "attribution_ground": "G3",
        "facts_from_on": "2026-05-12",
        "facts_until_on": "2026-06-08",
        "act_kind": "omission",
        "act": "两次督办均未组织答复。",
        "causation": "致使整改停滞。",
        "cause_main": "unwilling",
        "cause_evidence": "督办单签收后没有会议记录。",
        "tolerance_hint": "none",
        "responsibility_class": "main",
        "initiating_body": "organisation",
        "led_by_committee": "no",
    }
    address = site.address(case_id, "attribution")
    page = site.officer("chengban").open(address)
    for picker in ("tenure", "duty"):
        values[picker] = page.root.xpath(f"//select[@name='{picker}']/option[@value!='']/@value")[0]
    _twice(site, case_id, "attribution", "chengban", "shenhe", **values)
    approved = site.officer("buzhang").do(
        case_id, "approve_start", start_approval="approved", inquiry_group="干部监督科两人"
    )
    assert "已办结" in approved.text, approved.status
    _twice(
        site,
        case_id,
        "facts_shown",
        *("chengban", "shenhe"),
        fact_material="党委未研究答复督办。",
        signature="agreed",
    )
    assert "statement" in site.open_tasks(case_id)
    return organisation_case, case_id


@pytest.fixture(scope="module")
def heard(built_site: CaseSite) -> tuple[CaseSite, str, str]:
    """A case in which the person concerned was met."""
    return built_site, *to_statement(built_site)


def _own(site: CaseSite, case_id: str, username: str = SUBJECT) -> Any:
    return site.officer(username).open(f"/own/{case_id}")


def test_before_he_was_met_he_is_told_nothing(site: CaseSite) -> None:
    _, case_id = to_person_case(site)
    person = site.officer(SUBJECT)
    assert person.open(f"/own/{case_id}").status == 404
    assert "没有需要您知悉或者办理的事项" in person.open("/own/").text


def test_he_sees_his_documents_and_files_his_statement(
    heard: tuple[CaseSite, str, str],
) -> None:
    site, _, case_id = heard
    person = site.officer(SUBJECT)
    listed = person.open("/own/")
    with site.session() as session:
        number = session.get_one(Case, case_id).number
    assert number in listed.text
    page = _own(site, case_id)
    assert "陈述申辩" in page.text
    assert "为什么是" in page.text, "the last day is explained"
    (link,) = [each for each in page.root.xpath("//a") if each.text == "事实材料及见面笔录"]
    shown = person.open(link.get("href"))
    assert "党委未研究答复督办。" in shown.text
    with site.session() as session:
        before = len(session.scalars(select(Look)).all())
    form = shown.form(f"{link.get('href')}/file")
    answer = person.client.post(form.action, data={**form.values, "format": "docx"})
    assert "党委未研究答复督办。" in "".join(docx_text(answer.data).split())
    answer.close()
    with site.session() as session:
        assert len(session.scalars(select(Look)).all()) == before + 1

    (task,) = page.root.xpath(
        "//article[contains(@class,'task-card')]//a[contains(@href,'/tasks/')]"
    )
    opened = person.open(task.get("href"))
    empty = opened.form(task.get("href")).fill(statement_kind="submitted").send()
    assert empty.status == 422
    done = (
        opened.form(task.get("href"))
        .fill(statement_kind="submitted", statement="当时班子缺员，已书面报告。")
        .send()
    )
    assert "已提交“陈述申辩”" in done.text, done.status
    assert "adoption" in site.open_tasks(case_id)
    with site.session() as session:
        records = session.scalars(
            select(JournalRecord).where(JournalRecord.stream_id == case_id)
        ).all()
        own = session.scalars(select(Account.id).where(Account.username == SUBJECT)).one()
        (record,) = [each for each in records if each.actor == own]
    assert (record.role, record.performed_by, record.acting_for) == ("R15", None, None)


def test_he_asks_that_an_officer_keeps_out_and_that_is_decided_by_the_principal(
    heard: tuple[CaseSite, str, str],
) -> None:
    site, _, case_id = heard
    address = f"/own/{case_id}/recusal"
    page = site.officer(SUBJECT).open(address)
    offered = [each.text for each in page.root.xpath("//select[@name='account']/option")]
    assert site.name(site.person("chengban")) in offered
    assert site.name(site.person("dengji")) not in offered, "who took in the matter is not named"
    with site.session() as session:
        handler = session.scalars(select(Account.id).where(Account.username == "shenhe")).one()
    done = (
        page.form(address)
        .fill(account=handler, ground="interest", statement="其配偶承包了争议草场。")
        .send()
    )
    assert "已提出，由负责人在两个工作日内决定" in done.text, done.status
    with site.session() as session:
        row = session.scalars(select(Recusal).where(Recusal.case_id == case_id)).one()
    assert (row.source, row.account_id, row.state) == ("subject", handler, "asked")


def test_nothing_on_his_page_tells_of_the_source_or_of_anybody_else(
    heard: tuple[CaseSite, str, str],
) -> None:
    site, organisation_case, case_id = heard
    person = site.officer(SUBJECT)
    with site.session() as session:
        organisation = session.get_one(Case, organisation_case)
        hidden = {organisation.id, organisation.number, organisation.matter_id, "督查", "抽查"}
        people = session.scalars(select(Account)).all()
        names = {each.display_name for each in people if each.username != SUBJECT}
    page = person.open(f"/own/{case_id}")
    addresses = {f"/own/{case_id}", "/own/", f"/own/{case_id}/recusal"}
    links = {link.get("href") for link in page.root.xpath("//main//a") if link.get("href")}
    addresses |= {each for each in links if each.startswith("/own/")}
    assert len(addresses) > 3
    assert not [each for each in links if not each.startswith(("/own/", "/help/", "#"))]
    for address in sorted(addresses):
        shown = person.open(address)
        assert shown.status == 200, address
        (main,) = shown.root.xpath("//main")
        said = " ".join(main.text_content().split())
        html = shown.answer.text
        assert not {each for each in hidden if each in html}, address
        if not address.endswith("/recusal"):
            assert not {each for each in names if each in said}, address
    for word in ("群众反映", "举报", "信访", "责任认定", "移送"):
        assert word not in page.text


def test_others_and_he_elsewhere_are_refused_alike(heard: tuple[CaseSite, str, str]) -> None:
    site, organisation_case, case_id = heard
    with site.session() as session:
        task = session.scalars(
            select(Task).where(Task.case_id == case_id).order_by(Task.id.desc())
        ).first()
        seq = session.get_one(Case, case_id).version
        number = session.get_one(Case, case_id).number
    assert task is not None
    tails = ("", "/recusal", f"/tasks/{task.path}/{task.n}", "/beside/appeal", "/beside/objection")
    tails += (f"/documents/D20/{seq}", f"/documents/D99/{seq}")
    for username in ("chengban", "buzhang", "dengji", "sumu2", "shenji", "xitong"):
        for tail in tails:
            _refused(site.officer(username), f"/own/{case_id}{tail}", number)
    person = site.officer(SUBJECT)
    for tail in tails:
        _refused(person, f"/own/{organisation_case}{tail}", number)
    _refused(person, f"/own/{case_id}/documents/D28/{seq}", number)
    for address in (
        *(f"/cases/{case_id}", f"/cases/{case_id}/documents", f"/cases/{case_id}/why"),
        *(f"/cases/{case_id}/recusals", f"/cases/{case_id}/files/1"),
    ):
        _refused(person, address, number)


def _refused(officer: Officer, address: str, number: str) -> None:
    for answer in (officer.client.get(address), officer.client.post(address)):
        assert answer.status_code in {400, 403, 404, 405}, (address, answer.status_code)
        assert number not in answer.text, address


def test_who_is_only_the_person_concerned_reaches_nothing_but_his_own_page(
    heard: tuple[CaseSite, str, str],
) -> None:
    site, organisation_case, case_id = heard
    with site.session() as session:
        account = session.scalars(select(Account).where(Account.username == SUBJECT)).one()
        grants = list(account.grants)
        for grant in grants[1:]:
            session.delete(grant)
        grants[0].role = "R15"
    person = site.officer(SUBJECT)
    begun = person.open("/")
    assert begun.heading == "涉及本人的案件"
    menu = [each.get("href") for each in begun.root.xpath("//header//nav//a")]
    assert "/own/" in menu
    for address in (
        *("/home/", "/worklist/", "/organisations/", "/exports/", "/clearance/", "/packs/"),
        *("/recusals/", "/staff/", "/audit/", "/administration/", "/matters/new"),
        *(f"/cases/{organisation_case}", f"/cases/{case_id}", "/delegations/"),
    ):
        answer = person.client.get(address)
        assert answer.status_code in {403, 404}, (address, answer.status_code)
    assert _own(site, case_id).status == 200
