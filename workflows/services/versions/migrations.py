"""Migrations as two people's act: put forward, approved, carried out, taken back (DESIGN 4.5).

Who keeps the rules puts a plan forward, a principal approves it. What cases do meanwhile
may make a plan stale: nothing is approved or done that the plan does not say.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import ClassVar

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import Conflict, NotAllowed, NotFound
from workflows.domain.records import JsonValue
from workflows.domain.roles import Actor
from workflows.services.access import is_same_person, role_deciding
from workflows.services.journal import append_house
from workflows.services.versions.migration_plan import MigrationPlan, make_plan, plan_json
from workflows.services.versions.migration_run import Said
from workflows.services.versions.publishing import APPROVERS, SUBMITTERS, given_note
from workflows.services.versions.version_errors import VersionNotApproved
from workflows.store.tables import CaseMigration, PackVersion


class MigrationOpen(Conflict):
    """The cases of this version have a migration already that is not done."""

    code: ClassVar[str] = "migration_open"


class MigrationDecided(Conflict):
    """This migration was dealt with by {by} at {at}."""

    code: ClassVar[str] = "migration_decided"


class OwnMigration(NotAllowed):
    """Who put a migration forward does not decide on it."""

    code: ClassVar[str] = "own_migration"


class NotItsSubmitter(NotAllowed):
    """Only who put a migration forward can take it back."""

    code: ClassVar[str] = "not_its_submitter"


class PlanStale(Conflict):
    """Cases went on since the plan was made: {count} places or deadlines are not in it."""

    code: ClassVar[str] = "plan_stale"


class PlanUnseen(Conflict):
    """This is not the plan that was shown: read it again."""

    code: ClassVar[str] = "plan_unseen"


def submit(
    session: Session, actor: Actor, now: datetime, plan: MigrationPlan, note: str
) -> CaseMigration:
    """Put a plan forward.

    Raises:
        RoleMissing: The actor does not keep the rules.
        NoteMissing: It needs a reason.
        VersionNotApproved: The version that cases would go to is not in force.
        MigrationOpen: Another plan for these cases is open.
    """
    role_deciding(actor, SUBMITTERS)
    _refuse_unapproved(session, plan.new, now)
    open_ = select(CaseMigration.id).where(
        CaseMigration.old_hash == plan.old,
        CaseMigration.state.in_(("waiting", "approved", "undoing")),
    )
    if session.scalar(open_) is not None:
        raise MigrationOpen
    body = plan_json(plan)
    migration = CaseMigration(
        old_hash=plan.old,
        new_hash=plan.new,
        plan=body,
        sha256=hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest(),
        state="waiting",
        note=given_note(note),
        submitted_at=now,
        submitted_by=actor.account_id,
    )
    session.add(migration)
    session.flush()
    form: dict[str, JsonValue] = {
        "old": plan.old,
        "new": plan.new,
        "plan": migration.sha256,
        "cases": plan.moving,
    }
    append_house(
        session, actor, now, "migration_submitted", str(migration.id), form=form, reason=note
    )
    return migration


def withdraw(
    session: Session, actor: Actor, now: datetime, migration_id: int, reason: str
) -> CaseMigration:
    """Take a plan back before it is decided on.

    Raises:
        MigrationDecided: It was decided on.
        NotItsSubmitter: Somebody else put it forward.
    """
    migration = _in_state(session, migration_id, "waiting")
    if migration.submitted_by != actor.account_id:
        raise NotItsSubmitter
    return _decide(session, actor, now, migration, "withdrawn", given_note(reason))


def refuse(
    session: Session, actor: Actor, now: datetime, migration_id: int, reason: str
) -> CaseMigration:
    """Refuse a plan, with a reason.

    Raises:
        RoleMissing, OwnMigration: The actor may not decide on it.
        MigrationDecided: It was decided on.
    """
    migration = _for_decision(session, actor, migration_id, "waiting")
    return _decide(session, actor, now, migration, "refused", given_note(reason))


def approve(
    session: Session, actor: Actor, now: datetime, migration_id: int, *, seen: str
) -> CaseMigration:
    """Approve a plan; the next run carries it out. ``seen`` is the hash of what was shown.

    Raises:
        RoleMissing, OwnMigration: The actor may not decide on it.
        MigrationDecided: It was decided on.
        PlanUnseen, PlanStale: It is not the plan that was shown, or cases went on since.
    """
    migration = _for_decision(session, actor, migration_id, "waiting")
    if migration.sha256 != seen:
        raise PlanUnseen
    _refuse_stale(session, now, migration)
    return _decide(session, actor, now, migration, "approved", "")


def undo(
    session: Session, actor: Actor, now: datetime, migration_id: int, reason: str
) -> CaseMigration:
    """Let the cases of a migration that is done go back, as far as nothing has followed.

    Raises:
        RoleMissing, OwnMigration: The actor may not decide on it.
        MigrationDecided: It is not done.
    """
    migration = _for_decision(session, actor, migration_id, "done")
    return _decide(session, actor, now, migration, "undoing", given_note(reason))


def _refuse_unapproved(session: Session, pack_hash: str, now: datetime) -> None:
    version = session.get(PackVersion, pack_hash)
    day = None if version is None else version.in_force_on
    if version is None or day is None or day > local_date(now):
        raise VersionNotApproved(label=version.label if version else pack_hash[:12])


def _in_state(session: Session, migration_id: int, state: str) -> CaseMigration:
    migration = session.get(
        CaseMigration, migration_id, populate_existing=True, with_for_update=True
    )
    if migration is None:
        raise NotFound(what="migration", key=str(migration_id))
    if migration.state != state:
        by = migration.decided_by or migration.submitted_by
        raise MigrationDecided(by=by, at=migration.decided_at)
    return migration


def _for_decision(session: Session, actor: Actor, migration_id: int, state: str) -> CaseMigration:
    role_deciding(actor, APPROVERS)
    migration = _in_state(session, migration_id, state)
    if is_same_person(session, actor, migration.submitted_by):
        raise OwnMigration
    return migration


def _decide(
    session: Session,
    actor: Actor,
    now: datetime,
    migration: CaseMigration,
    state: str,
    reason: str,
) -> CaseMigration:
    migration.state, migration.reason = state, reason
    migration.decided_at, migration.decided_by = now, actor.account_id
    form = {"plan": migration.sha256}
    ref = str(migration.id)
    append_house(session, actor, now, f"migration_{state}", ref, form=form, reason=reason or None)
    session.flush()
    return migration


def _refuse_stale(session: Session, now: datetime, migration: CaseMigration) -> None:
    """Refuse a plan that does not say all that it would do today."""
    said = Said.of(migration)
    today = make_plan(
        session,
        now,
        migration.old_hash,
        migration.new_hash,
        said.renames,
        shortens=said.shortens,
    )
    unsaid = sum(
        said.targets.get((each.process, each.marking), "") != each.target for each in today.markings
    )
    unsaid += sum(
        not said.allows(each.case_number, each.clock, each.to_on.isoformat())
        for each in today.shorter
    )
    if unsaid:
        raise PlanStale(count=unsaid)
