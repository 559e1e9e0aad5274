"""Letters of supervision to several organisations: look, issue all, print all with receipts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from webapp.dates import read_day
from webapp.forms.given import given_text
from webapp.forms.refusals import send_back
from webapp.gates.permissions import Permission, requires
from webapp.lists.bulk import ticked
from webapp.outside.downloads import letters_download
from webapp.sayings import gettext
from webapp.screens.letters import MOST_AT_ONCE, Common, issued, previewed, recent_letters
from webapp.work import Work, begin_work, in_transaction, reading_sessions
from workflows.store.transaction import transaction

blueprint = Blueprint("letters", __name__, url_prefix="/letters")
_LONGEST = 2000


@blueprint.get("/")
@requires(Permission.CASES)
@in_transaction
def page(work: Work) -> Any:
    """List the letters that the visitor issued lately, to be printed again."""
    return render_template("letters/page.html", letters=recent_letters(work))


@blueprint.post("/preview")
@requires(Permission.CASES)
def preview() -> Any:
    """Show the letters of the ticked tasks as they would be, with the form for what they share."""
    choices, common, problem = ticked(), _common(), _problem()
    if not choices:
        send_back(gettext("没有勾选任务。请先勾选。"))
        return redirect(url_for("worklist.page"))
    rows = [] if problem else previewed(choices[:MOST_AT_ONCE], common)
    if problem:
        send_back(problem)
    return render_template(
        "letters/preview.html",
        rows=rows,
        ready=[row for row in rows if not row.problem],
        choices=choices,
        common=common,
        longest=_LONGEST,
        left=max(len(choices) - MOST_AT_ONCE, 0),
        most=MOST_AT_ONCE,
    )


@blueprint.post("/issue")
@requires(Permission.CASES)
def issue() -> Any:
    """Issue the letters that could be, each by itself, and say of each what came of it."""
    choices, common = ticked(), _common()
    if _problem() or not choices:
        return preview()
    rows = issued(choices[:MOST_AT_ONCE], common)
    done = [row for row in rows if row.number]
    return render_template("letters/issued.html", rows=rows, done=done)


@blueprint.post("/print")
@requires(Permission.CASES)
def print_all() -> Any:
    """Hand out issued letters with their receipts as one file to print."""
    addresses = list(dict.fromkeys(request.form.getlist("letter")))[:MOST_AT_ONCE]
    if not addresses:
        send_back(gettext("没有勾选督办单。请先勾选。"))
        return redirect(url_for("letters.page"))
    return letters_download(addresses)


def _common() -> Common:
    """Read what all letters share; without a form it is today and no text."""
    on = read_day(request.form.get("on", ""))
    text = request.form.get("text", "").strip()
    if on is None:
        with transaction(reading_sessions()) as session:
            on = begin_work(session).today
    return Common(on, text, given_text("over_cap"))


def _problem() -> str:
    typed = request.form.get("on", "")
    if typed and read_day(typed) is None:
        return gettext("签发日期不是一个日期。")
    if len(request.form.get("text", "").strip()) > _LONGEST:
        return gettext("共同的补充要求不超过 %(most)s 字。", most=_LONGEST)
    return ""
