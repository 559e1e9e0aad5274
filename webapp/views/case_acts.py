"""What else people do in a case: bring what it waits for, stop clocks, decide on late entries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, redirect, request, url_for

from webapp.case.attempts import attempt
from webapp.case.forms import is_search, uploads_of
from webapp.case.opened import OpenForm
from webapp.case.screen import Screen
from webapp.forms.given import given_choice, given_day, given_text, needed_day
from webapp.forms.outcomes import tell_outcome
from webapp.forms.refusals import send_back
from webapp.gates.permissions import Permission, requires
from webapp.sayings import gettext
from webapp.work import Work, in_transaction
from workflows.domain.errors import NotFound
from workflows.domain.pauses import Certificate, CertificateNeeded, PauseGround
from workflows.queries.case.page import case_head
from workflows.queries.organisations.finding import people_like
from workflows.services import casework
from workflows.services.casework import Completed
from workflows.services.corrections.late import confirm_late, refuse_late
from workflows.services.corrections.latepauses import pause_from
from workflows.services.secrecy.looking import Looked
from workflows.services.steps.attachments import keep_files
from workflows.services.steps.stopping import decide_stopped
from workflows.services.versions.recomputing import confirm_earlier

_LONGEST_IN_CERTIFICATE = 80
_CERTIFICATE = ("paper_kind", "paper_number", "issuer", "covers_from", "covers_until")
blueprint = Blueprint("case_acts", __name__, url_prefix="/cases")


@blueprint.post("/<case_id>/messages/<path:path>")
@requires(Permission.CASES)
@in_transaction
def send(work: Work, case_id: str, path: str) -> Any:
    """Bring a case something that it waits for."""
    screen = Screen.of(work, case_id)
    return _bring(work, screen, screen.message_form(screen.awaited(path)), path)


@blueprint.get("/<case_id>/paper-messages/<path:path>")
@requires(Permission.CASES)
@in_transaction
def paper_page(work: Work, case_id: str, path: str) -> Any:
    """Show the form of something that came on paper."""
    screen = Screen.of(work, case_id)
    return screen.show(screen.message_form(screen.awaited(path), on_paper=True))


@blueprint.post("/<case_id>/paper-messages/<path:path>")
@requires(Permission.CASES)
@in_transaction
def send_paper(work: Work, case_id: str, path: str) -> Any:
    """Enter something that came on paper."""
    screen = Screen.of(work, case_id)
    return _bring(work, screen, screen.message_form(screen.awaited(path), on_paper=True), path)


def _bring(work: Work, screen: Screen, opened: OpenForm, path: str) -> Any:
    if is_search():
        return screen.show(opened)
    if opened.paper is not None and not opened.paper.validate():
        return screen.show(opened, 422)
    case_id, given = screen.page.case.id, opened.paper
    paper = None if given is None else given.act()

    def act() -> Completed:
        values = opened.form.typed() if opened.form else {}
        uploads = uploads_of(opened.form, given)
        return casework.send_message(
            work.session,
            work.actor,
            work.now,
            case_id,
            path,
            values,
            paper=paper,
            attachments=keep_files(
                work.session, work.actor, work.now, case_id, uploads, screen.level_of(opened.form)
            ),
        )

    return attempt(work, screen, opened, act, path)


@blueprint.post("/<case_id>/clocks/<path:path>/<int:n>/pause")
@requires(Permission.CASES)
@in_transaction
def pause(work: Work, case_id: str, path: str, n: int) -> Any:
    """Stop a clock with a reason; who does it approves it."""
    return _decide(
        work,
        case_id,
        gettext("已暂停计时。"),
        lambda reason: casework.pause(
            work.session,
            work.actor,
            work.now,
            case_id,
            f"{path}#{n}",
            reason=reason,
            approver=work.actor.account_id,
            ground=_ground(),
            certificate=_certificate(),
        ),
    )


def _ground() -> PauseGround:
    if not request.form.get("ground"):
        return PauseGround.OTHER
    return PauseGround(given_choice("ground", list(PauseGround)))


def _certificate() -> Certificate | None:
    """Read the certificate of a form, if anything of it was filled in."""
    given = {name: given_text(name, _LONGEST_IN_CERTIFICATE) for name in _CERTIFICATE}
    if not any(given.values()):
        return None
    try:
        from_on, until_on = (date.fromisoformat(given[name]) for name in _CERTIFICATE[3:])
    except ValueError as error:
        raise CertificateNeeded from error
    kind, number, issuer = (given[name] for name in _CERTIFICATE[:3])
    return Certificate(kind, number, issuer, from_on, until_on)


@blueprint.post("/<case_id>/clocks/<path:path>/<int:n>/resume")
@requires(Permission.CASES)
@in_transaction
def resume(work: Work, case_id: str, path: str, n: int) -> Any:
    """Let a clock go on with what is left of its time."""
    return _decide(
        work,
        case_id,
        gettext("已恢复计时，剩余天数接着计算。"),
        lambda reason: casework.resume(
            work.session, work.actor, work.now, case_id, f"{path}#{n}", reason=reason
        ),
    )


@blueprint.post("/<case_id>/clocks/<path:path>/<int:n>/pause-from")
@requires(Permission.CASES)
@in_transaction
def pause_earlier(work: Work, case_id: str, path: str, n: int) -> Any:
    """Enter a pause that began in the past, with its paper; a second person confirms it."""
    return _decide(
        work,
        case_id,
        gettext("已录入，等待另一人确认。"),
        lambda reason: pause_from(
            work.session,
            work.actor,
            work.now,
            case_id,
            f"{path}#{n}",
            from_on=needed_day("from_on"),
            to_on=given_day("to_on"),
            reason=reason,
            document=given_text("document"),
            ground=_ground(),
            certificate=_certificate(),
        ),
    )


@blueprint.post("/<case_id>/calendar")
@requires(Permission.CASES)
@in_transaction
def calendar(work: Work, case_id: str) -> Any:
    """Let dates come earlier as the announced year has it; those concerned have been told."""
    return _decide(
        work,
        case_id,
        gettext("已按放假通知改定期限。"),
        lambda reason: confirm_earlier(work.session, work.actor, work.now, case_id, reason),
    )


@blueprint.post("/<case_id>/stopped")
@requires(Permission.CASES)
@in_transaction
def stopped(work: Work, case_id: str) -> Any:
    """Let a stopped case go on, or end it, as its approver decides."""
    go_on = request.form.get("decision") == "go_on"
    return _decide(
        work,
        case_id,
        gettext("案件恢复办理。") if go_on else gettext("案件已终止办理。"),
        lambda reason: decide_stopped(
            work.session,
            work.actor,
            work.now,
            case_id,
            given_choice("decision", ("go_on", "end")) == "go_on",
            reason,
        ),
    )


@blueprint.post("/<case_id>/late-entries/<int:entry_id>/confirm")
@requires(Permission.CASES)
@in_transaction
def confirm(work: Work, case_id: str, entry_id: int) -> Any:
    """Confirm a late entry: what it makes baseless is withdrawn."""
    return _decide(
        work,
        case_id,
        gettext("补录已确认，据此撤销的升级见办理记录。"),
        lambda _reason: confirm_late(
            work.session, work.actor, work.now, _waiting(work, case_id, entry_id)
        ),
        needs_reason=False,
    )


@blueprint.post("/<case_id>/late-entries/<int:entry_id>/refuse")
@requires(Permission.CASES)
@in_transaction
def refuse(work: Work, case_id: str, entry_id: int) -> Any:
    """Refuse a late entry with a reason."""
    return _decide(
        work,
        case_id,
        gettext("补录未予确认，案件不变。"),
        lambda reason: refuse_late(
            work.session, work.actor, work.now, _waiting(work, case_id, entry_id), reason
        ),
    )


def _waiting(work: Work, case_id: str, entry_id: int) -> int:
    """Make sure that a late entry waits in this very case.

    Raises:
        NotFound: It does not, or the visitor does not see the case.
    """
    waiting = Screen.of(work, case_id).page.waiting
    if all(entry.id != entry_id for entry in waiting):
        raise NotFound(what="late entry", key=str(entry_id))
    return entry_id


def _decide(
    work: Work,
    case_id: str,
    said: str,
    act: Callable[[str], object],
    *,
    needs_reason: bool = True,
) -> Any:
    # Whoever does not see the case is told nothing of what is wrong with his form.
    case_head(work.session, case_id)
    reason = given_text("reason")
    back = redirect(url_for("cases.page", case_id=case_id))
    if needs_reason and not reason:
        send_back(gettext("请写明理由。"))
        return back
    with tell_outcome(work, said):
        act(reason)
    return back


@blueprint.get("/<case_id>/people")
@requires(Permission.CASES)
@in_transaction
def people(work: Work, case_id: str) -> Any:
    """Find people of the banner for a picker, by name or by pinyin."""
    text = request.args.get("q", "")[:40]
    screen = Screen.of(work, case_id, Looked.PEOPLE, text)
    found = people_like(work.session, text, screen.page.case.org_path, work.today)
    return [{"id": each.id, "label": each.label} for each in found]
