"""The worklist: open tasks, filtered, sorted, a page at a time."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from webapp.gates.permissions import Permission, requires
from webapp.lists.tasks import lines_of
from webapp.lists.worklist_filter import Asked, asked_of
from webapp.sayings import gettext
from webapp.views.worklist_acts import colleagues_of
from webapp.words.packs import PackWords
from webapp.work import Work, in_transaction
from workflows.domain.roles import CASE_ROLES, Role
from workflows.queries.desk.colour_ranges import COLOURS
from workflows.queries.desk.worklist import Mark, Order, TaskPage, Whose, tasks_page
from workflows.queries.organisations.page import paths_seen
from workflows.queries.tracks.recusals import waiting_for
from workflows.services.desk.filters import filters_of
from workflows.services.packs import pack_in_force
from workflows.services.secrecy.clearance import may_export

blueprint = Blueprint("worklist", __name__, url_prefix="/worklist")


@blueprint.get("/")
@requires(Permission.CASES)
@in_transaction
def page(work: Work) -> Any:
    """Show a page of open tasks; without any filter that which the visitor begins with."""
    filters = filters_of(work.session, work.actor)
    first = next((each for each in filters if each.is_default), None)
    if first is not None and not request.args:
        begun: dict[str, Any] = {**first.values, "saved": first.id}
        return redirect(url_for("worklist.page", **begun))
    asked = asked_of(work, request.args)
    after = Mark.read(request.args.get("after", ""))
    found = _found(work, asked, after)
    kept: dict[str, Any] = {name: value for name, value in asked.values.items() if value}
    return render_template(
        "worklist/page.html",
        asked=asked,
        kept=kept,
        lines=lines_of(work, found.rows),
        found=found,
        after=after,
        next_url=url_for("worklist.page", **kept, after=found.following.write())
        if found.following
        else None,
        whose=_whose(),
        orders=_orders(),
        colours=COLOURS,
        roles=sorted(CASE_ROLES),
        problems=_problems(work),
        to_decide=len(waiting_for(work.session, work.actor)),
        may_take_out=any(may_export(work.actor, path) for path in paths_seen(work.actor)),
        colleagues=colleagues_of(work, found.rows),
        me=work.actor.account_id,
        filters=filters,
        used=next((each for each in filters if str(each.id) == request.args.get("saved")), None),
        has_office=work.actor.office_id is not None,
        supervises=any(grant.role == Role.SUPERVISOR for grant in work.actor.grants),
    )


def _found(work: Work, asked: Asked, after: Mark | None) -> TaskPage:
    """Read a page; a place outside what the viewer serves has no tasks for him."""
    if asked.is_outside:
        return TaskPage((), None, 0)
    return tasks_page(work.session, work.actor, work.today, asked.wanted, after)


def _problems(work: Work) -> list[tuple[str, str]]:
    """Give the types of problem to filter by; before the first pack there are none."""
    pack = pack_in_force(work.session, work.today)
    if pack is None or "problem_type" not in pack.facts:
        return []
    speak = PackWords(pack)
    return [
        (code, speak.value("problem_type", code)) for code in pack.facts["problem_type"].choices
    ]


def _whose() -> tuple[tuple[str, str], ...]:
    return (
        (Whose.MY, gettext("我可以办的")),
        (Whose.MINE, gettext("我已领取的")),
        (Whose.FREE, gettext("待领取的")),
        (Whose.ALL, gettext("全部未办结")),
    )


def _orders() -> tuple[tuple[str, str], ...]:
    return (
        (Order.DUE, gettext("期限在前")),
        (Order.NEWEST, gettext("新任务在前")),
        (Order.PLACE, gettext("按单位")),
    )
