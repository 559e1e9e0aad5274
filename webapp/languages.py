"""Chinese is what the pages are written in; English comes from the catalogues.

The catalogues are .po files, read when the first English page is shown: there is nothing
to compile and so nothing that can be stale. Each part of the pages has a file of its own.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Literal

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, request, session
from flask_babel import Domain, get_babel, get_locale

LANGUAGES = {"zh": "中文", "en": "English"}
CATALOGUES = Path(__file__).resolve().parent / "translations"
LANGUAGE_COOKIE = "language"


class PoDomain(Domain):
    """Translations straight from .po files, all files of a language as one catalogue."""

    def get_translations(self) -> NullTranslations:
        """Give the translations of the page's language."""
        return translations_of(language())


def language() -> Literal["zh", "en"]:
    """Give the page's language, one of `LANGUAGES`."""
    return "en" if str(get_locale()).startswith("en") else "zh"


def choose_language() -> str:
    """Choose the language: what was switched to, then what the browser asks for, then Chinese.

    Read from the session and not from the account, so that the login page has it too.
    """
    chosen = session.get(LANGUAGE_COOKIE)
    if chosen not in LANGUAGES:
        chosen = request.accept_languages.best_match(list(LANGUAGES), default="zh")
    return "en" if chosen == "en" else "zh_Hans_CN"


@contextmanager
def language_kept() -> Iterator[None]:
    """Keep what was switched to, whatever becomes of the visitor's session meanwhile."""
    chosen = session.get(LANGUAGE_COOKIE)
    yield
    if chosen:
        session[LANGUAGE_COOKIE] = chosen


@cache
def translations_of(language: str) -> NullTranslations:
    """Read the catalogues of a language; Chinese needs none."""
    files = sorted((CATALOGUES / language).glob("*.po"))
    if not files:
        return NullTranslations()
    whole = Catalog(locale=language)
    for path in files:
        for message in read_catalogue(path):
            if message.id:
                whole[message.id] = message
    compiled = io.BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return Translations(compiled)


def read_catalogue(path: Path) -> Catalog:
    """Read one .po file."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.name)


def use_po_files(app: Flask) -> None:
    """Have Flask-Babel take its translations from the .po files."""
    get_babel(app).instance.domain_instance = PoDomain()
