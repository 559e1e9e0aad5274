"""Which help belongs to which screen: none is without, and each leads to a page that is there."""

import re

import pytest
from flask import Flask

from tests.support.doc_tables import ROOT
from webapp.frame.handbook import (
    HandbookPage,
    handbook,
    occasions,
    pages_about,
    render,
    webp_size,
)
from webapp.frame.page_help import HELP, help_for
from webapp.frame.shell import MENU
from webapp.views import blueprints
from webapp.views.handbook import blueprint as help_pages

pytestmark = pytest.mark.code

# What is no screen of its own: parts, files, and what programs fetch.
_NO_SCREENS = {"alive", "days", "feeds", "help"}


def _screens() -> set[str]:
    app = Flask("routes")
    for blueprint in blueprints():
        app.register_blueprint(blueprint)
    return {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint != "static"
    }


def test_every_screen_has_help() -> None:
    screens = _screens()
    without = {each for each in screens if help_for(each) is None}
    assert {each.partition(".")[0] for each in without} == _NO_SCREENS
    assert {entry.endpoint for entry in MENU} <= screens - without


def test_every_help_belongs_to_a_screen_and_leads_to_a_section_in_both_languages() -> None:
    screens = _screens()
    parts = {each.partition(".")[0] for each in screens}
    assert set(HELP) <= screens | parts
    for language in ("zh", "en"):
        pages = handbook(language)
        for screen, found in HELP.items():
            page = pages.get(f"how-to/{found.page}")
            assert page is not None, screen
            assert found.section <= len(page.headings), screen


def test_every_question_on_a_page_leads_to_a_section() -> None:
    asked = [
        (page, int(section))
        for path in (ROOT / "webapp" / "templates").rglob("*.html")
        for page, section in re.findall(
            r"call ask\(_\('[^']+'\), '([a-z-]+)', (\d+)\)", path.read_text(encoding="utf-8")
        )
    ]
    assert len(asked) > 8
    for page, section in asked:
        assert section <= len(handbook("zh")[f"how-to/{page}"].headings), page


def test_pages_are_found_by_all_words_of_title_or_headings() -> None:
    pages = handbook("en").values()
    assert {page.name for page in pages_about(pages, "log in")} >= {"how-to/log-in"}
    by_heading = {page.name for page in pages_about(pages, "ACCEPT five")}
    assert by_heading == {"how-to/appeal"}
    assert not list(pages_about(pages, "appeal nowhere"))
    assert "how-to/log-in" in {page.name for page in pages_about(handbook("zh").values(), "登录")}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_how_to_page_stands_under_an_occasion(language: str) -> None:
    told = [name for names in occasions(language).values() for name in names]
    assert len(told) == len(set(told))
    assert set(told) == {name for name in handbook(language) if name.startswith("how-to/")}


def test_a_page_shows_no_raw_html_and_leads_nowhere_else() -> None:
    text = "# T\n\nFor: x.\n\n<b>x</b> [a](javascript:x) [b](../adr/1.md) ![p](../images/a.webp)\n"
    page = HandbookPage("how-to/t", "how-to/t.md", "T", (), text)
    app = Flask("help")
    app.register_blueprint(help_pages)
    with app.test_request_context():
        html = render(page, handbook("en")).html
    assert "<b>" not in html
    assert "<a" not in html
    assert 'src="/help/pictures/a.webp"' in html


def test_lines_of_chinese_are_joined_without_a_space() -> None:
    page = HandbookPage(
        "how-to/t", "zh/how-to/t.md", "T", (), "# T\n\n读者：\n所有人 in\nEnglish\n"
    )
    assert "读者：所有人 in\nEnglish" in render(page, {}).html


def test_the_size_of_a_picture_is_known_before_it_comes() -> None:
    for path in (ROOT / "docs" / "images").rglob("*.webp"):
        width, height = webp_size(path.read_bytes()[:30])
        assert 200 < width <= 1120, path
        assert 50 < height <= 776, path
