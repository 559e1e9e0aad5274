"""Headers that every answer carries."""

from __future__ import annotations

import gzip
from functools import lru_cache

from flask import Flask, Response, request

_LONG = 365 * 24 * 3600


def policy(images: str = "'self'") -> str:
    """Say from where a page may take what it shows and runs; ``images`` is for pictures alone."""
    return (
        f"default-src 'self'; img-src {images}; base-uri 'none'; object-src 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )


def set_headers(response: Response) -> Response:
    """Say what a browser may do with an answer; pages with case content are never stored."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", policy())
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    if request.endpoint == "static":
        if "v" in request.args:
            response.cache_control.public = True
            response.cache_control.max_age = _LONG
            _pack(response)
    else:
        headers["Cache-Control"] = "no-store"
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", f"max-age={_LONG}")
    return response


def _pack(response: Response) -> None:
    """Send a style sheet or script packed to whoever can unpack it; pages hold secrets and stay.

    What is typed and a token in one packed answer would tell the token by its length.
    """
    is_whole = response.status_code == 200 and "Range" not in request.headers
    if not is_whole or not request.path.endswith((".css", ".js")):
        return
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] > 0:
        response.direct_passthrough = False
        response.set_data(_packed(response.get_data()))
        response.content_encoding = "gzip"


@lru_cache(maxsize=8)
def _packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def install_headers(app: Flask) -> None:
    """Put the headers on every answer of the app."""
    app.after_request(set_headers)
