"""What goes wrong at a desk: empty fields, a double click, two officers, old links, going back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from tests.support.keyboard import attach, choose, pick, press, skip, tick, write
from tests.support.officers import Desk, House
from workflows.store.tables import JournalRecord, Matter

FindBarriers = Callable[[Page], list[str]]


@pytest.fixture
def house(shared_house: House) -> House:
    """One demo for all tests of this file."""
    return shared_house


def fill_in_matter(house: House, desk: Desk) -> None:
    """Fill in the form of a new matter."""
    desk.go(f"/matters/new?organisation={house.site.branch()}")
    desk.fill(
        {
            "问题类型": "三会一课不按期",
            "问题来源": "随机抽查",
            "问题描述": "上年第四季度未召开党员大会。",
            "办理方式": "按程序办理",
        }
    )


def register(house: House) -> str:
    """Register a matter and give the address of its case."""
    desk = house.desk("dengji")
    fill_in_matter(house, desk)
    desk.send("登记")
    return desk.path()


def count(house: House, table: type[Matter | JournalRecord]) -> int:
    """Count the rows of a table."""
    with house.site.session() as session:
        return session.execute(select(func.count()).select_from(table)).scalar_one()


def test_what_is_missing_is_said_at_its_field_and_what_was_typed_stays(
    house: House, find_barriers: FindBarriers
) -> None:
    path = register(house)
    desk = house.desk("chengban")
    desk.go(path)
    assert desk.send("办结") == 422
    expect(desk.form.get_by_role("alert")).to_contain_text("1 处需要改正")
    desk.fill({"受理意见": "受理"})
    assert desk.send("办结") == 200
    desk = house.desk("heshi1")
    desk.go(path)
    desk.fill({"核实结论": "属实", "认定事实": "会议记录缺四次，谈话六人。"})
    assert desk.send("签署") == 422
    expect(desk.form.get_by_role("alert")).to_be_focused()
    grounds = desk.form.get_by_role("group", name="情形")
    expect(grounds).to_have_accessible_description("请选择“情形”。")
    expect(desk.field("认定事实")).to_have_value("会议记录缺四次，谈话六人。")
    expect(desk.form.get_by_label("属实", exact=True)).to_be_checked()
    assert find_barriers(desk.page) == []


def test_a_double_click_registers_once(house: House) -> None:
    desk = house.desk("dengji")
    fill_in_matter(house, desk)
    before = count(house, Matter)
    with desk.page.expect_navigation():
        desk.button("登记").dblclick()
    expect(desk.page.locator("main")).to_contain_text("已登记")
    assert count(house, Matter) == before + 1


def test_a_double_click_completes_once(house: House) -> None:
    path = register(house)
    desk = house.desk("chengban")
    desk.go(path)
    desk.fill({"受理意见": "受理"})
    before = count(house, JournalRecord)
    with desk.page.expect_navigation():
        desk.button("办结").dblclick()
    expect(desk.page.locator("main")).to_contain_text("已办结“受理审查”")
    assert count(house, JournalRecord) == before + 1


def test_the_second_officer_on_a_task_sees_who_did_it_and_keeps_what_he_typed(
    house: House, find_barriers: FindBarriers
) -> None:
    path = register(house)
    first, second = house.desk("dengji"), house.desk("chengban")
    second.go(path)
    second.fill({"受理意见": "不予受理", "理由": "同一问题已在办。"})
    first.go(path)
    first.fill({"受理意见": "受理"})
    assert first.send("办结") == 200
    before = count(house, JournalRecord)
    assert second.send("办结") == 409
    expect(second.page.get_by_role("heading", level=1)).to_contain_text(first.name)
    expect(second.page.get_by_role("heading", level=1)).to_contain_text("2026年3月10日")
    expect(second.page.locator("main")).to_contain_text("同一问题已在办。")
    assert count(house, JournalRecord) == before
    assert find_barriers(second.page) == []


def test_an_old_link_says_who_did_the_task_and_leads_on(house: House) -> None:
    path = register(house)
    desk = house.desk("chengban")
    desk.go(f"{path}/tasks/accept/1")
    desk.fill({"受理意见": "受理"})
    desk.send("办结")
    assert desk.go(f"{path}/tasks/accept/1") == 409
    assert desk.name in desk.heading()
    desk.page.get_by_role("link", name="打开案件").click()
    assert desk.path() == path
    assert desk.go(f"{path}/tasks/accept/7") == 404


def test_going_back_after_completing_does_not_complete_again(house: House) -> None:
    path = register(house)
    desk = house.desk("chengban")
    desk.go(f"{path}/tasks/accept/1")
    desk.fill({"受理意见": "受理"})
    desk.send("办结")
    before = count(house, JournalRecord)
    desk.page.go_back()
    if desk.form.count():
        desk.fill({"受理意见": "受理"})
        assert desk.send("办结") == 409
    assert desk.name in desk.heading()
    assert urlsplit(desk.page.url).path == f"{path}/tasks/accept/1"
    assert count(house, JournalRecord) == before


def test_a_matter_is_registered_accepted_and_verified_with_the_keys_alone(
    house: House, tmp_path: Path
) -> None:
    desk = house.desk("dengji")
    page = desk.page
    desk.go("/home")
    press(page, page.get_by_role("link", name="登记问题"))
    write(page, page.get_by_role("searchbox").first, "阿日善图")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    press(page, page.get_by_role("link", name="阿日善图嘎查党支部"))
    press(page, desk.button("登记"))
    expect(page.get_by_role("alert").first).to_be_focused()
    pick(page, desk.field("问题类型"), "三会一课不按期")
    pick(page, desk.field("问题来源"), "随机抽查")
    write(page, desk.field("问题描述"), "上年第四季度未召开党员大会。")
    choose(page, desk.form.get_by_label("按程序办理", exact=True))
    press(page, desk.button("登记"))
    path = desk.path()
    handler = house.desk("chengban")
    handler.go(path)
    page = handler.page
    skip(page)
    press(page, handler.button("办结"))
    expect(handler.form.get_by_role("alert")).to_be_focused()
    choose(page, handler.form.get_by_label("受理", exact=True))
    press(page, handler.button("办结"))
    expect(page.locator("main")).to_contain_text("已办结“受理审查”")
    verifier = house.desk("heshi1")
    verifier.go(path)
    page = verifier.page
    skip(page)
    choose(page, verifier.form.get_by_label("属实", exact=True))
    tick(page, verifier.form.get_by_label("履职不到位", exact=True))
    evidence = tmp_path / "会议记录.pdf"
    evidence.write_bytes(b"%PDF-1.4 made up")
    attach(page, verifier.form.locator("input[type=file]"), evidence)
    press(page, verifier.button("签署"))
    refused = page.get_by_role("alert")
    expect(refused).to_be_focused()
    expect(refused).to_contain_text("附件须重新选择")
    # What does not apply is not shown, and not asked for.
    expect(refused).not_to_contain_text("软弱涣散类型")
    choose(page, verifier.form.get_by_label("较重", exact=True))
    choose(page, verifier.form.get_by_label("限期整改", exact=True))
    choose(page, verifier.form.get_by_label("无异议", exact=True))
    attach(page, verifier.form.locator("input[type=file]"), evidence)
    tick(page, verifier.form.get_by_label("不含国家秘密"))
    press(page, verifier.button("签署"))
    expect(page.get_by_role("status").first).to_contain_text("待第二人签署")
    expect(page.locator("main")).to_contain_text("会议记录.pdf")
