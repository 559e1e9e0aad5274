"""A town: a demo on the web with one of everything in it, and who walks through its pages."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass, field
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import BrowserContext, Page
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tests.support.barriers import find_barriers, find_shift, find_weight, find_width, unfold
from tests.support.case_site import CaseSite
from tests.support.played import Played

# Addresses that are no page, or whose page is another's.
NO_PAGE = {
    "alive.healthz": "for programs",
    "audit.check_state": "a part of audit.log",
    "calendar_proposals.page": "the effect of a calendar, once it was put forward",
    "case_acts.people": "names for a field",
    "cases.file": "a file",
    "cases.picture": "a picture of a file",
    "days.page": "a day for a field",
    "exchange.left_out": "a file",
    "exchange.template": "a file",
    "exports.state": "a part of exports.one",
    "feeds.calendar": "for calendars",
    "help.picture": "a picture of help.page",
    "matters.earlier": "a part of matters.new",
    "own.message": "the page of own.ask with another form",
    "own.task": "the page of own.ask with another form",
    "packs.state": "a part of packs.version",
    "session.start": "leads to the first page",
    "static": "files",
    "tasks.suggest": "words for a form",
}
# A term runs out tonight: the preview has something to tell, and to hold.
DAY = "2026-12-03"
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
# Forms sent with every text left out: whose, on which page, and where they go.
REFUSED = [
    ("chengban", "/cases/{organisation_case}", "/pause-from"),
    ("chengban", "/clearance/about/{person}", "/{person}"),
    ("chengban", "/worklist/?whose=all", "/worklist/remind"),
    ("chengban", "/exports/new?cases={organisation_case}", "/new"),
    ("fubuzhang", "/cases/{organisation_case}", "/refuse"),
    ("concerned", "/own/{person_case}/beside/tolerance", "/tolerance"),
]
# Empties the texts of the first form that goes there, ticks its first row, and sends it unasked.
_LEAVE_OUT = """(ends) => {
  const goes = (each, name) => new URL(each.getAttribute(name), location).pathname.endsWith(ends);
  const presses = [...document.querySelectorAll("main button[formaction]")];
  const press = presses.find((each) => goes(each, "formaction"));
  const forms = [...document.querySelectorAll("main form[method=post]")];
  const form = press ? press.form : forms.find((each) => goes(each, "action"));
  for (const each of form.elements) {
    if (each.matches("textarea, input:not([type]), [type=text], [type=date]")) each.value = "";
  }
  form.querySelector("[data-pick]")?.click();
  form.noValidate = true;
  form.requestSubmit(press);
}"""
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


def leave_out(page: Page, ends: str) -> int:
    """Send a form of a page without its texts, and give the status of the answer."""
    with page.expect_navigation() as coming:
        page.evaluate(_LEAVE_OUT, ends)
    return coming.value.status if coming.value else 0


def come_in(town: Town, context: BrowserContext, username: str) -> Page:
    """Give the browser the cookie that a login would, and open a page."""
    cookie = town.site.officer(username).client.get_cookie("duban")
    assert cookie is not None
    context.add_cookies([{"name": "duban", "value": cookie.value, "url": town.address}])
    return context.new_page()
