"""The page of a case on paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.integration.pages.test_pages_cases_effort import to_first_letter
from tests.support.officers import House


@pytest.fixture
def case_path(house: House) -> str:
    """The address of a case whose first letter is due."""
    return f"/cases/{to_first_letter(house.site)}"


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
