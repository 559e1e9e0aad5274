"""What is done to ticked tasks of the worklist at once, and the list as a workbook."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, redirect, request

from webapp.forms.given import given_text
from webapp.forms.refusals import send_back
from webapp.gates.permissions import Permission, requires
from webapp.gates.recusals import ask_to_declare, enter_ticked
from webapp.lists.bulk import BulkAct, back_address, do_each, ticked
from webapp.lists.worklist_filter import asked_of
from webapp.outside.downloads import tasks_download
from webapp.sayings import gettext
from webapp.work import Work, begin_work, reading_sessions
from workflows.queries.desk.worklist import ListedTask
from workflows.queries.organisations.finding import Found, colleagues_for
from workflows.services import casework
from workflows.services.desk.reminding import remind as remind_office
from workflows.services.steps.tasks import HANDING_ROLES
from workflows.store.transaction import transaction

blueprint = Blueprint("worklist_acts", __name__, url_prefix="/worklist")


@blueprint.post("/claim")
@requires(Permission.CASES)
def take() -> Any:
    """Take the ticked tasks; one that was pressed alone asks for its declaration first."""
    only = request.form.get("only")
    if only:
        with transaction(reading_sessions()) as session:
            ask_to_declare(begin_work(session), only.partition("|")[0])
    is_free = request.form.get("bond") == "none"

    def act(work: Work, case_id: str, task: str) -> None:
        enter_ticked(work, case_id, is_free=is_free)
        casework.claim(work.session, work.actor, work.now, case_id, task)

    bulk = BulkAct(gettext("批量领取的结果"), gettext("已领取"), act)
    return do_each([only] if only else ticked(), bulk)


@blueprint.post("/release")
@requires(Permission.CASES)
def release() -> Any:
    """Give the ticked tasks back to their offices."""

    def act(work: Work, case_id: str, task: str) -> None:
        casework.release(work.session, work.actor, work.now, case_id, task)

    return do_each(ticked(), BulkAct(gettext("批量退回的结果"), gettext("已退回"), act))


@blueprint.post("/reassign")
@requires(Permission.CASES)
def reassign() -> Any:
    """Hand the ticked tasks on to a colleague, with a reason."""
    account_id, reason = request.form.get("account", ""), given_text("reason")
    if not account_id or not reason:
        return _asked_again(gettext("转办须选择承办人并写明理由。"), "account", "reason")

    def act(work: Work, case_id: str, task: str) -> None:
        casework.reassign(
            work.session,
            work.actor,
            work.now,
            case_id,
            task,
            account_id=account_id,
            reason=reason,
        )

    return do_each(ticked(), BulkAct(gettext("批量转办的结果"), gettext("已转办"), act))


@blueprint.post("/remind")
@requires(Permission.CASES)
def remind() -> Any:
    """Remind the offices that have the ticked tasks, on record."""
    text = given_text("reminder")
    over_cap = given_text("over_cap")
    if not text:
        return _asked_again(gettext("请写明催办的事项。"), "reminder")

    def act(work: Work, case_id: str, task: str) -> None:
        remind_office(work.session, work.actor, work.now, case_id, task, text, over_cap)

    return do_each(ticked(), BulkAct(gettext("批量催办的结果"), gettext("已催办"), act))


def _asked_again(said: str, *fields: str) -> Any:
    empty = [name for name in fields if not request.form.get(name, "").strip()]
    send_back(said, 422, *empty)
    return redirect(back_address())


@blueprint.post("/export")
@requires(Permission.CASES)
def export() -> Any:
    """Hand out the rows of the list, as they are filtered, as a workbook."""
    given = request.form
    return tasks_download(lambda work: asked_of(work, given), given)


def colleagues_of(work: Work, rows: Iterable[ListedTask]) -> tuple[Found, ...]:
    """Give who could do one of these tasks, where the visitor hands tasks on."""
    if not any(work.actor.serves(HANDING_ROLES, row.task.org_path) for row in rows):
        return ()
    found: dict[str, Found] = {}
    for roles, path in {(row.task.roles, row.office_path) for row in rows}:
        for each in colleagues_for(work.session, roles.split(), path, work.today):
            found.setdefault(each.id, each)
    return tuple(sorted(found.values(), key=lambda each: each.name))
