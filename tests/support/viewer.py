"""The viewer in a browser, opened from a file as a reviewer would, with bundles dropped on it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page

from workflows.audit.shipping import viewer_page

_DROP = """([name, content]) => {
  const bytes = Uint8Array.from(atob(content), (char) => char.charCodeAt(0));
  const dropped = new DataTransfer();
  dropped.items.add(new File([bytes], name));
  document.dispatchEvent(new DragEvent("drop", { dataTransfer: dropped, cancelable: true }));
}"""
_STANDING = """(name) => {
  const verdict = document.querySelector(".verdict");
  return verdict?.dataset.file === name && verdict.dataset.standing !== "running"
    && !document.getElementById("index-bar");
}"""


@dataclass(slots=True)
class Viewer:
    """The viewer's page, and what it complained of and asked for."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    number: int = 0

    def drop(self, content: bytes) -> str:
        """Drop a bundle and wait until it is verified; gives the standing."""
        self.number += 1
        name = f"bundle-{self.number}.zip"
        self.page.evaluate(_DROP, [name, base64.b64encode(content).decode()])
        self.page.wait_for_function(_STANDING, arg=name)
        standing = self.page.locator(".verdict").get_attribute("data-standing")
        return standing or ""

    def code(self) -> str:
        """Give the code of what is wrong, or ``none``."""
        found = self.page.locator("#code")
        return found.inner_text() if found.count() else "none"

    def go(self, address: str) -> None:
        """Go to a page of the viewer by what stands behind its #."""
        self.page.evaluate("(address) => { location.hash = address; }", address)


@contextmanager
def open_viewer(
    browser: Browser, folder: Path, *, width: int = 1280, height: int = 900
) -> Iterator[Viewer]:
    """Open the viewer from a file; it may neither complain nor ask anybody for anything."""
    file = folder / "viewer.html"
    file.write_bytes(viewer_page())
    context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    viewer = Viewer(context.new_page())
    viewer.page.on("console", lambda message: viewer.complaints.append(message.text))
    viewer.page.on("pageerror", lambda error: viewer.complaints.append(str(error)))
    viewer.page.on("request", lambda request: viewer.requests.append(request.url))
    viewer.page.goto(file.as_uri())
    try:
        yield viewer
        assert viewer.complaints == []
        elsewhere = [url for url in viewer.requests if not url.startswith("blob:null/")]
        assert elsewhere == [file.as_uri()]
    finally:
        context.close()
