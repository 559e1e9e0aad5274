"""A reviewer draws cases in the viewer and gets what Python gets, from the pool of the package."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.support.exports import ExportDesk
from tests.support.logs import sqlite_log_world
from tests.support.packages import Opened, opened
from tests.support.viewer import Viewer, open_viewer
from workflows.domain.sampling import Draw, pool_hash

CASES = 12


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    folder = tmp_path_factory.mktemp("package")
    with sqlite_log_world(folder) as world:
        for _ in range(CASES):
            world.open_matter(problem_type="P101")
        return opened(ExportDesk(world.sessions, folder).package())


@pytest.fixture(params=["chromium", "old_chromium"])
def viewer(request: pytest.FixtureRequest, tmp_path: Path, package: Opened) -> Iterator[Viewer]:
    browser: Browser = request.getfixturevalue(request.param)
    with open_viewer(browser, tmp_path) as opened_viewer:
        assert opened_viewer.drop(package.bundle.read_bytes()) == "right"
        yield opened_viewer


def test_a_draw_in_the_viewer_is_the_one_in_python(viewer: Viewer, package: Opened) -> None:
    pool = [line["案件编号"] for line in package.sheet("抽样", "抽样")]
    assert len(set(pool)) == CASES
    page = viewer.page
    viewer.go("/draw")
    page.locator("#seed").wait_for()
    assert page.locator("#pool-hash").inner_text() == pool_hash(pool)
    for seed, count in (("8461", 3), ("骰子 6·6·1", 5), ("🎲\N{COMBINING ACUTE ACCENT}", CASES)):
        page.locator("#seed").fill(f" {seed} ")
        page.locator("#count").fill(str(count))
        page.get_by_role("button", name="抽取").click()
        lots = Draw(seed, count).from_pool(pool)
        rows = page.locator("#lots tbody tr")
        expect(rows).to_have_count(count)
        expect(page.locator("#lots")).to_contain_text(seed)
        assert rows.locator("th").all_inner_texts() == [lot.name for lot in lots]
        assert rows.locator("code").all_inner_texts() == [lot.digest for lot in lots]


def test_a_drawn_case_opens_and_the_draw_is_there_again(viewer: Viewer) -> None:
    page = viewer.page
    viewer.go("/draw?seed=8461&count=2")
    page.locator("#lots tbody tr").first.wait_for()
    page.locator("#lots tbody th a").first.click()
    page.locator(".timeline").wait_for()
    page.go_back()
    expect(page.locator("#lots tbody tr")).to_have_count(2)


def test_nothing_is_drawn_without_a_seed(viewer: Viewer) -> None:
    viewer.go("/draw")
    viewer.page.locator("#seed").fill("   ")
    viewer.page.get_by_role("button", name="抽取").click()
    expect(viewer.page.locator("#lots tbody tr")).to_have_count(0)
