"""A form whose session ended while it was being filled in: nothing that was typed is lost.

What was sent comes back as hidden fields of the login form, and after the login as a form
that asks to be sent again. Nothing of it is written or kept anywhere meanwhile. Files do not
come back: a browser lets nobody fill them in.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Response, g, make_response, render_template, request

from webapp.addresses import own_address
from webapp.forms.login import LoginForm

KEPT = "_kept"
_LARGEST = 500_000
# Passwords are typed there, and what is sent from there is no work.
_LEFT_OUT = frozenset({"session", "account", "demo_clock", "tour"})
_NOT_TYPED = frozenset({"csrf_token", KEPT})


@dataclass(frozen=True, slots=True)
class Kept:
    """What was sent: where to, the fields with their values in order, and that files were."""

    action: str
    values: tuple[tuple[str, str], ...]
    has_files: bool

    def text(self) -> str:
        """Write it for a hidden field."""
        return json.dumps([self.action, self.values, self.has_files], ensure_ascii=False)


def sent_form() -> Kept | None:
    """Give what was sent from a page of ours; None where nothing was, or from elsewhere."""
    if request.method != "POST" or request.blueprint in _LEFT_OUT or not is_ours():
        return None
    values = tuple(pair for pair in request.form.items(multi=True) if pair[0] not in _NOT_TYPED)
    if not values or sum(len(value) for _, value in values) > _LARGEST:
        return None
    return Kept(request.full_path.rstrip("?"), values, any(request.files.values()))


def kept_form() -> Kept | None:
    """Read what the login form brought along; None where it is nothing of ours."""
    text = request.form.get(KEPT, "")
    if not text or len(text) > _LARGEST * 2 or not is_ours():
        return None
    try:
        action, values, has_files = json.loads(text)
        pairs = tuple((str(name), str(value)) for name, value in values)
    except (ValueError, TypeError):
        return None
    if own_address(str(action)) is None:
        return None
    return Kept(str(action), pairs, bool(has_files))


def ask_to_log_in(kept: Kept) -> Response:
    """Show the login with what was typed inside."""
    page = render_template("session/again.html", form=LoginForm(formdata=None), kept=kept)
    return make_response(page, 401)


def ask_to_send(kept: Kept) -> Any:
    """Show what was typed before the login, to be sent now."""
    # The login began a session of its own, and the token made before belongs to the one before.
    g.pop("csrf_token", None)
    return render_template("session/resume.html", kept=kept)


def is_ours() -> bool:
    """Say whether a page of this house sent the request, by what the browser says of it."""
    return urlsplit(request.headers.get("Origin", "")).netloc == request.host
