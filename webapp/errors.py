"""What a page says when something went wrong: a status, what happened, and what to do.

The sentences stand in webapp/sentences, found by the error's code.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from flask import Flask, Response, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_limiter.errors import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from webapp import words
from webapp.dates import day, moment
from webapp.refusals import Refusal, form_again, sent_from, typed_values
from webapp.resuming import ask_to_log_in, ask_to_send, sent_form
from webapp.sayings import listed
from webapp.secrets_gate import SecretFound
from webapp.sentences import EXPIRED, PAGES, SENTENCES
from webapp.sentences.shared import Sentence
from webapp.shell import receive_visitor
from webapp.work import reading_sessions
from workflows.domain.errors import Conflict, DubanError, InvalidInput
from workflows.queries.accounts import display_names
from workflows.services.tracks.recusal import DeclarationNeeded
from workflows.store.transaction import transaction

log = logging.getLogger(__name__)
_ROLES = re.compile(r"R\d\d(, R\d\d)*")


def sentence_for(error: DubanError) -> Sentence:
    """Find the sentence of an error: its own, or that of the nearest class above it."""
    for kind in type(error).__mro__:
        code = vars(kind).get("code")
        if code in SENTENCES:
            return SENTENCES[code]
    return SENTENCES["error"]


def explain(error: DubanError) -> str:
    """Say in the page's language what happened, for a message beside a form or in a list."""
    return _fill(sentence_for(error).happened, error.attributes)


def explain_code(code: str, attributes: Mapping[str, object]) -> str:
    """Say what an error of a job was that kept its code, and what to do."""
    sentence = SENTENCES.get(code, SENTENCES["error"])
    return f"{_fill(sentence.happened, attributes)} {_fill(sentence.to_do, attributes)}"


def error_page(
    sentence: Sentence,
    attributes: Mapping[str, object] | None = None,
    typed: Sequence[str] = (),
) -> Response:
    """Show what happened, what is safe, what to do, and what was typed for it."""
    page = render_template(
        "errors/error.html",
        status=sentence.status,
        happened=_fill(sentence.happened, attributes or {}),
        to_do=_fill(sentence.to_do, attributes or {}),
        writing=request.method not in {"GET", "HEAD"},
        typed=typed,
    )
    return make_response(page, sentence.status)


def _fill(text: Any, attributes: Mapping[str, object]) -> str:
    return str(text) % _shown(attributes) if attributes else str(text)


def _shown(attributes: Mapping[str, object]) -> dict[str, object]:
    """Write attributes as people read them: names for accounts and roles, local times."""
    people = {str(value) for value in attributes.values() if str(value).startswith("u_")}
    names: Mapping[str, str] = {}
    if people:
        with transaction(reading_sessions()) as session:
            names = display_names(session, people)
    return {name: _written(value, names) for name, value in attributes.items()}


def _written(value: object, names: Mapping[str, str]) -> object:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if not isinstance(value, str):
        return value
    if _ROLES.fullmatch(value):
        return listed(words.role(code) for code in value.split(", "))
    if value.startswith("system:"):
        return gettext("系统")
    return names.get(value, value)


def _on_duban_error(error: DubanError) -> Response:
    sentence = sentence_for(error)
    if sentence.status >= 500:
        log.error("request failed", extra={"code": error.code, "endpoint": request.endpoint})
    if isinstance(error, SecretFound):  # nothing of it leaves again
        return error_page(sentence, error.attributes)
    again = _form_again(error, sentence)
    return again or error_page(sentence, error.attributes, typed_values())


def _form_again(error: DubanError, sentence: Sentence) -> Response | None:
    """Show the form that was sent, with what is wrong; nothing where it cannot be put right."""
    address = sent_from() if isinstance(error, InvalidInput | Conflict) else None
    if address is None or request.method != "POST":
        return None
    page = form_again(address, Refusal(explain(error), sentence.status))
    return None if page is None else make_response(page, sentence.status)


def _on_declaration_needed(error: DeclarationNeeded) -> Any:
    """Lead to the form of the declaration, and from there back to the page that was wanted."""
    way = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("recusals.declaration", case_id=error.case, next=way))


def _on_http_error(error: HTTPException) -> Response | HTTPException:
    status = error.code or 500
    if status < 400:
        return error
    return error_page(PAGES.get(status, SENTENCES["error"] if status >= 500 else PAGES[400]))


def _on_csrf_error(_error: CSRFError) -> Response:
    if "house" not in g:
        receive_visitor()
    kept = sent_form()
    if kept is None:
        return error_page(EXPIRED)
    # He logged in anew in another window meanwhile: he sends it again from the session there is.
    return ask_to_log_in(kept) if g.visit is None else make_response(ask_to_send(kept), 400)


def _on_rate_limit(_error: RateLimitExceeded) -> Response:
    return error_page(PAGES[429])


def _on_crash(error: Exception) -> Response:
    log.error("unexpected error", exc_info=error, extra={"endpoint": request.endpoint})
    # What failed may be the frame itself: the page is shown without it.
    g.bare = True
    return error_page(SENTENCES["error"])


def install_error_pages(app: Flask) -> None:
    """Answer every error with a page in plain words."""
    app.register_error_handler(DubanError, _on_duban_error)
    app.register_error_handler(DeclarationNeeded, _on_declaration_needed)
    app.register_error_handler(CSRFError, _on_csrf_error)
    app.register_error_handler(RateLimitExceeded, _on_rate_limit)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(Exception, _on_crash)
