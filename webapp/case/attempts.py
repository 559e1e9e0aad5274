"""Trying an act with a form that is open on a case's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, url_for

from webapp.case.opened import OpenForm
from webapp.case.screen import Screen
from webapp.forms.packs import errors_of
from webapp.sayings import gettext
from webapp.words.errors import explain, sentence_for
from webapp.work import Work
from workflows.domain.errors import InvalidInput, NotAllowed
from workflows.queries.names import names_of
from workflows.services.casework import Completed, TaskHeld, ValidationFailed
from workflows.services.desk.drafts import drop_drafts
from workflows.services.steps.signing import PairNeedsReason


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
        held = gettext("该任务已由 %(name)s 领取，您的填写没有提交。", name=holder_of(work, error))
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


def holder_of(work: Work, error: TaskHeld) -> str:
    """Name who has a task."""
    key = str(error.by)
    return names_of(work.session, [key]).get(key, key)
