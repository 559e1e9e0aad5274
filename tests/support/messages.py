"""The sentences that pages mark for translation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract
from jinja2.ext import babel_extract

import webapp

WEBAPP = Path(webapp.__file__).parent
_PYTHON_KEYWORDS = {"_l": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None}
_TEMPLATE_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}


def messages() -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Give each marked sentence with its file; a plural comes as two."""
    for path in sorted(WEBAPP.rglob("*.py")):
        with path.open("rb") as file:
            for _, found, _, _ in extract("python", file, keywords=_PYTHON_KEYWORDS):
                yield path, _as_tuple(found)
    for path in sorted((WEBAPP / "templates").rglob("*.html")):
        with path.open("rb") as file:
            # jinja2 gives all arguments of a call: the sentences are those that stand as text.
            for _, name, found, _ in babel_extract(file, list(_TEMPLATE_KEYWORDS), [], {}):
                texts = _as_tuple(found)
                yield path, texts[:2] if name == "ngettext" else texts[:1]


def _as_tuple(found: object) -> tuple[str, ...]:
    texts = found if isinstance(found, tuple) else (found,)
    return tuple(text for text in texts if isinstance(text, str))
