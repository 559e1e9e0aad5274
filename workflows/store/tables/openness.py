"""Decisions that open something of a case: to the public, or to one person for a day."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store.base import Base, PathText


class Publication(Base):
    """That something of a case is made public, where, to whom, until when; two people decide.

    ``seq`` is the record of the case that says so, once it was decided.
    """

    __tablename__ = "publication"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'decided', 'refused')", name="state"),
        CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(state = 'decided') = (seq IS NOT NULL)", name="recorded"),
        CheckConstraint("decided_by <> asked_by OR state <> 'decided'", name="four_eyes"),
        Index(None, "case_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    what: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(120))
    audience: Mapped[str] = mapped_column(String(120))
    until_on: Mapped[date]
    reason: Mapped[str] = mapped_column(Text, default="")
    minutes_no: Mapped[str] = mapped_column(String(80))
    asked_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8), default="asked")
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    seq: Mapped[int | None]


class BreakGlass(Base):
    """That a case is opened to an account for a day, by the auditor and the principal together.

    ``superior_path`` is the office that it is reported to; ``seen_by`` took note there.
    """

    __tablename__ = "break_glass"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'agreed', 'refused')", name="state"),
        CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(state = 'agreed') = (until_at IS NOT NULL)", name="bounded"),
        Index(None, "account_id", "until_at"),
        Index(None, "case_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8), default="asked")
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    until_at: Mapped[datetime | None]
    superior_path: Mapped[str | None] = mapped_column(PathText)
    seen_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    seen_at: Mapped[datetime | None]
