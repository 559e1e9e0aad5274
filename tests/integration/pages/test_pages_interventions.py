"""Asking about a case is registered on a page by anybody who works here, and read by few."""

from sqlalchemy import select

from tests.integration.pages.test_pages_cases_effort import register
from tests.support.case_site import CaseSite
from workflows.store.tables import Case, Intervention

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
