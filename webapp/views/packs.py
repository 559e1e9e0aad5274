"""The versions of the pack: which is in force, which waits, and the acts of the two people."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from webapp.dates import day
from webapp.gates.permissions import Permission, may, requires
from webapp.languages import language
from webapp.screens.pack_pictures import ComparedProcess, compared_processes
from webapp.screens.packs import check_of, findings_of, may_decide
from webapp.words import labels
from webapp.words.errors import explain
from webapp.words.packs import speaker_for
from webapp.work import Work, begin_work, in_transaction, reading_sessions, writing_sessions
from workflows.domain.errors import Conflict, InvalidInput
from workflows.engine import Finding, PackInvalid
from workflows.engine.difference import Change, PackDifference, compare_packs
from workflows.queries.names import names_of
from workflows.queries.versions.packs import VersionPage, version_lines, version_page
from workflows.services.packs import pack_of, version_in_force
from workflows.services.versions import publishing
from workflows.services.versions.looking_over import prepare
from workflows.services.versions.pack_reports import digest
from workflows.services.versions.pack_zip import read_pack_zip
from workflows.services.versions.version_errors import DateTooEarly
from workflows.store.tables import PackVersion
from workflows.store.transaction import transaction

blueprint = Blueprint("packs", __name__, url_prefix="/packs")


class SubmitForm(FlaskForm):
    """A new version as a zip, and why."""

    file = FileField(
        _l("规则包（zip）"),
        [FileRequired(_l("请选择文件。"))],
        description=_l("把规则包文件夹压缩成 zip，不设密码；版本号写在 pack.toml 里。"),
    )
    note = TextAreaField(
        _l("修改理由"),
        [InputRequired(_l("请填写修改理由。")), Length(max=publishing.LONGEST_NOTE)],
        description=_l("改了什么、为什么、依据是什么；审批人会看到。"),
    )
    wanted_on = DateField(
        _l("拟生效日期"),
        [Optional()],
        description=_l("可以不填：批准当日生效。新开案件自生效日起适用，在办案件不变。"),
    )


@blueprint.get("/")
@requires(Permission.PACKS)
@in_transaction
def page(work: Work) -> Any:
    """List the versions, the latest first."""
    return _list(work, SubmitForm())


@blueprint.post("/")
@requires(Permission.PACK_SUBMIT)
def submit() -> Any:
    """Put an uploaded version forward; what is wrong with it is told at the form."""
    form = SubmitForm()
    findings: tuple[Finding, ...] = ()
    if form.validate_on_submit():
        try:
            pack_hash = _put_forward(form.file.data.read(), form.note.data, form.wanted_on.data)
        except PackInvalid as error:
            findings = error.findings
            form.file.errors = [explain(error)]
        except DateTooEarly as error:
            form.wanted_on.errors = [explain(error)]
        except (InvalidInput, Conflict) as error:
            form.file.errors = [explain(error)]
        else:
            flash(gettext("已提交。检查通过后，由另一人审批。"), "success")
            return redirect(url_for("packs.version", pack_hash=pack_hash))
    with transaction(reading_sessions()) as session:
        return make_response(_list(begin_work(session), form, findings), 422)


def _put_forward(content: bytes, note: str, wanted_on: date | None) -> str:
    """Look the pack over outside of any transaction that writes, then write."""
    files = read_pack_zip(content)
    with transaction(reading_sessions()) as session:
        newest = version_in_force(session)
        base = None if newest is None else pack_of(session, newest.hash)
    prepared = prepare(files, base)
    with transaction(writing_sessions()) as session:
        work = begin_work(session)
        made = publishing.submit(
            session, work.actor, work.now, prepared, note=note, wanted_on=wanted_on
        )
        return made.hash


@blueprint.get("/<pack_hash>")
@requires(Permission.PACKS)
@in_transaction
def version(work: Work, pack_hash: str) -> Any:
    """Show one version: how it stands, what it changes, and what was found out about it."""
    shown = version_page(work.session, pack_hash, work.today)
    return _page(
        work,
        shown,
        "packs/version.html",
        difference=_difference(work, shown.base, shown.version),
        findings=findings_of(shown.reports, language()),
        checked=check_of(shown.reports, speaker_for(work.session, pack_hash)),
        seen=digest(shown.reports),
        is_outdated=publishing.needs_check(work.session, shown.version, shown.reports),
        may_decide=may_decide(work.actor, shown.version),
    )


@blueprint.get("/<pack_hash>/difference")
@requires(Permission.PACKS)
@in_transaction
def difference(work: Work, pack_hash: str) -> Any:
    """Show what differs from the version before, or from another one, drawn and in words."""
    shown = version_page(work.session, pack_hash, work.today)
    wanted = request.args.get("from", "")
    base = version_page(work.session, wanted, work.today).version if wanted else shown.base
    found = _difference(work, base, shown.version)
    drawn: tuple[ComparedProcess, ...] = ()
    if base is not None and found is not None:
        old, new = (pack_of(work.session, each.hash) for each in (base, shown.version))
        drawn = compared_processes(old, new, found)
    lines = version_lines(work.session, work.today)
    return _page(
        work,
        shown,
        "packs/difference.html",
        difference=found,
        base=base,
        grouped=_grouped(found),
        drawn=drawn,
        others=[each for each in lines if each.version.hash != pack_hash],
    )


@blueprint.post("/<pack_hash>/approve")
@requires(Permission.PACK_APPROVE)
@in_transaction
def approve(work: Work, pack_hash: str) -> Any:
    """Approve a waiting version, on the reports that the page showed."""
    approved = publishing.approve(
        work.session, work.actor, work.now, pack_hash, seen=request.form.get("seen", "")
    )
    told = gettext(
        "版本 %(label)s 已批准，自 %(on)s 起新开案件适用；在办案件仍按原版本办理。",
        label=approved.label,
        on=day(approved.in_force_on),
    )
    flash(told, "success")
    return redirect(url_for("packs.version", pack_hash=pack_hash))


@blueprint.post("/<pack_hash>/refuse")
@requires(Permission.PACK_APPROVE)
@in_transaction
def refuse(work: Work, pack_hash: str) -> Any:
    """Refuse a waiting version, with a reason."""
    reason = request.form.get("reason", "")
    publishing.refuse(work.session, work.actor, work.now, pack_hash, reason)
    flash(gettext("已退回，理由已记录。"), "success")
    return redirect(url_for("packs.version", pack_hash=pack_hash))


@blueprint.post("/<pack_hash>/withdraw")
@requires(Permission.PACK_SUBMIT)
@in_transaction
def withdraw(work: Work, pack_hash: str) -> Any:
    """Take a waiting version back."""
    reason = request.form.get("reason", "")
    publishing.withdraw(work.session, work.actor, work.now, pack_hash, reason)
    flash(gettext("已撤回。"), "success")
    return redirect(url_for("packs.version", pack_hash=pack_hash))


@blueprint.post("/<pack_hash>/check")
@requires(Permission.PACK_CHECK)
@in_transaction
def check(work: Work, pack_hash: str) -> Any:
    """Have a waiting version looked over again, with today's engine and the newest version."""
    publishing.ask_check(work.session, work.actor, work.now, pack_hash)
    return redirect(url_for("packs.version", pack_hash=pack_hash))


@blueprint.get("/<pack_hash>/state")
@requires(Permission.PACKS)
@in_transaction
def state(work: Work, pack_hash: str) -> Any:
    """Say whether a version is still being checked; once it is not, its page loads anew."""
    shown = version_page(work.session, pack_hash, work.today)
    response = make_response(render_template("packs/_checking.html", shown=shown))
    if shown.version.state != "checking":
        response.headers["HX-Refresh"] = "true"
    return response


def _grouped(found: PackDifference | None) -> list[tuple[Any, list[Change]]]:
    """Give the changes outside of processes by what they are about."""
    changes = found.changes if found is not None else ()
    groups = (
        (title, [each for each in changes if each.part.value == part])
        for part, title in labels.PACK_PARTS.items()
    )
    return [(title, group) for title, group in groups if group]


def _list(work: Work, form: SubmitForm, findings: tuple[Finding, ...] = ()) -> str:
    lines = version_lines(work.session, work.today)
    return render_template(
        "packs/page.html",
        lines=lines,
        names=names_of(work.session, (each.version.submitted_by for each in lines)),
        form=form,
        findings=[(each.text(language()), each.is_error) for each in findings],
        may_submit=may(Permission.PACK_SUBMIT),
    )


def _page(work: Work, shown: VersionPage, template: str, **more: Any) -> str:
    people = (shown.version.submitted_by, shown.version.decided_by)
    return render_template(template, shown=shown, names=names_of(work.session, people), **more)


def _difference(
    work: Work, base: PackVersion | None, version: PackVersion
) -> PackDifference | None:
    if base is None:
        return None
    old, new = (pack_of(work.session, each.hash) for each in (base, version))
    return compare_packs(old, new)
