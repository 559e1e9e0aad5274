"""Whether the program answers, for whoever watches it from outside: nothing else is told."""

from __future__ import annotations

from flask import Blueprint, Response

from webapp.gates.permissions import Permission, requires

blueprint = Blueprint("alive", __name__)


@blueprint.get("/healthz")
@requires(Permission.PUBLIC)
def healthz() -> Response:
    """Say that the program is alive; the database is not asked."""
    return Response("ok\n", mimetype="text/plain")
