"""Erasing what was written about a subject: who asked for it, who signed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store.base import Base

_WAITING = text("state = 'waiting'")


class Erasure(Base):
    """A line of a destroy list; ``document`` is the list's number. Two people sign it."""

    __tablename__ = "erasure"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'done', 'refused')", name="state"),
        CheckConstraint("(decided_at IS NULL) = (state = 'waiting')", name="decided"),
        CheckConstraint("decided_by <> asked_by OR state <> 'done'", name="four_eyes"),
        Index(
            "uq_erasure_waiting",
            "subject_id",
            unique=True,
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_id: Mapped[str] = mapped_column(String(40))
    document: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_at: Mapped[datetime | None]
