"""Bringing running cases to another version of the pack: the plan, and two people's acts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from webapp.forms.refusals import send_back
from webapp.gates.permissions import Permission, requires
from webapp.words.errors import explain, sentence_for
from webapp.words.packs import speaker_for
from webapp.work import Work, in_transaction
from workflows.domain.errors import Conflict, InvalidInput
from workflows.queries.names import names_of
from workflows.queries.versions.migrations import (
    migration_line,
    migration_lines,
    not_brought_back,
    places_of,
    stayed_cases,
)
from workflows.queries.versions.packs import Standing, version_lines, version_named
from workflows.services.access import is_same_person
from workflows.services.versions import migrations
from workflows.services.versions.migration_plan import MigrationPlan, make_plan, plan_json
from workflows.store.scope import as_system
from workflows.store.tables import CaseMigration

blueprint = Blueprint("migrations", __name__, url_prefix="/migrations")
_MOST_RENAMES = 50


@blueprint.get("/")
@requires(Permission.PACKS)
@in_transaction
def page(work: Work) -> Any:
    """List the migrations, the latest first, and offer to plan one."""
    lines = migration_lines(work.session)
    people = (line.migration.submitted_by for line in lines)
    return render_template(
        "migrations/page.html",
        lines=lines,
        names=names_of(work.session, people),
        versions=version_lines(work.session, work.today),
        standings=Standing,
    )


@blueprint.get("/plan")
@requires(Permission.PACK_SUBMIT)
@in_transaction
def plan(work: Work) -> Any:
    """Show what a migration would do; nothing is written."""
    return _plan_page(work)


@blueprint.post("/plan")
@requires(Permission.PACK_SUBMIT)
@in_transaction
def submit(work: Work) -> Any:
    """Put the plan forward, worked out anew as things stand now."""
    note = request.form.get("note", "")
    try:
        with work.session.begin_nested():
            made = migrations.submit(work.session, work.actor, work.now, _planned(work), note)
    except (InvalidInput, Conflict) as error:
        send_back(explain(error), sentence_for(error).status)
        return _plan_page(work)
    flash(gettext("迁移方案已提交，等待另一人审批。"), "success")
    return redirect(url_for("migrations.migration", migration_id=made.id))


@blueprint.get("/<int:migration_id>")
@requires(Permission.PACKS)
@in_transaction
def migration(work: Work, migration_id: int) -> Any:
    """Show a migration: its plan, who decided on it, how far it is, and which cases stayed."""
    line = migration_line(work.session, migration_id)
    found = line.migration
    return render_template(
        "migrations/migration.html",
        line=line,
        names=names_of(work.session, (found.submitted_by, found.decided_by)),
        stayed=stayed_cases(work.session, migration_id),
        stuck=not_brought_back(work.session, migration_id),
        is_own=is_same_person(work.session, work.actor, found.submitted_by),
        is_submitter=found.submitted_by == work.actor.account_id,
        **_spoken(work, found.old_hash, found.plan),
    )


@blueprint.post("/<int:migration_id>/approve")
@requires(Permission.PACK_APPROVE)
@in_transaction
def approve(work: Work, migration_id: int) -> Any:
    """Approve the plan that the page showed."""
    seen = request.form.get("seen", "")
    migrations.approve(work.session, work.actor, work.now, migration_id, seen=seen)
    flash(gettext("已批准，系统随即逐案迁移。"), "success")
    return redirect(url_for("migrations.migration", migration_id=migration_id))


@blueprint.post("/<int:migration_id>/refuse")
@requires(Permission.PACK_APPROVE)
@in_transaction
def refuse(work: Work, migration_id: int) -> Any:
    """Refuse a plan, with a reason."""
    return _decided(work, migration_id, migrations.refuse, gettext("已退回，理由已记录。"))


@blueprint.post("/<int:migration_id>/withdraw")
@requires(Permission.PACK_SUBMIT)
@in_transaction
def withdraw(work: Work, migration_id: int) -> Any:
    """Take a plan back."""
    return _decided(work, migration_id, migrations.withdraw, gettext("已撤回。"))


@blueprint.post("/<int:migration_id>/undo")
@requires(Permission.PACK_APPROVE)
@in_transaction
def undo(work: Work, migration_id: int) -> Any:
    """Let the cases go back as far as nothing has followed."""
    told = gettext("没有后续办理的案件将逐案退回原版本。")
    return _decided(work, migration_id, migrations.undo, told)


def _decided(work: Work, migration_id: int, decide: Callable[..., CaseMigration], told: str) -> Any:
    """Do what needs a reason, say so, and show the migration."""
    reason = request.form.get("reason", "")
    decide(work.session, work.actor, work.now, migration_id, reason)
    flash(told, "success")
    return redirect(url_for("migrations.migration", migration_id=migration_id))


def _planned(work: Work) -> MigrationPlan:
    """Work the plan out over all cases, whatever part of the tree its maker serves."""
    asked = request.values
    with as_system(work.session, "migration"):
        return make_plan(
            work.session,
            work.now,
            version_named(work.session, asked.get("old", "")).hash,
            version_named(work.session, asked.get("new", "")).hash,
            _renames(asked.get("renames", "")),
            shortens=asked.get("shortens") == "1",
        )


def _renames(text: str) -> dict[str, str]:
    """Read lines such as ``work/plan = the_plan``; others are passed over."""
    pairs = (line.split("=", 1) for line in text.splitlines()[:_MOST_RENAMES] if "=" in line)
    return {old.strip(): new.strip() for old, new in pairs if "/" in old}


def _plan_page(work: Work) -> str:
    made = _planned(work)
    with as_system(work.session, "migration"):
        spoken = _spoken(work, made.old, plan_json(made))
    labels = {
        line.version.hash: line.version.label for line in version_lines(work.session, work.today)
    }
    return render_template(
        "migrations/plan.html",
        made=made,
        labels=labels,
        asked=request.values,
        **spoken,
    )


def _spoken(work: Work, old_hash: str, planned: Any) -> dict[str, Any]:
    """Give a plan with what pages need to say it."""
    places = places_of(work.session, old_hash, planned["markings"])
    return {
        "planned": planned,
        "places": dict(zip([each["marking"] for each in planned["markings"]], places, strict=True)),
        "speak": speaker_for(work.session, old_hash),
    }
