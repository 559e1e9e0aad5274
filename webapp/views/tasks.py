"""What people do with tasks: do, sign, enter from paper, take, give back, hand on, draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for

from webapp.case.forms import is_search, uploads_of
from webapp.case.opened import OpenForm
from webapp.case.screen import Screen
from webapp.case.wording import change_phrases, is_about_phrases, wording_of
from webapp.dates import read_day
from webapp.forms.outcomes import tell_outcome
from webapp.forms.packs import errors_of
from webapp.forms.paper_entry import enter_paper
from webapp.forms.refusals import send_back
from webapp.forms.suggestions import suggestions
from webapp.gates.permissions import Permission, requires
from webapp.gates.recusals import ask_to_declare
from webapp.sayings import gettext
from webapp.views.cases import taken_page
from webapp.words.errors import explain, sentence_for
from webapp.work import Work, in_transaction
from workflows.domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from workflows.domain.records import Attachment
from workflows.queries.names import names_of
from workflows.services import casework
from workflows.services.casework import Completed, TaskHeld, ValidationFailed
from workflows.services.desk.drafts import drop_drafts, save_draft
from workflows.services.staff import delegating
from workflows.services.staff.delegating import Bounds
from workflows.services.steps import handing_on
from workflows.services.steps.attachments import keep_files
from workflows.services.steps.signing import PairNeedsReason

blueprint = Blueprint("tasks", __name__, url_prefix="/cases")
_ADDRESS = "/<case_id>/tasks/<path:path>/<int:n>"


@blueprint.post(_ADDRESS)
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


@blueprint.post(f"{_ADDRESS}/sign")
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
    return request.form.get("_pair_reason", "")[:200]


@blueprint.post(f"{_ADDRESS}/co-sign")
@requires(Permission.CASES)
@in_transaction
def co_sign(work: Work, case_id: str, path: str, n: int) -> Any:
    """Sign, as the principal, for a task in which one person did what two should."""
    act = partial(casework.co_sign, work.session, work.actor, work.now, case_id, f"{path}#{n}")
    said = gettext("已会签，任务办结。")
    _assign(work, case_id, path, n, said, act)
    return redirect(url_for("cases.page", case_id=case_id))


@blueprint.post(f"{_ADDRESS}/refuse-co-sign")
@requires(Permission.CASES)
@in_transaction
def refuse_co_sign(work: Work, case_id: str, path: str, n: int) -> Any:
    """Refuse the principal's signature; the task is done anew, by somebody else."""
    reason = request.form.get("reason", "").strip()[:200]
    if not reason:
        send_back(gettext("请写明理由。"))
        return redirect(url_for("cases.page", case_id=case_id))
    act = partial(
        casework.refuse_co_sign, work.session, work.actor, work.now, case_id, f"{path}#{n}", reason
    )
    return _assign(work, case_id, path, n, gettext("未予会签，须另行办理。"), act)


@blueprint.get(f"{_ADDRESS}/paper")
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


@blueprint.post(f"{_ADDRESS}/paper")
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


@blueprint.get(f"{_ADDRESS}/late")
@requires(Permission.CASES)
@in_transaction
def late_page(work: Work, case_id: str, path: str, n: int) -> Any:
    """Show the form of a task that a deadline closed, for an act that came in time."""
    screen = Screen.of(work, case_id)
    return screen.show(screen.late_form(path, n))


@blueprint.post(f"{_ADDRESS}/late")
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


def attempt(
    work: Work,
    screen: Screen,
    opened: OpenForm,
    act: Callable[[], Completed | None],
    place: str,
) -> Any:
    """Do something with a form; refused, the form is shown again with all that was typed."""
    try:
        with work.session.begin_nested():
            done = act()
    except ValidationFailed as error:
        if opened.form is None:
            raise
        opened.form.take_errors(errors_of(error))
        return screen.show(opened, 422)
    except TaskHeld as error:
        held = gettext("该任务已由 %(name)s 领取，您的填写没有提交。", name=_holder(work, error))
        opened.problem = held
        return screen.show(opened, 409)
    except PairNeedsReason as error:
        opened.problem = explain(error)
        opened.pair = gettext("由同一人办理，须说明理由并由主要负责人会签。")
        return screen.show(opened, 422)
    except (InvalidInput, NotAllowed) as error:
        opened.problem = explain(error)
        return screen.show(opened, sentence_for(error).status)
    drop_drafts(work.session, screen.page.case.id, place)
    return redirect(_after(screen, opened.heading, done))


def _after(screen: Screen, heading: str, done: Completed | None) -> str:
    case_id = screen.page.case.id
    if done is None:
        flash(gettext("“%(task)s”已补录，待第二人确认后生效。", task=heading), "success")
        return url_for("cases.page", case_id=case_id)
    if done.waiting_for_principal:
        flash(gettext("您已签署“%(task)s”，待主要负责人会签后生效。", task=heading), "success")
        return url_for("cases.page", case_id=case_id)
    if done.waiting_for_second_signature:
        flash(gettext("您已签署“%(task)s”，待第二人签署后生效。", task=heading), "success")
        return url_for("cases.page", case_id=case_id)
    flash(gettext("已办结“%(task)s”。", task=heading), "success")
    if done.opened_cases:
        flash(gettext("已在同一事项下开立个人案件。"), "info")
    if done.ended:
        flash(gettext("本案已办结。"), "info")
    if done.next_tasks_for_actor:
        path, _, n = done.next_tasks_for_actor[0].rpartition("#")
        return url_for("cases.task", case_id=case_id, path=path, n=int(n))
    return url_for("cases.page", case_id=case_id)


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


@blueprint.post(f"{_ADDRESS}/draft")
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


@blueprint.get(f"{_ADDRESS}/suggestions")
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


@blueprint.post(f"{_ADDRESS}/claim")
@requires(Permission.CASES)
@in_transaction
def claim(work: Work, case_id: str, path: str, n: int) -> Any:
    """Take a task, so that others see that somebody has it; before the first one he declares."""
    ask_to_declare(work, case_id)
    act = partial(casework.claim, work.session, work.actor, work.now, case_id, f"{path}#{n}")
    return _assign(work, case_id, path, n, gettext("已领取。"), act)


@blueprint.post(f"{_ADDRESS}/release")
@requires(Permission.CASES)
@in_transaction
def release(work: Work, case_id: str, path: str, n: int) -> Any:
    """Give a task back to its office."""
    act = partial(casework.release, work.session, work.actor, work.now, case_id, f"{path}#{n}")
    return _assign(work, case_id, path, n, gettext("已退回，同单位的人可以领取。"), act)


@blueprint.post(f"{_ADDRESS}/reassign")
@requires(Permission.CASES)
@in_transaction
def reassign(work: Work, case_id: str, path: str, n: int) -> Any:
    """Hand a task on to a colleague, with a reason."""
    account_id = request.form.get("account", "")
    reason = request.form.get("reason", "").strip()
    if not account_id or not reason:
        send_back(gettext("转办须选择承办人并写明理由。"))
        return redirect(url_for("cases.task", case_id=case_id, path=path, n=n))
    act = partial(
        casework.reassign,
        work.session,
        work.actor,
        work.now,
        case_id,
        f"{path}#{n}",
        account_id=account_id,
        reason=reason,
    )
    return _assign(work, case_id, path, n, gettext("已转办。"), act)


@blueprint.post(f"{_ADDRESS}/section")
@requires(Permission.CASES)
@in_transaction
def to_section(work: Work, case_id: str, path: str, n: int) -> Any:
    """Hand a task to another body of the same unit, with a reason."""
    reason, section = _reason(), request.form.get("section", "")
    act = partial(
        handing_on.to_section,
        work.session,
        work.actor,
        work.now,
        case_id,
        f"{path}#{n}",
        section,
        reason,
    )
    return _moved(work, case_id, path, n, reason, gettext("已转另一科室。"), act)


@blueprint.post(f"{_ADDRESS}/up")
@requires(Permission.CASES)
@in_transaction
def hand_up(work: Work, case_id: str, path: str, n: int) -> Any:
    """Hand a task to the superior, with a reason."""
    reason, task = _reason(), f"{path}#{n}"
    act = partial(handing_on.hand_up, work.session, work.actor, work.now, case_id, task, reason)
    return _moved(work, case_id, path, n, reason, gettext("已提请上级办理。"), act)


@blueprint.post(f"{_ADDRESS}/borrow")
@requires(Permission.CASES)
@in_transaction
def borrow(work: Work, case_id: str, path: str, n: int) -> Any:
    """Ask for a borrowed member for one step of this case."""
    until_on = read_day(request.form.get("until_on", "")) or date.min
    bounds = Bounds(work.today, until_on, request.form.get("instrument", ""))
    act = partial(
        delegating.borrow,
        work.session,
        work.actor,
        work.now,
        case_id=case_id,
        task=f"{path}#{n}",
        account_id=request.form.get("account", ""),
        bounds=bounds,
    )
    said = gettext("已申请借调，待安全管理员批准。")
    _assign(work, case_id, path, n, said, act)
    return redirect(url_for("cases.page", case_id=case_id))


def _reason() -> str:
    return request.form.get("reason", "").strip()[:200]


def _moved(
    work: Work, case_id: str, path: str, n: int, reason: str, said: str, act: Callable[[], object]
) -> Any:
    if reason:
        _assign(work, case_id, path, n, said, act)
    else:
        send_back(gettext("请写明理由。"))
    return redirect(url_for("cases.page", case_id=case_id))


def _assign(
    work: Work, case_id: str, path: str, n: int, said: str, act: Callable[[], object]
) -> Any:
    screen = Screen.of(work, case_id)
    if screen.card(path, n) is None:
        return taken_page(work, screen, path, n)
    try:
        with work.session.begin_nested():
            act()
    except TaskHeld as error:
        send_back(gettext("该任务已由 %(name)s 领取。", name=_holder(work, error)), 409)
    except (NotAllowed, Conflict, InvalidInput) as error:
        send_back(explain(error), sentence_for(error).status)
    else:
        flash(said, "success")
    return redirect(url_for("cases.task", case_id=case_id, path=path, n=n))


def _holder(work: Work, error: TaskHeld) -> str:
    key = str(error.by)
    return names_of(work.session, [key]).get(key, key)
