"""The pages about effects on persons: a query, a reply by two people, who is kept out."""

import pytest
from sqlalchemy import select

from tests.support.case_site import CaseSite
from tests.support.papers import docx_text, pdf_text
from tests.support.web import post
from workflows.store.tables import ClearanceReply, Look

ASKED = {
    "purpose": "promotion",
    "on": "2026-05-12",
    "asked_by": "旗委组织部干部科",
    "document": "苏组干函〔2026〕8号",
}


def _draft(site: CaseSite, username: str, person_id: str, **typed: str) -> int:
    client = site.officer(username).client
    address = f"/clearance/about/{person_id}"
    answer = post(client, address, **{**ASKED, "reply_class": "nothing", **typed})
    assert answer.status_code == 302, answer.text
    return int(answer.headers["Location"].rpartition("/")[2])


def test_query_suggests_a_class_and_is_a_look(site: CaseSite) -> None:
    site.at("2026-05-12")
    person_id = site.person("sumu1")
    handler = site.officer("chengban")
    found = handler.open("/clearance/?q=" + site.name(person_id))
    assert f"/clearance/about/{person_id}" in found.answer.text
    page = handler.open(f"/clearance/about/{person_id}?purpose=awards&on=2026-06-30")
    assert page.status == 200
    assert "未收到问题线索" in page.text
    assert "密封的线索和移送不在其内" in page.text
    with site.session() as session:
        looked = session.scalars(select(Look.what).order_by(Look.house_seq)).all()
    assert looked[-1] == "effects"
    assert "people" in looked


def test_reply_is_drafted_signed_and_printed(site: CaseSite) -> None:
    site.at("2026-05-12")
    person_id = site.person("sumu1")
    reply_id = _draft(site, "chengban", person_id)
    address = f"/clearance/{reply_id}"
    assert "等待另一名主要负责人签发" in site.officer("chengban").open(address).text
    principal = site.officer("buzhang").client
    refused = post(principal, f"{address}/decide", address, decision="sign")
    assert refused.status_code == 422
    assert "签发前须由有权查阅的人核对" in refused.text
    post(principal, f"{address}/decide", address, decision="sign", sealed_checked="yes")
    signed = principal.get(address).text
    assert "廉复〔2026〕1号" in signed
    assert "2026年8月12日" in signed
    assert site.name(person_id) in signed
    for format_, read in (("docx", docx_text), ("pdf", pdf_text)):
        taken = post(principal, f"{address}/file", address, format=format_)
        said = "".join(read(taken.data).split())
        assert "廉复〔2026〕1号" in said
        assert "旗委组织部干部科：" in said
        assert "未收到问题线索" in said
        assert "草稿" not in said
        taken.close()


def test_draft_without_letter_or_reason_keeps_what_was_typed(site: CaseSite) -> None:
    site.at("2026-05-12")
    address = f"/clearance/about/{site.person('sumu1')}"
    client = site.officer("chengban").client
    for typed in ({"document": ""}, {"reply_class": "unfit"}, {"reply_class": ""}):
        answer = post(client, address, **{**ASKED, "reply_class": "nothing", **typed})
        assert answer.status_code == 422
        assert "旗委组织部干部科" in answer.text
    with site.session() as session:
        assert session.scalars(select(ClearanceReply.id)).all() == []


@pytest.mark.parametrize("username", ["dengji", "duban", "anguan", "xitong", "anquan", "shenji"])
def test_pages_are_closed_to_other_roles(site: CaseSite, username: str) -> None:
    site.at("2026-05-12")
    person_id = site.person("sumu1")
    reply_id = _draft(site, "chengban", person_id)
    client = site.officer(username).client
    for address in ("/clearance/", f"/clearance/about/{person_id}", f"/clearance/{reply_id}"):
        answer = client.get(address)
        assert answer.status_code == 403, address
        assert site.name(person_id) not in answer.text


def test_person_concerned_sees_nothing_of_a_reply_about_him(site: CaseSite) -> None:
    site.at("2026-05-12")
    own = site.person("buzhang")
    about = site.officer("buzhang").client
    assert about.get(f"/clearance/about/{own}").status_code == 403
    with site.session() as session:
        assert session.scalars(select(Look.what).where(Look.what == "effects")).all() == []


def test_notice_of_what_is_not_there_is_not_found(site: CaseSite) -> None:
    site.at("2026-05-12")
    client = site.officer("chengban").client
    assert client.get("/clearance/notices/7").status_code == 404
    assert client.get("/clearance/7").status_code == 404
    answer = post(
        client, "/clearance/notices", "/clearance/", case="c_x", seq="1", kind="promotion"
    )
    assert answer.status_code == 404
