"""Cases of the organisation line that an office of the discipline line follows, reading only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store.base import Base, PathText

_RUNNING = text("ended_at IS NULL")


class Supervision(Base):
    """That an office of the discipline line supervises a case, from when until when and why.

    ``result`` says what it came to, empty while it runs. An office has one at a time in a case.
    """

    __tablename__ = "supervision"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        Index(
            "uq_supervision_running",
            "case_id",
            "office_id",
            unique=True,
            sqlite_where=_RUNNING,
            postgresql_where=_RUNNING,
        ),
        Index(None, "office_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    office_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    office_path: Mapped[str] = mapped_column(PathText)
    reason: Mapped[str] = mapped_column(Text)
    begun_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    begun_at: Mapped[datetime]
    ended_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    ended_at: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(Text, default="")
