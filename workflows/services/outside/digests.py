"""The mail digest: who wants one, and that one is due; at most one a day for each officer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import ClassVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflows.domain.calendars import Calendar
from workflows.domain.clocks import SHANGHAI, local_date
from workflows.domain.errors import InvalidInput
from workflows.domain.records import JsonValue
from workflows.domain.roles import Actor
from workflows.services.journal import append_house
from workflows.services.outside.outbox import put
from workflows.store.tables import Account, MailDigest

DIGEST = "digest"
FIRST_AT = time(8)
LONGEST_ADDRESS = 120
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


class AddressInvalid(InvalidInput):
    """This is no mail address."""

    code: ClassVar[str] = "address_invalid"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a digest is for, and where it goes."""

    account_id: str
    address: str
    language: str


def digest_of(session: Session, account_id: str) -> MailDigest | None:
    """Give what an account chose, if it ever did."""
    return session.get(MailDigest, account_id)


def choose_digest(
    session: Session, actor: Actor, now: datetime, address: str, *, is_on: bool
) -> None:
    """Switch somebody's own digest on or off, and note where it goes.

    Raises:
        AddressInvalid: It shall be sent, and the address is none.
    """
    if address and (len(address) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(address)):
        raise AddressInvalid
    if is_on and not address:
        raise AddressInvalid
    row = digest_of(session, actor.account_id)
    if row is None:
        row = MailDigest(account_id=actor.account_id)
        session.add(row)
    row.address, row.is_on = address, is_on
    session.flush()
    form: dict[str, JsonValue] = {"address": address, "is_on": is_on}
    append_house(session, actor, now, "digest_chosen", actor.account_id, form=form)


def is_digest_time(calendar: Calendar, now: datetime) -> bool:
    """Say whether digests of the day go out: from eight in the morning of a workday on."""
    local = now.astimezone(SHANGHAI)
    return local.time() >= FIRST_AT and calendar.is_workday(local.date())


def queue_digests(session: Session, now: datetime, limit: int) -> int:
    """Put the day's digests into the outbox; each account gets one, whoever asks how often."""
    today = local_date(now)
    statement = (
        select(MailDigest)
        .join(Account, Account.id == MailDigest.account_id)
        .where(
            MailDigest.is_on,
            Account.is_active,
            or_(MailDigest.last_on.is_(None), MailDigest.last_on < today),
        )
        .order_by(MailDigest.account_id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=MailDigest)
    )
    rows = session.scalars(statement).all()
    for row in rows:
        row.last_on = today
        put(session, now, DIGEST, row.account_id, {"day": today.isoformat()})
    session.flush()
    return len(rows)


def recipient_of(session: Session, account_id: str, day: date, today: date) -> Recipient | None:
    """Give whom a waiting digest is for; None where its day is over or it is not wanted."""
    row = digest_of(session, account_id)
    account = session.get(Account, account_id)
    if row is None or account is None or not row.is_on or not account.is_active or day != today:
        return None
    return Recipient(account_id, row.address, account.language)
