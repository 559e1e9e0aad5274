"""What people do with the form of a task: do, sign, enter from paper, draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, request

from webapp.case.attempts import attempt
from webapp.case.forms import is_search, uploads_of
from webapp.case.opened import OpenForm
from webapp.case.screen import Screen
from webapp.case.wording import change_phrases, is_about_phrases, wording_of
from webapp.forms.given import given_text
from webapp.forms.outcomes import tell_outcome
from webapp.forms.paper_entry import enter_paper
from webapp.forms.suggestions import suggestions
from webapp.gates.permissions import Permission, requires
from webapp.views.cases import taken_page
from webapp.work import Work, in_transaction
from workflows.domain.errors import NotAllowed, NotFound
from workflows.domain.records import Attachment
from workflows.services import casework
from workflows.services.casework import Completed
from workflows.services.desk.drafts import save_draft
from workflows.services.steps.attachments import keep_files

blueprint = Blueprint("tasks", __name__, url_prefix="/cases")
ADDRESS = "/<case_id>/tasks/<path:path>/<int:n>"


@blueprint.post(ADDRESS)
@requires(Permission.CASES)
@in_transaction
def complete(work: Work, case_id: str, path: str, n: int) -> Any:
    """Do a task; the next one that is this officer's opens at once."""
    screen = Screen.of(work, case_id)
    card = screen.card(path, n)
    if card is None:
        return taken_page(work, screen, path, n, typed_lines(screen, path))
    opened = screen.task_form(card)
    if is_search():
        return screen.show(opened)
    if is_about_phrases():
        return _show_phrases(work, screen, opened, path)

    def act() -> Completed:
        values = opened.form.typed() if opened.form else {}
        uploads, level = uploads_of(opened.form), screen.level_of(opened.form)
        files = keep_files(work.session, work.actor, work.now, case_id, uploads, level)
        return _complete(work, case_id, card.place, values, files)

    return attempt(work, screen, opened, act, card.place)


def _show_phrases(work: Work, screen: Screen, opened: OpenForm, path: str) -> Any:
    """Keep or forget a phrase, and show the form with all that was typed."""
    with tell_outcome(work) as outcome:
        typed = opened.form.typed() if opened.form else {}
        outcome.said = change_phrases(work, _schema(screen, path), dict(typed))
    if opened.card is not None:
        opened.wording = wording_of(work, screen.speak, _schema(screen, path), opened.card)
    return screen.show(opened)


@blueprint.post(f"{ADDRESS}/sign")
@requires(Permission.CASES)
@in_transaction
def sign(work: Work, case_id: str, path: str, n: int) -> Any:
    """Sign what the first signer filled in, unchanged."""
    screen = Screen.of(work, case_id)
    card = screen.card(path, n)
    if card is None:
        return taken_page(work, screen, path, n)
    opened = screen.task_form(card)

    def act() -> Completed:
        return _complete(work, case_id, card.place, {})

    return attempt(work, screen, opened, act, card.place)


def _complete(
    work: Work,
    case_id: str,
    place: str,
    values: Mapping[str, Any],
    files: Sequence[Attachment] = (),
) -> Completed:
    return casework.complete(
        work.session,
        work.actor,
        work.now,
        case_id,
        place,
        values,
        attachments=files,
        pair_reason=_pair_reason(),
    )


def _pair_reason() -> str:
    """Read why one person does what two should."""
    return given_text("_pair_reason")


@blueprint.get(f"{ADDRESS}/paper")
@requires(Permission.CASES)
@in_transaction
def paper_page(work: Work, case_id: str, path: str, n: int) -> Any:
    """Show the form of a task that somebody did on paper."""
    screen = Screen.of(work, case_id)
    card = screen.card(path, n)
    if card is None:
        return taken_page(work, screen, path, n)
    if not card.may_paper:
        raise NotAllowed(reason="paper")
    return screen.show(screen.task_form(card, on_paper=True))


@blueprint.post(f"{ADDRESS}/paper")
@requires(Permission.CASES)
@in_transaction
def paper(work: Work, case_id: str, path: str, n: int) -> Any:
    """Enter what somebody did on paper; in time for a deadline that fired, it waits."""
    screen = Screen.of(work, case_id)
    card = screen.card(path, n)
    if card is None:
        return taken_page(work, screen, path, n, typed_lines(screen, path))
    if not card.may_paper:
        raise NotAllowed(reason="paper")
    return _from_paper(work, screen, screen.task_form(card, on_paper=True), card.place)


@blueprint.get(f"{ADDRESS}/late")
@requires(Permission.CASES)
@in_transaction
def late_page(work: Work, case_id: str, path: str, n: int) -> Any:
    """Show the form of a task that a deadline closed, for an act that came in time."""
    screen = Screen.of(work, case_id)
    return screen.show(screen.late_form(path, n))


@blueprint.post(f"{ADDRESS}/late")
@requires(Permission.CASES)
@in_transaction
def late(work: Work, case_id: str, path: str, n: int) -> Any:
    """Enter an act that came in time; a second person confirms it."""
    screen = Screen.of(work, case_id)
    return _from_paper(work, screen, screen.late_form(path, n), f"{path}#{n}", is_late=True)


def _from_paper(
    work: Work, screen: Screen, opened: OpenForm, place: str, *, is_late: bool = False
) -> Any:
    if is_search() or opened.paper is None:
        return screen.show(opened)
    if not opened.paper.validate():
        return screen.show(opened, 422)
    case_id, given = screen.page.case.id, opened.paper
    act_of = given.act()

    def act() -> Completed | None:
        values = opened.form.typed() if opened.form else {}
        uploads = uploads_of(opened.form, given)
        level = screen.level_of(opened.form)
        files = keep_files(work.session, work.actor, work.now, case_id, uploads, level)
        return enter_paper(
            work,
            case_id,
            place,
            values,
            act_of,
            files,
            is_late=is_late,
            pair_reason=_pair_reason(),
        )

    return attempt(work, screen, opened, act, place)


def typed_lines(screen: Screen, path: str) -> tuple[tuple[str, str], ...]:
    """Write what came in with a form that is of no use any more, so that it is not lost."""
    activity = screen.page.definition.activity(path)
    schema = screen.page.definition.pack.forms.get(activity.form or "")
    values = {
        each.key: request.form.getlist(each.key)
        for each in (schema.fields if schema else ())
        if each.is_input and any(request.form.getlist(each.key))
    }
    return tuple(screen.speak.filled(activity.form, values))


@blueprint.post(f"{ADDRESS}/draft")
@requires(Permission.CASES)
@in_transaction
def draft(work: Work, case_id: str, path: str, n: int) -> Any:
    """Keep what was typed so far."""
    screen = Screen.of(work, case_id)
    card = screen.card(path, n)
    if card is None:
        return taken_page(work, screen, path, n)
    if not (card.may_do or card.may_paper):
        raise NotAllowed(reason="draft")
    schema = _schema(screen, path)
    values: dict[str, Any] = {}
    for each in schema.fields if schema else ():
        came = [text for text in request.form.getlist(each.key) if text]
        if each.is_input and came:
            values[each.key] = came if len(came) > 1 else came[0]
    save_draft(work.session, work.actor.account_id, work.now, case_id, f"{path}#{n}", values)
    return "", 204


@blueprint.get(f"{ADDRESS}/suggestions")
@requires(Permission.CASES)
@in_transaction
def suggest(work: Work, case_id: str, path: str, n: int) -> Any:
    """Say what the decision tables suggest on what was typed so far."""
    screen = Screen.of(work, case_id)
    if screen.card(path, n) is None:
        raise NotFound(what="task", key=f"{path}#{n}")
    schema = _schema(screen, path)
    typed = {
        each.key: request.args.getlist(each.key)
        for each in (schema.fields if schema else ())
        if each.is_input and request.args.getlist(each.key)
    }
    found = suggestions(screen.speak, schema, typed, screen.page.facts)
    return {each.key: each.value for each in found}


def _schema(screen: Screen, path: str) -> Any:
    form = screen.page.definition.activity(path).form
    return screen.page.definition.pack.forms.get(form or "")
