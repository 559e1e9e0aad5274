"""APScheduler as the alarm clock: it wakes the jobs and remembers nothing (DESIGN 7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.schedulers.blocking import BlockingScheduler

from workflows.domain.errors import DubanError
from workflows.domain.web_addresses import Network
from workflows.jobs.checking import JOB as CHECK
from workflows.jobs.checking import claim_night, run_check
from workflows.jobs.export_work import JOB as EXPORTS
from workflows.jobs.exporting import FOLDER, run_exports
from workflows.jobs.log_checking import JOB as LOG_CHECK
from workflows.jobs.log_checking import check_log
from workflows.jobs.mail import MailRoute
from workflows.jobs.mailing import JOB as OUTBOX
from workflows.jobs.mailing import DigestWriter, run_digests
from workflows.jobs.migrating import JOB as MIGRATION
from workflows.jobs.migrating import run_migrations
from workflows.jobs.pack_checking import check_packs
from workflows.jobs.sequencing import JOB as SEQUENCER
from workflows.jobs.sequencing import keep_log
from workflows.jobs.sweep import run_sweep
from workflows.jobs.webhooks import run_webhooks
from workflows.services.exports.packages import PackageWriter
from workflows.services.imports.applied import forget_drafts
from workflows.services.installation import clock_now
from workflows.services.log.notary import notary_of
from workflows.services.secrecy.informants import record_kept
from workflows.services.versions.publishing import CHECKER
from workflows.store.scope import SystemScope
from workflows.store.transaction import Sessions, transaction

SWEEP_SECONDS = 60
# A checkpoint at least once a minute, and a run takes its time too.
SEQUENCE_SECONDS = 30
# The night's look at the whole journal, when nobody works.
SEQUENCE_WHOLE_AT = {"hour": 1, "minute": 30}
# Somebody looks at the page and waits.
CHECK_SECONDS = 5
EXPORT_SECONDS = 3
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outward:
    """How what the jobs make leaves the house, and who writes it in people's words."""

    mail: MailRoute | None = None
    write_package: PackageWriter | None = None
    write_digest: DigestWriter | None = None
    networks: tuple[Network, ...] = ()


def background_alarm(sessions: Sessions, outward: Outward) -> BaseScheduler:
    """Give an alarm for a thread of a process that serves pages; start and shut it down."""
    return _set(BackgroundScheduler(timezone="Asia/Shanghai"), sessions, outward)


def blocking_alarm(sessions: Sessions, outward: Outward) -> BaseScheduler:
    """Give an alarm that is all its process does; its start returns when it is stopped."""
    return _set(BlockingScheduler(timezone="Asia/Shanghai"), sessions, outward)


def sweep_now(sessions: Sessions) -> None:
    """Sweep at the installation's time; what goes wrong is logged, and tried again next time."""
    try:
        with transaction(sessions, SystemScope("sweep")) as session:
            now = clock_now(session)
        report = run_sweep(sessions, now)
    except DubanError as error:
        _log.error("sweep failed", code=error.code)
        return
    if report.fired or report.failed:
        _log.info("swept", **report.counts())


def check_now(sessions: Sessions) -> None:
    """Look for orphans, once a night; a night that was missed is made up for at once."""
    try:
        with transaction(sessions, SystemScope(CHECK)) as session:
            now = clock_now(session)
            is_due = claim_night(session, now)
        if is_due:
            with transaction(sessions, SystemScope(CHECK)) as session:
                record_kept(session, now)
                forget_drafts(session, now)
            _log.info("checked", **run_check(sessions, now).counts())
    except DubanError as error:
        _log.error("check failed", code=error.code)


def run_now(
    run: Callable[[Sessions, datetime], Mapping[str, int]],
    job: str,
    done: str,
    failed: str,
    sessions: Sessions,
) -> None:
    """Run a job at the installation's time; what goes wrong is logged, and tried again next time.

    Args:
        run: Does what waits, and gives what it counted; nothing where nothing waited.
        job: The name under which it sees everything.
        done: What the log says of a run that found something.
        failed: What it says of one that broke off.
        sessions: Those that may write.
    """
    try:
        with transaction(sessions, SystemScope(job)) as session:
            now = clock_now(session)
        counts = run(sessions, now)
    except DubanError as error:
        _log.error(failed, code=error.code)
        return
    if counts:
        _log.info(done, **counts)


migrate_now = partial(run_now, run_migrations, MIGRATION, "migrated", "migration failed")
check_packs_now = partial(run_now, check_packs, CHECKER, "packs checked", "check of packs failed")
check_log_now = partial(run_now, check_log, LOG_CHECK, "log checked", "check of the log failed")


def sequence_now(sessions: Sessions, mail: MailRoute | None = None, *, whole: bool = False) -> None:
    """Bring the log up to date; what goes wrong is told by an incident, and tried again."""
    try:
        with transaction(sessions, SystemScope(SEQUENCER)) as session:
            now = clock_now(session)
        report = keep_log(sessions, now, whole=whole, mail=mail)
    except DubanError as error:
        _log.error("sequencer failed", code=error.code)
        return
    if report is not None and report.sequenced:
        _log.info("sequenced", **report.counts())


def export_now(
    sessions: Sessions,
    is_stopping: Callable[[], bool] = lambda: False,
    write_package: PackageWriter | None = None,
) -> None:
    """Make the bundles that were asked for; each says on its own page what went wrong."""
    try:
        with transaction(sessions, SystemScope(EXPORTS)) as session:
            folder = notary_of(session).instance / FOLDER
        counts = run_exports(sessions, folder, is_stopping, write_package)
    except DubanError as error:
        _log.error("exports failed", code=error.code)
        return
    if counts:
        _log.info("exported", **counts)


def send_now(sessions: Sessions, outward: Outward) -> None:
    """Send what waits for people outside; what goes wrong is told by an incident."""
    mail, write = outward.mail, outward.write_digest
    if mail is not None and write is not None:
        digests = partial(run_digests, route=mail, write=write)
        run_now(digests, OUTBOX, "digests sent", "digests failed", sessions)
    hooks = partial(run_webhooks, networks=outward.networks)
    run_now(hooks, OUTBOX, "webhooks called", "webhooks failed", sessions)


def _set(scheduler: BaseScheduler, sessions: Sessions, outward: Outward) -> BaseScheduler:
    now, mail, write_package = datetime.now(UTC), outward.mail, outward.write_package
    sequence_usually = partial(sequence_now, sessions, mail)
    sequence_whole = partial(sequence_now, sessions, mail, whole=True)
    jobs: dict[Callable[[], None], int] = {
        partial(sweep_now, sessions): SWEEP_SECONDS,
        partial(migrate_now, sessions): SWEEP_SECONDS,
        partial(check_now, sessions): SWEEP_SECONDS,
        partial(send_now, sessions, outward): SWEEP_SECONDS,
        partial(check_packs_now, sessions): CHECK_SECONDS,
        partial(check_log_now, sessions): CHECK_SECONDS,
        # An export takes minutes; the others are over before anybody would wait for them.
        partial(export_now, sessions, lambda: not scheduler.running, write_package): EXPORT_SECONDS,
    }
    for job, seconds in jobs.items():
        # What became due while nothing ran is not left for another minute.
        _add(scheduler, job, "interval", seconds=seconds, next_run_time=now)
    first = now + timedelta(seconds=SEQUENCE_SECONDS)
    _add(scheduler, sequence_whole, "date", run_date=now)
    _add(scheduler, sequence_whole, "cron", **SEQUENCE_WHOLE_AT)
    _add(scheduler, sequence_usually, "interval", seconds=SEQUENCE_SECONDS, next_run_time=first)
    return scheduler


def _add(scheduler: BaseScheduler, job: Callable[[], None], trigger: str, **when: Any) -> None:
    # Whatever was missed, one run makes up for it: the rows say what is due.
    scheduler.add_job(job, trigger, coalesce=True, max_instances=1, misfire_grace_time=None, **when)
