"""The pages of matters and cases in a browser: nothing keeps people out, scripts help."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from tests.e2e.conftest import serving
from tests.integration.pages.test_pages_cases_effort import register, to_first_letter
from tests.support.case_site import CaseSite, open_case_site
from tests.support.databases import copy_sqlite
from workflows.store.tables import Account, Case, Draft


@pytest.fixture(scope="module")
def built(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    with open_case_site(folder, copy_sqlite(sqlite_template, folder / "duban.sqlite3")):
        return folder


@pytest.fixture
def live(built: Path, tmp_path: Path) -> Iterator[tuple[CaseSite, str]]:
    shutil.copy(built / "master.key", tmp_path / "master.key")
    url = copy_sqlite(built / "duban.sqlite3", tmp_path / "duban.sqlite3")
    with open_case_site(tmp_path, url, is_built=True) as site, serving(site.app) as address:
        yield site, address


def come_in(site: CaseSite, page: Page, address: str, username: str) -> None:
    """Give the browser the cookie that a login would."""
    officer = site.officer(username)
    cookie = officer.client.get_cookie("duban")
    assert cookie is not None
    page.context.add_cookies([{"name": "duban", "value": cookie.value, "url": address}])


def test_nothing_on_the_pages_of_a_case_keeps_people_out(
    live: tuple[CaseSite, str], page: Page, find_barriers: Callable[[Page], list[str]]
) -> None:
    site, address = live
    case_id = to_first_letter(site)
    with site.session() as session:
        matter_id = session.get_one(Case, case_id).matter_id
    letter = site.address(case_id, "letter1")
    come_in(site, page, address, "chengban")
    for path in (
        f"/cases/{case_id}",
        f"{letter}/paper",
        f"/matters/{matter_id}",
        "/matters/new?q=arst",
        f"/matters/new?organisation={site.branch()}&problem_type=P101",
    ):
        page.goto(address + path)
        for details in page.locator("details").all():
            details.evaluate("each => { each.open = true }")
        assert find_barriers(page) == [], path


def test_nothing_on_the_form_of_a_second_signer_keeps_people_out(
    live: tuple[CaseSite, str], phone: Page, find_barriers: Callable[[Page], list[str]]
) -> None:
    site, address = live
    case_id = register(site)
    site.officer("chengban").do(case_id, "accept", acceptance="accept")
    come_in(site, phone, address, "heshi1")
    task = site.address(case_id, "verify")
    phone.goto(address + task)
    phone.locator(f"form[action='{task}'] button.btn-primary").click()
    assert find_barriers(phone) == []
    width = phone.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


def test_what_is_typed_is_kept_as_a_draft_while_typing(
    live: tuple[CaseSite, str], page: Page
) -> None:
    site, address = live
    case_id = register(site)
    come_in(site, page, address, "chengban")
    page.goto(address + site.address(case_id, "accept"))
    page.get_by_label("不予受理").check()
    page.get_by_label("理由", exact=False).first.fill("不属于受理范围")
    page.get_by_text("草稿已保存").wait_for()
    with site.session() as session:
        draft = session.scalars(select(Draft)).one()
        assert draft.values["reason"] == "不属于受理范围"


def test_a_draft_on_its_way_is_given_up_when_the_form_is_sent(
    live: tuple[CaseSite, str], page: Page
) -> None:
    site, address = live
    task = site.address(register(site), "accept")
    come_in(site, page, address, "chengban")
    page.goto(address + task)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)  # and answer neither: only the page itself can end the first

    page.route(f"**{task}", hold)
    page.route(f"**{task}/draft", hold)
    with page.expect_request(f"**{task}/draft"):
        page.get_by_label("不予受理").check()
        page.get_by_label("理由", exact=False).first.fill("不属于受理范围")
    with page.expect_event("requestfailed") as ended:
        page.locator("form[data-guard] .acts button").first.click(no_wait_after=True)
    assert ended.value.url == f"{address}{task}/draft"


def test_people_are_looked_up_while_their_initials_are_typed(
    live: tuple[CaseSite, str], page: Page
) -> None:
    site, address = live
    case_id = register(site)
    come_in(site, page, address, "dengji")
    page.goto(address + site.address(case_id, "accept") + "/paper")
    with site.session() as session:
        account = session.scalars(select(Account).where(Account.username == "chengban")).one()
        name, person = account.display_name, account.person_id
    offered = page.locator("select[name=_paper_performed_by] option")
    before = offered.count()
    page.locator("[data-picker-text]").first.fill(name)
    expect(offered).not_to_have_count(before)
    assert offered.count() <= 21
    assert page.locator(f"select[name=_paper_performed_by] option[value='{person}']").count() == 1
