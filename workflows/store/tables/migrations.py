"""Bringing running cases to another version of their pack: what was planned and done."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store.base import Base, JsonValue

_OPEN = text("state IN ('waiting', 'approved', 'undoing')")


class CaseMigration(Base):
    """A plan that somebody put forward for the cases of one version; one at a time.

    ``plan`` never changes; ``sha256`` is its hash, by which an approver says what he saw.
    """

    __tablename__ = "case_migration"
    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting', 'approved', 'done', 'refused', 'withdrawn', 'undoing', 'undone')",
            name="state",
        ),
        CheckConstraint(
            "decided_by <> submitted_by OR state IN ('waiting', 'withdrawn')", name="four_eyes"
        ),
        Index(
            "uq_case_migration_open",
            "old_hash",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    old_hash: Mapped[str] = mapped_column(ForeignKey("pack_version.hash"))
    new_hash: Mapped[str] = mapped_column(ForeignKey("pack_version.hash"))
    plan: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(Text)
    submitted_at: Mapped[datetime]
    submitted_by: Mapped[str] = mapped_column(String(40))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text, default="")
    finished_at: Mapped[datetime | None]


class MigratedCase(Base):
    """What became of one case: ``seq`` is the record that moved it, ``why`` why it stayed.

    One that stays ``moved`` with a ``why`` could not be brought back.
    """

    __tablename__ = "migrated_case"
    __table_args__ = (
        CheckConstraint("outcome IN ('moved', 'stayed', 'undone', 'went_on')", name="outcome"),
        CheckConstraint("(seq IS NULL) = (outcome = 'stayed')", name="seq"),
    )

    migration_id: Mapped[int] = mapped_column(ForeignKey("case_migration.id"), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(8))
    seq: Mapped[int | None]
    why: Mapped[str] = mapped_column(String(40), default="")
