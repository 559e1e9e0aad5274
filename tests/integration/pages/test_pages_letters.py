"""Letters of supervision to several organisations: looked at, issued each by itself, printed."""

from __future__ import annotations

from sqlalchemy import select

from tests.support.case_site import CaseSite, Officer, Page
from tests.support.papers import pdf_pages, pdf_text
from tests.support.refused_forms import problems_of
from tests.support.writes import written_so_far
from workflows.store.tables import IssuedDocument

_TEXT = "请于本周五前说明牧道未清的原因（堃喆昇玥镕）。"


def _send(officer: Officer, page: Page, address: str, **values: object) -> Page:
    (token, *_) = page.root.xpath("//input[@name='csrf_token']/@value")
    answer = officer.client.post(address, data={"csrf_token": token, **values})
    return Page(officer, address, answer)


def test_ticked_letters_are_looked_at_issued_and_printed_with_their_receipts(
    letter: tuple[CaseSite, str],
) -> None:
    site, case_id = letter
    officer = site.officer("duban")
    listed = officer.open("/worklist/")
    (button,) = listed.root.xpath("//button[contains(@formaction, '/letters/preview')]")
    assert "督办单" in button.text_content()
    due = site.address(case_id, "letter1").removeprefix(f"/cases/{case_id}/tasks/")
    good = f"{case_id}|{'#'.join(due.rsplit('/', 1))}"
    assert good in {each.get("value") for each in listed.root.xpath("//input[@name='task']")}
    # What is no letter, what is nowhere, and what is no task at all.
    bad = [f"{case_id}|verify#1", f"c_{'a' * 26}|letter1#1", "…", f"{case_id}|{due}#99999999999"]
    with site.session() as session:
        before = written_so_far(session.connection())
    page = _send(
        officer, listed, "/letters/preview", task=[*bad, good], on="2026-05-12", text=_TEXT
    )
    assert page.status == 200
    assert _TEXT in page.text
    assert "草稿·未编号" in page.text
    assert "最后一日：2026年5月19日" in page.text
    for wrong in ({"on": "2026-02-31"}, {"on": "2026-05-12", "text": "长" * 2001}):
        refused = _send(officer, listed, "/letters/preview", task=good, **wrong)
        assert problems_of(refused.answer, list(wrong.values())) == ""
        assert _send(officer, listed, "/letters/issue", task=good, **wrong).status == 422
    with site.session() as session:
        assert written_so_far(session.connection()) == before, "a preview keeps nothing"
    stranger = site.officer("sumu1")
    refused = _send(stranger, stranger.open("/"), "/letters/issue", task=good, on="2026-05-12")
    assert "已签发并编号 0 件" in refused.text

    form = page.form("/letters/issue")
    assert form.values["task"] == [good], "what cannot be issued is left out"
    done = form.send()
    assert "共 1 件，已签发并编号 1 件" in done.text
    assert "督单〔2026〕1号" in done.text
    again = form.send()
    assert "已签发并编号 0 件" in again.text, "nobody issues the same letter twice"
    recent = officer.open("/letters/")
    assert "督单〔2026〕1号" in recent.text
    print_form = recent.form("/letters/print")
    answer = officer.client.post("/letters/print", data=print_form.values)
    said = pdf_text(answer.data)
    assert pdf_pages(answer.data) % 2 == 0, "each paper begins on the front of a sheet"
    for word in ("督单〔2026〕1号", _TEXT, "送达回证", "阿日善图嘎查党支部"):
        assert word in said, word
    assert "草稿" not in said
    answer.close()
    with site.session() as session:
        assert len(session.scalars(select(IssuedDocument)).all()) == 1
    for other in ("anguan", "xitong"):
        somebody = site.officer(other)
        ticked = {"letter": print_form.values["letter"]}
        said = _send(somebody, somebody.open("/account"), "/letters/print", **ticked)
        assert said.status in {403, 404}, other
    assert "督单〔2026〕1号" not in site.officer("chengban").open("/letters/").text
