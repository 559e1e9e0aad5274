"""Officers at their browsers: they come in at the login page, find a task and fill in its form."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request
from sqlalchemy import select

from tests.support.case_site import CaseSite
from webapp.server import make_server
from workflows.domain.demo_world import TITLE
from workflows.services.demo.world import build_world
from workflows.services.installation import init_installation
from workflows.services.vault import Vault
from workflows.shipped import shipped_pack_dir
from workflows.store.connection import open_engine, session_factory
from workflows.store.scope import SystemScope
from workflows.store.tables import Account
from workflows.store.transaction import transaction

BEGIN = datetime(2026, 3, 10, 2, tzinfo=UTC)
Filled = Mapping[str, str | int | list[str]]
# What a browser says about an answer that a test asked for is no fault of the page.
_ASKED_FOR = "Failed to load resource: the server responded with a status of 4"
# The way in, the language and the clock of the demo are no part of an officer's work.
_NO_WORK = ("/login", "/logout", "/language", "/demo-clock")
_COUNT = """
const free = (field) => field.matches("textarea, input:not([type]), input[type=text]");
const send = (kind, what) => window.effortSpent(kind, what);
addEventListener("pointerdown", (event) => {
  if (event.isTrusted) send("click", location.pathname);
}, true);
addEventListener("input", (event) => {
  const field = event.target;
  if (!free(field) || field.dataset.counted) return;
  field.dataset.counted = "1";
  send("typed", `${location.pathname} ${field.name}`);
}, true);
"""


@dataclass
class Effort:
    """What work cost: forms sent, free-text fields typed into, and clicks, as a browser saw them.

    Drafts that save themselves are no submits; the way in and the demo clock are no work.
    """

    submits: list[str] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    clicks: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        """Count in a browser from now on."""
        context.expose_function("effortSpent", self._spend)
        context.add_init_script(f"(() => {{{_COUNT}}})()")
        context.on("request", self._listen)

    def forget(self) -> None:
        """Begin anew."""
        for each in (self.submits, self.typed, self.clicks):
            each.clear()

    def _spend(self, kind: str, what: str) -> None:
        if not urlsplit(what).path.startswith(_NO_WORK):
            (self.clicks if kind == "click" else self.typed).append(what)

    def _listen(self, request: Request) -> None:
        path = urlsplit(request.url).path
        is_form = request.method == "POST" and request.is_navigation_request()
        if is_form and not path.startswith(_NO_WORK):
            self.submits.append(path)


@dataclass
class House:
    """A demo that answers on an address of this machine, and the browsers in front of it."""

    site: CaseSite
    address: str
    chromium: Browser
    effort: Effort = field(default_factory=Effort)
    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    desks: dict[str, Desk] = field(default_factory=dict)
    stack: ExitStack = field(default_factory=ExitStack)

    def desk(self, username: str) -> Desk:
        """Give the desk of somebody, who has come in through the login page."""
        if username not in self.desks:
            self.desks[username] = self.new_desk(username)
        return self.desks[username]

    def new_desk(self, username: str, width: int = 1280, height: int = 900) -> Desk:
        """Open a browser and come in as one of the demo's people."""
        with self.site.session() as session:
            of = select(Account).where(Account.username == username)
            account = session.scalars(of).one()
            account_id, name = account.id, account.display_name
        context = self.chromium.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN"
        )
        self.stack.callback(context.close)
        self.effort.watch(context)
        context.on("console", self._listen)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("request", lambda request: self.hosts.add(urlsplit(request.url).hostname or ""))
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.goto(f"{self.address}/login")
        page.locator(f'button[value="{account_id}"]').first.click()
        page.get_by_role("button", name="退出").wait_for()
        return Desk(self, page, name)

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_ASKED_FOR):
            self.complaints.append(message.text)


@dataclass
class Desk:
    """An officer's browser."""

    house: House
    page: Page
    name: str

    @property
    def form(self) -> Locator:
        """Give the one form that is open, not one of the small ones beside it."""
        return self.page.locator("form[data-guard]:has(.acts)").last

    def go(self, path: str) -> int:
        """Open an address of the house, and give the status of the answer."""
        answer = self.page.goto(f"{self.house.address}{path}")
        self.declare()
        return answer.status if answer else 0

    def declare(self) -> None:
        """Say at the door of a case, where it asks, that nothing binds to its side."""
        if urlsplit(self.page.url).path.endswith("/declaration"):
            self.page.get_by_role("radio", name="无", exact=True).check()
            with self.page.expect_navigation():
                self.page.get_by_role("button", name="申报", exact=True).click()

    def path(self) -> str:
        """Give the address where the browser is, inside the house."""
        return self.page.url.removeprefix(self.house.address)

    def heading(self) -> str:
        """Give the page's one heading."""
        return self.page.get_by_role("heading", level=1).inner_text()

    def find_task(self, name: str, number: str) -> Locator:
        """Find a task of a case on the officer's own work desk."""
        self.go("/home")
        card = self.page.locator("article").filter(has_text=number)
        return card.get_by_role("link", name=name, exact=True)

    def start(self, name: str, number: str) -> None:
        """Open a task of a case from the work desk."""
        with self.page.expect_navigation():
            self.find_task(name, number).first.click()
        self.declare()
        self.page.get_by_role("heading", level=1, name=number, exact=True).wait_for()

    def field(self, label: str) -> Locator:
        """Find a field of the open form by its label."""
        return self.form.get_by_label(re.compile(rf"^{re.escape(label)}\s*\*?$"))

    def fill(self, filled: Filled) -> None:
        """Fill in the open form by its labels and the words of the choices."""
        for label, value in filled.items():
            group = self.form.get_by_role("group", name=label, exact=True)
            if group.count():
                for choice in value if isinstance(value, list) else [str(value)]:
                    group.get_by_label(choice, exact=True).check()
                continue
            found = self.field(label)
            if found.evaluate("field => field.tagName") == "SELECT":
                _choose(found, str(value))
            else:
                found.fill(str(value))

    def button(self, name: str) -> Locator:
        """Find the button that sends the open form."""
        return self.form.locator(".acts").get_by_role("button", name=name, exact=True)

    def send(self, button: str) -> int:
        """Press the button that sends the open form, and give the status of the answer."""
        with self.page.expect_navigation() as coming:
            self.button(button).click()
        return coming.value.status if coming.value else 0

    def do(
        self, name: str, number: str, filled: Filled | None = None, button: str = "办结"
    ) -> None:
        """Find a task, fill in its form and send it."""
        self.start(name, number)
        self.fill(filled or {})
        self.send(button)

    def agree(self, name: str, number: str) -> None:
        """Sign what the first signer filled in."""
        self.start(name, number)
        with self.page.expect_navigation():
            self.page.get_by_role("button", name="同意并签署").click()

    def enter_paper(self, name: str, path: str, filled: Filled) -> None:
        """Enter from paper, on the page of the case, what somebody did who has no account."""
        self.go(path)
        card = self.page.locator("article").filter(has=self.page.get_by_role("heading", name=name))
        card.get_by_role("link", name=re.compile("^代录纸质件")).click()
        self.fill(filled)
        self.send("代录")

    def move_clock(self, to: str) -> None:
        """Press a button of the clock bar."""
        bar = self.page.get_by_label("演示时钟")
        with self.page.expect_navigation():
            bar.get_by_role("button", name=to, exact=True).click()

    def says(self) -> str:
        """Give what the page says."""
        return self.page.locator("main").inner_text()


def _choose(select_field: Locator, wanted: str) -> None:
    labels = select_field.locator("option").all_inner_texts()
    fitting = [label for label in labels if label == wanted or label.startswith(wanted)]
    assert fitting, f"{wanted} is not offered: {labels}"
    select_field.select_option(label=fitting[0])


def make_demo_world(database_url: str, key: bytes) -> None:
    """Put the demo's league and people, and no matter, into a database with the schema."""
    engine = open_engine(database_url)
    try:
        sessions = session_factory(engine, Vault(key).session_marks())
        with transaction(sessions, SystemScope("test")) as session:
            init_installation(session, BEGIN, "demo", TITLE, shipped_pack_dir())
            build_world(session, BEGIN, "not used by anybody")
    finally:
        engine.dispose()


@contextmanager
def open_house(site: CaseSite, chromium: Browser) -> Iterator[House]:
    """Serve a site on a free port of this machine, and close all browsers at the end."""
    server = make_server(site.app, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    house = House(site, f"http://127.0.0.1:{server.effective_port}", chromium)
    try:
        with house.stack:
            yield house
    finally:
        server.close()
        server.task_dispatcher.shutdown()
        thread.join(timeout=10)
