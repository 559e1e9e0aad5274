"""What officers do on the page of a case, and what it tells them."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.integration.pages.test_pages_cases_effort import register, to_first_letter
from tests.support import filled
from tests.support.case_site import CaseSite
from workflows.store.tables import Attachment, Case, Clock, Draft, JournalRecord, LateEntry, Task

VERIFIED = {**filled.VERIFIED, "problem_weight": "ordinary"}


def to_rectification(site: CaseSite, **notice: str) -> str:
    """Take a case to a rectification that runs, on 10 March."""
    case_id = register(site)
    chengban = site.officer("chengban")
    chengban.do(case_id, "accept", acceptance="accept")
    site.officer("heshi1").do(case_id, "verify", **VERIFIED)
    address = site.address(case_id, "verify")
    site.officer("heshi2").open(address).form(f"{address}/sign").send()
    if "choose_entry" in site.open_tasks(case_id):
        chengban.do(case_id, "choose_entry", entry_rung="rectification", reason="屡次提醒未改。")
    given = {"plan_required": "no", "progress_required": "no", "service_way": "direct"}
    chengban.do(case_id, "notice", **{**given, **notice})
    return case_id


def test_errors_stand_at_their_fields_and_nothing_typed_is_lost(any_site: CaseSite) -> None:
    case_id = register(any_site)
    officer = any_site.officer("chengban")
    address = any_site.address(case_id, "accept")
    refused = officer.open(address).form(address).fill(acceptance="unfounded").send()
    assert refused.status == 422
    assert "accept" in any_site.open_tasks(case_id)
    form = refused.form(address)
    assert form.value("acceptance") == "unfounded"
    (reason,) = refused.root.xpath("//textarea[@name='reason']")
    assert reason.get("aria-invalid") == "true"
    (said,) = refused.root.xpath(f"//*[@id='{reason.get('aria-describedby').split()[-1]}']")
    assert said.text_content().strip()


def test_a_second_send_of_the_same_form_says_who_did_it_and_when(any_site: CaseSite) -> None:
    case_id = register(any_site)
    officer = any_site.officer("chengban")
    address = any_site.address(case_id, "accept")
    form = officer.open(address).form(address).fill(acceptance="accept")
    assert form.send().status == 200
    again = form.send()
    assert again.status == 409
    assert "2026年3月10日" in again.heading
    assert "受理审查" in again.heading
    assert "受理" in again.text.partition("您刚才填写的内容")[2]


def test_a_stale_address_of_a_task_that_came_back_is_not_the_new_one(site: CaseSite) -> None:
    case_id = to_rectification(site, progress_required="yes")
    chengban = site.officer("chengban")
    first = site.address(case_id, "progress")
    chengban.enter_paper(case_id, "progress", _paper_document="第一次进展报告", done="已补开。")
    assert site.address(case_id, "progress") != first
    assert chengban.open(first).status == 409


def test_a_missed_progress_date_has_one_colour_in_the_card_and_beside_its_clock(
    site: CaseSite,
) -> None:
    case_id = to_rectification(site, progress_required="yes")
    with site.session() as session:
        due = session.scalars(
            select(Clock.due_on).where(Clock.case_id == case_id, Clock.due_of.contains("progress#"))
        ).one()
    site.sweep(str(due + timedelta(days=1)))
    page = site.officer("chengban").open(f"/cases/{case_id}").root
    (card,) = page.xpath("//article[contains(@id, 'progress')]//span[starts-with(@class, 'chip ')]")
    (clock,) = page.xpath("//div[@class='clock-line']//span[starts-with(@class, 'chip ')]")
    assert clock.get("class") == card.get("class")
    assert clock.text_content() == card.text_content()
    with site.session() as session:
        term = session.scalars(
            select(Clock.due_on).where(
                Clock.case_id == case_id, Clock.due_of.is_not(None), Clock.state == "running"
            )
        )
        latest = max(term)
    site.sweep(str(latest + timedelta(days=1)))
    handler = site.officer("chengban")
    dates = [
        handler.open(address).root.xpath(f"//a[@href='/cases/{case_id}/why#dates']/time/@datetime")
        for address in (f"/cases/{case_id}", f"/organisations/{site.branch()}")
    ]
    assert dates[0] == dates[1] == [str(latest)]


def test_an_address_of_no_task_is_not_found(site: CaseSite) -> None:
    case_id = register(site)
    assert site.officer("chengban").open(f"/cases/{case_id}/tasks/nothing/1").status == 404


def test_a_task_that_somebody_has_taken_cannot_be_done_by_another(any_site: CaseSite) -> None:
    site = any_site
    case_id = register(site)
    chengban = site.officer("chengban")
    chengban.do(case_id, "accept", acceptance="accept")
    address = site.address(case_id, "verify")
    late = site.officer("heshi2").open(address).form(address).fill(**VERIFIED)
    first = site.officer("heshi1")
    assert "已领取" in first.open(address).form(f"{address}/claim").send().text
    held = late.send()
    assert held.status == 409
    assert site.name(site.person("heshi1")) in held.text
    assert site.open_tasks(case_id) == ["verify"]
    assert "已退回" in first.open(address).form(f"{address}/release").send().text
    assert "待第二人签署" in late.send().text


def test_a_task_is_handed_on_with_a_reason(site: CaseSite) -> None:
    case_id = register(site)
    chengban = site.officer("chengban")
    address = site.address(case_id, "accept")
    page = chengban.open(address)
    form = page.form(f"{address}/reassign")
    assert "转办须选择承办人" in chengban.open(address).form(f"{address}/reassign").send().text
    assert site.open_tasks(case_id) == ["accept"]
    (colleague,) = form.element.xpath(".//option[@value!='']/@value")
    handed = form.fill(account=colleague, reason="外出学习").send()
    assert "已转办" in handed.text
    assert "外出学习" in handed.text
    with site.session() as session:
        task = session.scalars(select(Task).where(Task.case_id == case_id)).one()
        assert task.claimant == colleague
    assert chengban.open(address).root.xpath(f"//form[@action='{address}']") == []


def test_the_second_signer_sees_what_the_first_signed_and_may_change_it(site: CaseSite) -> None:
    case_id = register(site)
    site.officer("chengban").do(case_id, "accept", acceptance="accept")
    first = site.officer("heshi1")
    first.do(case_id, "verify", **VERIFIED)
    address = site.address(case_id, "verify")
    second = site.officer("heshi2")
    page = second.open(address)
    assert site.name(site.person("heshi1")) in page.text
    assert "履职不到位" in page.text
    changed = page.form(address).fill(problem_weight="serious").send()
    assert "待第二人签署" in changed.text
    again = first.open(address)
    assert "较重" in again.text
    again.form(f"{address}/sign").send()
    with site.session() as session:
        closed = session.scalars(
            select(Task).where(Task.case_id == case_id, Task.activity == "verify")
        ).one()
        assert closed.state != "open"


def test_nobody_signs_twice(site: CaseSite) -> None:
    case_id = register(site)
    site.officer("chengban").do(case_id, "accept", acceptance="accept")
    first = site.officer("heshi1")
    first.do(case_id, "verify", **VERIFIED)
    address = site.address(case_id, "verify")
    page = first.open(address)
    assert "您已签署以下内容，等另一人签署。" in page.text
    assert page.root.xpath(f"//form[@action='{address}/sign']") == []
    signing = page.form(address)
    signing.action = f"{address}/sign"
    assert signing.send().status == 403
    assert site.open_tasks(case_id) == ["verify"]


def test_a_draft_is_there_when_the_officer_comes_back_and_gone_when_done(
    any_site: CaseSite,
) -> None:
    site = any_site
    case_id = register(site)
    officer = site.officer("chengban")
    address = site.address(case_id, "accept")
    form = officer.open(address).form(address).fill(acceptance="unfounded", reason="涉嫌侵占")
    form.action = f"{address}/draft"
    assert form.send().status == 204
    back = officer.open(address)
    assert back.form(address).value("reason") == "涉嫌侵占"
    assert "草稿保存于" in back.text
    assert site.officer("dengji").open(f"/cases/{case_id}").text.count("涉嫌侵占") == 0
    back.form(address).fill(acceptance="accept").send()
    with site.session() as session:
        assert session.scalars(select(Draft)).all() == []


def test_what_is_known_is_filled_in_and_days_begin_with_today(site: CaseSite) -> None:
    case_id = register(site)
    site.officer("chengban").do(case_id, "accept", acceptance="accept")
    site.at("2026-03-12")
    address = site.address(case_id, "verify")
    form = site.officer("heshi1").open(address).form(address)
    assert form.value("verified_on") == "2026-03-12"
    assert form.value("verified_facts").startswith("上年第四季度")
    assert form.value("finding") == ""


def test_an_act_on_paper_says_who_did_it_and_who_typed_it(any_site: CaseSite) -> None:
    site = any_site
    case_id = to_rectification(site, plan_required="yes")
    site.at("2026-03-12")
    scan = (io.BytesIO(b"%PDF-1.7 plan"), "方案.pdf")
    done = site.officer("chengban").enter_paper(
        case_id, "plan", measures="补开会议。", _paper_scan=scan, _paper_acted_on="2026-03-11"
    )
    assert done.status == 200, done.text
    assert "plan_review" in site.open_tasks(case_id)
    story = site.officer("chengban").open(f"/cases/{case_id}").text
    assert f"{site.name(site.person('chengban'))} 代录" in story
    assert "实际办理日 2026年3月11日" in story
    assert "方案.pdf" in story
    with site.session() as session:
        kept = session.scalars(select(Attachment)).one()
        papers = JournalRecord.performed_by.is_not(None)
        record = session.scalars(
            select(JournalRecord).where(JournalRecord.stream_id == case_id, papers)
        ).one()
    assert kept.sha256 in _payload(site, case_id, record.seq)


def _payload(site: CaseSite, case_id: str, seq: int) -> str:
    from workflows.services.vault import unseal
    from workflows.store.journal import read_stream

    with site.session() as session:
        row = next(row for row in read_stream(session, case_id) if row.seq == seq)
        return unseal(session, row.key_id, case_id, seq, row.sealed).content.decode()


def test_a_paper_without_who_or_which_is_asked_for_again(site: CaseSite) -> None:
    case_id = to_rectification(site, plan_required="yes")
    officer = site.officer("chengban")
    refused = officer.enter_paper(case_id, "plan", measures="补开会议。", _paper_performed_by="")
    assert refused.status == 422
    form = refused.form(f"{site.address(case_id, 'plan')}/paper")
    assert form.value("measures") == "补开会议。"


def test_a_person_is_found_by_initials_without_a_script(site: CaseSite) -> None:
    case_id = to_rectification(site, plan_required="yes")
    address = f"{site.address(case_id, 'plan')}/paper"
    page = site.officer("chengban").open(address)
    form = page.form(address).fill(measures="补开会议。", _find__paper_performed_by="cl")
    found = form.send(_find="_paper_performed_by")
    assert found.status == 200
    assert "plan" in site.open_tasks(case_id)
    labels = found.root.xpath("//select[@name='_paper_performed_by']/option/text()")
    assert any(label.startswith(site.name(site.person("chengban"))) for label in labels)
    assert found.form(address).value("measures") == "补开会议。"


def test_people_are_found_only_where_the_viewer_may_look(site: CaseSite) -> None:
    case_id = register(site)
    found = site.officer("chengban").client.get(f"/cases/{case_id}/people?q=cl").json
    assert site.person("chengban") in {each["id"] for each in found}
    assert site.officer("sumu2").client.get(f"/cases/{case_id}/people?q=cl").status_code == 404


def test_an_escalation_is_told_and_a_late_entry_takes_it_back(any_site: CaseSite) -> None:
    site = any_site
    case_id = to_first_letter(site)
    site.at("2026-05-13")
    chengban = site.officer("chengban")
    page = chengban.open(f"/cases/{case_id}")
    assert "为什么升级" in page.text
    assert "转入“签发第一次督办单”" in page.text
    kept = chengban.enter_paper(
        case_id,
        "report",
        _paper_document="整改报告",
        _paper_acted_on="2026-05-08",
        completed="全部整改。",
        reported_on="2026-05-08",
    )
    assert "待第二人确认" in kept.text
    with site.session() as session:
        entry = session.scalars(select(LateEntry)).one()
    confirm = f"/cases/{case_id}/late-entries/{entry.id}/confirm"
    assert confirm not in chengban.open(f"/cases/{case_id}").answer.text
    buzhang = site.officer("buzhang")
    done = buzhang.open(f"/cases/{case_id}").form(confirm).send()
    assert "补录已确认" in done.text
    assert "letter1" not in site.open_tasks(case_id)
    struck = done.root.xpath("//li[contains(@class, 'timeline-withdrawn')]//s")
    assert struck
    assert "补录，迟 5 天" in done.text


def test_a_late_entry_is_refused_with_a_reason(site: CaseSite) -> None:
    case_id = to_first_letter(site)
    site.officer("chengban").enter_paper(
        case_id,
        "report",
        _paper_document="整改报告",
        _paper_acted_on="2026-05-08",
        completed="全部整改。",
    )
    with site.session() as session:
        entry = session.scalars(select(LateEntry)).one()
    address = f"/cases/{case_id}/late-entries/{entry.id}/refuse"
    refused = (
        site.officer("buzhang").open(f"/cases/{case_id}").form(address).fill(reason="无收文章")
    )
    assert "补录未予确认" in refused.send().text
    assert "letter1" in site.open_tasks(case_id)


def test_a_clock_is_paused_and_resumed_with_a_reason_and_says_so(any_site: CaseSite) -> None:
    site = any_site
    case_id = to_rectification(site)
    site.at("2026-03-20")
    buzhang = site.officer("buzhang")
    page = buzhang.open(f"/cases/{case_id}")
    (action,) = {each for each in page.root.xpath("//form/@action") if each.endswith("/pause")}
    paused = page.form(action).fill(reason="雪灾封路").send()
    assert "已暂停计时" in paused.text
    assert "雪灾封路" in paused.text
    site.at("2026-03-30")
    (action,) = {
        each
        for each in buzhang.open(f"/cases/{case_id}").root.xpath("//form/@action")
        if each.endswith("/resume")
    }
    resumed = buzhang.open(f"/cases/{case_id}").form(action).fill(reason="道路恢复").send()
    assert "10天不计入" in resumed.text
    with site.session() as session:
        clock = session.scalars(select(Clock).where(Clock.rule == "R_RECT")).one()
        assert clock.due_on == date(2026, 5, 19)
    root = site.officer("chengban").open(f"/cases/{case_id}").root
    assert not [each for each in root.xpath("//form/@action") if each.endswith("/pause")]


def test_an_extension_is_asked_for_on_the_page(any_site: CaseSite) -> None:
    site = any_site
    case_id = to_rectification(site)
    chengban = site.officer("chengban")
    page = chengban.open(f"/cases/{case_id}")
    links = page.root.xpath("//ul[@class='awaited']//a/@href")
    address = next(each for each in links if "extension" in each)
    asked = chengban.open(address).form(address).fill(extension_days=10, reason="雪灾影响施工")
    if "paper" in address:
        asked.fill(_paper_document="延期申请")
    asked.send()
    assert "extension_decision" in " ".join(site.open_tasks(case_id)) or any(
        "extension" in name for name in site.open_tasks(case_id)
    )


def test_every_running_date_says_why(site: CaseSite) -> None:
    case_id = to_rectification(site)
    page = site.officer("chengban").open(f"/cases/{case_id}")
    derivations = page.root.xpath("//details[@class='derivation']")
    assert derivations
    text = " ".join(derivations[-1].text_content().split())
    assert "起算日 2026年3月10日" in text
    assert "依据" in text
    assert "工作日历" in text


def test_a_date_that_has_passed_still_says_why(site: CaseSite) -> None:
    case_id = register(site)
    site.sweep("2026-04-01")
    page = site.officer("chengban").open(f"/cases/{case_id}")
    assert "2026年3月17日" in page.text
    assert page.root.xpath("//details[@class='derivation']")


def test_a_case_elsewhere_is_not_found(any_site: CaseSite) -> None:
    case_id = register(any_site)
    assert any_site.officer("sumu1").open(f"/cases/{case_id}").status == 200
    assert any_site.officer("sumu2").open(f"/cases/{case_id}").status == 404
    assert any_site.officer("xitong").open(f"/cases/{case_id}").status == 403


@pytest.mark.parametrize(
    "address", ["/cases/c_none", "/matters/m_none", "/matters/new?organisation=o_none"]
)
def test_what_does_not_exist_is_not_found(site: CaseSite, address: str) -> None:
    assert site.officer("chengban").open(address).status == 404


def test_pages_speak_english_to_those_who_ask(site: CaseSite) -> None:
    case_id = to_first_letter(site)
    officer = site.officer("chengban")
    with officer.client.session_transaction() as cookie:
        cookie["language"] = "en"
    page = officer.open(f"/cases/{case_id}")
    assert "Why did it escalate" in page.text
    assert "Case opened" in page.text
    with site.session() as session:
        matter_id = session.get_one(Case, case_id).matter_id
    assert "What was found" in officer.open(f"/matters/{matter_id}").text


def test_a_likely_duplicate_is_pointed_out(site: CaseSite) -> None:
    case_id = register(site)
    (related,) = [
        href
        for href in site.officer("dengji").open(f"/cases/{case_id}").root.xpath("//a/@href")
        if href.endswith("#related")
    ]
    assert site.officer("dengji").open(related).root.xpath("//*[@id='related']")
    page = site.officer("dengji").open(
        f"/matters/new?organisation={site.branch()}&problem_type=P101"
    )
    assert "请先核对是否同一件事" in page.text
    assert "可能重复" in page.text
    other = site.officer("dengji").open(
        f"/matters/new?organisation={site.branch()}&problem_type=P301"
    )
    assert "可能重复" not in other.text
    assert "本单位以往的事项" in other.text


def test_an_organisation_is_found_by_name_code_and_pinyin(site: CaseSite) -> None:
    clerk = site.officer("dengji")
    for text in ("阿日善图", "arst", "a ri shan"):
        page = clerk.open(f"/matters/new?q={text}")
        assert f"organisation={site.branch()}" in page.answer.text, text
    tree = clerk.open("/matters/new")
    assert "吉日嘎图苏木" in tree.text
    (below,) = [
        link.get("href")
        for link in tree.root.xpath("//a[@class='place-unit']")
        if "吉日嘎图苏木" in link.text_content()
    ]
    assert f"organisation={site.branch()}" in clerk.open(below).answer.text


def test_the_entry_rung_is_suggested_as_soon_as_the_rules_can_tell(site: CaseSite) -> None:
    case_id = register(site)
    site.officer("chengban").do(case_id, "accept", acceptance="accept")
    address = site.address(case_id, "verify")
    officer = site.officer("heshi1")
    (hint,) = officer.open(address).root.xpath("//*[@data-suggested='entry_rung']")
    assert hint.get("hidden") is not None
    asked = f"{address}/suggestions?finding=substantiated&problem_weight="
    assert officer.client.get(asked + "serious").json == {"entry_rung": "限期整改"}
    assert officer.client.get(asked + "ordinary").json == {"entry_rung": "批评教育"}
    assert officer.client.get(asked).json == {"entry_rung": ""}
