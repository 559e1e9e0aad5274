"""What a page says when something went wrong: a status, what happened, and what to do.

Its sentence is found by webapp/words/errors.py.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask, Response, g, make_response, redirect, render_template, request, url_for
from flask_limiter.errors import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from webapp.forms.refusals import Refusal, form_again, sent_from, typed_values
from webapp.forms.resuming import ask_to_log_in, ask_to_send, sent_form
from webapp.frame.shell import receive_visitor
from webapp.gates.secrets import SecretFound
from webapp.sentences import EXPIRED, PAGES, SENTENCES
from webapp.sentences.shared import Sentence
from webapp.words.errors import explain, filled, sentence_for
from workflows.domain.errors import Conflict, DubanError, InvalidInput
from workflows.services.tracks.recusal import DeclarationNeeded

log = logging.getLogger(__name__)


def error_page(
    sentence: Sentence,
    attributes: Mapping[str, object] | None = None,
    typed: Sequence[str] = (),
) -> Response:
    """Show what happened, what is safe, what to do, and what was typed for it."""
    page = render_template(
        "errors/error.html",
        status=sentence.status,
        happened=filled(sentence.happened, attributes or {}),
        to_do=filled(sentence.to_do, attributes or {}),
        writing=request.method not in {"GET", "HEAD"},
        typed=typed,
    )
    return make_response(page, sentence.status)


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
