"""Before anything sent is looked at: words that tell of state secrets are stopped here.

What is refused reaches no view, no table and no log; the answer names the word and the file,
nothing of the text. Text with words of warning, and any file, needs the declaration that no
state secret is in it (DOMAIN 3.5).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any, ClassVar

from flask import g, make_response, render_template, request
from werkzeug.datastructures import FileStorage

from webapp.sayings import listed
from webapp.work import reading_sessions
from workflows.domain.errors import InvalidInput
from workflows.domain.secret_words import WordList
from workflows.services.imports.file_texts import text_in
from workflows.services.secrecy.secret_words import word_list
from workflows.store.transaction import transaction

DECLARED = "_no_secrets"
# Nobody writes about cases there: passwords, the clock, the list of words itself, and rules.
_EXEMPT = frozenset({"session", "account", "demo_clock", "secret_words", "packs"})
# Sent by the page itself while somebody types; he is asked when he sends the form.
_UNASKED = frozenset({"tasks.draft"})


class SecretFound(InvalidInput):
    """{where} holds {words}: such content is not taken in here."""

    code: ClassVar[str] = "secret_found"


class SecretUndeclared(InvalidInput):
    """The files need the declaration that they hold no state secret: {words}"""

    code: ClassVar[str] = "secret_undeclared"


def stop_secrets() -> Any:
    """Refuse or ask before a request that sends something is answered.

    Raises:
        SecretFound: A word of the hard list stands in a text, a file or its name.
        SecretUndeclared: Files came without the declaration.
    """
    if request.method != "POST" or g.get("visit") is None or request.blueprint in _EXEMPT:
        return None
    with transaction(reading_sessions()) as session:
        words = word_list(session)
    typed = words.look(value for key, value in request.form.items(multi=True) if key != DECLARED)
    if typed.hard:
        raise SecretFound(where="", words=listed(typed.hard))
    warned = {*typed.warned, *_of_files(words)}
    if request.form.get(DECLARED) or request.endpoint in _UNASKED:
        return None
    if any(True for _ in _sent_files()):
        raise SecretUndeclared(words=listed(sorted(warned)))
    return _ask(warned) if warned else None


def _of_files(words: WordList) -> set[str]:
    """Look through the files; give their words of warning."""
    warned: set[str] = set()
    for name, file in _sent_files():
        content = file.stream.read()
        file.stream.seek(0)
        text = text_in(content)
        texts = g.setdefault("file_texts", {})
        texts[name] = texts.get(name, "") + text
        found = words.look((name, text))
        if found.hard:
            raise SecretFound(where=name, words=listed(found.hard))
        warned.update(found.warned)
    return warned


def _sent_files() -> Iterator[tuple[str, FileStorage]]:
    """Give all files with their names; several come under one field."""
    for file in chain.from_iterable(request.files.listvalues()):
        if file.filename:
            yield file.filename, file


def read_text(name: str | None) -> str:
    """Give the text of a file of this request, which was read when it came."""
    texts: dict[str, str] = g.get("file_texts", {})
    return texts.get(name or "", "")


def _ask(warned: set[str]) -> Any:
    """Show what was found, and let the same form be sent again with the declaration."""
    page = render_template(
        "errors/secrets.html",
        words=listed(sorted(warned)),
        values=[pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token"],
        action=request.full_path.rstrip("?"),
        declared=DECLARED,
    )
    return make_response(page, 422)
