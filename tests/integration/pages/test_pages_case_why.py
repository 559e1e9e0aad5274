"""The page that explains a case: what it says, in both languages, and to whom."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from tests.integration.pages.test_pages_cases import to_rectification
from tests.integration.pages.test_pages_cases_effort import register
from tests.integration.pages.test_pages_cases_persons import to_person_case
from tests.support.case_site import CaseSite, Page
from workflows.store.tables import Case, Clock

# What only an engine would say: ids of diagrams and facts, operators, hashes of nothing.
_ENGINE = re.compile(r"[a-z]+_[a-z_]+|==|!=|#\d|None|null")


def _section(page: Page, name: str) -> str:
    (found,) = page.root.xpath(f"//section[@aria-labelledby='{name}']")
    return " ".join(found.text_content().split())


def _english(site: CaseSite, username: str, address: str) -> Page:
    officer = site.officer(username)
    with officer.client.session_transaction() as cookie:
        cookie["language"] = "en"
    return officer.open(address)


def test_it_says_why_it_escalated_and_whose_omission_it_was(
    letter: tuple[CaseSite, str],
) -> None:
    site, case_id = letter
    page = site.officer("chengban").open(f"/cases/{case_id}/why")
    assert page.status == 200, page.text
    said = _section(page, "came")
    assert said.startswith("为什么升级")
    assert "到 2026年5月9日 仍未完成“整改与验收”" in said
    assert "“报送整改报告”（阿日善图嘎查党支部：整改责任单位）没有办结，也无人领取" in said
    assert "判断“是否属实？”：属实" in said
    assert "核实结论：属实（“核实”填写，2026年3月10日，第 4 条）" in said
    assert "决策表“整改分类”得出：整改类别为“B类 一般整改”" in said
    assert "适用第 3 行" in said
    assert "期限届满次数计为 1" in said
    assert "起算日 2026年3月10日（周二），当日不计入" in said
    assert "到期后 2 天 9 小时巡检发现" in said
    assert "依据：本单位自定" in said


def test_it_says_whose_the_letter_is_and_who_could_write_it(
    letter: tuple[CaseSite, str],
) -> None:
    site, case_id = letter
    said = _section(site.officer("chengban").open(f"/cases/{case_id}/why"), "whose")
    assert "按规则，这一步归“督办人员”办理，角色是督办、承办。" in said
    assert "对象所在旗县的组织部门" in said
    assert "2026年5月12日 任务产生时由此确定为苏布德旗委组织部" in said
    assert site.name(site.person("duban")) in said


def test_it_says_where_the_clocks_lead_and_that_a_person_decides_there(
    letter: tuple[CaseSite, str],
) -> None:
    site, case_id = letter
    said = _section(site.officer("chengban").open(f"/cases/{case_id}/why"), "ahead")
    assert "“签发第一次督办单”办结以后" in said
    assert "转入“答复核查”（限期整改；苏布德旗委组织部：督办、承办）" in said
    road = said.partition("如果一直没有人办")[2]
    assert "2026年5月15日（周五） “督办单签发”到期，“签发第一次督办单”仍未办结" in road
    assert "2026年5月16日 转入“签发第二次督办单”" in road
    assert "转入“升级研判”" in road
    assert "系统不替人作决定，也不会自行对个人采取措施" in road


def test_each_date_of_the_case_page_leads_to_its_reason(letter: tuple[CaseSite, str]) -> None:
    site, case_id = letter
    officer = site.officer("chengban")
    case, why = officer.open(f"/cases/{case_id}"), officer.open(f"/cases/{case_id}/why")
    anchors = {each.get("id") for each in why.root.xpath("//*[@id]")}
    links = [
        href.partition("#")[2]
        for href in case.root.xpath("//main//a/@href")
        if href.startswith(f"/cases/{case_id}/why#")
    ]
    assert any(link.startswith("due-") for link in links)
    assert any(link.startswith("whose-") for link in links)
    assert set(links) <= anchors


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_speaks_as_officers_do(letter: tuple[CaseSite, str], language: str) -> None:
    site, case_id = letter
    address = f"/cases/{case_id}/why"
    officer = site.officer("chengban")
    page = _english(site, "chengban", address) if language == "en" else officer.open(address)
    said = " ".join(_section(page, name) for name in ("came", "whose", "ahead"))
    assert _ENGINE.findall(said) == []


def test_it_is_told_in_english(letter: tuple[CaseSite, str]) -> None:
    site, case_id = letter
    page = _english(site, "chengban", f"/cases/{case_id}/why")
    came = _section(page, "came")
    assert "Why did it escalate" in came
    assert "“Work and acceptance” was not finished by 9 May 2026" in came
    assert "“Substantiated?”: Substantiated" in came
    assert "takes no measure about a person by itself" in _section(page, "ahead")


def test_who_only_watches_sees_neither_content_nor_who_could_act(
    letter: tuple[CaseSite, str],
) -> None:
    site, case_id = letter
    table = "//section[@aria-labelledby='whose']//table"
    address = f"/cases/{case_id}/why"
    assert site.officer("sumu1").open(address).root.xpath(table)
    watching = site.officer("anguan").open(address)
    assert watching.status == 200
    assert watching.root.xpath(table) == []
    assert "核实结论" not in watching.text
    assert "这里的判断所依据的内容不在您的查看范围内" in watching.text


def test_a_decision_about_a_person_is_told_only_to_those_who_may_read_it(site: CaseSite) -> None:
    case_id, person_case = to_person_case(site)
    cleared = site.officer("chengban").open(f"/cases/{case_id}/why")
    assert "研判结论：责任认定" in cleared.text
    assert "随之“开立个人案件”" in cleared.text
    name = site.name(site.person("sumu1"))
    for username in ("dengji", "duban"):
        page = site.officer(username).open(f"/cases/{case_id}/why")
        came = _section(page, "came")
        assert came.count("这里的判断所依据的内容不在您的查看范围内") == 1
        assert "研判结论" not in came, username
        assert "责任认定" not in came, username
        assert "开立个人案件" not in came, username
        assert person_case not in page.answer.text
        assert name not in came, username
        assert site.officer(username).open(f"/cases/{person_case}/why").status == 404
    assert site.officer("sumu1").open(f"/cases/{person_case}/why").status == 404


def test_a_person_s_case_is_explained_to_its_officers(site: CaseSite) -> None:
    _, person_case = to_person_case(site)
    page = site.officer("chengban").open(f"/cases/{person_case}/why")
    assert page.status == 200, page.text
    assert _section(page, "came").startswith("怎样走到这一步")
    assert "“责任认定”办结以后" in _section(page, "ahead")


def test_an_ended_case_tells_how_it_came_to_its_end(site: CaseSite) -> None:
    case_id = register(site, disposition="immediate_fix", fix="会议已补开，台账已补齐。")
    site.officer("chengban").do(case_id, "confirm_fix", fix_confirmation="confirmed")
    page = site.officer("chengban").open(f"/cases/{case_id}/why")
    came = _section(page, "came")
    assert came.startswith("怎样走到这一步")
    assert "判断“确已整改？”：是" in came
    assert page.root.xpath("//section[@aria-labelledby='ahead']") == []


def test_a_paused_clock_says_when_it_would_end_if_it_went_on(site: CaseSite) -> None:
    case_id = register(site)
    with site.session() as session:
        clock = session.scalars(select(Clock).where(Clock.case_id == case_id)).one()
        assert session.get_one(Case, case_id).state == "open"
    buzhang = site.officer("buzhang")
    site.at("2026-03-12")
    address = f"/cases/{case_id}/clocks/{clock.path}/{clock.n}/pause"
    buzhang.open(f"/cases/{case_id}").form(address).fill(reason="雪灾封路").send()
    site.at("2026-03-16")
    page = buzhang.open(f"/cases/{case_id}/why")
    dates = _section(page, "dates")
    assert "尚未恢复，恢复前不到期" in dates
    assert "如今天恢复计时，期限为 2026年3月19日" in dates
    assert "已暂停，恢复之前不会到期" in _section(page, "ahead")


def _dates(page: Page) -> list[list[str]]:
    rows = page.root.xpath("//table[contains(@class, 'timetable')]/tbody/tr")
    return [[" ".join(cell.text_content().split()) for cell in row] for row in rows]


def test_all_coming_dates_stand_on_one_sheet_with_what_follows(site: CaseSite) -> None:
    case_id = to_rectification(site, plan_required="yes", progress_required="yes")
    chengban = site.officer("chengban")
    assert f"/cases/{case_id}/timetable" in chengban.open(f"/cases/{case_id}").root.xpath(
        "//a/@href"
    )
    lines = _dates(chengban.open(f"/cases/{case_id}/timetable"))
    with site.session() as session:
        clocks = session.scalars(select(Clock).where(Clock.case_id == case_id)).all()
    live = sorted(clock.due_on for clock in clocks if clock.state in ("running", "paused"))
    assert len(live) > 1
    said = [line[0].split("（")[0] for line in lines]
    assert said == [f"{on.year}年{on.month}月{on.day}日" for on in live]
    plan = next(line for line in lines if line[2] == "报送整改方案")
    # Ten workdays from Tuesday 10 March; today is not counted, the last day is.
    assert plan[0] == "2026年3月24日（周二）"
    assert plan[1] == "10 个工作日14 个自然日"
    assert plan[3].startswith("阿日善图嘎查党支部")
    assert plan[4]


def test_whoever_may_not_see_the_case_has_no_sheet_of_its_dates(
    letter: tuple[CaseSite, str],
) -> None:
    site, case_id = letter
    address = f"/cases/{case_id}/timetable"
    assert site.officer("sumu1").open(address).status == 200
    assert site.officer("sumu2").open(address).status == 404
