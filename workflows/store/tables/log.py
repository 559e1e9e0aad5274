"""The log over all records: leaves and checkpoints are inserted, never changed (AUDIT.md, Log)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflows.store.base import Base, JsonValue


class LogLeaf(Base):
    """The place of a record in the tree; ``index`` counts from 0 without gaps."""

    __tablename__ = "log_leaf"
    __table_args__ = (UniqueConstraint("stream_id", "seq"),)

    index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stream_id: Mapped[str] = mapped_column(String(28))
    seq: Mapped[int]
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class Checkpoint(Base):
    """The signed head of the tree over the first ``size`` leaves.

    The last one covers every leaf there is: leaves are written with the checkpoint that
    covers them. ``frontier`` is what adding leaves needs (workflows.audit.merkle).
    """

    __tablename__ = "checkpoint"
    __table_args__ = (Index(None, "recorded_at"),)

    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    frontier: Mapped[bytes] = mapped_column(LargeBinary)
    note: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime]


class Sm3Checkpoint(Base):
    """The same for the parallel tree with SM3, where an installation asks for one."""

    __tablename__ = "sm3_checkpoint"

    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    frontier: Mapped[bytes] = mapped_column(LargeBinary)
    note: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime]


class DailyCheckpoint(Base):
    """The last checkpoint of a day at the place, on its way out of the house.

    ``mail_tried_at`` keeps two processes from mailing the same and spaces the attempts.
    """

    __tablename__ = "daily_checkpoint"

    day: Mapped[date] = mapped_column(primary_key=True)
    size: Mapped[int]
    filed_at: Mapped[datetime | None]
    mail_tried_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]


class LogEvent(Base):
    """What the house recorded about the log itself, to be listed without opening the journal.

    ``kind`` is the name of the house record with that seq: ``key_started``, ``key_rotated``,
    ``key_replaced``, ``epoch_started``, ``checkpoint_given``, ``log_check_asked`` or
    ``log_checked``; ``body`` is its form.
    """

    __tablename__ = "log_event"
    __table_args__ = (Index(None, "kind", "house_seq"),)

    house_seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(20))
    body: Mapped[dict[str, str]] = mapped_column(JsonValue)
    recorded_at: Mapped[datetime]
