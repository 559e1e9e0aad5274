"""Refusing what somebody sent: his form comes back as he sent it, with why, and nothing is lost.

A view that refuses leads on to the page of its form as if it had been done. The way there is
gone here, in the same answer: only so can the form be filled with what was sent, which is kept
nowhere else, neither in a cookie nor in a table.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes, urlsplit

from flask import Flask, Response, current_app, flash, g, render_template, request

from webapp.forms.refilling import refill
from webapp.forms.resuming import is_ours

# What nobody types: the values of buttons and choices, ids, tasks, hashes, tokens.
_CODE = re.compile(r"[a-z_]*|[a-z]_[a-z2-7]{26}.*|[0-9a-f]{64}|\S*[/|#]\S*|[\w-]{32,}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something was refused, and the status of the page that says it."""

    said: str
    status: int = 422
    fields: tuple[str, ...] = ()

    def in_page(self, page: str) -> str | None:
        """Give a page with the form of this request as it was sent; nothing without one."""
        action = f"{request.script_root}{request.full_path.rstrip('?')}"
        has_files = any(file.filename for file in request.files.values())
        sent = dict(request.form.lists())
        return refill(page, action, sent, self.said, self.fields, has_files=has_files)


def send_back(said: str, status: int = 422, *fields: str) -> None:
    """Note that what was sent is refused; the view then shows the page of its form, or leads there.

    Args:
        said: Why.
        status: The status of the answer.
        fields: Those that it is about, where the page cannot tell by what it asks of them.
    """
    g.refusal = Refusal(said, status, fields)


def form_again(address: str, refusal: Refusal) -> str | None:
    """Give the page of an address with the form of this request as it was sent.

    Returns:
        Nothing where the page does not open, or has no such form.
    """
    page = _page_at(address)
    return None if page is None else refusal.in_page(page)


def typed_values() -> tuple[str, ...]:
    """Give what somebody typed into the form of this request, for a page without that form."""
    if request.method != "POST" or g.get("visit") is None:
        return ()
    sent = (value for name, value in request.form.items(multi=True) if name != "csrf_token")
    return tuple(dict.fromkeys(value for value in sent if not _CODE.fullmatch(value)))


def sent_from() -> str | None:
    """Give the address of our page that the form was sent from, where the browser says it."""
    return request.referrer if request.referrer and is_ours() else None


def _page_at(address: str) -> str | None:
    """Open a page for the same visitor, inside this request."""
    parts = urlsplit(address)
    path = unquote_to_bytes(parts.path).decode("latin-1").removeprefix(request.script_root)
    sent = {"CONTENT_LENGTH", "CONTENT_TYPE", "HTTP_TRANSFER_ENCODING", "werkzeug.request"}
    environ = {key: value for key, value in request.environ.items() if key not in sent}
    environ |= {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": parts.query}
    environ["wsgi.input"] = io.BytesIO()
    with current_app.request_context(environ):
        response = current_app.full_dispatch_request()
        is_page = response.status_code == 200 and response.mimetype == "text/html"
        return response.get_data(as_text=True) if is_page else None


def _answer_refusal(response: Response) -> Response:
    """Show the form again instead of leading to it; where there is none, say it there."""
    refusal: Refusal | None = g.pop("refusal", None)
    if refusal is None:
        return response
    if response.location:
        page = form_again(response.location, refusal)
    else:
        page = refusal.in_page(response.get_data(as_text=True))
    typed = typed_values()
    if page is None and not typed:
        flash(refusal.said, "danger")
        return response
    if page is None:
        page = render_template(
            "errors/refused.html", said=refusal.said, typed=typed, back=response.location
        )
    response.set_data(page)
    response.status_code = refusal.status
    response.mimetype = "text/html"
    response.headers.pop("Location", None)
    return response


def install_refusals(app: Flask) -> None:
    """Let the app answer what is refused with the form that was sent."""
    app.after_request(_answer_refusal)
