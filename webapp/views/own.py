"""Cases about the visitor himself: his documents, his tasks, what he may ask for (R15)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from wtforms.fields import SelectChoice

from webapp.case.documents import line_called, name_of, paper_of
from webapp.case.forms import uploads_of
from webapp.forms.packs import errors_of
from webapp.forms.recusals import OwnRequestForm
from webapp.gates.permissions import Permission, requires
from webapp.papers.making import paper_answer
from webapp.sayings import gettext
from webapp.screens import own as screen
from webapp.screens.own import OwnCase, OwnForm
from webapp.words.errors import explain, sentence_for
from webapp.work import Work, in_transaction, note_look
from workflows.domain.errors import Conflict, InvalidInput, NotAllowed
from workflows.domain.recusals import RecusalSource
from workflows.queries.case.page import CasePage, case_page
from workflows.queries.tracks.recusals import officers_met
from workflows.services import casework
from workflows.services.casework import ValidationFailed
from workflows.services.secrecy.looking import Looked
from workflows.services.steps.attachments import described, keep_files
from workflows.services.steps.own_cases import own_case, own_cases
from workflows.services.tracks import recusal

blueprint = Blueprint("own", __name__, url_prefix="/own")
_PERSONAL = "L2"


@contextmanager
def _opened(work: Work, own_id: str) -> Iterator[CasePage]:
    """Read a case for the person whom it is about, as long as it is open to him."""
    with own_case(work.session, work.actor, own_id) as case:
        yield case_page(work.session, case.id, work.today)


@blueprint.get("/")
@requires(Permission.OWN_CASES)
@in_transaction
def page(work: Work) -> Any:
    """List the cases about the visitor that he has been told of."""
    listed = sorted(_listed(work), key=lambda each: not each.tasks)
    return render_template("own/page.html", cases=listed)


def _listed(work: Work) -> Iterator[OwnCase]:
    for case in tuple(own_cases(work.session, work.actor)):
        with _opened(work, case.id) as found:
            yield screen.own_line(work, found)


@blueprint.get("/<own_id>")
@requires(Permission.OWN_CASES)
@in_transaction
def one(work: Work, own_id: str) -> Any:
    """Show the visitor his case."""
    with _opened(work, own_id) as found:
        return _show(work, found)


def _show(work: Work, found: CasePage, opened: OwnForm | None = None, status: int = 200) -> Any:
    said = render_template(
        "own/one.html",
        number=found.case.number,
        own_id=found.case.id,
        name=screen.speaker(found).process(found.case.process_id),
        tasks=screen.own_tasks(work, found),
        documents=screen.own_documents(work, found),
        offers=screen.own_offers(work, found),
        messages=screen.own_messages(found),
        effects=screen.own_effects(found),
        opened=opened,
        today=work.today,
    )
    return make_response(said, status)


@blueprint.get("/<own_id>/tasks/<path:path>/<int:n>")
@requires(Permission.OWN_CASES)
@in_transaction
def task(work: Work, own_id: str, path: str, n: int) -> Any:
    """Show the form of one of his tasks."""
    with _opened(work, own_id) as found:
        return _show(work, found, screen.task_form(work, found, path, n))


@blueprint.post("/<own_id>/tasks/<path:path>/<int:n>")
@requires(Permission.OWN_CASES)
@in_transaction
def do(work: Work, own_id: str, path: str, n: int) -> Any:
    """Do one of his tasks."""
    with _opened(work, own_id) as found:
        opened = screen.task_form(work, found, path, n)
        return _send(work, found, opened, casework.complete, f"{path}#{n}")


@blueprint.get("/<own_id>/messages/<path:path>")
@requires(Permission.OWN_CASES)
@in_transaction
def message(work: Work, own_id: str, path: str) -> Any:
    """Show the form of what his case waits for from him."""
    with _opened(work, own_id) as found:
        return _show(work, found, screen.message_form(work, found, path))


@blueprint.post("/<own_id>/messages/<path:path>")
@requires(Permission.OWN_CASES)
@in_transaction
def bring(work: Work, own_id: str, path: str) -> Any:
    """Bring his case what it waits for from him."""
    with _opened(work, own_id) as found:
        opened = screen.message_form(work, found, path)
        return _send(work, found, opened, casework.send_message, path)


def _send(
    work: Work, found: CasePage, opened: OwnForm, step: Callable[..., object], place: str
) -> Any:
    """Hand what he filled in to the task or message at a place of his case."""
    known = (work.session, work.actor, work.now, found.case.id)
    uploads = uploads_of(opened.form)

    def act() -> str:
        files = keep_files(*known, uploads, _PERSONAL)
        values = opened.form.typed() if opened.form else {}
        step(*known, place, values, attachments=files)
        return gettext("已提交“%(task)s”。", task=opened.heading)

    return _attempt(work, found, opened, act)


@blueprint.get("/<own_id>/beside/<process>")
@requires(Permission.OWN_CASES)
@in_transaction
def ask(work: Work, own_id: str, process: str) -> Any:
    """Show the form of what he asks for beside his case: an appeal, tolerance."""
    with _opened(work, own_id) as found:
        return _show(work, found, screen.beside_form(work, found, process))


@blueprint.post("/<own_id>/beside/<process>")
@requires(Permission.OWN_CASES)
@in_transaction
def begin(work: Work, own_id: str, process: str) -> Any:
    """Open what he asks for beside his case."""
    with _opened(work, own_id) as found:
        opened = screen.beside_form(work, found, process)
        uploads = uploads_of(opened.form)

        def act() -> str:
            done = casework.open_beside(
                work.session,
                work.actor,
                work.now,
                own_id,
                process,
                opened.form.typed() if opened.form else {},
                attachments=described(uploads),
            )
            keep_files(work.session, work.actor, work.now, done.case_id, uploads, _PERSONAL)
            return gettext(
                "已提出“%(name)s”，编号 %(number)s。", name=opened.heading, number=done.number
            )

        return _attempt(work, found, opened, act)


def _attempt(work: Work, found: CasePage, opened: OwnForm, act: Callable[[], str]) -> Any:
    """Do something with a form; refused, it is shown again with all that was typed."""
    try:
        with work.session.begin_nested():
            said = act()
    except ValidationFailed as error:
        if opened.form is None:
            raise
        opened.form.take_errors(errors_of(error))
        return _show(work, found, opened, 422)
    except (InvalidInput, NotAllowed, Conflict) as error:
        refused = OwnForm(opened.heading, opened.action, opened.form, explain(error))
        return _show(work, found, refused, sentence_for(error).status)
    flash(said, "success")
    return redirect(url_for("own.one", own_id=found.case.id))


@blueprint.get("/<own_id>/documents/<key>/<int:seq>")
@requires(Permission.OWN_CASES)
@in_transaction
def document(work: Work, own_id: str, key: str, seq: int) -> Any:
    """Show a document that was handed to him."""
    with _opened(work, own_id) as found:
        line = line_called(screen.own_lines(work, found), key, seq)
        return render_template(
            "own/document.html",
            number=found.case.number,
            name=name_of(line.made),
            paper=paper_of(work, found, line),
            address={"own_id": own_id, "key": key, "seq": seq},
        )


@blueprint.post("/<own_id>/documents/<key>/<int:seq>/file")
@requires(Permission.OWN_CASES)
@in_transaction
def file(work: Work, own_id: str, key: str, seq: int) -> Any:
    """Hand out a document that was handed to him, as docx or PDF."""
    with _opened(work, own_id) as found:
        line = line_called(screen.own_lines(work, found), key, seq)
        paper = paper_of(work, found, line)
        note_look(Looked.PRINT, own_id, f"{key}/{seq}")
    return paper_answer(paper, work.now)


@blueprint.get("/<own_id>/recusal")
@requires(Permission.OWN_CASES)
@in_transaction
def recusal_page(work: Work, own_id: str) -> Any:
    """Show the form by which he asks that an officer keeps out of his case."""
    with _opened(work, own_id) as found:
        return _recusal_page(found, _request_form(work, found))


@blueprint.post("/<own_id>/recusal")
@requires(Permission.OWN_CASES)
@in_transaction
def ask_recusal(work: Work, own_id: str) -> Any:
    """Ask that an officer keeps out of his case."""
    with _opened(work, own_id) as found:
        form = _request_form(work, found)
        is_valid, reason = form.validate_on_submit(), form.reason()
        if not is_valid or reason is None:
            return make_response(_recusal_page(found, form), 422)
        try:
            with work.session.begin_nested():
                recusal.ask(
                    work.session,
                    work.actor,
                    work.now,
                    own_id,
                    form.account.data,
                    RecusalSource.SUBJECT,
                    reason,
                )
        except (InvalidInput, NotAllowed, Conflict) as error:
            form.account.errors = [explain(error)]
            return make_response(_recusal_page(found, form), 422)
    flash(gettext("已提出，由负责人在两个工作日内决定。"), "success")
    return redirect(url_for("own.one", own_id=own_id))


def _request_form(work: Work, found: CasePage) -> OwnRequestForm:
    form = OwnRequestForm()
    met = officers_met(work.session, found.case.id)
    form.account.choices = [
        SelectChoice("", "—"),
        *(SelectChoice(each.id, each.name) for each in met),
    ]
    return form


def _recusal_page(found: CasePage, form: OwnRequestForm) -> str:
    return render_template(
        "own/recusal.html", number=found.case.number, own_id=found.case.id, form=form
    )
