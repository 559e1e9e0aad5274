"""What people do with a task without its form: take, give back, hand on, borrow, co-sign."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from flask import flash, redirect, request, url_for

from webapp.case.attempts import holder_of
from webapp.case.screen import Screen
from webapp.forms.given import given_day, given_text
from webapp.forms.refusals import send_back
from webapp.gates.permissions import Permission, requires
from webapp.gates.recusals import ask_to_declare
from webapp.sayings import gettext
from webapp.views.cases import taken_page
from webapp.views.tasks import ADDRESS, blueprint
from webapp.words.errors import explain, sentence_for
from webapp.work import Work, in_transaction
from workflows.domain.errors import Conflict, InvalidInput, NotAllowed
from workflows.services import casework
from workflows.services.casework import TaskHeld
from workflows.services.staff import delegating
from workflows.services.staff.delegating import Bounds
from workflows.services.steps import handing_on

__all__ = ["blueprint"]


@blueprint.post(f"{ADDRESS}/claim")
@requires(Permission.CASES)
@in_transaction
def claim(work: Work, case_id: str, path: str, n: int) -> Any:
    """Take a task, so that others see that somebody has it; before the first one he declares."""
    ask_to_declare(work, case_id)
    act = partial(casework.claim, work.session, work.actor, work.now, case_id, f"{path}#{n}")
    return _assign(work, case_id, path, n, gettext("已领取。"), act)


@blueprint.post(f"{ADDRESS}/release")
@requires(Permission.CASES)
@in_transaction
def release(work: Work, case_id: str, path: str, n: int) -> Any:
    """Give a task back to its office."""
    act = partial(casework.release, work.session, work.actor, work.now, case_id, f"{path}#{n}")
    return _assign(work, case_id, path, n, gettext("已退回，同单位的人可以领取。"), act)


@blueprint.post(f"{ADDRESS}/reassign")
@requires(Permission.CASES)
@in_transaction
def reassign(work: Work, case_id: str, path: str, n: int) -> Any:
    """Hand a task on to a colleague, with a reason."""
    account_id, reason = request.form.get("account", ""), given_text("reason")
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


@blueprint.post(f"{ADDRESS}/section")
@requires(Permission.CASES)
@in_transaction
def to_section(work: Work, case_id: str, path: str, n: int) -> Any:
    """Hand a task to another body of the same unit, with a reason."""
    reason, section = given_text("reason"), request.form.get("section", "")
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


@blueprint.post(f"{ADDRESS}/up")
@requires(Permission.CASES)
@in_transaction
def hand_up(work: Work, case_id: str, path: str, n: int) -> Any:
    """Hand a task to the superior, with a reason."""
    reason, task = given_text("reason"), f"{path}#{n}"
    act = partial(handing_on.hand_up, work.session, work.actor, work.now, case_id, task, reason)
    return _moved(work, case_id, path, n, reason, gettext("已提请上级办理。"), act)


@blueprint.post(f"{ADDRESS}/borrow")
@requires(Permission.CASES)
@in_transaction
def borrow(work: Work, case_id: str, path: str, n: int) -> Any:
    """Ask for a borrowed member for one step of this case."""
    until_on = given_day("until_on") or date.min
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


@blueprint.post(f"{ADDRESS}/co-sign")
@requires(Permission.CASES)
@in_transaction
def co_sign(work: Work, case_id: str, path: str, n: int) -> Any:
    """Sign, as the principal, for a task in which one person did what two should."""
    act = partial(casework.co_sign, work.session, work.actor, work.now, case_id, f"{path}#{n}")
    said = gettext("已会签，任务办结。")
    _assign(work, case_id, path, n, said, act)
    return redirect(url_for("cases.page", case_id=case_id))


@blueprint.post(f"{ADDRESS}/refuse-co-sign")
@requires(Permission.CASES)
@in_transaction
def refuse_co_sign(work: Work, case_id: str, path: str, n: int) -> Any:
    """Refuse the principal's signature; the task is done anew, by somebody else."""
    reason = given_text("reason")
    if not reason:
        send_back(gettext("请写明理由。"))
        return redirect(url_for("cases.page", case_id=case_id))
    act = partial(
        casework.refuse_co_sign, work.session, work.actor, work.now, case_id, f"{path}#{n}", reason
    )
    return _assign(work, case_id, path, n, gettext("未予会签，须另行办理。"), act)


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
        send_back(gettext("该任务已由 %(name)s 领取。", name=holder_of(work, error)), 409)
    except (NotAllowed, Conflict, InvalidInput) as error:
        send_back(explain(error), sentence_for(error).status)
    else:
        flash(said, "success")
    return redirect(url_for("cases.task", case_id=case_id, path=path, n=n))
