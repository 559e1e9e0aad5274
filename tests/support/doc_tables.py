"""The tables of docs/reference that come from the code: ``python -m tests.support.doc_tables``.

A page holds ``<!-- table: NAME -->`` and ``<!-- end -->``; what stands between is made here.
Run as a program it writes the pages; tests/unit/test_docs.py compares.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click

import webapp
import workflows
from webapp.cli import main
from webapp.languages import translations_of
from webapp.words.errors import sentence_for
from webapp.words.labels import ROLES
from workflows.audit.xes import EXTENSION
from workflows.domain.errors import DubanError
from workflows.domain.pairs import forbidden_with
from workflows.domain.roles import PERSON_LEVEL_ROLES, Role
from workflows.engine import load_pack
from workflows.engine.findings import Rule
from workflows.engine.parameters import Amount
from workflows.shipped import shipped_pack_dir

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"(<!-- table: ([a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def write_tables(text: str) -> str:
    """Give a page with its tables as the code has them today."""
    return _BLOCK.sub(lambda found: f"{found[1]}\n{TABLES[found[2]]()}\n\n{found[3]}", text)


def commands_of(group: click.Group, path: str = "duban") -> Iterator[tuple[str, click.Command]]:
    """Give every command that can be called, with its words."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands_of(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def command_table() -> str:
    """Give usage, purpose and options of every command."""
    return "\n\n".join(_command(words, command) for words, command in commands_of(main))


def _command(words: str, command: click.Command) -> str:
    context = click.Context(command, info_name=words)
    usage = " ".join(command.collect_usage_pieces(context))
    lines = [f"### {words}", "", f"    {words} {usage}", "", _unwrap(command.help or "")]
    options = [
        record
        for param in command.params
        if (record := param.get_help_record(context)) is not None and "--help" not in record[0]
    ]
    if options:
        rows = [(f"`{name}`", text or "") for name, text in options]
        lines += ["", _table(("option", "meaning"), rows)]
    return "\n".join(lines)


def roles_table() -> str:
    """Give the roles with their names, and with which they do not go together in one case."""
    english = translations_of("en")
    rows = []
    for role in Role:
        name = str(ROLES[role.value])
        apart = ", ".join(sorted(forbidden_with(role.value))) or "–"
        personal = "yes" if role in PERSON_LEVEL_ROLES else "–"
        rows.append((role.value, name, english.gettext(name), personal, apart))
    return _table(("code", "screen", "English", "person-level cases", "not in one case with"), rows)


def parameters_table() -> str:
    """Give the shipped pack's parameters."""
    pack = load_pack(shipped_pack_dir())
    rows = []
    for name, parameter in sorted(pack.parameters.items()):
        value = (
            _amount(parameter.amount)
            if parameter.amount
            else ", ".join(f"{key}: {_amount(each)}" for key, each in parameter.amounts.items())
        )
        kind = parameter.kind.value if parameter.kind else "–"
        english = pack.name("parameter", name, "en")
        rows.append((f"`{name}`", parameter.label, english, value, kind, parameter.basis))
    return _table(("name", "screen", "English", "value", "kind", "basis"), rows)


def errors_table() -> str:
    """Give every error with the status of its page and its message."""
    for package in (workflows, webapp):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations." not in module.name:  # scripts that Alembic runs
                importlib.import_module(module.name)
    found: list[type[DubanError]] = [DubanError]
    for error in found:
        found += error.__subclasses__()
    rows = {
        (f"`{error.code}`", _status(error), _cell((error.__doc__ or "").split("\n")[0]))
        for error in found
        if error.__module__.partition(".")[0] in ("workflows", "webapp")
    }
    return _table(("code", "status", "message"), sorted(rows))


def rules_table(*, checked: bool = False) -> str:
    """Give the rules of the linter, or those of checking a pack whole."""
    found: dict[str, Rule] = {}
    package = importlib.import_module("workflows.engine")
    for module in pkgutil.walk_packages(package.__path__, "workflows.engine."):
        if module.name.startswith("workflows.engine.check") is checked:
            for value in vars(importlib.import_module(module.name)).values():
                if isinstance(value, Rule):
                    found[value.code] = value
    rows = [
        (f"`{code}`", rule.severity.value, _cell(f"{rule.en} {rule.remedy_en}"))
        for code, rule in sorted(found.items())
    ]
    return _table(("rule", "severity", "says"), rows)


def extension_table() -> str:
    """Give what our extension of XES adds."""
    rows = [(f"`duban:{name}`", *told) for name, told in EXTENSION.items()]
    return _table(("key", "of the", "type", "meaning"), rows)


TABLES: Mapping[str, Callable[[], str]] = {
    "commands": command_table,
    "roles": roles_table,
    "parameters": parameters_table,
    "errors": errors_table,
    "rules": rules_table,
    "checks": lambda: rules_table(checked=True),
    "extension": extension_table,
}


def _status(error: type[DubanError]) -> str:
    bare = error.__new__(error)
    return str(sentence_for(bare).status)


def _amount(amount: Amount) -> str:
    return f"{amount.value} {amount.unit}"


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return _unwrap(text).replace("|", "/")


def _unwrap(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n")).strip()


def pages() -> Iterator[Path]:
    """Give the pages that hold such tables."""
    for page in sorted((ROOT / "docs").rglob("*.md")):
        if _BLOCK.search(page.read_text(encoding="utf-8")):
            yield page


if __name__ == "__main__":
    for path in pages():
        path.write_text(write_tables(path.read_text(encoding="utf-8")), encoding="utf-8")
