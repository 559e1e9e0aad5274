"""Branches determined as weak and lax: each result with its way, and what was done since."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store.base import Base


class WeakLaxResult(Base):
    """What one batch act made of a matter, with the steps before it.

    ``kind`` is one of the ten types of the statistics, empty where none is needed or known.
    An imported row has the number of its minutes and no days.
    """

    __tablename__ = "weak_lax_result"
    __table_args__ = (
        CheckConstraint("result IN ('determined', 'not_determined', 'lifted')", name="result"),
        CheckConstraint("is_imported OR met_on IS NOT NULL", name="met"),
        Index(None, "matter_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    matter_id: Mapped[str] = mapped_column(ForeignKey("matter.id"))
    result: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(2), default="")
    minutes_no: Mapped[str] = mapped_column(String(80))
    met_on: Mapped[date | None]
    self_checked_on: Mapped[date | None]
    reviewed_on: Mapped[date | None]
    studied_on: Mapped[date | None]
    is_imported: Mapped[bool] = mapped_column(default=False)
    entered_by: Mapped[str] = mapped_column(String(40))
    entered_at: Mapped[datetime]


class WeakLaxFollowUp(Base):
    """Something that was done about a determined branch, for the follow-up columns.

    One that was entered by mistake is withdrawn, never deleted.
    """

    __tablename__ = "weak_lax_follow_up"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("(withdrawn_by IS NULL) = (withdrawn_at IS NULL)", name="withdrawn"),
        Index(None, "matter_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    matter_id: Mapped[str] = mapped_column(ForeignKey("matter.id"))
    measure: Mapped[str] = mapped_column(String(24))
    amount: Mapped[int]
    done_on: Mapped[date]
    note: Mapped[str] = mapped_column(String(200), default="")
    entered_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    entered_at: Mapped[datetime]
    withdrawn_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    withdrawn_at: Mapped[datetime | None]
