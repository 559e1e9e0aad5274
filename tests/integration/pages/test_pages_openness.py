"""A case opened in need is open for a day to one; nobody else asks, agrees or publishes."""

from sqlalchemy import select

from tests.integration.pages.test_pages_cases_persons import to_person_case
from tests.support.case_site import CaseSite
from workflows.store.tables import BreakGlass, Case, Publication


def test_a_case_is_opened_in_need_for_a_day_and_told_of(site: CaseSite) -> None:
    _, case_id = to_person_case(site)
    with site.session() as session:
        number = session.get_one(Case, case_id).number
    reader, auditor, principal = (site.officer(each) for each in ("heshi1", "shenji", "buzhang"))
    assert reader.open(f"/cases/{case_id}").status == 404
    page = auditor.open("/break-glass/")
    form = page.form("/break-glass/").fill(
        case_number=number, username="heshi1", reason="紧急核对证据"
    )
    assert "待主要负责人同意" in form.send().text
    assert "须填写未封存的案件" in form.fill(username="nobody").send().text
    with site.session() as session:
        key = session.scalars(select(BreakGlass.id)).one()
    for username in ("chengban", "heshi1", "xitong", "anquan", "dengji"):
        other = site.officer(username)
        token = other.open("/account").form("/logout").value("csrf_token")
        sent = {"csrf_token": token, "decision": "agree"}
        assert other.open("/break-glass/").status == 403, username
        decided = other.client.post(f"/break-glass/{key}/decide", data=sent)
        assert decided.status_code == 403, username
    listed = principal.open("/break-glass/")
    agreed = listed.form(f"/break-glass/{key}/decide").send(decision="agree")
    assert "24 小时后自动关闭" in agreed.text
    assert reader.open(f"/cases/{case_id}").status == 200
    assert number in auditor.open("/break-glass/").text
    assert "应急查阅" in auditor.open("/audit/deviations?from=2026-06-01&until=2026-06-30").text
    site.at("2026-06-09", 11)
    assert reader.open(f"/cases/{case_id}").status == 404
    assert "已关闭" in auditor.open("/break-glass/").text


def test_nothing_is_published_before_the_case_has_ended(site: CaseSite) -> None:
    _, case_id = to_person_case(site)
    address = f"/cases/{case_id}/publications"
    handler = site.officer("chengban")
    form = handler.open(address).form(address)
    assert form.send().status == 422
    given = {"what": "决定", "place": "公示栏", "audience": "本单位", "minutes_no": "1号"}
    refused = form.fill(until_on="2026-12-31", **given).send()
    assert refused.status == 422
    assert "按规则不公开" in refused.text
    assert site.officer("heshi1").open(address).status == 404
    with site.session() as session:
        assert session.scalars(select(Publication)).all() == []
