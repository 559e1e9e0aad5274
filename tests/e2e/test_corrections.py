"""A correction in a browser: from the timeline to the form, and what both records look like."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import serving
from tests.e2e.test_case_pages import come_in
from tests.integration.pages.test_pages_cases_effort import to_first_letter
from tests.support.case_site import CaseSite, open_case_site
from tests.support.databases import copy_sqlite


@pytest.fixture(scope="module")
def letter(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[CaseSite, str, str]]:
    folder = tmp_path_factory.mktemp("world")
    url = copy_sqlite(sqlite_template, folder / "duban.sqlite3")
    with open_case_site(folder, url) as site, serving(site.app) as address:
        case_id = to_first_letter(site)
        site.at("2026-05-12")
        yield site, address, case_id


def test_correction_is_previewed_saved_and_reviewed(
    letter: tuple[CaseSite, str, str],
    page: Page,
    find_barriers: Callable[[Page], list[str]],
    tmp_path: Path,
) -> None:
    site, address, case_id = letter
    come_in(site, page, address, "chengban")
    page.goto(f"{address}/cases/{case_id}")
    page.locator("#record-6").get_by_role("link", name=re.compile("更正这一条")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("更正第 6 条记录")
    assert find_barriers(page) == []
    page.get_by_label("送达日期").fill("2026-03-06")
    page.get_by_label("更正的理由").fill("送达回证上是三月六日")
    page.get_by_role("button", name="先看后果").click()
    expect(page.locator("section", has=page.locator("#preview"))).to_contain_text("2026年5月6日")
    assert find_barriers(page) == []
    page.screenshot(path=tmp_path / "preview.png", full_page=True)
    page.get_by_role("button", name="保存更正").click()
    expect(page.locator("#record-8")).to_contain_text("送达回证上是三月六日")
    assert page.locator("#record-8 del").inner_text() == "2026年3月10日"
    page.locator("#record-6").get_by_role("link", name="第 8 条更正").first.click()
    expect(page).to_have_url(re.compile("#record-8$"))
    page.locator("#record-6 summary").click()
    expect(page.locator("#record-6 .filled ins")).to_have_text("2026年3月6日")
    page.goto(address + site.address(case_id, "review:consequences"))
    page.get_by_label("不影响已作的处理").check()
    page.get_by_label("理由", exact=True).first.fill("期限未到，不影响")
    assert find_barriers(page) == []
    page.screenshot(path=tmp_path / "review.png", full_page=True)
    page.locator("#form").get_by_role("button", name="办结").click()
    expect(page.locator("#record-9")).to_contain_text("结论：不影响已作的处理")
