"""The tour of a demo: a page of its stops, and the way from one to the next."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, g, redirect, render_template
from flask import session as cookie

from webapp.frame.tour import STEP, STOPS
from webapp.gates.permissions import Permission, requires
from webapp.views.session import enter_as
from webapp.work import writing_sessions
from workflows.queries.demo_tour import account_called, tour_places
from workflows.services.staff.accounts import finish_login
from workflows.store.transaction import transaction

blueprint = Blueprint("tour", __name__, url_prefix="/tour")


@blueprint.get("/")
@requires(Permission.PUBLIC)
def page() -> Any:
    """List the stops; each can be gone to by itself."""
    _only_in_a_demo()
    return render_template("tour/page.html", stops=STOPS)


@blueprint.post("/<int:number>")
@requires(Permission.PUBLIC)
def go(number: int) -> Any:
    """Go to a stop, as the person who looks at it."""
    _only_in_a_demo()
    if not 1 <= number <= len(STOPS):
        abort(404)
    stop = STOPS[number - 1]
    with transaction(writing_sessions()) as session:
        places, account_id = tour_places(session), account_called(session, stop.username)
        if account_id is None:
            abort(404)
        is_other = g.visit is None or g.visit.account_id != account_id
        account = finish_login(session, g.now, account_id) if is_other else None
    if account is not None:
        enter_as(account)
    cookie[STEP] = number
    return redirect(stop.address(places))


@blueprint.post("/end")
@requires(Permission.PUBLIC)
def end() -> Any:
    """Close the panel."""
    cookie.pop(STEP, None)
    return redirect("/" if g.visit else "/login")


def _only_in_a_demo() -> None:
    if g.house.mode != "demo":
        abort(404)
