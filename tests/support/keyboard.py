"""Somebody who works with the keys alone, and looks where he is at each stop."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Page

MOST_STOPS = 150
# Where the focus is: after the last stop, seen, and nothing lies over it (WCAG 2.4.3, 2.4.7,
# 2.4.11). A date has stops of its own inside; the box of a radio may be small, its label is not.
_STOP = """(wanted) => {
  const at = document.activeElement;
  if (!at || at === document.body) return { wrong: [], isThere: false };
  for (const each of at.getAnimations()) each.finish();
  const style = getComputedStyle(at);
  const box = at.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + Math.min(box.height / 2, 20)];
  const top = document.elementFromPoint(x, y);
  const before = window.lastStop;
  window.lastStop = at;
  const shown = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  // On the button inside a date the ring is the button's, which no script can see.
  const ringed = style.boxShadow !== "none" || (at.type === "date" && !at.matches(":focus"));
  const name = at.outerHTML.slice(0, 80);
  const wrong = [
    ...(shown || ringed ? [] : [`nothing shows the focus: ${name}`]),
    ...(at.tabIndex > 0 ? [`out of order: ${name}`] : []),
    ...(before && before.isConnected && before !== at
      && !(before.compareDocumentPosition(at) & Node.DOCUMENT_POSITION_FOLLOWING)
      ? [`goes back: ${name}`] : []),
    ...(top && !at.contains(top) && !top.contains(at) && !at.labels?.length
      ? [`lies under ${top.outerHTML.slice(0, 60)}: ${name}`] : []),
  ];
  return { wrong, isThere: at === wanted };
}"""


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until something has the focus; every stop on the way is looked at."""
    wanted.first.wait_for()
    element = wanted.first.element_handle()
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(_STOP, element)
        assert stop["wrong"] == [], stop
        if stop["isThere"]:
            return
    raise AssertionError(f"the keyboard does not reach {wanted}")


def skip(page: Page) -> None:
    """Begin at a page's own part, by the first link of every page."""
    tab_to(page, page.get_by_role("link", name="跳到正文"))
    page.keyboard.press("Enter")


def press(page: Page, wanted: Locator, key: str = "Enter") -> None:
    """Go to a link or a button and press it: another page comes."""
    tab_to(page, wanted)
    with page.expect_navigation():
        page.keyboard.press(key)


def choose(page: Page, wanted: Locator) -> None:
    """Go to the group of a choice, and along it with the arrows."""
    group = page.locator(f'input[name="{wanted.get_attribute("name")}"]')
    tab_to(page, group)
    page.keyboard.press("Space")
    for _ in range(group.count()):
        if wanted.is_checked():
            return
        page.keyboard.press("ArrowDown")
    assert wanted.is_checked()


def pick(page: Page, wanted: Locator, label: str) -> None:
    """Go to a list and move along it until it shows a line."""
    tab_to(page, wanted)
    for _ in range(wanted.locator("option").count()):
        if wanted.evaluate("each => each.selectedOptions[0].label") == label:
            return
        page.keyboard.press("ArrowDown")
    assert wanted.evaluate("each => each.selectedOptions[0].label") == label


def tick(page: Page, wanted: Locator) -> None:
    """Go to a box and tick it."""
    tab_to(page, wanted)
    page.keyboard.press("Space")
    assert wanted.is_checked()


def attach(page: Page, wanted: Locator, path: Path) -> None:
    """Go to a field for files, have the machine's own window come, and choose a file there."""
    with page.expect_file_chooser() as coming:
        tab_to(page, wanted)
        page.keyboard.press("Space")
    coming.value.set_files(path)


def write(page: Page, wanted: Locator, text: str) -> None:
    """Go to a field and type."""
    tab_to(page, wanted)
    page.keyboard.type(text)
