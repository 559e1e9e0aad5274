"""Reports that a body owes within the same days: one page, one sheet of paper, one sending."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for

from webapp.gates.permissions import Permission, requires
from webapp.sayings import gettext
from webapp.screens.joint_reports import Joint, joint_of, sent_files, typed_values
from webapp.screens.joint_sending import Sent, keep_drafts, send_each
from webapp.work import Work, begin_work, in_transaction, reading_sessions
from workflows.queries.organisations.page import organisation_seen
from workflows.store.transaction import transaction

blueprint = Blueprint("joint_reports", __name__, url_prefix="/joint-reports")


@blueprint.get("/<office_id>")
@requires(Permission.CASES)
@in_transaction
def page(work: Work, office_id: str) -> Any:
    """Show the reports that a body owes within the same days, to be filled in at once."""
    return _page(joint_of(work, organisation_seen(work.session, work.actor, office_id)))


@blueprint.get("/<office_id>/sheet")
@requires(Permission.CASES)
@in_transaction
def sheet(work: Work, office_id: str) -> Any:
    """Show the same as one form to print, for a body whose people have no accounts."""
    joint = joint_of(work, organisation_seen(work.session, work.actor, office_id))
    return render_template("joint_reports/sheet.html", joint=joint, office=joint.office)


@blueprint.post("/<office_id>")
@requires(Permission.CASES)
def send(office_id: str) -> Any:
    """Send the ticked reports, each by itself, or keep all that was typed as drafts."""
    with transaction(reading_sessions()) as session:
        work = begin_work(session)
        joint = joint_of(work, organisation_seen(session, work.actor, office_id))
        values = typed_values(joint)
        is_draft = request.form.get("do") == "draft"
        joint.problem = "" if is_draft else _problem(joint, values)
        if joint.problem:
            return make_response(_page(joint), 422)
    if is_draft:
        keep_drafts(office_id, values)
        flash(gettext("草稿已保存，只有您自己看得到。"), "success")
        return redirect(url_for("joint_reports.page", office_id=office_id))
    paper = joint.paper.act() if joint.paper else None
    results = send_each(joint, Sent(office_id, paper, sent_files(joint)), values)
    return render_template(
        "joint_reports/sent.html",
        office=joint.office,
        results=results,
        done=sum(each.is_done for each in results),
    )


def _page(joint: Joint) -> str:
    return render_template("joint_reports/page.html", joint=joint, office=joint.office)


def _problem(joint: Joint, values: dict[str, Any]) -> str:
    """Say what stops the whole sheet: nothing ticked, or a paper without its maker or day."""
    if not values:
        return gettext("没有勾选要报送的报告。")
    if joint.paper is not None and not joint.paper.validate():
        return gettext("请改正纸质件一栏。")
    if joint.paper is not None and not joint.paper.performed_by.data:
        return gettext("请选择纸质件是谁报送的。")
    if joint.paper is not None and not joint.paper.document_name().strip():
        return gettext("请填写纸质件的文号或名称，或者上传扫描件。")
    return ""
