"""The documentation against the code: words, commands, tables."""

import ast
import re
import shlex
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from tests.support.doc_tables import ROOT, commands_of, pages, write_tables
from webapp.cli import main
from workflows.engine.lint.references import OPERATIONS as KNOWN
from workflows.services.steps.opening import OPERATIONS

pytestmark = pytest.mark.code

BANNED = frozenset({"data", "info", "manager", "helper", "helpers", "util", "utils"})
# Names that a library calls.
FORCED = frozenset({"_inherit_data", "form_data_parser_class"})
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def documents() -> list[Path]:
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@cache
def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=named)
def test_a_page_says_first_for_whom_it_is(page: Path) -> None:
    lines = [line for line in text_of(page).splitlines() if line]
    assert lines[0].startswith("# ")
    assert re.match(r"读者：" if "zh" in page.parts else r"For\b", lines[1]), lines[1]


@pytest.mark.parametrize("page", list(pages()), ids=named)
def test_tables_say_what_the_code_says(page: Path) -> None:
    assert text_of(page) == write_tables(text_of(page)), "run: python -m tests.support.doc_tables"


# -------------------------------------------------------------------- commands


def command_lines() -> Iterator[tuple[str, str]]:
    """Give every line of a page that calls `duban`, and every call within a sentence."""
    for page in documents():
        code = re.findall(r"^```(?:sh)?\n(.*?)^```", text_of(page), re.MULTILINE | re.DOTALL)
        lines = [line for block in code for line in block.splitlines()]
        lines += re.findall(r"(?:^|\n)    (\S.*)", text_of(page))
        lines += re.findall(r"`(duban [^`]+)`", text_of(page))
        for line in lines:
            for call in re.split(r"\|\||&&|;", line):
                words = re.match(r"(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?duban (.*)", call.strip())
                if words is not None:
                    yield named(page), words[1].strip()


def parse(words: list[str]) -> None:
    """Follow a call to its command and parse its options, without running it."""
    command: click.Command = main
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(click.Context(command), words[0])
        assert found is not None, f"there is no command {words[0]}"
        command, words = found, words[1:]
    given = [word for word in words if word not in ("…", "...")]
    command.make_parser(click.Context(command)).parse_args(given)


def test_every_command_in_the_pages_exists_with_its_options() -> None:
    wrong = []
    seen = 0
    for page, line in command_lines():
        # Reference pages show usage lines such as `[OPTIONS] FILE`.
        if "[OPTIONS]" in line:
            continue
        seen += 1
        try:
            parse(shlex.split(line))
        except (AssertionError, click.ClickException, ValueError) as error:
            wrong.append(f"{page}: duban {line}: {error}")
    assert seen > 40
    assert wrong == []


def test_every_command_stands_in_the_reference() -> None:
    page = text_of(ROOT / "docs" / "reference" / "commands.md")
    listed = re.findall(r"^### (duban .*)$", page, re.MULTILINE)
    assert listed == [words for words, _ in commands_of(main)]


def test_every_make_target_in_the_pages_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z0-9]+):", makefile, re.MULTILINE))
    asked = {
        (named(page), target)
        for page in documents()
        for target in re.findall(r"(?:^    |`)make ([a-z0-9]+)", text_of(page), re.MULTILINE)
    }
    assert {(page, target) for page, target in asked if target not in targets} == set()


def test_every_setting_in_the_pages_exists() -> None:
    known = set(re.findall(r"`(DUBAN_\w+)`", text_of(ROOT / "docs" / "reference" / "settings.md")))
    used = {name for page in documents() for name in re.findall(r"DUBAN_[A-Z0-9_]+", text_of(page))}
    assert used - known == set()


def test_every_toml_example_can_be_read() -> None:
    for page in documents():
        for block in re.findall(r"^```toml\n(.*?)^```", text_of(page), re.MULTILINE | re.DOTALL):
            assert tomllib.loads(block), named(page)


def test_operations_stand_in_the_reference_with_their_parameters() -> None:
    page = text_of(ROOT / "docs" / "reference" / "duban-bpmn.md")
    section = page.partition("| operation | parameters |")[2].partition("## ")[0]
    told: dict[str, set[str]] = {}
    for names, rest in re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|(.*)\|$", section, re.MULTILINE):
        for name in re.findall(r"`(\w+)`", names):
            told[name] = set(re.findall(r"`(\w+)`", rest))
    assert set(told) == set(KNOWN) >= set(OPERATIONS)
    missing = {name: set(KNOWN[name]) - words for name, words in told.items()}
    assert {name: words for name, words in missing.items() if words} == {}
    left_out = [name for name in KNOWN if name not in OPERATIONS]
    assert section.count("not carried out in this version") == len(left_out)


# ----------------------------------------------------------------------- words


def glossary() -> list[tuple[str, str, frozenset[str]]]:
    """Give code word, screen words and refused words of each row."""
    rows = re.findall(
        r"^\| `(\w+)` \|(.*)\|$", text_of(ROOT / "docs" / "glossary.md"), re.MULTILINE
    )
    found = []
    for word, rest in rows:
        cells = [cell.strip() for cell in rest.split(" | ")]
        refused = frozenset(part.strip() for part in cells[3].split(",")) - {"–"}
        found.append((word, cells[1], refused))
    return found


@cache
def names_in_code() -> dict[str, str]:
    """Give every name that the code makes up, with the file that does."""
    names: dict[str, str] = {}
    for folder in ("workflows", "webapp"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(text_of(path))):
                if isinstance(node, ast.FunctionDef | ast.ClassDef):
                    names[node.name] = named(path)
                elif isinstance(node, ast.arg):
                    names[node.arg] = named(path)
                elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    names[node.id] = named(path)
    return names


@cache
def words_in_names() -> dict[str, str]:
    return {
        word.lower(): f"{name} in {path}"
        for name, path in names_in_code().items()
        if name not in FORCED
        for word in _WORD.findall(name)
    }


def test_every_glossary_word_is_in_use_in_code() -> None:
    rows = glossary()
    assert len(rows) > 20
    used = words_in_names()
    assert {
        word
        for word, _, _ in rows
        if word not in used and f"{word}s" not in used and word not in names_in_code()
    } == set()


def test_code_has_no_second_word_for_what_the_glossary_names() -> None:
    refused = frozenset().union(*(words for _, _, words in glossary())) | BANNED
    used = words_in_names()
    assert {word: used[word] for word in refused if word in used} == {}


def test_every_screen_word_stands_on_a_screen() -> None:
    shown = "".join(
        text_of(path)
        for folder, endings in (("webapp", (".py", ".html")), ("bpmn", (".bpmn", ".json")))
        for path in (ROOT / folder).rglob("*")
        if path.suffix in endings and "static" not in path.parts
    )
    words = [screen for _, screen, _ in glossary() if screen != "–"]
    assert [word for word in words if word not in shown] == []


def test_choices_are_numbered_once_each_and_listed_in_their_order() -> None:
    folder = ROOT / "docs" / "adr"
    found = sorted(page.name for page in folder.glob("[0-9]*.md"))
    assert [page[:4] for page in found] == [f"{number:04}" for number in range(len(found))]
    listed = (folder / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^- \[\d{4} .*\]\((.+)\)$", listed, re.MULTILINE) == found[1:]


def test_the_catalogue_of_papers_is_complete_and_says_what_the_pack_makes() -> None:
    told: dict[str, str] = {}
    for line in text_of(ROOT / "docs/reference/papers.md").splitlines():
        if line.startswith("| D"):
            told |= dict.fromkeys(re.findall(r"D\d\d", line.split("|")[1]), line)
    assert sorted(told) == [f"D{number:02}" for number in range(1, 41)]
    for path in (ROOT / "bpmn/ladder/documents").glob("*.toml"):
        assert "waits for" not in told[path.stem[:3]], path.name
