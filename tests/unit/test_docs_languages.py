"""The Chinese pages of the documentation against the English ones: names, commands, links."""

import re
from pathlib import Path

import pytest

from tests.support.doc_tables import ROOT
from tests.support.screenshots import LANGUAGES, PICTURES, TAKEN

pytestmark = pytest.mark.code

ENGLISH = ROOT / "docs"
CHINESE = ENGLISH / "zh"
FOLDERS = ("tutorial", "how-to")


def names_under(folder: Path) -> set[str]:
    """Give the pages that stand in both languages or ought to."""
    return {
        page.relative_to(folder).as_posix() for part in FOLDERS for page in folder.glob(f"{part}/*")
    }


def chinese_pages() -> list[Path]:
    return sorted(CHINESE.rglob("*.md"))


def blocks(text: str) -> list[tuple[str, str]]:
    """Give the fenced blocks of a page with their languages."""
    return re.findall(r"^```(\w*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def calls(text: str) -> list[str]:
    """Give the words of commands in indented blocks; what follows may be a translated place."""
    prose = re.sub(r"^```\w*\n.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(
        r"^ {4}((?:make|(?:\.venv/bin/)?duban)(?: -?-?[a-z][a-z-]*)*)", prose, re.MULTILINE
    )


def shape(page: Path) -> dict[str, object]:
    text = page.read_text(encoding="utf-8")
    return {
        "blocks": blocks(text),
        "calls": calls(text),
        "headings": len(re.findall(r"^## ", text, re.MULTILINE)),
        "pictures": [
            Path(path).name for path in re.findall(r"^!\[.*\]\((\S+)\)", text, re.MULTILINE)
        ],
    }


def test_both_languages_have_the_same_pages() -> None:
    assert names_under(ENGLISH) == names_under(CHINESE)


@pytest.mark.parametrize("name", sorted(names_under(CHINESE)))
def test_a_chinese_page_has_the_commands_headings_and_pictures_of_the_english(name: str) -> None:
    assert shape(CHINESE / name) == shape(ENGLISH / name)


@pytest.mark.parametrize("page", chinese_pages(), ids=lambda page: page.name)
def test_a_chinese_page_leads_to_chinese_pages_where_there_are_any(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+\.md)", page.read_text(encoding="utf-8")):
        led = (page.parent / target).resolve()
        assert led.is_file(), target
        translated = CHINESE / led.relative_to(ENGLISH)
        switches = page.name == "README.md" and led == ENGLISH / "README.md"
        assert switches or led == translated or not translated.is_file(), f"{target} is translated"


def test_both_lists_of_pages_name_every_page() -> None:
    for folder in (ENGLISH, CHINESE):
        text = (folder / "README.md").read_text(encoding="utf-8")
        listed = {Path(target).name for target in re.findall(r"\]\(([^)]+\.md)\)", text)}
        assert {Path(name).name for name in names_under(ENGLISH)} - listed == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_picture_is_taken_by_the_script_shown_on_a_page_and_light(language: str) -> None:
    folder = PICTURES / language
    files = {path.stem: path.stat().st_size for path in folder.iterdir()}
    assert set(files) == {picture.name for picture in TAKEN}, "run: make screenshots"
    assert max(files.values()) < 60_000
    pages = (
        CHINESE.rglob("*.md")
        if language == "zh"
        else (page for page in ENGLISH.rglob("*.md") if not page.is_relative_to(CHINESE))
    )
    shown = [
        (words, (page.parent / target).resolve())
        for page in pages
        for words, target in re.findall(r"!\[([^]]*)\]\((\S+)\)", page.read_text(encoding="utf-8"))
    ]
    assert {path for _, path in shown} == {folder / f"{name}.webp" for name in files}
    assert all(len(words) > 8 for words, _ in shown)
