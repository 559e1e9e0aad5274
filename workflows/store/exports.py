"""The exports that wait for a worker, claimed by locks and held for a while."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from workflows.store.tables import BundleJob


def claim_job(session: Session, now: datetime, job_id: int | None = None) -> BundleJob | None:
    """Lock the oldest export that waits, or whose worker died; nobody else's.

    With ``job_id`` that one or none.
    """
    is_free = or_(
        BundleJob.state == "queued",
        and_(BundleJob.state == "running", BundleJob.held_until <= now),
    )
    statement = select(BundleJob).where(is_free).order_by(BundleJob.id).limit(1)
    if job_id is not None:
        statement = statement.where(BundleJob.id == job_id)
    claimed = statement.with_for_update(skip_locked=True)
    return session.execute(claimed).scalar_one_or_none()


def expired_jobs(session: Session, now: datetime) -> Sequence[BundleJob]:
    """Lock the exports whose files have been kept long enough."""
    statement = select(BundleJob).where(BundleJob.state == "ready", BundleJob.expires_at <= now)
    claimed = statement.order_by(BundleJob.id).with_for_update(skip_locked=True)
    return session.execute(claimed).scalars().all()
