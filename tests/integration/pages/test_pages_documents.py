"""The documents of a case on its pages: the list, one as printed, its number, its file."""

from __future__ import annotations

from sqlalchemy import select

from tests.integration.pages.test_pages_cases_persons import to_person_case
from tests.support.case_site import CaseSite, Page
from tests.support.papers import docx_text, pdf_text
from tests.support.writes import written_so_far
from workflows.store.tables import IssuedDocument, Look

_LOOKS = {"look", "journal_record", "journal_payload", "stream_head"}


def _opened(site: CaseSite, username: str, case_id: str, name: str) -> Page:
    officer = site.officer(username)
    listed = officer.open(f"/cases/{case_id}/documents")
    (link,) = [each for each in listed.root.xpath("//table//a") if each.text_content() == name]
    return officer.open(link.get("href"))


def test_a_notice_is_looked_at_numbered_and_taken_as_docx_and_pdf(
    letter: tuple[CaseSite, str],
) -> None:
    site, case_id = letter
    assert "文书" in site.officer("chengban").open(f"/cases/{case_id}").text
    page = _opened(site, "chengban", case_id, "责令整改通知书")
    assert page.heading == "责令整改通知书"
    assert "草稿·未编号" in page.text
    assert "最后一日" in page.text
    done = page.form(f"{page.address}/number").send()
    assert "已编号：改通〔2026〕1号。" in done.text
    assert not done.root.xpath("//form[contains(@action, '/number')]"), "it has its number"
    for format_, read in (("docx", docx_text), ("pdf", pdf_text)):
        form = done.form(f"{page.address}/file")
        answer = form.officer.client.post(form.action, data={**form.values, "format": format_})
        said = "".join(read(answer.data).split())
        assert "改通〔2026〕1号" in said
        assert "提出异议的途径" in said
        answer.close()
    form = done.form(f"{page.address}/file")
    answer = form.officer.client.post(form.action, data={**form.values, "format": "together"})
    assert answer.status_code == 200, answer.text
    said = pdf_text(answer.data)
    assert "附件：整改时间表" in said
    for word in ("还有", "个工作日", "2026年5月", "（周", "送达回证", "改通〔2026〕1号"):
        assert word in said, word
    answer.close()
    again = _opened(site, "chengban", case_id, "送达回证（责令整改通知书）")
    assert "改通〔2026〕1号" in again.text


def test_tasks_say_which_documents_they_will_make(letter: tuple[CaseSite, str]) -> None:
    site, case_id = letter
    listed = site.officer("duban").open(f"/cases/{case_id}/documents")
    assert "督办单（第一次）" in listed.text
    assert "办结“签发第一次督办单”后" in listed.text


def test_a_paper_is_looked_at_before_its_task_is_done_and_nothing_is_kept(
    letter: tuple[CaseSite, str],
) -> None:
    site, case_id = letter
    address = site.address(case_id, "letter1")
    form = site.officer("duban").open(address).form(address)
    form.action += "/preview"
    with site.session() as session:
        before = written_so_far(session.connection(), but=_LOOKS)
    wrong = form.fill(letter1_on="2026-13-45").send()
    assert (wrong.status, wrong.heading) == (422, "预览文书")
    assert "第一次督办单签发日期" in wrong.text
    page = form.fill(letter1_on="2026-05-12", remark="先说清堃喆牧道。").send()
    assert page.status == 200
    assert "草稿·未编号" in page.text
    assert "先说清堃喆牧道。" in page.text
    assert "最后一日：2026年5月19日" in page.text, "the date that the letter would set"
    assert "送达回证（督办单（第一次））" in page.text
    assert "缺字" not in page.text
    rare = form.fill(letter1_on="2026-05-12", remark="先说清\u1828。").send()
    assert "PDF 缺字，会印成方框：\u1828（U+1828）" in rare.text
    again = page.form(form.action)
    answer = again.officer.client.post(again.action, data={**again.values, "paper": "0"})
    said = pdf_text(answer.data)
    assert "先说清堃喆牧道。" in said
    assert "草稿·未编号" in said
    answer.close()
    watching = site.officer("anguan")
    (token, *_) = watching.open("/").root.xpath("//input[@name='csrf_token']/@value")
    refused = watching.client.post(form.action, data={**form.values, "csrf_token": token})
    assert refused.status_code == 404, "who reads no content sees no paper of it"
    with site.session() as session:
        assert written_so_far(session.connection(), but=_LOOKS) == before, "something was kept"
    assert "letter1" in site.open_tasks(case_id)


def test_the_paper_is_chinese_on_an_english_page(letter: tuple[CaseSite, str]) -> None:
    site, case_id = letter
    officer = site.officer("chengban")
    with officer.client.session_transaction() as cookie:
        cookie["language"] = "en"
    listed = officer.open(f"/cases/{case_id}/documents")
    assert "Notice to rectify" in listed.text
    (link,) = [each for each in listed.root.xpath("//table//a") if each.text == "Notice to rectify"]
    shown = officer.open(link.get("href"))
    assert shown.heading == "Notice to rectify"
    assert "一、存在的问题和整改要求" in shown.text


def test_who_supervises_only_reads_and_numbers_nothing(letter: tuple[CaseSite, str]) -> None:
    site, case_id = letter
    watching = site.officer("anguan").open(f"/cases/{case_id}/documents")
    assert watching.status == 200
    assert "责令整改通知书" not in watching.text, "who watches deadlines reads no content"
    page = _opened(site, "chengban", case_id, "责令整改通知书")
    assert site.officer("anguan").open(page.address).status == 404


def test_taking_a_document_about_a_person_is_recorded_as_a_look(site: CaseSite) -> None:
    _, person_case = to_person_case(site)
    handler = site.officer("chengban")
    with site.session() as session:
        before = len(session.scalars(select(Look)).all())
    listed = handler.open(f"/cases/{person_case}/documents")
    assert "本案还没有形成文书" in listed.text
    with site.session() as session:
        looks = session.scalars(select(Look)).all()
        assert len(looks) == before + 1
        assert not session.scalars(select(IssuedDocument)).all()
    for stranger in ("sumu1", "dengji"):
        assert site.officer(stranger).open(f"/cases/{person_case}/documents").status == 404
