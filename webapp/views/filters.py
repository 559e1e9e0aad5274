"""Filters of the worklist under a name: kept, shared, renamed, deleted, opened with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from webapp.forms.outcomes import tell_outcome
from webapp.forms.refusals import send_back
from webapp.gates.permissions import Permission, requires
from webapp.lists.worklist_filter import asked_of, kept_values
from webapp.sayings import gettext
from webapp.work import Work, in_transaction
from workflows.services.desk import filters

blueprint = Blueprint("filters", __name__, url_prefix="/worklist/filters")


@blueprint.get("/")
@requires(Permission.CASES)
@in_transaction
def page(work: Work) -> Any:
    """List the filters that the visitor may use."""
    return render_template(
        "worklist/filters.html",
        filters=filters.filters_of(work.session, work.actor),
        has_office=work.actor.office_id is not None,
    )


@blueprint.post("/")
@requires(Permission.CASES)
@in_transaction
def save(work: Work) -> Any:
    """Keep the filter that the worklist shows."""
    asked = asked_of(work, request.form)
    values = kept_values(asked)
    if asked.values["org"] and asked.place is None:
        send_back(asked.problem)
        return redirect(url_for("worklist.page", all="1", **_address(values)))
    with tell_outcome(work) as outcome:
        name = request.form.get("name", "")
        filter_id = filters.save_filter(work.session, work.actor, work.now, name, values)
        if request.form.get("share"):
            filters.share_filter(work.session, work.actor, filter_id, is_shared=True)
        outcome.said = gettext("筛选已保存为“%(name)s”。", name=name)
        values["saved"] = str(filter_id)
    return redirect(url_for("worklist.page", **_address(values)))


def _address(values: Mapping[str, str]) -> dict[str, Any]:
    return dict(values)


@blueprint.post("/<int:filter_id>/rename")
@requires(Permission.CASES)
@in_transaction
def rename(work: Work, filter_id: int) -> Any:
    """Give a filter another name."""
    with tell_outcome(work, gettext("已改名。")):
        filters.rename_filter(work.session, work.actor, filter_id, request.form.get("name", ""))
    return redirect(url_for("filters.page"))


@blueprint.post("/<int:filter_id>/share")
@requires(Permission.CASES)
@in_transaction
def share(work: Work, filter_id: int) -> Any:
    """Let one's office use a filter, or no longer."""
    is_shared = request.form.get("share") == "1"
    said = gettext("本单位的人都可以用这个筛选了。") if is_shared else gettext("不再共享。")
    with tell_outcome(work, said):
        filters.share_filter(work.session, work.actor, filter_id, is_shared=is_shared)
    return redirect(url_for("filters.page"))


@blueprint.post("/<int:filter_id>/delete")
@requires(Permission.CASES)
@in_transaction
def delete(work: Work, filter_id: int) -> Any:
    """Delete a filter."""
    with tell_outcome(work, gettext("筛选已删除。")):
        filters.delete_filter(work.session, work.actor, filter_id)
    return redirect(url_for("filters.page"))


@blueprint.post("/<int:filter_id>/default")
@requires(Permission.CASES)
@in_transaction
def default(work: Work, filter_id: int) -> Any:
    """Open the worklist with a filter, or with none."""
    is_default = request.form.get("default") == "1"
    said = gettext("打开待办时先用这个筛选。") if is_default else gettext("打开待办时不再先筛选。")
    with tell_outcome(work, said):
        filters.set_default(work.session, work.actor, filter_id if is_default else None)
    return redirect(url_for("filters.page"))
