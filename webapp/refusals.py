"""Refusing what somebody sent: his form comes back as he sent it, with why, and nothing is lost.

A view that refuses leads on to the page of its form as if it had been done. The way there is
gone here, in the same answer: only so can the form be filled with what was sent, which is kept
nowhere else, neither in a cookie nor in a table.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes, urlsplit

from flask import Flask, Response, current_app, flash, g, request

from webapp.refilling import refill
from webapp.resuming import is_ours


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something was refused, and the status of the page that says it."""

    said: str
    status: int


def send_back(said: str, status: int = 422) -> None:
    """Note that what was sent is refused; the view then leads to the page of its form."""
    g.refusal = Refusal(said, status)


def form_again(address: str, refusal: Refusal) -> str | None:
    """Give the page of an address with the form of this request as it was sent.

    Returns:
        Nothing where the page does not open, or has no such form.
    """
    page = _page_at(address)
    if page is None:
        return None
    return refill(
        page,
        f"{request.script_root}{request.full_path.rstrip('?')}",
        dict(request.form.lists()),
        refusal.said,
        has_files=any(file.filename for file in request.files.values()),
    )


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
    if refusal is None or not 300 <= response.status_code < 400:
        return response
    page = form_again(response.location or "", refusal)
    if page is None:
        flash(refusal.said, "danger")
        return response
    response.set_data(page)
    response.status_code = refusal.status
    response.mimetype = "text/html"
    del response.headers["Location"]
    return response


def install_refusals(app: Flask) -> None:
    """Let the app answer what is refused with the form that was sent."""
    app.after_request(_answer_refusal)
