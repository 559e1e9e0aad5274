"""What leaves the house to people by itself: calendars, mails, calls to other systems."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store.base import Base


class CalendarFeed(Base):
    """An officer's due dates for the calendar on his desk, known by the hash of its token."""

    __tablename__ = "calendar_feed"
    __table_args__ = (UniqueConstraint("token_hash"),)

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    fetched_at: Mapped[datetime | None]


class MailDigest(Base):
    """Whether an officer wants the day's digest by mail, and where; ``last_on`` is its last day."""

    __tablename__ = "mail_digest"

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    address: Mapped[str] = mapped_column(String(120), default="")
    is_on: Mapped[bool] = mapped_column(default=False)
    last_on: Mapped[date | None]


class Webhook(Base):
    """Another system that is told of steps of cases; its secret is sealed.

    ``next_index`` is the leaf of the log from which on it has not been told yet. It is
    switched off (``off_at``) by somebody or after too many failures in a row; until
    ``retry_at`` nothing is tried.
    """

    __tablename__ = "webhook"

    id: Mapped[str] = mapped_column(String(28), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    url: Mapped[str] = mapped_column(String(500))
    kinds: Mapped[str] = mapped_column(String(60))
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    next_index: Mapped[int]
    made_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None]
    off_at: Mapped[datetime | None]
