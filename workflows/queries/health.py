"""Reads how the installation is, for its page and for `duban health`."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.metadata import version

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.health import Light, Sign, by_age, by_space, worst_light
from workflows.services.calendars import is_counted
from workflows.services.heartbeats import heartbeat_of
from workflows.services.installation import installation_of
from workflows.services.log.notary import notary_of
from workflows.services.log.sequencing import usual_since
from workflows.services.outside.outbox import waits
from workflows.store.duework import oldest_due
from workflows.store.log import count_records_without_leaf, last_checkpoint
from workflows.store.schema import known_schema
from workflows.store.scope import as_system
from workflows.store.sizes import database_size
from workflows.store.tables import BundleJob, CalendarVersion, Incident, Outbox

JOB = "health"
_MINUTES_10, _HOUR = timedelta(minutes=10), timedelta(hours=1)
_NIGHT = timedelta(hours=26)
_BACKUP, _BACKUP_OLD = timedelta(days=2), timedelta(days=8)
_DRILL, _DRILL_OLD = timedelta(days=100), timedelta(days=400)
_RECENTLY = timedelta(days=7)
_HORIZON_DAYS = 45
# What stops cases, or the proof of what was done.
_GRAVE = frozenset(
    ("case_stranded", "clock_failed", "log_gap", "log_stopped", "marking_unknown", "rows_differ")
)


def health_of(session: Session, now: datetime) -> tuple[Sign, ...]:
    """Give all signs; nothing is written and nothing is locked."""
    with as_system(session, JOB):
        return tuple(_signs(session, now))


def _signs(session: Session, now: datetime) -> Iterator[Sign]:
    is_real = installation_of(session).mode == "production"
    yield _sweep(session, now, is_real=is_real)
    yield _check(session, now)
    yield _log(session, now)
    yield _outbox(session, now)
    yield _exports(session, now)
    yield _incidents(session)
    yield _calendar(session, now)
    yield from _backups(session, now, is_real=is_real)
    yield _disk(session)
    kind, size = database_size(session)
    yield Sign("database", Light.GREEN, {"kind": kind, "bytes": size, "schema": known_schema()})
    yield Sign("versions", Light.GREEN, _versions())


def _sweep(session: Session, now: datetime, *, is_real: bool) -> Sign:
    beat, waiting = heartbeat_of(session, "sweep"), oldest_due(session, now)
    at = beat.finished_at if beat else None
    # A clock that somebody moved makes every sweep late: there it says nothing.
    late = beat.late_seconds if beat and is_real else 0
    light = by_age(now - at if at else None, _MINUTES_10, _NIGHT)
    overdue = by_age(now - waiting, _MINUTES_10, _HOUR) if waiting else Light.GREEN
    light = worst_light(light, overdue, Light.RED if late > _HOUR.total_seconds() else Light.GREEN)
    return Sign("sweep", light, {"at": at, "late_seconds": late, "waiting_since": waiting})


def _check(session: Session, now: datetime) -> Sign:
    beat = heartbeat_of(session, "check")
    at = beat.finished_at if beat else None
    begun = at or installation_of(session).created_at
    light = Light.YELLOW if now - begun > _NIGHT else Light.GREEN
    return Sign("check", light, {"at": at})


def _log(session: Session, now: datetime) -> Sign:
    head = last_checkpoint(session)
    at = head.recorded_at if head else None
    waiting = count_records_without_leaf(session, usual_since(head, now))
    begun = at or installation_of(session).created_at
    light = by_age(now - begun, _MINUTES_10, _HOUR) if waiting else Light.GREEN
    return Sign("log", light, {"at": at, "size": head.size if head else 0, "waiting": waiting})


def _outbox(session: Session, now: datetime) -> Sign:
    statement = select(func.count(), func.min(Outbox.created_at)).where(waits())
    count, since = session.execute(statement).one()
    light = by_age(now - since, _MINUTES_10, _HOUR) if count else Light.GREEN
    return Sign("outbox", light, {"count": count, "since": since})


def _exports(session: Session, now: datetime) -> Sign:
    statement = (
        select(BundleJob.state, func.count())
        .where(BundleJob.asked_at > now - _RECENTLY)
        .group_by(BundleJob.state)
    )
    counts = dict(session.execute(statement).all())
    failed = counts.get("failed", 0)
    running = counts.get("queued", 0) + counts.get("running", 0)
    light = Light.YELLOW if failed else Light.GREEN
    return Sign("exports", light, {"failed": failed, "running": running})


def _incidents(session: Session) -> Sign:
    statement = (
        select(Incident.kind, func.count())
        .where(Incident.resolved_at.is_(None))
        .group_by(Incident.kind)
    )
    counts = dict(session.execute(statement).all())
    grave = sum(count for kind, count in counts.items() if kind in _GRAVE)
    light = Light.RED if grave else Light.YELLOW if counts else Light.GREEN
    return Sign("incidents", light, {"count": sum(counts.values()), "grave": grave})


def _calendar(session: Session, now: datetime) -> Sign:
    current = select(CalendarVersion.horizon_on).where(CalendarVersion.is_current)
    horizon_on, is_done = session.scalar(current), is_counted(session)
    if horizon_on is None:
        return Sign("calendar", Light.RED, {"horizon": "", "waits": 0})
    is_near = (horizon_on - local_date(now)).days < _HORIZON_DAYS
    light = Light.YELLOW if is_near or not is_done else Light.GREEN
    return Sign("calendar", light, {"horizon": horizon_on.isoformat(), "waits": int(not is_done)})


def _backups(session: Session, now: datetime, *, is_real: bool) -> Iterator[Sign]:
    """Tell when the last backup was made and tried; a demo needs none."""
    ages = {"backup": (_BACKUP, _BACKUP_OLD), "drill": (_DRILL, _DRILL_OLD)}
    for job, (yellow, red) in ages.items():
        beat = heartbeat_of(session, job)
        at = beat.finished_at if beat else None
        wrong = beat.outcome.get("wrong", 0) if beat else 0
        light = by_age(now - at if at else None, yellow, red) if is_real else Light.GREEN
        light = worst_light(light, Light.RED if wrong else Light.GREEN)
        yield Sign(job, light, {"at": at, "wrong": wrong, "needed": int(is_real)})


def _disk(session: Session) -> Sign:
    usage = shutil.disk_usage(notary_of(session).instance)
    values = {"free_bytes": usage.free, "total_bytes": usage.total}
    return Sign("disk", by_space(usage.free, usage.total), values)


def _versions() -> dict[str, str]:
    names = {"duban": "duban", "SpiffWorkflow": "SpiffWorkflow", "SQLAlchemy": "SQLAlchemy"}
    found = {shown: version(name) for shown, name in names.items()}
    return {**found, "Python": platform.python_version()}
