"""Rules about the code that no linter knows."""

import ast
import importlib
import itertools
import json
import pkgutil
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import webapp
import workflows
from workflows.domain.errors import DubanError

pytestmark = pytest.mark.code

ROOT = Path(workflows.__file__).parent.parent
COMMIT_PLACE = "workflows/store/transaction.py"


def modules_under(folder: str) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def imported_roots(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def test_every_module_is_reached_by_those_who_walk_the_packages() -> None:
    walked = {
        module.name
        for package in (workflows, webapp)
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    }
    written = {
        path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for folder in ("workflows", "webapp")
        for path, _ in modules_under(folder)
    }
    lost = {name for name in written - walked if ".migrations." not in name}  # Alembic's own
    assert lost == {"workflows", "webapp"}


def test_domain_uses_the_standard_library_only() -> None:
    allowed = sys.stdlib_module_names | {"workflows"}
    foreign = {
        f"{path} imports {name}"
        for path, tree in modules_under("workflows/domain")
        for name in imported_roots(tree)
        if name.split(".")[0] not in allowed
        or (name.startswith("workflows") and not name.startswith("workflows.domain"))
    }
    assert foreign == set()


def test_commit_stands_in_one_place() -> None:
    places = {
        path
        for folder in ("workflows", "webapp")
        for path, tree in modules_under(folder)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "commit"
    }
    assert places == {COMMIT_PLACE}


# A summary of a record that keeps all of it, a name that nobody has, what an address filters by.
SHORTENED = {
    "workflows/services/corrections/reviewing.py",
    "workflows/services/staff/accounts.py",
    "webapp/lists/worklist_filter.py",
}
# Tokens, ids and what is searched for are no texts.
NO_TEXT = r"(?!f?\"(?:_\w+|org|month|case|kind|\{FIND))"
CUT_OFF = re.compile(rf"\.strip\(\)\s*\[:|form\.get\({NO_TEXT}[^()]*\)(?:\.strip\(\))?\[:")


def test_nothing_that_somebody_typed_is_cut_off() -> None:
    """`whole` refuses what is too long; addresses, tokens and searches are no typed text."""
    houses = ((ROOT / folder).rglob("*.py") for folder in ("workflows/services", "webapp"))
    found = {
        path.relative_to(ROOT).as_posix()
        for path in itertools.chain(*houses)
        for line in path.read_text(encoding="utf-8").splitlines()
        if CUT_OFF.search(line) and "args.get" not in line
    }
    assert found == SHORTENED


def errors_in_tree() -> list[type[DubanError]]:
    for package in (workflows, webapp):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    found: list[type[DubanError]] = [DubanError]
    for error in found:
        found += error.__subclasses__()
    return found


def test_every_error_has_a_code_and_a_message_of_its_own() -> None:
    errors = errors_in_tree()
    counted = Counter(error.code for error in errors)
    assert [code for code, count in counted.items() if count > 1] == []
    assert [error.__name__ for error in errors if not error.__dict__.get("__doc__")] == []


def test_locks_hold_hashes_and_no_address() -> None:
    for name in ("requirements.lock", "requirements-interop.lock"):
        lock = (ROOT / name).read_text(encoding="utf-8")
        packages = re.split(r"\n(?=[^\s#])", lock.strip())
        assert [package for package in packages if "--hash=sha256:" not in package] == []
        assert not re.search(r"://|--(extra-)?index|--find-links|file:", lock)
    node = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    locked = {name: entry for name, entry in node["packages"].items() if name}
    assert [name for name, entry in locked.items() if "integrity" not in entry] == []
    assert [name for name, entry in locked.items() if "resolved" in entry] == []


def test_lock_names_every_declared_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = list(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        declared += extra
    names = {canonical(re.match(r"[\w.-]+", line)[0]) for line in declared}
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = {canonical(name) for name in re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)}
    assert names - locked == set()


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


# A name with brackets behind it is code that a sentence quotes.
QUOTED_CODE = re.compile(r"[a-z_]+\([^()]*\)")
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff”》）][,;:!?(]|[,;:!?)][\u4e00-\u9fff“]")


def constants_in(tree: ast.Module) -> Iterator[str]:
    """Give the text constants that are no docstring."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in docstrings:
            yield from (node.value,) if isinstance(node.value, str) else ()


def texts_that_people_read() -> Iterator[tuple[str, str]]:
    for folder in ("workflows/engine", "webapp"):
        for path, tree in modules_under(folder):
            yield from ((path, text) for text in constants_in(tree))
    pack = ROOT / "bpmn" / "ladder"
    for path in (*pack.glob("*.*mn"), *pack.glob("forms/*.json"), *pack.glob("[fp]*.toml")):
        yield from ((path.name, line) for line in path.read_text(encoding="utf-8").splitlines())


def test_chinese_sentences_have_chinese_punctuation() -> None:
    found = [
        (path, text)
        for path, text in texts_that_people_read()
        if re.search("[\u4e00-\u9fff]", text) and HALF_WIDTH.search(QUOTED_CODE.sub("", text))
    ]
    assert found == []


def declared_libraries() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {canonical(re.match(r"[\w.-]+", line)[0]) for line in project["dependencies"]}


def test_every_library_that_is_declared_is_imported() -> None:
    distributions = packages_distributions()
    used = {
        canonical(found)
        for folder in ("workflows", "webapp")
        for _, tree in modules_under(folder)
        for name in imported_roots(tree)
        for found in distributions.get(name.split(".")[0], [])
    }
    # The zones' data is read by the standard library.
    assert declared_libraries() - used == {"tzdata"}


def test_every_library_that_is_imported_is_declared() -> None:
    declared = declared_libraries()
    distributions = packages_distributions()
    undeclared = {
        f"{path} imports {name}"
        for folder in ("workflows", "webapp")
        for path, tree in modules_under(folder)
        for name in imported_roots(tree)
        if (root := name.split(".")[0]) not in sys.stdlib_module_names | {"workflows", "webapp"}
        and declared.isdisjoint(canonical(found) for found in distributions.get(root, []))
    }
    assert undeclared == set()


def test_every_make_target_is_listed_by_help_and_described() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.search(r"\.PHONY: (.*)", makefile)[1].split())
    listed = set(re.findall(r"^([a-z0-9]+):.*## ", makefile, re.MULTILINE))
    assert phony - listed == {"ready", "machine", "interop"}
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert listed - set(re.findall(r"^\| `make ([a-z0-9]+)`", page, re.MULTILINE)) == {"help"}


def test_every_choice_is_listed_in_the_index() -> None:
    folder = ROOT / "docs" / "adr"
    index = (folder / "README.md").read_text(encoding="utf-8")
    pages = {path.name for path in folder.glob("[0-9]*.md")}
    assert pages == set(re.findall(r"\]\(([^)]+\.md)\)", index))


def test_every_link_in_a_page_leads_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    dead = {
        f"{page.relative_to(ROOT)} -> {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    }
    assert dead == set()
