"""The pages of docs/ as the application shows them: found by name or title, rendered safely.

A wheel carries docs/ as webapp/_docs/; a checkout has it beside the package. The files do
not change while a program runs, so each language is read once.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import url_for
from markdown_it import MarkdownIt
from markdown_it.token import Token

_PACKAGE = Path(__file__).resolve().parents[1]
PARTS = ("tutorial", "how-to", "explanation", "reference")
CHINESE = "zh"
_COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class HandbookPage:
    """A page: ``name`` is its path without language and ending, ``path`` the file below docs/."""

    name: str
    path: str
    title: str
    headings: tuple[str, ...]
    text: str

    @property
    def part(self) -> str:
        """Give the part of the documentation that the page belongs to."""
        return self.name.partition("/")[0]

    @property
    def is_chinese(self) -> bool:
        """Say whether the text is Chinese."""
        return self.path.startswith(f"{CHINESE}/")


@dataclass(frozen=True, slots=True)
class Rendered:
    """HTML that the renderer has escaped where it must."""

    html: str

    def __html__(self) -> str:
        """Give what a template writes as it is."""
        return self.html


def docs_dir() -> Path:
    """Give the folder of the documentation."""
    inside_wheel = _PACKAGE / "_docs"
    return inside_wheel if inside_wheel.is_dir() else _PACKAGE.parent / "docs"


@cache
def handbook(language: str) -> Mapping[str, HandbookPage]:
    """Give the pages by their names; one without Chinese text stands there in English."""
    found = dict(_pages_below(docs_dir(), ""))
    if language == CHINESE:
        found |= _pages_below(docs_dir() / CHINESE, f"{CHINESE}/")
    return found


def _pages_below(folder: Path, before: str) -> Iterator[tuple[str, HandbookPage]]:
    paths = [*folder.glob("glossary.md"), *(p for part in PARTS for p in folder.glob(f"{part}/*"))]
    for path in sorted(paths):
        name = path.relative_to(folder).with_suffix("").as_posix()
        text = _COMMENT.sub("", path.read_text(encoding="utf-8"))
        headings = tuple(re.findall(r"^## (.+)$", text, re.MULTILINE))
        title = text.partition("\n")[0].removeprefix("# ")
        yield name, HandbookPage(name, f"{before}{name}.md", title, headings, text)


@cache
def occasions(language: str) -> Mapping[str, tuple[str, ...]]:
    """Give when one needs which how-to pages, as the table at the head of docs/ has it."""
    folder = docs_dir() / CHINESE if language == CHINESE else docs_dir()
    rows = re.findall(r"^\| (.+?) \| (.*\(how-to/.*) \|$", _overview(folder), re.MULTILINE)
    return {
        f"{when[:1].upper()}{when[1:]}": tuple(re.findall(r"\((how-to/[\w-]+)\.md\)", links))
        for when, links in rows
    }


def _overview(folder: Path) -> str:
    return (folder / "README.md").read_text(encoding="utf-8")


def pages_about(pages: Iterable[HandbookPage], asked: str) -> Iterator[HandbookPage]:
    """Give the pages whose title or headings hold every word that is asked for."""
    words = asked.casefold().split()
    for page in pages:
        told = " ".join((page.title, *page.headings, page.name)).casefold()
        if all(word in told for word in words):
            yield page


@cache
def picture_path(name: str) -> Path | None:
    """Give the file of a picture such as ``zh/home.webp``, if there is one of that name."""
    folder = docs_dir() / "images"
    known = {path.relative_to(folder).as_posix(): path for path in folder.glob("*/*.webp")}
    return known.get(name)


def webp_size(head: bytes) -> tuple[int, int]:
    """Give width and height of a lossy WebP picture by its first 30 bytes.

    With extended header they stand there less one, in 24 bits each; else in 14 bits each.
    """
    if head[12:16] == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    width, height = (int.from_bytes(part, "little") & 0x3FFF for part in (head[26:28], head[28:]))
    return width, height


def render(page: HandbookPage, pages: Mapping[str, HandbookPage]) -> Rendered:
    """Give a page as HTML without its title: links and pictures lead into the application.

    Raw HTML is shown as text, and addresses of scripts are no links (markdown-it's own rule).
    """
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(page.text)[3:]
    _number_headings(tokens)
    for token in tokens:
        if token.type == "table_open":
            token.attrSet("class", "table")
        if token.children:
            if page.is_chinese:
                _join_lines(token.children)
            token.children = [*_led(token.children, page, pages)]
    return Rendered(str(reader.renderer.render(tokens, reader.options, {})))


def _number_headings(tokens: Sequence[Token]) -> None:
    """Let a heading be an anchor that is the same in both languages."""
    second = [token for token in tokens if token.type == "heading_open" and token.tag == "h2"]
    for number, token in enumerate(second, start=1):
        token.attrSet("id", f"section-{number}")


def _join_lines(children: Sequence[Token]) -> None:
    """Let no space stand where a line of Chinese ends in the file."""
    for before, token, after in zip(children, children[1:], children[2:], strict=False):
        if token.type == "softbreak" and not f"{before.content[-1:]}{after.content[:1]}".isascii():
            token.type, token.content = "text", ""


def _led(
    children: Iterable[Token], page: HandbookPage, pages: Mapping[str, HandbookPage]
) -> Iterator[Token]:
    """Lead links and pictures to addresses of the application; what it does not show is text."""
    open_links = []
    for token in children:
        if token.type == "link_open":
            address = _address(str(token.attrGet("href")), page, pages)
            open_links.append(address)
            token.attrSet("href", address or "")
        dropped = token.type.startswith("link_") and open_links and open_links[-1] is None
        if token.type == "link_close":
            open_links.pop()
        if token.type == "image":
            _show(token, page)
        if not dropped:
            yield token


def _address(href: str, page: HandbookPage, pages: Mapping[str, HandbookPage]) -> str | None:
    if re.match(r"https?:|#", href):
        return href
    path, _, anchor = href.partition("#")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(page.path), path))
    name = target.removeprefix(f"{CHINESE}/").removesuffix(".md")
    if name not in pages:
        return None
    return url_for("help.page", name=name, _anchor=anchor or None)


def _show(token: Token, page: HandbookPage) -> None:
    folder = posixpath.dirname(page.path)
    name = posixpath.normpath(posixpath.join(folder, str(token.attrGet("src"))))
    name = name.removeprefix("images/")
    token.attrSet("src", url_for("help.picture", name=name))
    token.attrSet("loading", "lazy")
    path = picture_path(name)
    if path is not None:
        width, height = webp_size(path.read_bytes()[:30])
        token.attrSet("width", str(width))
        token.attrSet("height", str(height))
