"""Who declared what before a case was opened to him, and who keeps out of which case."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store.base import Base, PathText


class Declaration(Base):
    """That an account said whether anything binds its owner to the side of a case."""

    __tablename__ = "declaration"

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    has_ground: Mapped[bool]
    declared_at: Mapped[datetime]


class Recusal(Base):
    """That somebody keeps out of a case, or was asked to; ``office_id`` decides it.

    ``ground_since`` is from when on his acts are looked at again, null for all of them.
    """

    __tablename__ = "recusal"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'granted', 'refused')", name="state"),
        CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="decided"),
        Index(None, "case_id", "account_id"),
        Index(None, "account_id"),
        Index(None, "state", "due_on"),
    )

    id: Mapped[str] = mapped_column(String(28), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    source: Mapped[str] = mapped_column(String(12))
    ground: Mapped[str] = mapped_column(String(10))
    ground_since: Mapped[date | None]
    statement: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(String(40))
    performed_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    document: Mapped[str] = mapped_column(String(120), default="")
    asked_on: Mapped[date]
    asked_at: Mapped[datetime]
    office_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    office_path: Mapped[str] = mapped_column(PathText)
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(8))
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_at: Mapped[datetime | None]
    decision: Mapped[str] = mapped_column(Text, default="")


class RecusedAct(Base):
    """An act of somebody who was recused later: another officer lets it stand or be redone."""

    __tablename__ = "recused_act"
    __table_args__ = (
        CheckConstraint("outcome IN ('stands', 'redo')", name="outcome"),
        CheckConstraint("(outcome IS NULL) = (settled_at IS NULL)", name="settled"),
    )

    recusal_id: Mapped[str] = mapped_column(ForeignKey("recusal.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    outcome: Mapped[str | None] = mapped_column(String(8))
    settled_by: Mapped[str | None] = mapped_column(String(40))
    settled_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(String(200), default="")
