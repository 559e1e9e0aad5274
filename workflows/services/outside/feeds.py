"""An officer's due dates as a calendar that other programs fetch, by a token of their own."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from workflows.domain.errors import NotFound
from workflows.domain.roles import Actor
from workflows.services.journal import append_house
from workflows.store.tables import Account, CalendarFeed

_TOKEN_BYTES = 32


def make_feed(session: Session, actor: Actor, now: datetime) -> str:
    """Make somebody's feed, in place of an earlier one.

    Returns:
        Its token, which is told once and kept nowhere.
    """
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    end_feed(session, actor.account_id)
    session.add(CalendarFeed(account_id=actor.account_id, token_hash=_hash(token), made_at=now))
    session.flush()
    append_house(session, actor, now, "feed_made", actor.account_id)
    return token


def revoke_feed(session: Session, actor: Actor, now: datetime) -> None:
    """Make somebody's own feed void at once.

    Raises:
        NotFound: He has none.
    """
    if feed_of(session, actor.account_id) is None:
        raise NotFound(what="feed", key=actor.account_id)
    end_feed(session, actor.account_id)
    append_house(session, actor, now, "feed_revoked", actor.account_id)


def end_feed(session: Session, account_id: str) -> None:
    """Forget the feed of an account, where it has one."""
    session.execute(delete(CalendarFeed).where(CalendarFeed.account_id == account_id))


def feed_of(session: Session, account_id: str) -> CalendarFeed | None:
    """Give the feed of an account."""
    return session.get(CalendarFeed, account_id)


def fetch_feed(session: Session, now: datetime, token: str) -> Account:
    """Give the account whose feed a token opens, and note that it was fetched.

    Raises:
        NotFound: The token was never given, was revoked, or its account is closed.
    """
    statement = (
        select(CalendarFeed, Account)
        .join(Account, Account.id == CalendarFeed.account_id)
        .where(CalendarFeed.token_hash == _hash(token), Account.is_active)
    )
    found = session.execute(statement).one_or_none()
    if found is None:
        raise NotFound(what="feed", key="")
    found.CalendarFeed.fetched_at = now
    session.flush()
    account: Account = found.Account
    return account


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8")).hexdigest()
