"""Every page that can be reached, as those who reach it see it: nothing keeps people out.

The pages are found as people find them, by the links on others: each kind once, and some
again for each role that sees them otherwise.
"""

from __future__ import annotations

import gzip
import shutil
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tests.e2e.conftest import serving
from tests.support.barriers import (
    FULL,
    WATCH_SHIFT,
    find_barriers,
    find_shift,
    find_weight,
    find_width,
    unfold,
)
from tests.support.case_site import CaseSite, open_case_site
from tests.support.databases import copy_sqlite
from tests.support.played import Played, play_world
from tests.support.whole_house import furnish

# Addresses that are no page, or whose page is another's.
NO_PAGE = {
    "alive.healthz": "for programs",
    "audit.check_state": "a part of audit.log",
    "case_acts.people": "names for a field",
    "cases.file": "a file",
    "cases.picture": "a picture of a file",
    "clearance.notice": "a paper, once an effect has run out",
    "days.page": "a day for a field",
    "exchange.left_out": "a file",
    "exchange.template": "a file",
    "exports.state": "a part of exports.one",
    "feeds.calendar": "for calendars",
    "help.picture": "a picture of help.page",
    "matters.earlier": "a part of matters.new",
    "migrations.migration": "the lines of migrations.plan, once it was put forward",
    "own.message": "the page of own.ask with another form",
    "own.task": "the page of own.ask with another form",
    "packs.broken": "the diagrams of cases.page; walked in test_pages_packs",
    "packs.state": "a part of packs.version",
    "session.start": "leads to the first page",
    "static": "files",
    "tasks.suggest": "words for a form",
}
# A term has run out since the last sweep: tonight's preview has something to tell.
DAY = "2026-12-04"
# Pages that differ by role.
BY_ROLE = {"home.page", "worklist.page", "cases.page"}
READERS = ["chengban", "dengji", "heshi1", "shenhe", "fubuzhang", "buzhang", "duban", "sumu1"]
READERS += ["changwei", "yanshou1", "concerned", "xitong", "anquan", "shenji"]
# States of pages that no link leads to.
STATES = {
    "chengban": [
        "/worklist/?whose=all",
        "/worklist/?whose=mine&role=R03",
        "/worklist/?whose=all&colour=blue&from=2026-01-01&org=党支部",
        "/organisations/?q=嘎查",
        "/organisations/?q=没有的",
        "/cases/{organisation_case}",
        "/cases/{organisation_case}?as_of=2026-09-20",
        "/cases/{person_case}",
        "/cases/{elsewhere_case}",
        "/determinations/matters/{matter}",
        "/determinations/table/found",
        "/supervisions/",
        "/worklist/filters/",
        "/joint-reports/{branch}",
        "/joint-reports/{branch}/sheet",
        "/matters/no-such-matter",
        "/no-such-page",
    ],
    "dengji": ["/matters/new?q=arst", "/matters/new?organisation={branch}&problem_type=P101"],
    "changwei": ["/cases/{person_case}"],
    "concerned": ["/own/"],
    "yanshou1": ["/delegations/"],
}
# In English words are longer: the pages that people see every day, as narrow as they come.
IN_ENGLISH = ["/home", "/worklist/?whose=all", "/cases/{organisation_case}", "/overview/"]
IN_ENGLISH += ["/cases/{organisation_case}/why", "/matters/new?organisation={branch}", "/account"]


@dataclass(frozen=True, slots=True)
class Town:
    """A demo on the web with one of everything in it."""

    site: CaseSite
    address: str
    world: Played
    unlinked: dict[str, list[str]]
    branch: str

    def full(self, path: str) -> str:
        """Give the path of a state."""
        return path.format(**asdict(self.world), branch=self.branch)

    def endpoint(self, address: str) -> str | None:
        """Tell what answers at an address, if that is a page."""
        try:
            found, _ = self.site.app.url_map.bind("127.0.0.1").match(urlsplit(address).path)
        except (HTTPException, RequestRedirect):
            return None
        return None if found in NO_PAGE else str(found)

    def pages(self) -> set[str]:
        """Name everything that can be opened."""
        return {
            each.endpoint
            for each in self.site.app.url_map.iter_rules()
            if "GET" in (each.methods or ()) and each.endpoint not in NO_PAGE
        }


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


@dataclass
class Tour:
    """Somebody's way through the pages that nobody before him has seen."""

    town: Town
    seen: dict[str, str]
    assets: int
    wrong: dict[str, list[str]] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    left: deque[str] = field(default_factory=deque)
    known: set[str] = field(default_factory=set)

    def walk(self, page: Page, username: str) -> None:
        """Open what links lead to, and the states that are his."""
        for state in STATES.get(username, []):
            self.look(page, self.town.full(state))
        self._add(["/", *self.town.unlinked.get(username, [])])
        while self.left:
            address = self.left.popleft()
            kind = self.town.endpoint(address)
            if address == "/" or (kind and self._is_new(kind)):
                self.look(page, address)

    def _is_new(self, kind: str) -> bool:
        return kind not in self.seen or (kind in BY_ROLE and kind not in self.own)

    def _add(self, addresses: list[str]) -> None:
        for address in addresses:
            if address not in self.known:
                self.known.add(address)
                self.left.append(address)

    def look(self, page: Page, address: str) -> None:
        """Look at one page from all sides."""
        answer = page.goto(self.town.address + address)
        assert answer is not None
        here = page.url.removeprefix(self.town.address)
        kind = self.town.endpoint(here)
        if answer.status == 200 and kind:
            self.seen.setdefault(kind, here)
            self.own.add(kind)
        wrong = find_shift(page) + find_weight(answer, self.assets)
        unfold(page)
        wrong += find_barriers(page) + find_width(page)
        if wrong:
            self.wrong[here] = wrong
        found = page.evaluate("[...document.links].map((each) => each.getAttribute('href'))")
        inside = [urlsplit(urljoin(here, each)) for each in found]
        self._add([f"{at.path}?{at.query}".rstrip("?") for at in inside if not at.netloc])


def come_in(town: Town, context: BrowserContext, username: str) -> Page:
    """Give the browser the cookie that a login would, and open a page."""
    cookie = town.site.officer(username).client.get_cookie("duban")
    assert cookie is not None
    context.add_cookies([{"name": "duban", "value": cookie.value, "url": town.address}])
    return context.new_page()


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


def test_a_hold_without_a_reason_is_told_at_its_field(
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
