"""Sending the officers' digests; mail that is down stops nothing and is told by an incident."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from typing import Any, TypeAlias

import structlog

from workflows.domain.clocks import local_date
from workflows.domain.roles import Actor
from workflows.jobs.mail import MailRoute, new_mail, send_mail
from workflows.services.access import SYSTEM, load_actor, scope_in
from workflows.services.calendars import current_calendar
from workflows.services.incidents import close_incidents, raise_incident
from workflows.services.outside.digests import (
    DIGEST,
    Recipient,
    is_digest_time,
    queue_digests,
    recipient_of,
)
from workflows.services.outside.outbox import (
    claim,
    drop,
    forget_sent,
    has_failing,
    mark_failed,
    mark_sent,
)
from workflows.store.scope import SystemScope, set_scope
from workflows.store.transaction import Session, Sessions, transaction

JOB = "outbox"
MAIL_FAILED = "digest_mail_failed"
_BATCH = 100
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Digest:
    """What a digest says: its subject and its text."""

    subject: str
    text: str


# Writes the digest of an officer in his language within his scope; None where there is nothing.
DigestWriter: TypeAlias = Callable[[Session, Actor, date, str], Digest | None]


def run_digests(
    sessions: Sessions, now: datetime, route: MailRoute, write: DigestWriter
) -> dict[str, int]:
    """Queue the digests that are due and send those that wait; give what was counted."""
    counts = {"sent": 0, "failed": 0, "skipped": 0}
    _queue(sessions, now)
    while rows := _claimed(sessions, now):
        for row in rows:
            counts[_send(sessions, now, route, write, row)] += 1
    if counts["sent"]:
        with transaction(sessions, SystemScope(JOB)) as session:
            if not has_failing(session, DIGEST):
                close_incidents(session, MAIL_FAILED, now, SYSTEM["sweep"].account_id)
    return counts if any(counts.values()) else {}


def _queue(sessions: Sessions, now: datetime) -> None:
    queued = _BATCH
    while queued == _BATCH:
        with transaction(sessions, SystemScope(JOB)) as session:
            if not is_digest_time(current_calendar(session), now):
                return
            forget_sent(session, DIGEST, now)
            queued = queue_digests(session, now, _BATCH)


def _claimed(sessions: Sessions, now: datetime) -> Sequence[Any]:
    """Claim what is to be tried now; what fails is put off, so that this comes to an end."""
    with transaction(sessions, SystemScope(JOB)) as session:
        return claim(session, DIGEST, now, _BATCH)


def _send(
    sessions: Sessions, now: datetime, route: MailRoute, write: DigestWriter, row: Any
) -> str:
    """Write and send one digest, outside of any transaction; give what became of it."""
    with transaction(sessions, SystemScope(JOB)) as session:
        message = _message(session, now, route, write, row)
        if message is None:
            drop(session, row.id, now, "not wanted")
            return "skipped"
    try:
        send_mail(route, message)
    except OSError as error:  # what goes wrong with mail is one too
        _fail(sessions, now, row, error)
        return "failed"
    with transaction(sessions, SystemScope(JOB)) as session:
        mark_sent(session, row.id, now)
    return "sent"


def _message(
    session: Session, now: datetime, route: MailRoute, write: DigestWriter, row: Any
) -> EmailMessage | None:
    today = local_date(now)
    recipient = recipient_of(session, row.target, date.fromisoformat(row.body["day"]), today)
    if recipient is None or not route.reaches(recipient.address):
        return None
    actor = load_actor(session, recipient.account_id, today)
    set_scope(session, scope_in(session, actor))
    digest = write(session, actor, today, recipient.language)
    return None if digest is None else _mail(route, recipient, digest, now)


def _mail(route: MailRoute, recipient: Recipient, digest: Digest, now: datetime) -> EmailMessage:
    message = new_mail(route, recipient.address, digest.subject, now)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(digest.text)
    return message


def _fail(sessions: Sessions, now: datetime, row: Any, error: OSError) -> None:
    """Note that a digest did not leave; what servers answer may name people and is not kept."""
    reason = type(error).__name__ if isinstance(error, smtplib.SMTPException) else "unreachable"
    _log.error("digest did not leave", reason=reason, attempt=row.attempts + 1)
    with transaction(sessions, SystemScope(JOB)) as session:
        mark_failed(session, row, now, reason)
        raise_incident(session, None, MAIL_FAILED, reason, now)
