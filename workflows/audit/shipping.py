"""Make verify.py: one file out of the modules that verify a bundle.

There is one source for the fold, the shapes and the checks. A reviewer gets it as a
single file that needs a Python and nothing else.
"""

from __future__ import annotations

import ast
from functools import cache
from importlib import resources

MODULES = (
    ("workflows.domain", "errors.py", frozenset(("partial", "ClassVar", "Self", "DubanError"))),
    ("workflows.domain", "journal_errors.py", None),
    ("workflows.domain", "written_days.py", frozenset(("date", "MONTHS_EN", "day_en", "day_zh"))),
    ("workflows.domain", "record_kinds.py", None),
    ("workflows.domain", "record_shape.py", None),
    ("workflows.domain", "closed_fields.py", None),
    ("workflows.domain", "fold_errors.py", None),
    ("workflows.domain", "fold_parts.py", None),
    ("workflows.domain", "fold.py", None),
    ("workflows.audit", "ed25519.py", None),
    ("workflows.audit", "merkle.py", None),
    ("workflows.audit", "notes.py", None),
    ("workflows.audit", "zipform.py", None),
    ("workflows.audit", "lines.py", None),
    ("workflows.audit", "manifest.py", None),
    ("workflows.audit", "container.py", None),
    ("workflows.audit", "beside.py", None),
    ("workflows.audit", "payload_lines.py", None),
    ("workflows.audit", "statements.py", None),
    ("workflows.audit", "trail.py", None),
    ("workflows.audit", "trail_parts.py", None),
    ("workflows.audit", "log_check.py", None),
    ("workflows.audit", "anchors.py", None),
    ("workflows.audit", "place_time.py", None),
    ("workflows.audit", "verdict_words.py", None),
    ("workflows.audit", "verifier.py", None),
    ("workflows.audit", "report.py", None),
)
_HEAD = '''"""Verify an audit bundle of Duban: python verify.py BUNDLE.zip

One file, Python 3.11 or newer, standard library only, no network. Put together from
Duban's own modules; the marks below say which.

Licensed under the Apache License, Version 2.0.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):
    sys.exit("verify.py needs Python 3.11 or newer")

'''
_TAIL = """

if __name__ == "__main__":
    sys.exit(main())
"""


@cache
def verifier_source() -> str:
    """Give the text of verify.py, the same for the same sources."""
    imports: dict[str, set[str]] = {}
    bodies: list[str] = []
    for package, name, wanted in MODULES:
        source = resources.files(package).joinpath(name).read_text(encoding="utf-8")
        body = _split(source, wanted, imports)
        title = f"{package}.{name.removesuffix('.py')}"
        bodies.append(f"\n\n# {'-' * 20} {title}\n\n{body}\n")
    return _HEAD + _import_lines(imports) + "".join(bodies) + _TAIL


def viewer_page() -> bytes:
    """Give viewer.html, the page that shows and verifies a bundle without a network.

    It is built from viewer_src by the package's build hook.
    """
    return resources.files("workflows.audit").joinpath("shipped", "viewer.html").read_bytes()


def _split(source: str, wanted: frozenset[str] | None, imports: dict[str, set[str]]) -> str:
    """Take a module's imports and docstring out of its text and note the former by module."""
    lines = source.splitlines()
    kept: list[str] = []
    dropped: set[int] = set()
    for place, node in enumerate(ast.parse(source).body):
        span = range(_first_line(node) - 1, node.end_lineno or node.lineno)
        if wanted is None or _serves(node, wanted):
            _note_import(node, imports)
        if wanted is not None and _name_of(node) in wanted:
            kept += ["", *lines[span.start : span.stop]]
        is_docstring = place == 0 and isinstance(node, ast.Expr)
        if is_docstring or isinstance(node, (ast.Import, ast.ImportFrom)):
            dropped.update(span)
    if wanted is None:
        kept = [line for number, line in enumerate(lines) if number not in dropped]
    return "\n".join(kept).strip("\n")


def _serves(node: ast.stmt, wanted: frozenset[str]) -> bool:
    """Say whether an import brings a name that is wanted of a module."""
    if not isinstance(node, (ast.Import, ast.ImportFrom)):
        return False
    return any(name.name in wanted for name in node.names)


def _name_of(node: ast.stmt) -> str | None:
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return getattr(node, "name", None)


def _first_line(node: ast.stmt) -> int:
    marks: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(mark.lineno for mark in marks)])


def _note_import(node: ast.stmt, imports: dict[str, set[str]]) -> None:
    if isinstance(node, ast.Import):
        for name in node.names:
            imports.setdefault(name.name, set())
    elif isinstance(node, ast.ImportFrom):
        module = node.module or ""
        if module.split(".")[0] not in ("workflows", "__future__"):
            imports.setdefault(module, set()).update(name.name for name in node.names)


def _import_lines(imports: dict[str, set[str]]) -> str:
    lines = [
        f"from {module} import {', '.join(sorted(names))}" if names else f"import {module}"
        for module, names in sorted(imports.items())
        if module != "sys"
    ]
    return "\n".join(lines) + "\n"
