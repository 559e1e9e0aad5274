"""Correcting what a record wrote, on the pages: both stand, and a person looks at what follows."""

from typing import Any

import pytest
from sqlalchemy import select

from tests.integration.pages.test_pages_cases_effort import to_first_letter
from tests.support.case_site import CaseSite, Page
from workflows.domain.reviews import REVIEW
from workflows.store.tables import Case, Incident, JournalRecord

OLD = "上年第四季度未召开党员大会，一月、二月未召开支委会。"
NEW = "上年第三季度未召开党员大会"


def address(case_id: str, seq: int) -> str:
    return f"/cases/{case_id}/records/{seq}/correct"


def send(site: CaseSite, case_id: str, seq: int, by: str, act: str = "save", **values: str) -> Page:
    page = site.officer(by).open(address(case_id, seq))
    return page.form(address(case_id, seq)).fill(**{"_reason": "笔误", **values}).send(act=act)


def part(page: Page, id_: str) -> Any:
    return page.root.get_element_by_id(id_)


def records(site: CaseSite, case_id: str) -> int:
    with site.session() as session:
        return session.get_one(Case, case_id).version


@pytest.fixture
def case_id(site: CaseSite) -> str:
    """Give a case at its first letter; records 1 to 6 were filled in by people."""
    found = to_first_letter(site)
    site.at("2026-05-12")
    return found


def test_both_records_stand_and_lead_to_each_other(site: CaseSite, case_id: str) -> None:
    page = send(site, case_id, 1, "chengban", description=NEW)
    assert "已更正，见第 8 条记录。" in page.text
    first, correction = part(page, "record-1"), part(page, "record-8")
    for record in (first, correction):
        assert [each.text for each in record.xpath(".//del")] == [OLD]
        assert [each.text for each in record.xpath(".//ins")] == [NEW]
    assert any(href.endswith("#record-8") for href in first.xpath(".//a/@href"))
    assert any(href.endswith("#record-1") for href in correction.xpath(".//a/@href"))
    assert "笔误" in correction.text_content()
    assert "接着办" not in correction.text_content()
    facts = part(page, "facts").getparent()
    (marked,) = facts.xpath(".//dd[a]")
    assert "".join(marked.text_content().split()) == f"{NEW}已更正，见第8条"


def test_page_says_before_saving_what_would_be_otherwise(site: CaseSite, case_id: str) -> None:
    before = records(site, case_id)
    page = send(site, case_id, 6, "chengban", act="preview", served_on="2026-03-06")
    said = part(page, "preview").getparent().text_content()
    assert "期限“整改期限”现为 2026年5月9日，按更正后应为 2026年5月6日" in said
    assert "期限没有改动" in said
    assert "核查后果" in said
    assert records(site, case_id) == before
    assert page.form(address(case_id, 6)).values["served_on"] == ["2026-03-06"]


def test_handler_reviews_the_consequences(site: CaseSite, case_id: str) -> None:
    send(site, case_id, 6, "chengban", served_on="2026-03-06")
    assert REVIEW in site.open_tasks(case_id)
    officer, where = site.officer("chengban"), f"/cases/{case_id}/reviews/1"
    page = officer.open(site.address(case_id, REVIEW))
    assert (
        "期限“整改期限”现为 2026年5月9日，按更正后应为 2026年5月6日"
        in part(page, "form").text_content()
    )
    refused = page.form(where).fill(reason="已核对").send()
    assert refused.status == 422
    assert "核查后果须选定结论" in refused.text
    done = page.form(where).fill(finding="correct", reason="送达日期影响整改期限").send()
    assert "结论：需提请纠正已作的决定" in part(done, "record-9").text_content()
    assert REVIEW not in site.open_tasks(case_id)
    assert "须依职权审查是否纠正：送达日期影响整改期限" in done.text
    again = officer.open(where.replace("/reviews/", f"/tasks/{REVIEW}/"))
    assert again.status == 409
    assert "朝鲁陶克" in again.text
    with site.session() as session:
        assert session.scalar(select(Incident.kind)) == "correction_asked"


def test_second_person_confirms_what_two_had_signed(site: CaseSite, case_id: str) -> None:
    page = send(site, case_id, 4, "chengban", verified_facts="一月未召开支委会")
    assert "更正已录入，待第二人确认后生效。" in page.text
    (waiting,) = page.root.xpath("//section[@aria-label='待确认的更正']")
    assert [each.text for each in waiting.xpath(".//ins")] == ["一月未召开支委会"]
    assert "须由另一人确认" in waiting.text_content()
    assert not waiting.xpath(".//form")
    page = site.officer("fubuzhang").open(f"/cases/{case_id}")
    (confirm,) = page.root.xpath("//section[@aria-label='待确认的更正']//form/@action")[:1]
    done = page.form(confirm).send()
    assert "一月未召开支委会" in part(done, "record-9").text_content()
    assert not done.root.xpath("//section[@aria-label='待确认的更正']")


def test_stale_form_keeps_what_was_typed_and_saves_nothing(site: CaseSite, case_id: str) -> None:
    page = site.officer("chengban").open(address(case_id, 1))
    send(site, case_id, 1, "chengban", source="patrol")
    before = records(site, case_id)
    stale = page.form(address(case_id, 1)).fill(description=NEW, _reason="笔误").send(act="save")
    assert stale.status == 409
    assert "有了新的记录" in stale.text
    assert stale.form(address(case_id, 1)).values["description"] == [NEW]
    assert records(site, case_id) == before


def test_what_is_refused_says_what_to_do(site: CaseSite, case_id: str) -> None:
    same = send(site, case_id, 1, "chengban")
    assert same.status == 422
    assert "没有要更正的。" in same.text
    assert "请改动有误的一项" in same.text
    wrong = send(site, case_id, 1, "chengban", found_on="三月")
    assert wrong.status == 422
    assert part(wrong, "f-found_on-error").text_content()
    reasonless = send(site, case_id, 1, "chengban", source="patrol", _reason="")
    assert reasonless.status == 422
    assert "更正须写明理由" in reasonless.text
    assert site.officer("chengban").open(address(case_id, 7)).status == 422
    rewritten = site.officer("chengban").open(address(case_id, 4))
    assert "“起步档”后来又由第 5 条写入" in rewritten.text


def test_only_those_may_correct_who_filled_it_in_or_handle_the_case(
    site: CaseSite, case_id: str
) -> None:
    assert site.officer("dengji").open(address(case_id, 1)).status == 200
    for username in ("duban", "anguan", "shenhe", "heshi1"):
        assert site.officer(username).open(address(case_id, 1)).status == 403, username
    watcher = site.officer("anguan").open(f"/cases/{case_id}")
    assert not watcher.root.xpath("//a[contains(@href, '/correct')]")


def test_past_shows_what_was_known_then(site: CaseSite, case_id: str) -> None:
    send(site, case_id, 1, "chengban", description=NEW)
    page = site.officer("chengban").open(f"/cases/{case_id}?as_of=2026-03-20")
    assert OLD in part(page, "facts").getparent().text_content()
    assert not part(page, "record-1").xpath(".//del")
    assert "当时还不知道、后来才入档的" in page.text
    assert "更正第 1 条" in page.text


def test_reasons_say_that_a_value_was_corrected(site: CaseSite, case_id: str) -> None:
    send(site, case_id, 6, "chengban", served_on="2026-03-06")
    page = site.officer("chengban").open(f"/cases/{case_id}/why")
    assert page.status == 200
    assert "核查后果" not in part(page, "whose").getparent().text_content()


def test_pages_of_corrections_are_in_english_too(site: CaseSite, case_id: str) -> None:
    officer = site.officer("chengban")
    with officer.client.session_transaction() as cookie:
        cookie["language"] = "en"
    page = officer.open(address(case_id, 6))
    assert page.heading == "Correct record 6"
    shown = page.form(address(case_id, 6)).fill(served_on="2026-03-06").send(act="preview")
    said = part(shown, "preview").getparent().text_content()
    assert "due on 9 May 2026; after the correction it would be 6 May 2026" in said


def test_looking_at_a_correction_writes_nothing_into_the_case(site: CaseSite, case_id: str) -> None:
    with site.session() as session:
        before = session.scalars(select(JournalRecord.hash)).all()
    site.officer("chengban").open(address(case_id, 1))
    send(site, case_id, 1, "chengban", act="preview", source="patrol")
    with site.session() as session:
        assert session.scalars(select(JournalRecord.hash)).all() == before
