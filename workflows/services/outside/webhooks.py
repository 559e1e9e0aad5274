"""Other systems that are told of steps of cases: registered by the system administrator."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from workflows.domain.errors import InvalidInput, NotFound
from workflows.domain.ids import new_id
from workflows.domain.roles import Actor, Role
from workflows.domain.web_addresses import Reach, read_target
from workflows.services.access import role_deciding
from workflows.services.incidents import close_incidents
from workflows.services.journal import append_house
from workflows.services.outside.outbox import try_now
from workflows.services.vault import HOUSE, key_of_house, seal, unseal
from workflows.store.log import last_checkpoint
from workflows.store.tables import Outbox, Webhook

WEBHOOK = "webhook"
DISABLED = "webhook_disabled"
LONGEST_NAME = 60
MOST_FAILURES = 12
_SECRET_BYTES = 32


class EventKind(StrEnum):
    """What a webhook may be told of."""

    OPENED = "opened"
    STEP = "step"
    DUE = "due"
    CLOSED = "closed"


class WebhookInvalid(InvalidInput):
    """This webhook cannot be registered: {reason}."""

    code: ClassVar[str] = "webhook_invalid"


def make_webhook(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    name: str,
    url: str,
    kinds: Collection[EventKind],
    reach: Reach,
) -> tuple[Webhook, str]:
    """Register a system, as system administrator; it is told of what happens from now on.

    Returns:
        The webhook and its secret, which is told once.

    Raises:
        RoleMissing: Somebody else tries.
        WebhookInvalid: Its name, address or kinds are missing, or the address is refused.
    """
    role_deciding(actor, (Role.SYSTEM_ADMIN,))
    target = read_target(url, reach)
    if isinstance(target, str):
        raise WebhookInvalid(reason=target)
    if not name or len(name) > LONGEST_NAME or not kinds:
        raise WebhookInvalid(reason="incomplete")
    head = last_checkpoint(session)
    key, secret = new_id("w"), secrets.token_urlsafe(_SECRET_BYTES)
    sealed = seal(session, key_of_house(session, now), key, 0, secret.encode("ascii")).sealed
    row = Webhook(
        id=key,
        name=name,
        url=url,
        kinds=" ".join(sorted(kinds)),
        secret=sealed,
        next_index=0 if head is None else head.size,
        made_by=actor.account_id,
        made_at=now,
        failures=0,
    )
    session.add(row)
    session.flush()
    append_house(session, actor, now, "webhook_made", key, form={"url": url, "kinds": row.kinds})
    return row, secret


def switch_webhook(
    session: Session, actor: Actor, now: datetime, webhook_id: str, *, is_on: bool
) -> None:
    """Switch a webhook off, or on again: what waited meanwhile is sent then."""
    role_deciding(actor, (Role.SYSTEM_ADMIN,))
    row = webhook_of(session, webhook_id)
    row.off_at, row.failures, row.retry_at = None if is_on else now, 0, None
    close_incidents(session, DISABLED, now, actor.account_id, row.name)
    try_now(session, WEBHOOK, row.id)
    append_house(session, actor, now, "webhook_on" if is_on else "webhook_off", row.id)


def end_webhook(session: Session, actor: Actor, now: datetime, webhook_id: str) -> None:
    """Take a webhook away, with its secret and what waits for it."""
    role_deciding(actor, (Role.SYSTEM_ADMIN,))
    row = webhook_of(session, webhook_id)
    close_incidents(session, DISABLED, now, actor.account_id, row.name)
    session.execute(delete(Outbox).where(Outbox.kind == WEBHOOK, Outbox.target == row.id))
    session.execute(delete(Webhook).where(Webhook.id == row.id))
    append_house(session, actor, now, "webhook_ended", row.id)


def send_again(
    session: Session, actor: Actor, now: datetime, webhook_id: str, delivery_id: int
) -> None:
    """Let one delivery leave once more, with the next run.

    Raises:
        NotFound: This webhook has no such delivery.
    """
    role_deciding(actor, (Role.SYSTEM_ADMIN,))
    row = session.get(Outbox, delivery_id)
    if row is None or row.kind != WEBHOOK or row.target != webhook_of(session, webhook_id).id:
        raise NotFound(what="delivery", key=str(delivery_id))
    row.sent_at = row.given_up_at = row.retry_at = None
    row.attempts, row.problem = 0, ""
    session.execute(update(Webhook).where(Webhook.id == webhook_id).values(retry_at=None))
    append_house(session, actor, now, "webhook_sent_again", webhook_id)


def webhook_of(session: Session, webhook_id: str) -> Webhook:
    """Give a webhook.

    Raises:
        NotFound: There is none of this id.
    """
    row = session.get(Webhook, webhook_id)
    if row is None:
        raise NotFound(what="webhook", key=webhook_id)
    return row


def secret_of(session: Session, row: Webhook) -> bytes:
    """Open the secret by which a webhook's calls are signed."""
    return unseal(session, HOUSE, row.id, 0, row.secret).content


def webhooks_on(session: Session, now: datetime) -> list[str]:
    """Give the webhooks that may be called now."""
    statement = select(Webhook.id).where(
        Webhook.off_at.is_(None), Webhook.retry_at.is_(None) | (Webhook.retry_at <= now)
    )
    return list(session.scalars(statement.order_by(Webhook.id)))
