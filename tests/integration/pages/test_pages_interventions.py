"""Asking about a case is registered on a page by anybody who works here, and read by few."""

from datetime import date

from sqlalchemy import select

from tests.integration.pages.test_pages_cases_effort import register
from tests.support.case_site import CaseSite
from workflows.store.tables import Account, Case, Grant, Intervention, Organisation

SECRET = "打电话要求从轻"


def test_any_officer_registers_and_only_the_auditor_and_the_discipline_line_read(
    site: CaseSite,
) -> None:
    case_id = register(site)
    with site.session() as session:
        number = session.get_one(Case, case_id).number
    officer = site.officer("chengban")
    assert "登记打听、干预" in officer.open(f"/cases/{case_id}").text
    form = officer.open(f"/interventions/new?of={case_id}").form("/interventions/new")
    assert form.value("case_number") == number
    assert form.send().status == 422
    done = form.fill(who="敖特根", post="副旗长", manner="pleaded", said=SECRET).send()
    assert "已登记并密封" in done.text
    with site.session() as session:
        key = session.scalars(select(Intervention.id)).one()
    auditor = site.officer("shenji")
    page = auditor.open("/interventions/")
    assert "敖特根" not in page.text
    opened = page.form(f"/interventions/{key}/open").send()
    assert "敖特根" in opened.text
    assert SECRET in opened.text
    provide = f"/interventions/{key}/provide"
    asked = opened.form(provide).fill(recipient="盟纪委监委", purpose="核查").send()
    assert "须由另一名可以看的人同意" in asked.text
    assert "同意提供" not in asked.text
    for name in ("decide", "take"):
        sent = auditor.client.post(
            f"/interventions/provisions/1/{name}",
            data={"csrf_token": asked.form("/logout").value("csrf_token"), "decision": "agree"},
            follow_redirects=True,
        )
        assert "敖特根" not in sent.text
    assert "看打听、干预登记" in auditor.open("/audit/?from=2026-03-01&until=2026-03-31").text
    token = page.form(f"/interventions/{key}/open").value("csrf_token")
    for username in ("chengban", "dengji", "buzhang", "sumu1", "xitong", "anquan"):
        other = site.officer(username)
        for address in ("/interventions/", f"/cases/{case_id}", "/home", "/audit/"):
            assert key not in other.open(address).answer.text, (username, address)
        token = other.open("/account").form("/logout").value("csrf_token")
        sent = other.client.post(f"/interventions/{key}/open", data={"csrf_token": token})
        assert sent.status_code in (403, 404), username
        assert SECRET not in sent.text


def test_the_discipline_line_supervises_a_case_from_its_page(site: CaseSite) -> None:
    case_id = register(site)
    with site.session() as session:
        case = session.get_one(Case, case_id)
        banner = ".".join(case.org_path.split(".")[:3]) + "."
        found = select(Organisation).where(
            Organisation.kind == "discipline", Organisation.path.startswith(banner)
        )
        office = session.scalars(found).one()
        account = session.scalars(select(Account).where(Account.username == "jilu")).one()
        grant = Grant(
            account_id=account.id,
            role="R03",
            organisation_id=office.id,
            org_path=office.path,
            from_on=date(2020, 1, 1),
        )
        session.add(grant)
        number = case.number
    officer, handler = site.officer("jilu"), site.officer("chengban")
    assert "督办中的案件" in officer.open("/home").text
    assert "督办中的案件" not in handler.open("/home").text
    assert "没有督办中的案件" in officer.open("/supervisions/").text
    begin = f"/cases/{case_id}/supervision"
    assert begin not in handler.open(f"/cases/{case_id}").answer.text
    done = officer.open(f"/cases/{case_id}").form(begin).fill(text="长期未整改").send()
    assert "已纳入督办" in done.text
    assert "只查阅，不办理" in handler.open(f"/cases/{case_id}").text
    queue = officer.open("/supervisions/").text
    assert number in queue
    assert "长期未整改" in queue
    assert "打开案件页" in site.officer("shenji").open("/audit/").text
    done = officer.open(f"/cases/{case_id}").form(f"{begin}/end").fill(text="已整改").send()
    assert "已结束督办" in done.text
    assert "已整改" in done.text
    assert "督办本案" not in handler.open(f"/cases/{case_id}").text
