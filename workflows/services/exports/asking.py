"""Asking for a bundle, agreeing to it, and taking its file: each a record of the house."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.bundle_scopes import BundleScope
from workflows.domain.errors import Conflict, NotAllowed, NotFound
from workflows.domain.records import JsonValue
from workflows.domain.roles import Actor
from workflows.services.exports.packages import PackageWish
from workflows.services.exports.permits import (
    check_approver,
    needs_approval,
    place_of_scope,
    reach_of,
)
from workflows.services.exports.recording import described, levels_of_job, read_export
from workflows.services.exports.selection import covered_cases, hidden_cases
from workflows.services.journal import append_house
from workflows.services.recused import closed_cases
from workflows.services.separation import refuse_kept_out
from workflows.store.tables import BundleJob


class ExportMoved(Conflict):
    """The export is {state} by now."""

    code: ClassVar[str] = "export_moved"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for; ``levels`` of content, none for records without any.

    A ``package`` holds more than the bundle.
    """

    scope: BundleScope
    recipient: str
    purpose: str
    levels: frozenset[str]
    with_attachments: bool = False
    package: PackageWish | None = None


def ask(
    session: Session, actor: Actor, now: datetime, wish: Wish, request_key: str | None = None
) -> BundleJob:
    """Ask for a bundle; a form that is sent twice asks once.

    It is made by a job, or waits for a second person's agreement first.

    Raises:
        NotFound, NotAllowed, LevelTooLow: See `place_of_scope`.
    """
    org_path = place_of_scope(session, actor, wish.scope, wish.levels)
    if request_key is not None:
        earlier = select(BundleJob).where(
            BundleJob.request_key == request_key, BundleJob.asked_by == actor.account_id
        )
        found = session.execute(earlier).scalar_one_or_none()
        if found is not None:
            return found
    waits = needs_approval(actor, wish.scope, wish.levels)
    job = BundleJob(
        asked_by=actor.account_id,
        asked_at=now,
        request_key=request_key,
        scope=wish.scope.to_json(),
        org_path=org_path,
        levels=" ".join(sorted(wish.levels)),
        with_attachments=wish.with_attachments,
        package=None if wish.package is None else wish.package.to_json(),
        recipient=wish.recipient,
        purpose=wish.purpose,
        state="waiting" if waits else "queued",
    )
    session.add(job)
    session.flush()
    return job


def approve(session: Session, actor: Actor, now: datetime, job_id: int) -> BundleJob:
    """Agree, as a second person, that content leaves the house.

    Raises:
        NotFound: There is no such export.
        OwnExport, RoleMissing: He may not approve it.
        Recused, RecusalPending: He keeps out of a case that it covers.
        ExportMoved: It was decided already.
    """
    return _decide(session, actor, now, job_id, "queued", "export_approved", None)


def refuse(session: Session, actor: Actor, now: datetime, job_id: int, reason: str) -> BundleJob:
    """Refuse, as a second person, that content leaves the house.

    Raises:
        NotFound, OwnExport, RoleMissing, ExportMoved: As for approving.
    """
    return _decide(session, actor, now, job_id, "refused", "export_refused", reason)


def _decide(
    session: Session,
    actor: Actor,
    now: datetime,
    job_id: int,
    state: str,
    name: str,
    reason: str | None,
) -> BundleJob:
    job = held_job(session, job_id)
    check_approver(session, actor, job.asked_by, job.org_path)
    kept_out = closed_cases(session, actor.account_id, actor.person_id)
    covered = covered_cases(session, BundleScope.from_json(job.scope), kept_out)
    refuse_kept_out(session, actor, covered)
    _expect(job, "waiting")
    job.state, job.decided_by, job.decided_at = state, actor.account_id, now
    append_house(session, actor, now, name, str(job.id), form=described(job), reason=reason)
    return job


def ask_again(session: Session, actor: Actor, job_id: int) -> BundleJob:
    """Have a bundle made again that failed or whose file is gone; the record stays the same.

    Raises:
        NotFound: There is no such export of his.
        ExportMoved: It is on its way, or its file is there.
        NotAllowed: He may no longer take this out of the house.
    """
    job = held_job(session, job_id)
    _check_own(session, actor, job)
    _expect(job, "failed", "expired")
    job.state, job.failure, job.attempts, job.worker = "queued", None, 0, None
    session.flush()
    return job


def hand_out(session: Session, actor: Actor, now: datetime, job_id: int) -> BundleJob:
    """Record that somebody takes a bundle's file; give him the file only after the commit.

    Raises:
        NotFound: There is no such export of his.
        ExportMoved: Its file is not there.
        NotAllowed: He may no longer take this out of the house.
    """
    job = held_job(session, job_id)
    _check_own(session, actor, job)
    _expect(job, "ready")
    form: dict[str, JsonValue] = {**described(job), "sha256": job.sha256}
    append_house(session, actor, now, "export_downloaded", str(job.export_seq), form=form)
    return job


def let_go(session: Session, actor: Actor, now: datetime, job_id: int) -> BundleJob:
    """Record that a bundle's file is moved to where a command was told to put it.

    Raises:
        NotFound, ExportMoved: As for handing it out.
    """
    job = hand_out(session, actor, now, job_id)
    job.state = "expired"
    session.flush()
    return job


def held_job(session: Session, job_id: int) -> BundleJob:
    """Lock an export and read it afresh.

    Raises:
        NotFound: There is none.
    """
    job = session.get(BundleJob, job_id, with_for_update=True, populate_existing=True)
    if job is None:
        raise NotFound(what="export", key=str(job_id))
    return job


def _check_own(session: Session, actor: Actor, job: BundleJob) -> None:
    """Make sure that an export is somebody's own and that he still may have all of it."""
    if job.asked_by != actor.account_id:
        raise NotFound(what="export", key=str(job.id))
    scope, levels = BundleScope.from_json(job.scope), levels_of_job(job)
    place = place_of_scope(session, actor, scope, levels)
    if job.export_seq is None:
        return
    was = read_export(session, job.export_seq).plan.reach
    today = reach_of(session, actor, scope, levels)
    lost = set(was.scope.case_ids) - set(today.scope.case_ids)
    lost |= set(today.scope.closed_cases) - set(was.scope.closed_cases)
    if not today.covers(was, place) or hidden_cases(session, scope, lost):
        raise NotAllowed(reason="export")


def _expect(job: BundleJob, *states: str) -> None:
    if job.state not in states:
        raise ExportMoved(state=job.state)
