"""The register of those who asked about cases or meddled with them, each entry sealed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store.base import Base, PathText


class Intervention(Base):
    """An entry; who it was, about which case and who says so stand in ``sealed``.

    ``office_path`` is the discipline office whose principal reads it. ``case_id`` is null
    where no case has the number that was typed.
    """

    __tablename__ = "intervention"
    __table_args__ = (UniqueConstraint("number"),)

    id: Mapped[str] = mapped_column(String(28), primary_key=True)
    number: Mapped[str] = mapped_column(String(40))
    case_id: Mapped[str | None] = mapped_column(ForeignKey("cases.id"), index=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    office_path: Mapped[str] = mapped_column(PathText, index=True)
    kept_on: Mapped[date]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class Provision(Base):
    """That an entry is given to somebody outside: asked by one reader, agreed to by another.

    It is taken once, at ``taken_at``.
    """

    __tablename__ = "provision"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'agreed', 'refused')", name="state"),
        CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("decided_by <> asked_by", name="four_eyes"),
        CheckConstraint("taken_at IS NULL OR state = 'agreed'", name="taken"),
        Index(None, "entry_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[str] = mapped_column(ForeignKey("intervention.id"))
    recipient: Mapped[str] = mapped_column(String(120))
    purpose: Mapped[str] = mapped_column(String(120))
    asked_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8), default="asked")
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
