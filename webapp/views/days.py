"""Which day is meant by what somebody pasted into a date field."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from webapp.dates import day_long, day_written
from webapp.gates.permissions import Permission, requires
from workflows.domain.written_days import Side

blueprint = Blueprint("days", __name__, url_prefix="/days")


@blueprint.get("/")
@requires(Permission.OWN_ACCOUNT)
def page() -> Any:
    """Give the day as a date field takes it and in words, or the sentence why there is none."""
    asked = request.args.get("side", "")
    side = Side(asked) if asked in set(Side) else Side.THIS_YEAR
    try:
        on = day_written(request.args.get("text", "")[:40], side)
    except ValueError as error:
        return {"on": "", "said": str(error)}
    return {"on": on.isoformat(), "said": day_long(on)}
