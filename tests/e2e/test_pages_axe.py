"""Every page that can be reached, as those who reach it see it: nothing keeps people out.

The pages are found as people find them, by the links on others: each kind once, and some
again for each role that sees them otherwise.
"""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.e2e.conftest import serving
from tests.support.barriers import (
    FULL,
    WATCH_SHIFT,
    find_barriers,
    find_shift,
    find_width,
    unfold,
)
from tests.support.case_site import CaseSite, open_case_site
from tests.support.databases import copy_sqlite
from tests.support.keyboard import choose, pick, press, skip, tab_to, write
from tests.support.played import play_world
from tests.support.town import DAY, IN_ENGLISH, READERS, REFUSED, Tour, Town, come_in, leave_out
from tests.support.whole_house import furnish
from webapp.work import writing_sessions
from workflows.jobs.exporting import FOLDER, run_exports


@pytest.fixture(scope="module")
def town(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    url = copy_sqlite(sqlite_template, folder / "duban.sqlite3")
    world = play_world(folder, url)
    with open_case_site(folder, url, is_built=True) as site:
        site.at(DAY, 12)
        unlinked = furnish(site, world)
        with serving(site.app) as address:
            yield Town(site, address, world, unlinked, site.branch())
    shutil.rmtree(folder)


@pytest.fixture
def complaints() -> list[str]:
    """What browsers say about pages."""
    return []


@pytest.fixture
def window(chromium: Browser, complaints: list[str]) -> Iterator[Callable[[], BrowserContext]]:
    """Open browsers for one person each, which tell what a script or the policy complains of."""

    def listen(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "status of 4" not in message.text:
            complaints.append(message.text)

    def open_window() -> BrowserContext:
        width, height = FULL
        context = chromium.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
        stack.callback(context.close)
        context.add_init_script(WATCH_SHIFT)
        context.on("console", listen)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        return context

    with ExitStack() as stack:
        yield open_window
    assert complaints == []


def packed_assets(site: CaseSite) -> int:
    """Count the bytes of the style sheet and the script, packed."""
    folder = Path(site.app.static_folder or "") / "dist"
    return sum(len(gzip.compress((folder / f"app.{each}").read_bytes())) for each in ("css", "js"))


def test_every_page_is_found_and_keeps_nobody_out(
    town: Town, window: Callable[[], BrowserContext]
) -> None:
    seen: dict[str, str] = {}
    wrong: dict[str, dict[str, list[str]]] = {}
    for username in READERS:
        tour = Tour(town, seen, packed_assets(town.site))
        tour.walk(come_in(town, window(), username), username)
        if tour.wrong:
            wrong[username] = tour.wrong
    assert wrong == {}
    assert town.pages() - set(seen) == {"help.log_in", "session.login"}


def test_what_is_open_to_all_has_no_barriers(
    town: Town, window: Callable[[], BrowserContext]
) -> None:
    page = window().new_page()
    page.goto(f"{town.address}/help/log-in")
    assert find_barriers(page) + find_width(page) + find_shift(page) == []
    page.goto(f"{town.address}/login")
    assert find_barriers(page) + find_width(page) + find_shift(page) == []
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert find_barriers(page) == []


def test_the_pages_of_every_day_fit_in_english_too(
    town: Town, window: Callable[[], BrowserContext]
) -> None:
    page = come_in(town, window(), "chengban")
    page.goto(f"{town.address}/account")
    page.get_by_role("button", name="English").click()
    found = {}
    for path in IN_ENGLISH:
        page.goto(town.address + town.full(path))
        assert page.locator("html").get_attribute("lang") == "en"
        unfold(page)
        if wrong := find_width(page) + find_barriers(page):
            found[path] = wrong
    assert found == {}


def test_the_worklist_is_worked_by_keyboard(
    town: Town, window: Callable[[], BrowserContext]
) -> None:
    page = come_in(town, window(), "chengban")
    page.goto(f"{town.address}/worklist/?whose=free")
    page.keyboard.press("j")
    row = page.locator("tr[data-row]:focus")
    assert row.count() == 1
    name = row.locator("[data-open]").inner_text()
    with page.expect_navigation():
        page.keyboard.press("c")
    page.goto(f"{town.address}/worklist/?whose=mine")
    assert name in page.locator("tr[data-row]").all_inner_texts()[0]
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "/cases/" in page.url


def test_refused_forms_keep_nobody_out(town: Town, window: Callable[[], BrowserContext]) -> None:
    pages = {who: come_in(town, window(), who) for who in {each[0] for each in REFUSED}}
    wrong: dict[str, list[str]] = {}
    for who, path, ends in REFUSED:
        page, address = pages[who], town.full(ends)
        page.goto(town.address + town.full(path))
        assert leave_out(page, address) == 422, (path, ends)
        expect(page.locator("[data-focus]")).to_be_focused()
        if found := find_barriers(page, ":has(> [data-focus])"):
            wrong[f"{path} {ends}"] = found
    assert wrong == {}


def test_what_pages_show_after_an_act_keeps_nobody_out(
    town: Town, window: Callable[[], BrowserContext]
) -> None:
    wrong: dict[str, list[str]] = {}

    def look(page: Page, state: str) -> None:
        unfold(page)
        if found := find_barriers(page) + find_width(page):
            wrong[state] = found

    page = come_in(town, window(), "xitong")
    page.goto(f"{town.address}/administration/calendar/")
    page.get_by_label("自", exact=False).first.fill("2026-12-07")
    page.get_by_label("名称", exact=False).first.fill("那达慕大会")
    page.get_by_label("通知名称和文号").fill("旗政办发〔2026〕9号")
    page.get_by_role("button", name="查看影响").click()
    expect(page.locator("main")).to_contain_text("影响")
    look(page, "the effect of a calendar")
    page.goto(f"{town.address}/tour/")
    page.locator(".tour-stops button").first.click()
    expect(page.locator(".tour")).to_be_visible()
    look(page, "a tour")
    page = come_in(town, window(), "concerned")
    page.goto(town.address + town.full("/own/{person_case}/beside/tolerance"))
    look(page, "asking for tolerance")
    assert wrong == {}


def test_an_escalation_is_not_held_without_a_reason_and_decided_with_the_keys_alone(
    town: Town, window: Callable[[], BrowserContext]
) -> None:
    page = come_in(town, window(), "fubuzhang")
    page.goto(f"{town.address}/home")
    unfold(page)
    reason = page.get_by_label("暂缓的理由").first
    reason.evaluate("each => each.removeAttribute('required')")
    page.get_by_role("button", name="暂缓", exact=True).first.click()
    assert page.locator("[aria-invalid=true]").count() == 1
    assert find_barriers(page) == []
    page.goto(f"{town.address}/home")
    skip(page)
    press(page, page.get_by_role("link", name="升级研判"))
    form = page.locator("form[data-guard]:has(.acts)").last
    pick(page, form.get_by_label("主要原因"), "主观不作为")
    write(page, form.get_by_label("原因的依据"), "两次督办均未落实。")
    choose(page, form.get_by_label("约谈", exact=True))
    write(page, form.get_by_label("结论理由"), "先约谈主要负责人。")
    press(page, form.get_by_role("button", name="签署", exact=True))
    expect(page.locator("[data-focus]")).to_be_focused()
    write(page, form.get_by_label("会议纪要号"), "部务会纪要〔2026〕3号")
    write(page, form.get_by_label("出席人数"), "5")
    press(page, form.get_by_role("button", name="签署", exact=True))
    expect(page.get_by_role("status").first).to_contain_text("待第二人签署")
    path = page.url
    page = come_in(town, window(), "buzhang")
    page.goto(path)
    skip(page)
    press(page, page.get_by_role("button", name="同意并签署"))
    expect(page.get_by_role("status").first).to_contain_text("已办结“升级研判”")


def test_an_export_is_asked_for_agreed_to_and_taken_with_the_keys_alone(
    town: Town, window: Callable[[], BrowserContext]
) -> None:
    page = come_in(town, window(), "chengban")
    page.goto(town.address + town.full("/exports/new?cases={person_case}"))
    skip(page)
    write(page, page.get_by_label("交给谁"), "盟委组织部")
    write(page, page.get_by_label("用途"), "核查")
    press(page, page.get_by_role("button", name="申请导出"))
    other = come_in(town, window(), "buzhang")
    other.goto(page.url)
    skip(other)
    press(other, other.get_by_role("button", name="同意导出", exact=True))
    folder = Path(town.site.app.instance_path, FOLDER)
    assert run_exports(writing_sessions(town.site.app), folder)["made"]
    page.goto(page.url)
    skip(page)
    tab_to(page, page.get_by_role("button", name="下载审计包"))
    for _ in range(2):
        with page.expect_download() as coming:
            page.keyboard.press("Enter")
        assert coming.value.failure() is None
