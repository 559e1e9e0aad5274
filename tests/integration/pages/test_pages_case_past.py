"""The page of a case as of a past day: what was known then, to those who may read it now."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.integration.pages.test_pages_cases_effort import register, to_first_letter
from tests.integration.pages.test_pages_cases_persons import to_person_case
from tests.support.case_site import CaseSite, Page
from workflows.store.tables import LateEntry


def _as_of(site: CaseSite, case_id: str, text: str, username: str = "chengban") -> Page:
    return site.officer(username).open(f"/cases/{case_id}?as_of={text}")


def _tasks(page: Page) -> list[str]:
    names = page.root.xpath("//section[@aria-labelledby='work']//h3")
    return [" ".join(each.text_content().split()) for each in names]


def test_a_day_before_the_deadline_shows_the_term_running(letter: tuple[CaseSite, str]) -> None:
    page = _as_of(*letter, "2026-05-11")
    assert page.status == 200, page.text
    assert "2026年5月11日（周一）" in page.heading
    assert "不是现在的情况" in page.text
    assert _tasks(page) == ["报送整改报告"]
    assert "为什么升级" not in page.text
    assert page.root.xpath("//form[@method='post'][contains(@action, '/cases/')]") == []
    after = _as_of(*letter, "2026-05-12")
    assert "截至此刻" in after.text
    assert "签发第一次督办单" in _tasks(after)
    assert "为什么升级" in after.text


def test_a_moment_of_the_day_tells_before_and_after_an_act(letter: tuple[CaseSite, str]) -> None:
    before = _as_of(*letter, "2026-05-12T08:59")
    assert "2026年5月12日 08:59" in before.heading
    assert "签发第一次督办单" not in _tasks(before)
    assert "签发第一次督办单" in _tasks(_as_of(*letter, "2026-05-12T09:01"))


@pytest.mark.parametrize(
    "text, status, said",
    [
        ("2026-03-09", 404, "还没有开立"),
        ("2026-05-13", 400, "还没有到"),
        ("2026-02-30", 400, "看不出“2026-02-30”是哪一天"),
        ("0001-01-01T00:00%2B14:00", 400, "看不出"),
        ("2026-05-12T23:59", 400, "还没有到"),
        ("9999-12-31", 400, "还没有到"),
        ("昨天", 400, "看不出"),
    ],
)
def test_a_day_without_records_says_so(
    letter: tuple[CaseSite, str], text: str, status: int, said: str
) -> None:
    page = _as_of(*letter, text)
    assert page.status == status
    assert said in page.text


def test_the_form_of_the_case_page_leads_there(letter: tuple[CaseSite, str]) -> None:
    site, case_id = letter
    page = site.officer("chengban").open(f"/cases/{case_id}?as_of=")
    assert "现在要办" in page.text
    (field,) = page.root.xpath("//input[@name='as_of']")
    assert (field.get("min"), field.get("max")) == ("2026-03-10", "2026-05-12")


def test_the_past_is_told_in_english(letter: tuple[CaseSite, str]) -> None:
    site, case_id = letter
    officer = site.officer("chengban")
    with officer.client.session_transaction() as cookie:
        cookie["language"] = "en"
    page = officer.open(f"/cases/{case_id}?as_of=2026-05-11")
    assert "not how they stand now" in page.text
    leaving = "//a[contains(@href, 'process=')][not(contains(@href, 'as_of='))]"
    assert page.root.xpath(leaving) == []


def test_a_late_entry_changes_what_is_known_not_what_was(site: CaseSite) -> None:
    case_id = to_first_letter(site)
    site.at("2026-05-13")
    chengban = site.officer("chengban")
    chengban.enter_paper(
        case_id,
        "report",
        _paper_document="整改报告",
        _paper_acted_on="2026-05-08",
        completed="全部整改。",
        reported_on="2026-05-08",
    )
    with site.session() as session:
        entry = session.scalars(select(LateEntry)).one()
    confirm = f"/cases/{case_id}/late-entries/{entry.id}/confirm"
    site.officer("buzhang").open(f"/cases/{case_id}").form(confirm).send()
    then = _as_of(site, case_id, "2026-05-12")
    assert "签发第一次督办单" in _tasks(then)
    assert then.root.xpath("//li[contains(@class, 'timeline-withdrawn')]") == []
    learned = then.text.partition("当时还不知道")[2].partition("回到现在")[0]
    assert "撤销第" in learned
    assert "实际办理日 2026年5月8日" in learned
    assert "签发第一次督办单" not in _tasks(_as_of(site, case_id, "2026-05-13"))


def test_an_ended_case_is_open_again_as_of_a_day_before(site: CaseSite) -> None:
    case_id = register(site, disposition="immediate_fix", fix="会议已补开，台账已补齐。")
    site.at("2026-03-12")
    site.officer("chengban").do(case_id, "confirm_fix", fix_confirmation="confirmed")
    site.at("2026-03-20")
    assert "本案已办结，没有待办任务" in site.officer("chengban").open(f"/cases/{case_id}").text
    assert len(_tasks(_as_of(site, case_id, "2026-03-11"))) == 1
    assert "当时没有要人办的任务" in _as_of(site, case_id, "2026-03-12").text


def test_the_person_s_case_is_on_the_ladder_only_once_it_was_opened(site: CaseSite) -> None:
    case_id, person_case = to_person_case(site)
    site.at("2026-06-20")
    link = "//ol[contains(@class, 'ladder')]//a/@href"
    assert person_case not in str(_as_of(site, case_id, "2026-06-07").root.xpath(link))
    shown = _as_of(site, case_id, "2026-06-09").root.xpath(link)
    assert f"/cases/{person_case}?as_of=2026-06-09" in shown


def test_the_past_shows_nobody_more_than_the_present(site: CaseSite) -> None:
    case_id, person_case = to_person_case(site)
    site.at("2026-06-20")
    for username in ("dengji", "duban", "sumu1"):
        page = _as_of(site, case_id, "2026-06-10", username)
        assert page.status == 200
        assert person_case not in page.answer.text, username
        assert _as_of(site, person_case, "2026-06-10", username).status == 404, username
