"""Packs, markings and calendars: immutable, known by their hash."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store.base import Base, JsonValue

_WAITING = text("state = 'waiting'")


class PackVersion(Base):
    """A pack that somebody put forward; what it holds never changes, only what was decided.

    ``decided_seq`` is the house record of the decision: the highest of those whose
    ``in_force_on`` has come is the version that new cases start on. The pack shipped with
    the product came into force without anybody's approval here.
    """

    __tablename__ = "pack_version"
    __table_args__ = (
        CheckConstraint("(decided_at IS NULL) = (state IN ('checking', 'waiting'))", name="open"),
        CheckConstraint(
            "(state IN ('shipped', 'approved')) = (in_force_on IS NOT NULL)", name="in_force"
        ),
        CheckConstraint(
            "decided_by IS NOT NULL OR state IN ('shipped', 'checking', 'waiting')", name="decided"
        ),
        CheckConstraint(
            "decided_by <> submitted_by OR state IN ('shipped', 'waiting', 'withdrawn')",
            name="four_eyes",
        ),
    )

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    pack_id: Mapped[str] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(120))
    label: Mapped[str] = mapped_column(String(40))
    base_hash: Mapped[str | None] = mapped_column(ForeignKey("pack_version.hash"))
    state: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(Text, default="")
    wanted_on: Mapped[date | None]
    submitted_at: Mapped[datetime]
    submitted_by: Mapped[str] = mapped_column(String(40))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_seq: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    in_force_on: Mapped[date | None]


class PackContent(Base):
    """The bytes of a file, kept once for all versions that have it."""

    __tablename__ = "pack_content"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class PackFile(Base):
    """One file of a pack version."""

    __tablename__ = "pack_file"

    pack_hash: Mapped[str] = mapped_column(ForeignKey("pack_version.hash"), primary_key=True)
    path: Mapped[str] = mapped_column(String(200), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("pack_content.sha256"))


class PackReport(Base):
    """What was found out about a version, by which engine; the last of a kind counts."""

    __tablename__ = "pack_report"
    __table_args__ = (Index(None, "pack_hash", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pack_hash: Mapped[str] = mapped_column(ForeignKey("pack_version.hash"))
    kind: Mapped[str] = mapped_column(String(12))
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(40))
    engine: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64))
    body: Mapped[dict[str, Any]] = mapped_column(JsonValue)


class Marking(Base):
    """Where the tokens of a case stand, stored once for all cases that stand there."""

    __tablename__ = "marking"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[str] = mapped_column(Text)


class CalendarVersion(Base):
    """A set of days, known by the hash of its lines.

    ``counted_at`` is when the running clocks had been counted anew under it.
    """

    __tablename__ = "calendar_version"

    version: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(40))
    horizon_on: Mapped[date]
    is_current: Mapped[bool]
    counted_at: Mapped[datetime | None]


class CalendarDay(Base):
    """What a day is in a region; the empty region is everywhere."""

    __tablename__ = "calendar_day"

    version: Mapped[str] = mapped_column(ForeignKey("calendar_version.version"), primary_key=True)
    region: Mapped[str] = mapped_column(String(40), primary_key=True)
    date: Mapped[date] = mapped_column(primary_key=True)
    is_workday: Mapped[bool]
    name: Mapped[str] = mapped_column(String(40), default="")
    status: Mapped[str] = mapped_column(String(12))
    source: Mapped[str] = mapped_column(String(120))


class CalendarProposal(Base):
    """A change of the calendar that moves deadlines, and what was decided on it.

    ``effect`` is what it did when it was put forward, ``sha256`` the hash of that;
    ``version`` is the calendar that came of it.
    """

    __tablename__ = "calendar_proposal"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'approved', 'refused', 'withdrawn')", name="state"),
        CheckConstraint("(decided_by IS NULL) = (state = 'waiting')", name="open"),
        CheckConstraint("(state = 'approved') = (version IS NOT NULL)", name="in_force"),
        CheckConstraint(
            "decided_by <> submitted_by OR state IN ('waiting', 'withdrawn')", name="four_eyes"
        ),
        Index(
            "uq_calendar_proposal_waiting",
            "change_hash",
            unique=True,
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    change: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    change_hash: Mapped[str] = mapped_column(String(64))
    effect: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(Text)
    submitted_at: Mapped[datetime]
    submitted_by: Mapped[str] = mapped_column(String(40))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[str | None] = mapped_column(ForeignKey("calendar_version.version"))
