"""Calling the systems that are told of steps of cases; one that is down stops nothing."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
import structlog

from workflows.domain.web_addresses import Network, Reach
from workflows.jobs.web_post import post
from workflows.services.incidents import raise_incident
from workflows.services.installation import installation_of
from workflows.services.outside.outbox import (
    claim,
    delay_after,
    drop,
    forget_sent,
    mark_failed,
    mark_sent,
    release,
)
from workflows.services.outside.webhook_events import follow
from workflows.services.outside.webhooks import (
    DISABLED,
    MOST_FAILURES,
    WEBHOOK,
    secret_of,
    webhook_of,
    webhooks_on,
)
from workflows.store.scope import SystemScope
from workflows.store.transaction import Session, Sessions, transaction

JOB = "outbox"
_BATCH = 100
_log = structlog.get_logger()


def run_webhooks(
    sessions: Sessions, now: datetime, networks: tuple[Network, ...] = ()
) -> dict[str, int]:
    """Tell each webhook what is new and send it what waits; give what was counted."""
    with transaction(sessions, SystemScope(JOB)) as session:
        reach = reach_of(session, networks)
        hooks = webhooks_on(session, now)
        forget_sent(session, WEBHOOK, now)
    counts = {"sent": 0, "failed": 0}
    for webhook_id in hooks:
        has_more = True
        while has_more:
            with transaction(sessions, SystemScope(JOB)) as session:
                has_more = follow(session, webhook_id, now, _BATCH)
        sent, failed = _send_waiting(sessions, now, webhook_id, reach)
        counts["sent"] += sent
        counts["failed"] += failed
    return counts if any(counts.values()) else {}


def reach_of(session: Session, networks: tuple[Network, ...]) -> Reach:
    """Say where this installation may call."""
    return Reach(networks, installation_of(session).mode != "production")


def signed(secret: bytes, body: bytes, now: datetime) -> Mapping[str, str]:
    """Give the headers by which the other side knows that a call is ours, and how old it is."""
    moment = str(int(now.timestamp()))
    mac = hmac.new(secret, moment.encode("ascii") + b"." + body, hashlib.sha256).hexdigest()
    return {"Duban-Timestamp": moment, "Duban-Signature": f"v1={mac}"}


def _send_waiting(
    sessions: Sessions, now: datetime, webhook_id: str, reach: Reach
) -> tuple[int, int]:
    """Send in order until something fails; the rest waits with it."""
    sent = 0
    while True:
        with transaction(sessions, SystemScope(JOB)) as session:
            claimed = claim(session, WEBHOOK, now, _BATCH, webhook_id)
            rows = [row for row in claimed if row.body]
            for row in claimed:
                if not row.body:
                    drop(session, row.id, now, "erased")
            hook = webhook_of(session, webhook_id)
            url, secret = hook.url, secret_of(session, hook)
        for place, row in enumerate(rows):
            problem = _call(url, secret, row, now, reach)
            with transaction(sessions, SystemScope(JOB)) as session:
                if problem:
                    release(session, [each.id for each in rows[place + 1 :]])
                    _note_failure(session, now, webhook_id, row, problem)
                    return sent, 1
                _note_success(session, now, webhook_id, row)
            sent += 1
        if not claimed:
            return sent, 0


def _call(url: str, secret: bytes, row: Any, now: datetime, reach: Reach) -> str:
    # The row's own number may be given again once old rows are forgotten.
    key = f"{row.body['case']}:{row.body['seq']}:{row.body['event']}"
    body = orjson.dumps({"id": key, **row.body}, option=orjson.OPT_SORT_KEYS)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Duban",
        "Duban-Delivery": key,
        **signed(secret, body, now),
    }
    return post(url, body, headers, reach)


def _note_success(session: Session, now: datetime, webhook_id: str, row: Any) -> None:
    mark_sent(session, row.id, now)
    hook = webhook_of(session, webhook_id)
    hook.failures, hook.retry_at = 0, None
    session.flush()


def _note_failure(session: Session, now: datetime, webhook_id: str, row: Any, problem: str) -> None:
    hook = webhook_of(session, webhook_id)
    mark_failed(session, row, now, problem)
    hook.failures += 1
    hook.retry_at = now + delay_after(hook.failures)
    _log.error("webhook not reached", webhook=hook.id, reason=problem, failures=hook.failures)
    if hook.failures >= MOST_FAILURES:
        hook.off_at = now
        raise_incident(session, None, DISABLED, hook.name, now)
    session.flush()
