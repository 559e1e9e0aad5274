"""The words of the pages where there is no page: for commands that write papers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from flask import Flask
from flask_babel import Babel

from webapp.languages import use_po_files

LOCALES = {"zh": "zh_Hans_CN", "en": "en"}


@contextmanager
def speaking(language: Literal["zh", "en"]) -> Iterator[None]:
    """Let gettext speak a language, as on a page in it."""
    app = Flask("webapp")
    Babel(app, default_locale=LOCALES[language], default_timezone="Asia/Shanghai")
    use_po_files(app)
    with app.app_context():
        yield
