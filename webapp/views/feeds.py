"""The calendar feed: made and revoked on the account's page, fetched by other programs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import force_locale, gettext

from webapp.dates import today_of
from webapp.extensions import limiter
from webapp.gates.permissions import Permission, requires
from webapp.outside.feed import DueDay, write_calendar
from webapp.speaking import LOCALES
from webapp.words.packs import speaker_for
from webapp.work import Work, in_transaction, writing_sessions
from workflows.domain.errors import NotFound
from workflows.domain.levels import INTERNAL
from workflows.queries.desk.home import MOST_MINE
from workflows.queries.desk.worklist import ListedTask, Wanted, Whose, tasks_page
from workflows.services.access import load_actor, scope_in
from workflows.services.installation import clock_now, installation_of
from workflows.services.outside.feeds import fetch_feed, make_feed, revoke_feed
from workflows.store.scope import set_scope
from workflows.store.transaction import transaction

blueprint = Blueprint("feeds", __name__)


@blueprint.post("/account/feed")
@requires(Permission.CASES)
@in_transaction
def make(work: Work) -> Any:
    """Make the visitor's feed; its address is shown on this answer and never again."""
    token = make_feed(work.session, work.actor, work.now)
    address = url_for("feeds.calendar", token=token, _external=True)
    return render_template("account/feed.html", address=address)


@blueprint.post("/account/feed/revoke")
@requires(Permission.CASES)
@in_transaction
def revoke(work: Work) -> Any:
    """Make the visitor's feed void."""
    revoke_feed(work.session, work.actor, work.now)
    flash(gettext("日历订阅已撤销，原来的地址不再有效。"), "success")
    return redirect(url_for("account.page"))


@blueprint.get("/calendar/<token>.ics")
@limiter.limit("60/hour", key_func=lambda: str((request.view_args or {}).get("token")))
@limiter.limit("1200/hour")
@requires(Permission.PUBLIC)
def calendar(token: str) -> Any:
    """Give the due dates of whose token this is; it reads no cookie and sets none."""
    try:
        with transaction(writing_sessions()) as session:
            content = _calendar(session, token)
    except NotFound:
        return Response(gettext("没有这个页面。"), 404, mimetype="text/plain")
    return Response(content, mimetype="text/calendar")


@blueprint.after_request
def _without_cookie(response: Response) -> Response:
    """Set no cookie for a program that only fetches, not even with a page about an error."""
    if request.endpoint == "feeds.calendar":
        cookie.modified = False
    return response


def _calendar(session: Any, token: str) -> bytes:
    now = clock_now(session)
    account = fetch_feed(session, now, token)
    actor = load_actor(session, account.id, today_of(now))
    set_scope(session, scope_in(session, actor))
    rows = tasks_page(session, actor, today_of(now), Wanted(Whose.MINE), size=MOST_MINE).rows
    with force_locale(LOCALES["en" if account.language == "en" else "zh"]):
        days = [_day(session, row) for row in rows if row.task.level == INTERNAL]
        house = installation_of(session)
        title = gettext("督办期限")
        return write_calendar(title, house.house_id, filter(None, days), now)


def _day(session: Any, row: ListedTask) -> DueDay | None:
    task = row.task
    if task.due_on is None:
        return None
    name = speaker_for(session, row.pack_hash).activity(task.activity)
    return DueDay(f"task-{task.id}", f"{row.case_number} {row.organisation} {name}", task.due_on)
