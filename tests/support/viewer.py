"""The viewer in a browser, opened from a file as a reviewer would, with bundles dropped on it."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
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


# Keeps the source of the worker that the page makes, so that a test can ask it directly.
_KEEP_WORKER = """(() => {
  const make = URL.createObjectURL;
  URL.createObjectURL = (blob) => {
    if (blob.type === "text/javascript") window.workerSource = blob;
    return make(blob);
  };
})()"""
_VERIFY = """async ([content, asked]) => {
  window.verifier ??= new Worker(URL.createObjectURL(window.workerSource));
  const bytes = Uint8Array.from(atob(content), (char) => char.charCodeAt(0));
  const file = new File([bytes], "bundle.zip");
  return new Promise((resolve) => {
    window.verifier.onmessage = ({ data }) => {
      if (data.share === undefined) resolve(data.problem ?? data.result.problem);
    };
    window.verifier.postMessage({ number: 1, act: "verify", given: [file, asked] });
  });
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
        self.drop_file(name, content)
        self.page.wait_for_function(_STANDING, arg=name)
        standing = self.page.locator(".verdict").get_attribute("data-standing")
        return standing or ""

    def drop_file(self, name: str, content: bytes) -> None:
        """Drop any file."""
        self.page.evaluate(_DROP, [name, base64.b64encode(content).decode()])

    def verify(self, content: bytes, fingerprint: str = "", slips: Sequence[str] = ()) -> str:
        """Let the page's worker verify a bundle without showing it; gives what code it found.

        Something must have been dropped before, so that there is a worker.
        """
        asked = {"fingerprint": fingerprint, "slips": list(slips), "notes": []}
        encoded = base64.b64encode(content).decode()
        problem = self.page.evaluate(_VERIFY, [encoded, asked])
        return problem["code"] if problem else "none"

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
    viewer.page.add_init_script(_KEEP_WORKER)
    viewer.page.goto(file.as_uri())
    try:
        yield viewer
        assert viewer.complaints == []
        elsewhere = [url for url in viewer.requests if not url.startswith("blob:null/")]
        assert elsewhere == [file.as_uri()]
    finally:
        context.close()
