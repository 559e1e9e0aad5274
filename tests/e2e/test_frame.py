"""The frame of the pages in a browser: login, administration, language."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Live
from tests.support.web import PASSWORD, make_account


@pytest.fixture(autouse=True)
def people(live_demo: Live) -> None:
    with live_demo.site.session() as session:
        make_account(session, "wuyun", ("R18", "15"), display_name="乌云")
        make_account(session, "baiyin", ("R19", "15"), display_name="白音")


def _enter(page: Page, live: Live, name: str) -> None:
    page.goto(f"{live.address}/login")
    page.get_by_role("button", name=name).click()
    expect(page.get_by_role("link", name="我的账号")).to_be_visible()


def test_a_demo_is_entered_with_one_click(page: Page, live_demo: Live) -> None:
    _enter(page, live_demo, "乌云")
    expect(page.get_by_role("heading", level=1)).to_have_text("管理")
    expect(page.get_by_label("演示时钟")).to_be_visible()


def test_wrong_login_says_so_at_the_field_and_keeps_the_name(page: Page, live_demo: Live) -> None:
    page.goto(f"{live_demo.address}/login")
    page.get_by_label("登录名").fill("wuyun")
    page.get_by_label("密码").fill("wrong password")
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("登录名")).to_have_value("wuyun")
    expect(page.get_by_label("密码")).to_have_attribute("aria-invalid", "true")


def test_an_account_needs_two_administrators(page: Page, live_demo: Live) -> None:
    _enter(page, live_demo, "乌云")
    page.goto(f"{live_demo.address}/administration/accounts")
    page.locator("#username").fill("narisu")
    page.locator("#display_name").fill("那日苏")
    page.get_by_role("button", name="新建账号").click()
    password = page.locator(".one-time-password").inner_text()
    page.get_by_role("button", name="退出").click()

    _enter(page, live_demo, "白音")
    page.goto(f"{live_demo.address}/administration/accounts")
    page.get_by_role("link", name="narisu").click()
    page.get_by_role("button", name="批准启用").click()
    page.get_by_label("角色").select_option("R03")
    page.get_by_label("范围").fill("159001.ORG")
    page.get_by_role("button", name="授予").click()
    expect(page.get_by_role("cell", name="R03 承办")).to_be_visible()
    page.get_by_role("button", name="退出").click()

    page.get_by_label("登录名").fill("narisu")
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("更换密码")


def test_the_language_switches_and_the_page_stays(page: Page, live_demo: Live) -> None:
    _enter(page, live_demo, "乌云")
    page.goto(f"{live_demo.address}/administration/accounts")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Accounts and roles")
    assert page.url.endswith("/administration/accounts")
    assert page.locator("html").get_attribute("lang") == "en"


def test_the_keyboard_reaches_the_content_at_once(page: Page, live_demo: Live) -> None:
    _enter(page, live_demo, "乌云")
    page.goto(f"{live_demo.address}/account")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_a_password_can_be_typed_by_a_password_keeper(page: Page, live_demo: Live) -> None:
    page.goto(f"{live_demo.address}/login")
    expect(page.get_by_label("密码")).to_have_attribute("autocomplete", "current-password")
    page.get_by_label("登录名").fill("wuyun")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("link", name="我的账号")).to_be_visible()
