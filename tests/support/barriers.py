"""What keeps people out of a page, moves under their eyes, or makes them wait for it."""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page, Response

# A window 1280 wide at 200 % and at 400 % (WCAG 1.4.4 and 1.4.10).
WIDTHS = ((640, 450), (320, 256))
FULL = (1280, 900)
MOST_BYTES = 100_000
MOST_SHIFT = 0.01

_ASKED = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
    "selectors": False,
    "preload": False,
}
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
  const named = [...document.querySelectorAll("main section, nav, aside, [role=region]")]
    .map((each) => each.ariaLabel
      || document.getElementById(each.getAttribute("aria-labelledby"))?.textContent.trim())
    .filter(Boolean);
  const alike = named.filter((name, at) => named.indexOf(name) !== at);
  return [
    ...twice.map((id) => `id twice: ${id}`),
    ...nameless.map((each) => `no label: ${each.name || each.outerHTML}`),
    ...mute.map((each) => `says nothing: ${each.outerHTML}`),
    ...lost.map((id) => `leads to nothing: ${id}`),
    ...alike.map((name) => `two parts named alike: ${name}`),
    ...(document.querySelectorAll("h1").length === 1 ? [] : ["not one h1"]),
    ...(document.querySelectorAll("main").length === 1 ? [] : ["not one main"]),
    ...(document.documentElement.lang ? [] : ["no language"]),
    ...(document.title.trim() ? [] : ["no title"]),
  ];
}"""
_WIDE = "() => document.documentElement.scrollWidth - innerWidth"
_UNFOLD = "document.querySelectorAll('details').forEach((each) => { each.open = true })"
_AXE = """([part, asked]) => axe.run(document.querySelector(part), asked)
  .then((found) => found.violations.flatMap(
  (rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 200)}`)))"""
# Before anything else of the page: what moves without anybody having touched anything.
WATCH_SHIFT = """window.shifted = 0;
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (!each.hadRecentInput) window.shifted += each.value;
}).observe({ type: "layout-shift", buffered: true });"""


@cache
def _program() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")


def unfold(page: Page) -> None:
    """Open everything on a page that can be opened."""
    page.evaluate(_UNFOLD)


def find_barriers(page: Page, part: str = "html") -> list[str]:
    """Look at a page, or a part, by the rules of axe for WCAG 2.2 AA and by some of our own."""
    page.evaluate(_program())
    found: list[str] = page.evaluate(_AXE, [part, _ASKED])
    return found + page.evaluate(_BASICS)


def find_width(page: Page) -> list[str]:
    """Look whether a page is wider than small windows; the window is given back as it was."""
    before = page.viewport_size
    found = []
    for width, height in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        if (more := page.evaluate(_WIDE)) > 0:
            found.append(f"{more} wider than {width}")
    if before:
        page.set_viewport_size(before)
    return found


def find_shift(page: Page) -> list[str]:
    """Tell how much of a page moved while it came; wants WATCH_SHIFT in the page's context."""
    shifted: float = page.evaluate("window.shifted")
    return [f"moved by {shifted:.4f}"] if shifted >= MOST_SHIFT else []


def find_weight(answer: Response, assets: int) -> list[str]:
    """Tell what a first visit to a page costs, packed, if that is too much.

    Args:
        answer: The page.
        assets: The bytes of the style sheet and the script, packed.
    """
    weight = assets + len(gzip.compress(answer.body()))
    return [f"{weight} bytes"] if weight > MOST_BYTES else []
