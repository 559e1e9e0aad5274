"""Acting for somebody else on the pages, and what a task that nobody can do offers."""

from datetime import date, timedelta

from sqlalchemy import select

from tests.integration.pages.test_pages_cases_effort import register
from tests.integration.pages.test_pages_pairs import to_acceptance
from tests.support.case_site import CaseSite
from tests.support.papers import pdf_pages, pdf_text
from tests.support.refused_forms import problems_with
from workflows.store.tables import Account, Grant

SCORED = {
    "acceptance_score": 82,
    "manner": "site",
    "satisfied_percent": 91,
    "ballot": "held",
    "dissatisfied_percent": 9,
}


def account_of(site: CaseSite, username: str) -> str:
    with site.session() as session:
        return session.scalars(select(Account.id).where(Account.username == username)).one()


def test_a_substitute_works_through_the_lenders_tasks(any_site: CaseSite) -> None:
    site = any_site
    case_id = to_acceptance(site)
    lender = site.officer("yanshou1")
    page = lender.open("/delegations/")
    sent = page.form("/delegations/").fill(
        account=account_of(site, "jilu"),
        roles=["R13"],
        until_on="2026-03-20",
        instrument="组发〔2026〕7号",
    )
    assert "已委托" in sent.send().text
    substitute = site.officer("jilu")
    assert case_id in substitute.open("/worklist/").answer.text
    done = substitute.do(case_id, "acceptance_pair", **SCORED)
    assert "待第二人签署" in done.text
    shown = site.officer("yanshou2").open(f"/cases/{case_id}")
    told, (people,) = shown.text, shown.root.xpath("//section[@aria-labelledby='people']")
    with site.session() as session:
        rows = session.execute(select(Account.username, Account.display_name))
        names = {row.username: row.display_name for row in rows}
    assert f"{names['jilu']}（代 {names['yanshou1']}）" in told
    assert f"{names['jilu']}（代 {names['yanshou1']}）" in people.text_content()
    site.at("2026-03-21")
    assert case_id not in substitute.open("/worklist/").answer.text
    taken = lender.open("/delegations/")
    assert "已到期" in taken.text


def test_a_delegation_is_taken_back_on_its_page(site: CaseSite) -> None:
    register(site)
    lender = site.officer("yanshou1")
    sent = (
        lender.open("/delegations/")
        .form("/delegations/")
        .fill(
            account=account_of(site, "jilu"),
            roles=["R13"],
            until_on="2026-03-20",
            instrument="组发〔2026〕7号",
        )
    )
    page = sent.send()
    action = page.root.xpath("//form[contains(@action,'/revoke')]/@action")[0]
    assert "已收回" in page.form(action).send().text


def test_a_delegation_without_its_paper_is_refused_beside_the_form(site: CaseSite) -> None:
    register(site)
    lender = site.officer("yanshou1")
    form = lender.open("/delegations/").form("/delegations/")
    refused = form.fill(account=account_of(site, "jilu"), roles=["R13"], until_on="2026-03-20")
    assert refused.send().status == 422


def test_a_hand_over_sheet_makes_the_delegation_and_lists_what_is_in_hand(site: CaseSite) -> None:
    case_id = to_acceptance(site)
    address = site.address(case_id, "acceptance_pair")
    lender = site.officer("yanshou1")
    lender.open(address.rpartition("/tasks")[0]).form(f"{address}/claim").send()
    form = lender.open("/delegations/").form("/delegations/")
    form.fill(account=account_of(site, "jilu"), roles=["R13"], until_on="2026-03-20")
    sheet = form.send(sheet="1")
    assert sheet.heading == "交接单"
    for word in (
        "交接〔2026〕1号",
        "在办的任务",
        "两人验收",
        "阿日善图",
        "移交人签字",
        "接收人签字",
    ):
        assert word in sheet.text, word
    assert case_id in site.officer("jilu").open("/worklist/").answer.text, "it is lent at once"
    (link,) = lender.open("/delegations/").root.xpath("//a[contains(@href, '/sheet')]/@href")
    taken = sheet.form(link)
    answer = taken.officer.client.post(link, data={**taken.values, "format": "pdf"})
    assert "交接〔2026〕1号" in pdf_text(answer.data)
    assert pdf_pages(answer.data) == 1, "one page"
    assert site.officer("jilu").open(link).status == 200
    for stranger in ("duban", "chengban", "anquan"):
        assert site.officer(stranger).open(link).status in {403, 404}, stranger


def test_a_task_that_nobody_can_do_offers_what_there_is(site: CaseSite) -> None:
    case_id = to_acceptance(site)
    with site.session() as session:
        yesterday = date(2026, 3, 10) - timedelta(days=1)
        for grant in session.scalars(select(Grant).where(Grant.role == "R13")):
            grant.until_on = yesterday
    principal = site.officer("buzhang")
    page = principal.open(f"/cases/{case_id}")
    assert "今天本单位没有人可以办理" in page.text
    assert "一、没有别的科室有人可办" in page.text
    for endpoint in ("tasks.borrow", "tasks.hand_up"):
        assert problems_with(principal.client, f"/cases/{case_id}", endpoint) == []
    address = site.address(case_id, "acceptance_pair")
    asked = (
        page.form(f"{address}/borrow")
        .fill(
            account=account_of(site, "jilu"), until_on="2026-03-20", instrument="借调函〔2026〕3号"
        )
        .send()
    )
    assert "已申请借调" in asked.text
    waiting = site.officer("anquan").open("/delegations/")
    action = waiting.root.xpath("//form[contains(@action,'/approve')]/@action")[0]
    assert "已批准借调" in waiting.form(action).send().text
    member = site.officer("jilu")
    assert "待第二人签署" in member.do(case_id, "acceptance_pair", **SCORED).text
    told = principal.open(f"/cases/{case_id}").text
    assert "今天本单位没有人可以办理" in told or "尚待他人签署" in told


def test_a_task_is_handed_up_on_its_page(site: CaseSite) -> None:
    case_id = to_acceptance(site)
    with site.session() as session:
        for grant in session.scalars(select(Grant).where(Grant.role == "R13")):
            grant.until_on = date(2026, 3, 9)
    address = site.address(case_id, "acceptance_pair")
    page = site.officer("buzhang").open(f"/cases/{case_id}")
    handed = page.form(f"{address}/up").fill(reason="本级没有验收人员").send()
    assert "已提请上级办理" in handed.text
    assert "塔林盟委组织部" in handed.text


def test_staff_page_names_what_is_missing(site: CaseSite) -> None:
    register(site)
    assert "各类案件最少要几个人" in site.officer("buzhang").open("/staff/").text
    with site.session() as session:
        for grant in session.scalars(select(Grant).where(Grant.role == "R13")):
            grant.until_on = date(2026, 3, 9)
    told = site.officer("xitong").open("/staff/").text
    assert "两人验收" in told or "验收组现场验收" in told
    assert site.officer("dengji").open("/staff/").status == 403
