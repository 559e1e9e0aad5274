"""The bar that moves the clock of a demo or test installation, a night's sweep at a time."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from flask import Blueprint, abort, current_app, flash, g, redirect, request
from flask import session as cookie

from webapp.addresses import own_address
from webapp.dates import PLACE, local, moment
from webapp.gates.permissions import Permission, requires
from webapp.languages import language_kept
from webapp.sayings import gettext
from webapp.work import reading_sessions, writing_sessions
from workflows.jobs.demo import reset_demo
from workflows.jobs.sweep import run_sweep
from workflows.queries.shell import next_due_at
from workflows.services.installation import clock_now, move_clock
from workflows.store.transaction import transaction

blueprint = Blueprint("demo_clock", __name__)

_NIGHT = time(2, 0)
_resetting = Lock()
_STEPS = {"day": 1, "week": 7}
# As far as "the next event" may lie; a year of empty nights tells a visitor nothing.
_FURTHEST = timedelta(days=400)


@blueprint.post("/demo-clock")
@requires(Permission.DEMO_CLOCK)
def move() -> Any:
    """Move the clock on, and sweep each night that passes as the real scheduler would."""
    if not g.house.has_demo_clock:
        abort(404)
    nights = _nights(g.now, request.form.get("to", ""))
    fired = escalated = 0
    for night in nights:
        with transaction(writing_sessions()) as session:
            move_clock(session, round((night - clock_now(session)).total_seconds()))
            now = clock_now(session)
        report = run_sweep(writing_sessions(), now)
        fired += report.fired
        escalated += report.escalated
    if nights:
        flash(_told(nights, fired, escalated), "success")
    return redirect(own_address(request.form.get("next")) or "/")


@blueprint.post("/demo-reset")
@requires(Permission.DEMO_CLOCK)
def reset() -> Any:
    """Begin the demo anew; everybody is logged out, since nobody is who he was."""
    if g.house.mode != "demo":
        abort(404)
    if not _resetting.acquire(blocking=False):
        flash(gettext("别人正在重建演示，请稍候。"), "warning")
        return redirect("/")
    url, instance = current_app.config["SQLALCHEMY_DATABASE_URI"], Path(current_app.instance_path)
    try:
        reset_demo(url, instance, datetime.now(UTC))
    finally:
        _resetting.release()
    with language_kept():
        cookie.clear()
    flash(gettext("演示已重新开始，请选一个人物进入。"), "success")
    return redirect("/login")


def _told(nights: list[datetime], fired: int, escalated: int) -> str:
    said = {"at": moment(nights[-1]), "nights": len(nights)}
    if not fired:
        return gettext("时钟已拨到 %(at)s，巡检 %(nights)s 次，没有到期的事项。", **said)
    return gettext(
        "时钟已拨到 %(at)s，巡检 %(nights)s 次：到期 %(fired)s 项，其中升级 %(escalated)s 件。",
        **said,
        fired=fired,
        escalated=escalated,
    )


def _nights(now: datetime, to: str) -> list[datetime]:
    """List the sweeps to run: one night, seven, or the single night after the next due clock."""
    if to in _STEPS:
        first = _first_night_after(now)
        return [first + timedelta(days=offset) for offset in range(_STEPS[to])]
    if to != "next":
        abort(400)
    with transaction(reading_sessions()) as session:
        due_at = next_due_at(session)
    if due_at is None or due_at - now > _FURTHEST:
        flash(gettext("没有正在计时的期限，时钟没有拨动。"), "warning")
        return []
    return [_first_night_after(max(now, due_at - timedelta(hours=3)))]


def _first_night_after(at: datetime) -> datetime:
    night = datetime.combine(local(at).date(), _NIGHT, tzinfo=PLACE)
    return night if night > at else night + timedelta(days=1)
