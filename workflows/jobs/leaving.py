"""Checkpoints leave the database: the files in instance/checkpoints, and the daily mail.

Whatever fails here is logged, stands as an incident until it works again, and is tried
anew with the next run; the log itself goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog

from workflows.audit.checkpoint_files import daily_path, latest_path, write_daily, write_latest
from workflows.jobs.checkpoint_mail import send_checkpoint
from workflows.jobs.mail import MailRoute
from workflows.services.access import SYSTEM
from workflows.services.incidents import close_incidents, raise_incident
from workflows.services.installation import installation_of, origin_of
from workflows.services.log.daily_checkpoints import close_days
from workflows.services.log.notary import Notary, notary_of, public_keys_of
from workflows.services.log.sm3_log import follow_with_sm3
from workflows.store.connection import read_one_state
from workflows.store.daily import claim_mail, last_daily, mark_filed, mark_mailed, unfiled_days
from workflows.store.log import checkpoint_up_to, last_checkpoint
from workflows.store.scope import SystemScope
from workflows.store.tables import Sm3Checkpoint
from workflows.store.transaction import Session, Sessions, transaction

JOB = "sequencer"
FILE_FAILED = "checkpoint_file_failed"
MAIL_FAILED = "checkpoint_mail_failed"
MAIL_AGAIN_AFTER = timedelta(minutes=10)
_SM3 = ".sm3"
_LONGEST_REASON = 200
_log = structlog.get_logger()


def publish(sessions: Sessions, now: datetime, mail: MailRoute | None = None) -> None:
    """Bring what was signed to where it outlives the database."""
    with transaction(sessions, SystemScope(JOB)) as session:
        notary = notary_of(session)
    if notary.with_sm3:
        _follow_with_sm3(sessions, now)
    with transaction(sessions, SystemScope(JOB)) as session:
        close_days(session, now)
    _guarded(sessions, now, FILE_FAILED, lambda: _write_files(sessions, notary, now))
    if mail is not None and mail.recipients:
        _guarded(sessions, now, MAIL_FAILED, lambda: _send_mail(sessions, mail, now))


def _follow_with_sm3(sessions: Sessions, now: datetime) -> None:
    lacks_more = True
    while lacks_more:
        with transaction(sessions, SystemScope(JOB)) as session:
            lacks_more = follow_with_sm3(session, now)


def _guarded(sessions: Sessions, now: datetime, kind: str, act: Callable[[], bool]) -> None:
    """Do something outside; say in an incident that it fails, or that it works again.

    ``act`` says whether all of it has left; what was only put off changes no incident.
    """
    reason = ""
    try:
        has_left = act()
    except OSError as error:  # what goes wrong with mail is one too
        has_left, reason = False, str(error.strerror or error)
        _log.error("checkpoint did not leave", what=kind, reason=reason)
    with transaction(sessions, SystemScope(JOB)) as session:
        if reason:
            raise_incident(session, None, kind, reason[:_LONGEST_REASON], now)
        elif has_left:
            close_incidents(session, kind, now, SYSTEM[JOB].account_id)


def _write_files(sessions: Sessions, notary: Notary, now: datetime) -> bool:
    folder = notary.checkpoints
    with transaction(sessions, SystemScope(JOB)) as session:
        read_one_state(session)
        heads = _heads(session)
        days = [(each.day, _notes(session, each)) for each in unfiled_days(session)]
    for suffix, note in heads.items():
        write_latest(latest_path(folder, suffix), note)
    for day, notes in days:
        for suffix, note in notes.items():
            write_daily(daily_path(folder, day, suffix), note)
        with transaction(sessions, SystemScope(JOB)) as session:
            mark_filed(session, day, now)
    return True


def _heads(session: Session) -> dict[str, bytes]:
    """Give the last notes by the suffix of their files."""
    found = {"": last_checkpoint(session)}
    if notary_of(session).with_sm3:
        found[_SM3] = last_checkpoint(session, Sm3Checkpoint)
    return {suffix: row.note.encode("utf-8") for suffix, row in found.items() if row is not None}


def _notes(session: Session, day: Any) -> dict[str, bytes]:
    """Give a day's notes by the suffix of their files."""
    notes = {"": day.note.encode("utf-8")}
    if notary_of(session).with_sm3:
        beside = checkpoint_up_to(session, day.size, Sm3Checkpoint)
        if beside is not None:
            notes[_SM3] = beside.note.encode("utf-8")
    return notes


def _send_mail(sessions: Sessions, mail: MailRoute, now: datetime) -> bool:
    """Send the last day's checkpoint, which covers those of all days before; say if it is sent."""
    with transaction(sessions, SystemScope(JOB)) as session:
        last = last_daily(session)
        if last is None or last.mailed_at is not None:
            return True
        origin = origin_of(installation_of(session))
        fingerprint = public_keys_of(session)[-1].fingerprint
        is_ours = claim_mail(session, last.day, now, now - MAIL_AGAIN_AFTER)
    if is_ours:
        send_checkpoint(mail, origin, last.day, last.note.encode("utf-8"), fingerprint, now)
        with transaction(sessions, SystemScope(JOB)) as session:
            mark_mailed(session, last.day, now)
    return is_ours
