"""The page of a case: where it stands, what is to do, why, and all that happened."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Blueprint, flash, render_template, request, send_file

from webapp.case.cards import card_at
from webapp.case.past import moment_of, past_page
from webapp.case.screen import Screen
from webapp.case.sheet import readable_file, sheet_page
from webapp.case.timetable import timetable_page
from webapp.case.why import why_page
from webapp.case.wording import last_words
from webapp.gates.permissions import Permission, requires
from webapp.sayings import gettext
from webapp.work import Work, in_transaction
from workflows.domain.errors import NotFound
from workflows.domain.file_kinds import image_type
from workflows.queries.case.page import closed_task
from workflows.queries.names import names_of
from workflows.services.desk.drafts import draft_of
from workflows.services.secrecy.looking import Glance, Looked, keep_looks
from workflows.services.steps.attachments import plain_name
from workflows.store.tables import Attachment

blueprint = Blueprint("cases", __name__, url_prefix="/cases")


@blueprint.get("/<case_id>")
@requires(Permission.CASES)
@in_transaction
def page(work: Work, case_id: str) -> Any:
    """Show a case, with the first task open that the visitor may do, or as of a past moment."""
    as_of = request.args.get("as_of", "").strip()
    if as_of:
        return past_page(work, case_id, moment_of(as_of, work.now))
    return Screen.of(work, case_id).show()


@blueprint.get("/<case_id>/why")
@requires(Permission.CASES)
@in_transaction
def why(work: Work, case_id: str) -> Any:
    """Explain a case: how it came here, whose its tasks are, its dates, what may come."""
    return why_page(work, case_id)


@blueprint.get("/<case_id>/timetable")
@requires(Permission.CASES)
@in_transaction
def timetable(work: Work, case_id: str) -> Any:
    """Show every coming date of a case on one sheet, to pin on the wall."""
    return timetable_page(work, case_id)


@blueprint.get("/<case_id>/tasks/<path:path>/<int:n>")
@requires(Permission.CASES)
@in_transaction
def task(work: Work, case_id: str, path: str, n: int) -> Any:
    """Show a case with the form of one task; one that is done says who did it and when."""
    screen = Screen.of(work, case_id)
    cards = screen.cards()
    card = card_at(cards, path, n)
    if card is None:
        return taken_page(work, screen, path, n)
    if not card.may_do:
        return screen.show(None, cards=cards)
    values = _like_last(work, screen, path, n) if request.args.get("like") == "last" else None
    return screen.show(screen.task_form(card, values=values), cards=cards)


def _like_last(work: Work, screen: Screen, path: str, n: int) -> dict[str, Any] | None:
    """Give what the visitor wrote last time, and over it what he has typed here already."""
    activity = screen.page.definition.activity(path)
    schema = screen.page.definition.pack.forms.get(activity.form or "")
    words = last_words(work, screen.page.case.id, activity.id, schema)
    if not words:
        flash(gettext("没有找到您以前办理同样任务时填写的内容。"), "warning")
        return None
    draft = draft_of(work.session, work.actor.account_id, screen.page.case.id, f"{path}#{n}")
    flash(gettext("已填入您上一件的文字，请核对后再办结。"), "info")
    return {**words, **(draft[0] if draft else {})}


@blueprint.get("/<case_id>/messages/<path:path>")
@requires(Permission.CASES)
@in_transaction
def message(work: Work, case_id: str, path: str) -> Any:
    """Show a case with the form of something that it waits for."""
    screen = Screen.of(work, case_id)
    return screen.show(screen.message_form(screen.awaited(path)))


def taken_page(work: Work, screen: Screen, path: str, n: int, typed: Any = ()) -> Any:
    """Say who closed a task and when, and keep in sight what was typed.

    Raises:
        NotFound: There never was such a task.
    """
    closed = closed_task(work.session, screen.page.case.id, path, n)
    if closed is None:
        raise NotFound(what="task", key=f"{path}#{n}")
    by, closed_at = closed
    speak = screen.speak
    who = names_of(work.session, [by]).get(by or "", "") or speak.person(by)
    text = render_template(
        "cases/taken.html",
        case=screen.page.case,
        task=speak.place(path),
        by=who,
        closed_at=closed_at,
        typed=typed,
    )
    return text, 409


@blueprint.get("/<case_id>/files/<int:file_id>")
@requires(Permission.CASES)
@in_transaction
def file(work: Work, case_id: str, file_id: int) -> Any:
    """Hand out a file of a case, always as a download."""
    kept = _kept(work, case_id, file_id)
    return send_file(
        BytesIO(kept.content),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=plain_name(kept.name),
    )


@blueprint.get("/<case_id>/files/<int:file_id>/picture")
@requires(Permission.CASES)
@in_transaction
def picture(work: Work, case_id: str, file_id: int) -> Any:
    """Show a picture of a case in the browser; what is none by its bytes is not found."""
    kept = _kept(work, case_id, file_id)
    kind = image_type(kept.name, kept.content)
    if kind is None:
        raise NotFound(what="picture", key=str(file_id))
    shown = send_file(BytesIO(kept.content), mimetype=kind)
    shown.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return shown


@blueprint.get("/<case_id>/files/<int:file_id>/sheet")
@requires(Permission.CASES)
def sheet(case_id: str, file_id: int) -> Any:
    """Show a page of a PDF as a picture drawn here, so that nothing in it acts in a browser."""
    return sheet_page(case_id, file_id, max(request.args.get("page", 1, type=int), 1))


def _kept(work: Work, case_id: str, file_id: int) -> Attachment:
    return readable_file(Screen.of(work, case_id, Looked.FILE, str(file_id)), file_id)


@blueprint.post("/<case_id>/printed")
@requires(Permission.CASES)
@in_transaction
def printed(work: Work, case_id: str) -> Any:
    """Record that the page of a person's case is being printed."""
    Screen.of(work, case_id)
    keep_looks(work.session, work.actor, work.now, [Glance(Looked.PRINT, case_id)])
    return "", 204
