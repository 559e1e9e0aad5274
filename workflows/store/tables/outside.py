"""What leaves the house to people by itself: calendars, mails, calls to other systems."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
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
