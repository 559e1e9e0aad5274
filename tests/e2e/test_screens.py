"""Every screen on a phone, and the page of a case on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.integration.pages.test_pages_cases_effort import to_first_letter
from tests.support.officers import Desk, House

FindBarriers = Callable[[Page], list[str]]
PHONE = (390, 844)


@pytest.fixture
def case_path(house: House) -> str:
    """The address of a case whose first letter is due."""
    return f"/cases/{to_first_letter(house.site)}"


def addresses(house: House, case_path: str) -> Iterator[tuple[str, str]]:
    """Give who opens what."""
    branch = house.site.branch()
    for path in (
        "/home",
        "/worklist/",
        "/worklist/?whose=all",
        "/matters/new",
        f"/matters/new?organisation={branch}",
        "/organisations/",
        f"/organisations/{branch}",
        case_path,
        "/account",
        "/nothing-here",
    ):
        yield "chengban", path
    yield "anquan", "/administration/"
    yield "anquan", "/administration/accounts"


def test_every_screen_fits_a_phone_and_keeps_nobody_out(
    house: House, case_path: str, find_barriers: FindBarriers
) -> None:
    desks: dict[str, Desk] = {}
    wrong: dict[str, object] = {}
    for username, path in addresses(house, case_path):
        if username not in desks:
            desks[username] = house.new_desk(username, *PHONE)
        desk = desks[username]
        desk.go(path)
        if barriers := find_barriers(desk.page):
            wrong[path] = barriers
        width = desk.page.evaluate("document.documentElement.scrollWidth")
        if width > PHONE[0]:
            wrong[f"{path} is wide"] = width
    assert wrong == {}


def test_a_printed_case_tells_its_dates_its_escalation_and_what_happened(
    house: House, case_path: str
) -> None:
    desk = house.desk("duban")
    desk.go(case_path)
    desk.page.emulate_media(media="print")
    main = desk.page.locator("main")
    expect(desk.page.locator(".masthead")).to_be_hidden()
    expect(desk.page.locator(".demo-clock")).to_be_hidden()
    expect(desk.page.get_by_text("打印：")).to_be_visible()
    expect(main.get_by_role("region", name="为什么升级")).to_be_visible()
    for event in desk.page.locator(".timeline-title").all():
        expect(event).to_be_visible()
    for derivation in desk.page.locator(".derivation").all():
        expect(derivation.locator(".derivation-result")).to_be_visible()
    filled = desk.page.locator(".timeline details dl")
    assert filled.count() > 0
    expect(filled.first).to_be_visible()
