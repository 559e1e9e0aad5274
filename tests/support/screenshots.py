"""The pictures of the documentation, by ``make screenshots``.

A demo is made up as of a fixed moment in a temporary folder, served, and looked at in Chromium
once in each language. Before each picture the demo's clock is put back to that moment, so a
second run shows the same; what differs is below what an eye sees (ids are random).
"""

from __future__ import annotations

import base64
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright
from sqlalchemy import select, update
from waitress.server import BaseWSGIServer

from tests.support.chromium import find_chromium, run_chromium
from tests.support.doc_tables import ROOT
from tests.support.packs import changed_files, passed
from webapp.app import create_app
from webapp.extensions import db
from webapp.server import make_server
from webapp.settings import Settings
from webapp.work import writing_sessions
from workflows.jobs.checking import run_check
from workflows.jobs.demo import make_demo
from workflows.jobs.log_checking import check_log
from workflows.jobs.pack_checking import check_packs
from workflows.jobs.sequencing import run_sequencer
from workflows.jobs.sweep import run_sweep
from workflows.services.access import load_actor
from workflows.services.packs import pack_of
from workflows.services.versions.looking_over import prepare
from workflows.services.versions.publishing import submit
from workflows.store.scope import SystemScope
from workflows.store.tables import Account, Case, Installation, PackVersion, Task
from workflows.store.transaction import Sessions, transaction

PICTURES = ROOT / "docs" / "images"
LANGUAGES: Mapping[str, str] = {"zh": "zh-CN", "en": "en-US"}
NOW = datetime(2026, 6, 8, 1, 30, tzinfo=UTC)
WIDTH, HEIGHT, MARGIN = 1120, 760, 8
QUALITY = 48
_MARK = """
(at) => {
  const mark = document.createElement("div");
  mark.textContent = document.body.dataset.mark;
  mark.style.cssText = "position:absolute;z-index:99;pointer-events:none;font-size:54px;" +
    "color:rgb(120 120 120 / 16%);transform:translate(-50%,-50%) rotate(-20deg);white-space:nowrap";
  mark.style.left = `${at.x + at.width / 2}px`;
  mark.style.top = `${at.y + at.height / 2}px`;
  document.body.append(mark);
}
"""


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that is served: where, and the ids of what the pictures show."""

    address: str
    sessions: Sessions
    accounts: Mapping[str, str]
    ids: Mapping[str, str]

    def set_clock(self) -> None:
        """Put the clock back to the moment of the pictures."""
        offset = int((NOW - datetime.now(UTC)).total_seconds())
        with transaction(self.sessions, SystemScope("demo")) as session:
            session.execute(update(Installation).values(clock_offset_seconds=offset))


@dataclass(frozen=True, slots=True)
class Picture:
    """What one picture shows: ``username`` goes to ``path``, does ``act``, and sees ``part``.

    ``path`` may name a case, by the task that is open in it, the {branch}, and the versions
    {shipped} and {waiting}. A part goes from the first of its selectors to the last; without
    one the picture is the window.
    """

    name: str
    username: str
    path: str
    part: tuple[str, ...] = ()
    act: Callable[[Page, Demo], None] = field(default=lambda _page, _demo: None)


def _open_help(page: Page, _demo: Demo) -> None:
    page.locator(".page-head + .page-help > summary").click()


def _register_nothing(page: Page, _demo: Demo) -> None:
    page.locator("#register .acts button").click()
    page.wait_for_load_state()
    page.evaluate("scrollTo(0, 0)")


def _open_derivation(page: Page, _demo: Demo) -> None:
    page.locator(".clock-line .derivation > summary").first.click()


def _verify(page: Page, demo: Demo) -> None:
    page.locator(".head-acts button").click()
    page.wait_for_load_state()
    check_log(demo.sessions, NOW)
    page.reload()


def _see_effect(page: Page, _demo: Demo) -> None:
    form = page.locator("section[aria-labelledby=change] form")
    form.locator("[name=place]").fill("SYN-010101")
    form.locator("[name=kind]").select_option(index=0)
    form.locator("[name=first_on]").fill("2026-07-06")
    form.locator("[name=last_on]").fill("2026-07-10")
    form.locator("[name=name]").fill("那达慕")
    form.locator("[name=source]").fill("旗政办发〔2026〕12号")
    form.locator("button").click()
    page.wait_for_load_state()


def _open_first(page: Page, _demo: Demo) -> None:
    page.locator("main a", has_text="人1").first.click()
    page.wait_for_load_state()


TAKEN = (
    Picture("login", "", "/login"),
    Picture("home", "chengban", "/home"),
    Picture("help", "chengban", "/home", ("main h1", ".page-help > div"), _open_help),
    Picture("worklist", "chengban", "/worklist/?whose=all"),
    Picture("register", "dengji", "/matters/new?organisation={branch}"),
    Picture("form-errors", "dengji", "/matters/new?organisation={branch}", act=_register_nothing),
    Picture("case", "chengban", "/cases/{review}"),
    Picture("why-this-date", "chengban", "/cases/{verify}", (".clock-line",), act=_open_derivation),
    Picture("why-escalated", "chengban", "/cases/{review}/why"),
    Picture("diagram", "chengban", "/cases/{report}", (".diagram",)),
    Picture("review", "buzhang", "/cases/{review}", ("#work", "#story")),
    Picture("organisation", "chengban", "/organisations/{branch}"),
    Picture("overview", "chengban", "/overview/"),
    Picture("export", "chengban", "/exports/new?cases={review}", ("main nav", "main form")),
    Picture("audit", "shenji", "/audit/log", ("main h1", "main .alert-success"), _verify),
    Picture("calendar", "xitong", "/administration/calendar/", act=_see_effect),
    Picture("pack", "buzhang", "/packs/{shipped}/processes"),
    Picture("pack-difference", "buzhang", "/packs/{waiting}/difference"),
    Picture("own-case", "dangshiren", "/own/", act=_open_first),
)


@contextmanager
def served_demo(folder: Path) -> Iterator[Demo]:
    """Make the demo and serve it on a free port of this machine."""
    url = f"sqlite:///{folder / 'duban.sqlite3'}"
    make_demo(url, folder, NOW)
    app = create_app(Settings(database_url=url, instance=folder), RATELIMIT_ENABLED=False)
    with app.app_context():
        sessions = writing_sessions()
        run_sweep(sessions, NOW)
        run_check(sessions, NOW)
        run_sequencer(sessions, NOW, whole=True)
        server = make_server(app, "127.0.0.1", 0)
        assert isinstance(server, BaseWSGIServer)
        threading.Thread(target=server.run, daemon=True).start()
        versions = _put_version_forward(sessions)
        yield _find(sessions, f"http://127.0.0.1:{server.effective_port}", versions)
        db.engine.dispose()


def _put_version_forward(sessions: Sessions) -> Mapping[str, str]:
    """Let an officer put a version forward that gives branches more days for their plan."""
    with transaction(sessions, SystemScope("demo")) as session:
        keeper = session.scalars(select(Account.id).where(Account.username == "shenhe")).one()
        actor = load_actor(session, keeper, NOW.date())
        shipped = session.scalars(select(PackVersion.hash)).one()
        base = pack_of(session, shipped)
    prepared = prepare(changed_files("2", R_PLAN=15), base)
    with transaction(sessions, SystemScope("demo")) as session:
        waiting = submit(
            session, actor, NOW, prepared, note="支部报送整改方案，多给五个工作日。"
        ).hash
    check_packs(sessions, NOW, passed)
    return {"shipped": shipped, "waiting": waiting}


def _find(sessions: Sessions, address: str, versions: Mapping[str, str]) -> Demo:
    with transaction(sessions, SystemScope("demo")) as session:
        accounts = {
            row.username: row.id for row in session.execute(select(Account.username, Account.id))
        }
        rows = session.execute(
            select(Task.activity, Task.case_id, Case.subject_organisation_id)
            .join(Case, Case.id == Task.case_id)
            .where(Task.state == "open", Case.process_id == "ladder")
            .order_by(Case.number.desc())
        ).all()
    cases = {row.activity: row.case_id for row in rows}
    branch = next(row.subject_organisation_id for row in rows if row.activity == "report")
    return Demo(address, sessions, accounts, {**cases, **versions, "branch": branch})


def take(demo: Demo, browser: Browser, picture: Picture, language: str) -> bytes:
    """Take a picture as WebP, marked as made up."""
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT},
        locale=LANGUAGES[language],
        bypass_csp=True,
        reduced_motion="reduce",
    )
    page = context.new_page()
    demo.set_clock()
    page.goto(f"{demo.address}/login")
    if picture.username:
        page.locator(f"button[value='{demo.accounts[picture.username]}']").first.click()
        page.wait_for_load_state()
    other = page.locator(f"button[name=language][value={language}]")
    if other.count():
        other.click()
        page.wait_for_load_state()
    demo.set_clock()
    page.goto(demo.address + picture.path.format(**demo.ids))
    picture.act(page, demo)
    taken = _photograph(page, [page.locator(each).first for each in picture.part])
    context.close()
    return taken


def _photograph(page: Page, parts: Sequence[Locator]) -> bytes:
    clip = _union(page, parts) if parts else {"x": 0, "y": 0, "width": WIDTH, "height": HEIGHT}
    page.evaluate(_MARK, clip)
    told = {"format": "webp", "quality": QUALITY, "clip": {**clip, "scale": 1}}
    session = page.context.new_cdp_session(page)
    answer = session.send("Page.captureScreenshot", {**told, "captureBeyondViewport": True})
    return base64.b64decode(answer["data"])


def _union(page: Page, parts: Sequence[Locator]) -> dict[str, float]:
    """Give the rectangle from the first part to the last, in the page's own pixels."""
    boxes = [part.bounding_box() for part in parts]
    found = [box for box in boxes if box is not None]
    assert len(found) == len(parts), parts
    left, top = min(box["x"] for box in found), min(box["y"] for box in found)
    right = max(box["x"] + box["width"] for box in found)
    bottom = max(box["y"] + box["height"] for box in found)
    width, height = right - left + 2 * MARGIN, bottom - top + 2 * MARGIN
    y = top + page.evaluate("scrollY") - MARGIN
    return {"x": left - MARGIN, "y": y, "width": width, "height": min(height, HEIGHT)}


def take_all(names: frozenset[str]) -> None:
    """Take the pictures of these names, or all, in each language."""
    program = find_chromium()
    assert program is not None, "Chromium is not installed"
    with (
        tempfile.TemporaryDirectory() as folder,
        served_demo(Path(folder)) as demo,
        sync_playwright() as playwright,
        run_chromium(playwright, program) as browser,
    ):
        for picture in TAKEN:
            for language in LANGUAGES if not names or picture.name in names else ():
                path = PICTURES / language / f"{picture.name}.webp"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(take(demo, browser, picture, language))
                print(path.relative_to(ROOT), path.stat().st_size)  # noqa: T201


if __name__ == "__main__":
    take_all(frozenset(sys.argv[1:]))
