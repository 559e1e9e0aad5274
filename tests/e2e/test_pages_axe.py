"""Every page that a role can reach: nothing keeps people out, and the basics of HTML hold."""

import io
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from tests.e2e.conftest import serving
from tests.integration.pages.test_pages_cases_effort import register, to_first_letter
from tests.support.case_site import CaseSite, open_case_site
from tests.support.databases import copy_sqlite
from tests.support.packs import changed_files, passed, replaced, zipped
from workflows.jobs.pack_checking import check_packs
from workflows.services.installation import clock_now
from workflows.store.tables import Account, Case, Clock, Organisation, PackVersion

FindBarriers = Callable[[Page], list[str]]
# What automatic rules find too seldom: one heading, labels, no id twice.
_BASICS = """() => {
  const ids = [...document.querySelectorAll("[id]")].map((each) => each.id);
  const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
  const fields = [...document.querySelectorAll("input:not([type=hidden]), select, textarea")];
  const nameless = fields.filter((each) => !each.labels?.length && !each.ariaLabel);
  const buttons = [...document.querySelectorAll("button, a[href]")];
  const mute = buttons.filter((each) => !each.textContent.trim() && !each.ariaLabel);
  const lost = [...document.querySelectorAll("[aria-describedby], [aria-labelledby], label[for]")]
    .flatMap((each) => [each.getAttribute("aria-describedby"), each.getAttribute("aria-labelledby"),
      each.getAttribute("for")].filter(Boolean).join(" ").split(" "))
    .filter((id) => !document.getElementById(id));
  return [
    ...twice.map((id) => `id twice: ${id}`),
    ...nameless.map((each) => `no label: ${each.name || each.outerHTML}`),
    ...mute.map((each) => `says nothing: ${each.outerHTML}`),
    ...lost.map((id) => `leads to nothing: ${id}`),
    ...(document.querySelectorAll("h1").length === 1 ? [] : ["not one h1"]),
    ...(document.querySelectorAll("main").length === 1 ? [] : ["not one main"]),
    ...(document.documentElement.lang ? [] : ["no language"]),
    ...(document.title.trim() ? [] : ["no title"]),
    ...(document.documentElement.scrollWidth <= innerWidth ? [] : ["wider than the window"]),
  ];
}"""


@dataclass(frozen=True, slots=True)
class Town:
    """A site on the web with two cases in it, and the addresses of its pages by what they are."""

    site: CaseSite
    address: str
    pages: dict[str, str]


@pytest.fixture(scope="module")
def built(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world with a case at its first letter, whose deadline passes today, and a fresh one."""
    folder = tmp_path_factory.mktemp("axe")
    url = copy_sqlite(sqlite_template, folder / "duban.sqlite3")
    with open_case_site(folder, url) as site:
        case_id = to_first_letter(site)
        with site.session() as session:
            due_on = session.scalars(
                select(Clock.due_on).where(Clock.case_id == case_id, Clock.state == "running")
            ).first()
        register(site, due_on.isoformat(), problem_type="P203")
        _put_pack_forward(site)
    return folder


def _put_pack_forward(site: CaseSite) -> None:
    """Put a version forward that adds, removes and changes something on a diagram."""
    files = replaced(changed_files("2", R_PLANCHK=3), "criticism.bpmn", "talk_overdue", "talk_late")
    files = replaced(files, "criticism.bpmn", 'name="检查评估"', 'name="评估"')
    form = site.officer("shenhe").open("/packs/").form("/packs/")
    form.fill(file=(io.BytesIO(zipped(files)), "pack.zip"), note="期限改短").send()
    with site.session() as session:
        now = clock_now(session)
    check_packs(site.sessions, now, passed)


@pytest.fixture(scope="module")
def town(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    shutil.copy(built / "master.key", folder / "master.key")
    url = copy_sqlite(built / "duban.sqlite3", folder / "duban.sqlite3")
    with open_case_site(folder, url, is_built=True) as site, serving(site.app) as address:
        site.at(_due_on(site))
        yield Town(site, address, _pages(site))


def _due_on(site: CaseSite) -> str:
    with site.session() as session:
        clocks = select(Clock.due_on).where(Clock.rule == "R_LETTER", Clock.state == "running")
        return session.scalars(clocks).one().isoformat()


def _pages(site: CaseSite) -> dict[str, str]:
    with site.session() as session:
        letter, fresh = session.scalars(select(Case).order_by(Case.opened_at)).all()
        unit = session.scalars(select(Organisation).where(Organisation.name == "苏布德旗")).one()
        account = session.scalars(select(Account).where(Account.username == "chengban")).one()
        pack = select(PackVersion.hash).where(PackVersion.state == "waiting")
        waiting = session.scalars(pack).one()
        version = f"/packs/{waiting}"
        found = {
            "version": version,
            "plan": f"/migrations/plan?old={letter.pack_hash}&new={waiting}",
            "backtest": f"{version}/backtest",
            **{part: f"{version}/{part}" for part in _PACK_PARTS},
            "case": f"/cases/{letter.id}",
            "fresh": f"/cases/{fresh.id}",
            "past": f"/cases/{letter.id}?as_of=2026-03-20",
            "why": f"/cases/{letter.id}/why",
            "matter": f"/matters/{letter.matter_id}",
            "unit": f"/organisations/{unit.id}",
            "account": f"/administration/accounts/{account.id}",
        }
    return {
        **found,
        "task": site.address(letter.id, "letter1"),
        "paper": f"{site.address(letter.id, 'letter1')}/paper",
        "branch": f"/organisations/{site.branch()}",
        "new": f"/matters/new?organisation={site.branch()}&problem_type=P101",
    }


_PACK_PARTS = ["difference", "processes", "tables", "parameters", "forms", "guardrails"]
_EVERYBODY = ["/home", "/account", "/account/password", "/no-such-page"]
_CASEWORK = [
    *_EVERYBODY,
    "/help/",
    "/help/tutorial/first-case",
    "/worklist/",
    "/worklist/?whose=all",
    "/worklist/?whose=all&colour=blue&from=2026-01-01&org=党支部",
    "/worklist/?whose=mine&role=R03",
    "/organisations/",
    "/organisations/?q=嘎查",
    "/organisations/?q=没有的",
    "unit",
    "branch",
    "case",
    "past",
    "why",
    "fresh",
    "matter",
    "/matters/no-such-matter",
]
# Pages that differ by role; those that do not are looked at once, as the handler sees them.
_OWN = ["/home", "/worklist/", "case"]
REACHED = {
    "dengji": [*_OWN, "/matters/new", "/matters/new?q=arst", "new"],
    "heshi1": _OWN,
    "chengban": [*_CASEWORK, "task", "paper", "new", "/packs/", *_PACK_PARTS],
    "shenhe": [*_OWN, "/packs/", "version", "backtest", "/migrations/", "plan"],
    "buzhang": ["version"],
    "fubuzhang": [*_OWN, "task"],
    "changwei": _OWN,
    "tanhua": _OWN,
    "jilu": _OWN,
    "duban": [*_OWN, "task"],
    "yanshou1": _OWN,
    "anguan": _OWN,
    "sumu1": _OWN,
    "sumu2": ["/home", "/worklist/", "/worklist/?whose=all", "/organisations/", "case"],
    "xitong": [*_EVERYBODY, "/administration/", "/administration/accounts", "account"],
    "anquan": ["/administration/", "/administration/accounts", "account"],
    "shenji": ["/administration/", "/administration/accounts"],
}


def come_in(town: Town, page: Page, username: str) -> None:
    """Give the browser the cookie that a login would."""
    cookie = town.site.officer(username).client.get_cookie("duban")
    assert cookie is not None
    page.context.add_cookies([{"name": "duban", "value": cookie.value, "url": town.address}])


def look(town: Town, page: Page, name: str) -> None:
    """Open a page with everything on it unfolded."""
    page.goto(town.address + town.pages.get(name, name))
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")


@pytest.mark.parametrize("username", REACHED)
def test_no_page_that_a_role_reaches_has_barriers(
    town: Town, page: Page, username: str, find_barriers: FindBarriers
) -> None:
    come_in(town, page, username)
    found = {}
    for name in REACHED[username]:
        look(town, page, name)
        wrong = find_barriers(page) + page.evaluate(_BASICS)
        if wrong:
            found[name] = wrong
    assert found == {}


@pytest.mark.parametrize("username", ["chengban", "fubuzhang", "anquan"])
def test_no_page_is_wider_than_a_phone(town: Town, phone: Page, username: str) -> None:
    come_in(town, phone, username)
    found = {}
    for name in REACHED[username]:
        look(town, phone, name)
        if wrong := phone.evaluate(_BASICS):
            found[name] = wrong
    assert found == {}


@pytest.mark.parametrize("username", ["chengban", "xitong"])
def test_the_pages_hold_in_english_too(
    town: Town, page: Page, username: str, find_barriers: FindBarriers
) -> None:
    come_in(town, page, username)
    look(town, page, "/account")
    page.get_by_role("button", name="English").click()
    found = {}
    for name in REACHED[username]:
        look(town, page, name)
        assert page.locator("html").get_attribute("lang") == "en"
        wrong = find_barriers(page) + page.evaluate(_BASICS)
        if wrong:
            found[name] = wrong
    assert found == {}


def test_the_login_page_has_no_barriers(
    town: Town, page: Page, find_barriers: FindBarriers
) -> None:
    look(town, page, "/login")
    assert find_barriers(page) + page.evaluate(_BASICS) == []
    page.get_by_role("button", name="登录", exact=True).click()
    assert find_barriers(page) + page.evaluate(_BASICS) == []


def test_a_hold_without_a_reason_is_told_at_its_field(
    town: Town, page: Page, find_barriers: FindBarriers
) -> None:
    come_in(town, page, "fubuzhang")
    look(town, page, "/home")
    reason = page.get_by_label("暂缓的理由").first
    reason.evaluate("each => each.removeAttribute('required')")
    page.get_by_role("button", name="暂缓", exact=True).first.click()
    assert page.locator("[aria-invalid=true]").count() == 1
    assert find_barriers(page) + page.evaluate(_BASICS) == []


def test_the_worklist_is_worked_by_keyboard(town: Town, page: Page) -> None:
    come_in(town, page, "chengban")
    page.goto(f"{town.address}/worklist/?whose=free")
    page.keyboard.press("j")
    row = page.locator("tr[data-row]:focus")
    assert row.count() == 1
    name = row.locator("[data-open]").inner_text()
    with page.expect_navigation():
        page.keyboard.press("c")
    # The first claim of a case asks at the door whether anything binds to its side.
    assert page.url.partition("?")[0].endswith("/declaration")
    page.get_by_role("radio", name="无", exact=True).focus()
    page.keyboard.press("Space")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.goto(f"{town.address}/worklist/?whose=free")
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("c")
    page.goto(f"{town.address}/worklist/?whose=mine")
    assert name in page.locator("tr[data-row]").all_inner_texts()[0]
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "/cases/" in page.url
