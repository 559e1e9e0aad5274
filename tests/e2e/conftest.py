"""A server on this machine and a browser in front of it, for tests that click."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page
from waitress import wasyncore
from waitress.server import BaseWSGIServer

from tests.support import barriers
from tests.support.case_site import open_case_site
from tests.support.databases import copy_sqlite, flush_sqlite
from tests.support.officers import House, make_demo_world, open_house
from tests.support.web import Site, open_site
from webapp.server import make_server
from workflows.audit.commitment import load_or_create_master_key

# What a browser says about an answer that a test asked for is no fault of the page.
_EXPECTED = "Failed to load resource: the server responded with a status of 4"


@dataclass(frozen=True, slots=True)
class Live:
    """A site that answers on an address of this machine."""

    site: Site
    address: str


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve an app on a free port of this machine, and give its address."""
    server = make_server(app, "127.0.0.1", 0)
    assert isinstance(server, BaseWSGIServer)
    sockets = server._map
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        # First those who answer, because they wake the server; then its sockets, in its own
        # thread: closed from here, one may still be waited for there.
        server.task_dispatcher.shutdown()
        server.trigger.pull_trigger(lambda: wasyncore.close_all(sockets))
        thread.join(timeout=10)
        assert not thread.is_alive()


@pytest.fixture
def live_demo(tmp_path: Path, sqlite_template: Path) -> Iterator[Live]:
    """A demo with a small tree and nobody in it, on the web."""
    url = copy_sqlite(sqlite_template, tmp_path / "live.sqlite3")
    with open_site(tmp_path, url, mode="demo") as site, serving(site.app) as address:
        yield Live(site, address)


@pytest.fixture(scope="session")
def demo_world(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo's league, people and no matter, and the key that opens it."""
    folder = tmp_path_factory.mktemp("world")
    url = copy_sqlite(sqlite_template, folder / "duban.sqlite3")
    make_demo_world(url, load_or_create_master_key(folder / "master.key"))
    flush_sqlite(folder / "duban.sqlite3")
    return folder


@pytest.fixture
def house(demo_world: Path, tmp_path: Path, chromium: Browser) -> Iterator[House]:
    """A demo of this test alone; no page may complain, or ask anybody but this machine."""
    with _opened_house(demo_world, tmp_path, chromium) as opened:
        yield opened


@pytest.fixture(scope="module")
def shared_house(
    demo_world: Path, tmp_path_factory: pytest.TempPathFactory, chromium: Browser
) -> Iterator[House]:
    """A demo for tests that each register a matter of their own and leave the clock alone."""
    with _opened_house(demo_world, tmp_path_factory.mktemp("shared"), chromium) as opened:
        yield opened


@contextmanager
def _opened_house(world: Path, folder: Path, chromium: Browser) -> Iterator[House]:
    shutil.copy(world / "master.key", folder / "master.key")
    url = copy_sqlite(world / "duban.sqlite3", folder / "duban.sqlite3")
    with open_case_site(folder, url, is_built=True) as site, open_house(site, chromium) as opened:
        yield opened
    assert opened.complaints == []
    assert opened.hosts == {"127.0.0.1"}


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of a desktop, which fails its test where a script or the policy complains."""
    yield from _watched(chromium, 1280, 900)


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A page of a phone."""
    yield from _watched(chromium, 390, 844)


def _watched(chromium: Browser, width: int, height: int) -> Iterator[Page]:
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_EXPECTED):
            complaints.append(message.text)

    with ExitStack() as stack:
        context = chromium.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
        stack.callback(context.close)
        opened = context.new_page()
        opened.on("console", listen)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        yield opened
        assert complaints == []


@pytest.fixture
def find_barriers() -> Callable[[Page], list[str]]:
    """Look for what keeps people out, by tests.support.barriers."""
    return barriers.find_barriers
